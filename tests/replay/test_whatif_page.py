"""The page of a comparison in Debian's Chromium: complete in itself, nothing to complain of, readable by everyone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from cohstream.importers import open_input
from cohstream.local.session import Session, Settings
from cohstream.replay.whatif import WhatIf
from cohstream.replay.whatif_page import whatif_page

playwright = pytest.importorskip("playwright.sync_api", reason="install the extra 'dev' for the page's tests")
CHROMIUM = shutil.which("chromium")
COH, JIG = "SY-COH-2016-02", "SY-JIG-2016-07"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; install Debian's package chromium"),
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    session = Session(Settings((COH, JIG)))
    session.take(list(open_input(str(files("cohstream.samples").joinpath("coh2016.jsonl")), None, lambda _: None)))
    comparisons = WhatIf(session.agreements, COH, JIG, session.ledger.counts).comparisons()
    path = tmp_path_factory.mktemp("page") / "whatif.html"
    path.write_text(whatif_page(comparisons, {COH: "The <cessation>", JIG: "The draft & more"}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_opens_alone_without_complaint_and_axe_finds_nothing(browser, page_file, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="install the extra 'dev'")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert "The <cessation>" in page.inner_text("main")
    assert page.locator("svg[role=img]").count() >= 4
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert complaints == []
    page.close()


def test_charts_and_tables_say_the_same(browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    drawn = page.locator("section").first.locator("svg").first.locator(".figure").all_text_contents()
    table = page.locator("section").first.locator("table").first
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    told = [figure for row in rows for figure in (row[4], row[5], row[8]) if figure != "0"]
    assert drawn == told
    page.close()
