"""The page in Debian's Chromium, fed through a ledger that changes while it is watched."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import uvicorn
from ledgers import COH, DARAYA, START, Feed, SampleAgreement, findings_of, make_claim, make_incident

from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.law.questions import Outcome, Question, Questions
from cohstream.publish.metrics import Metrics
from cohstream.web.app import create_app
from cohstream.web.view import View

playwright = pytest.importorskip("playwright.async_api", reason="install the extra 'dev' for the page's tests")
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; install Debian's package chromium"),
]


@dataclass
class Watched:
    """A page, what it is fed from, and what the browser said of it."""

    page: playwright.Page
    feed: Feed
    view: View
    url: str
    server: uvicorn.Server
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def figure(self, party: str) -> str:
        return str(await self.page.locator(f"[data-party={party}] [data-figure=main]").text_content())

    async def until(self, script: str) -> None:
        """Wait for ``script`` to be true; Playwright's own wait needs an eval that the page's policy forbids."""
        async with asyncio.timeout(10):
            while not await self.page.evaluate(script):  # noqa: ASYNC110 (the browser tells nothing)
                await asyncio.sleep(0.05)


def first_feed() -> Feed:
    feed = Feed()
    feed.put(make_incident(1), findings_of(but={Policy.STRICT_EXCLUSION: Verdict.CONTESTED}))
    feed.put(
        make_incident(2, start=START + timedelta(days=2), target="medical", place=DARAYA),
        findings_of(verdict=Verdict.UNDETERMINED),
    )
    feed.keep(make_claim(1))
    feed.keep(make_claim(2))
    return feed


QUESTION = Question(
    COH,
    "presence of an excluded group",
    ("place",),
    (Outcome("none", findings_of(), 0), Outcome("sole", findings_of(verdict=Verdict.NOT_A_VIOLATION), 6)),
)

Watch = Callable[..., AbstractAsyncContextManager[Watched]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[playwright.Browser]:
    async with playwright.async_playwright() as driver:
        started = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture
def watch(browser: playwright.Browser) -> Watch:
    return partial(watched_page, browser)


@asynccontextmanager
async def watched_page(
    browser: playwright.Browser,
    feed: Feed,
    viewport: dict[str, int] = DESKTOP,
    questions: Questions = (),
    **context: str,
) -> AsyncIterator[Watched]:
    agreements = {COH: SampleAgreement()}
    metrics = Metrics(feed.ledger, agreements)
    metrics.ready = True
    view = View(feed.ledger, metrics, agreements, "a test", feed.ledger.resolve, questions=lambda _: questions)
    view.progress.read = len(feed.ledger.incidents)
    server = uvicorn.Server(
        uvicorn.Config(create_app(view), port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells nothing)
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    page = await browser.new_page(viewport=viewport, **context)
    watched = Watched(page, feed, view, f"http://127.0.0.1:{port}/", server)
    page.on("console", lambda said: said.type in ("error", "warning") and watched.complaints.append(said.text))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("request", lambda asked: watched.hosts.add(urlsplit(asked.url).netloc))
    await page.goto(watched.url)
    yield watched
    await page.close()
    server.should_exit = True
    await serving


async def test_counts_appear_and_change_as_reports_arrive(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        await seen.until("document.querySelectorAll('#latest .open').length === 2")
        assert await seen.figure("gos") == "1"
        assert "Committed armed opposition" in await seen.page.locator("#absent").inner_text()
        seen.feed.put(make_incident(3, start=START + timedelta(days=3)))
        seen.view.progress.read += 1
        await seen.until("document.querySelector('[data-party=gos] [data-figure=main]').textContent === '2'")
        await seen.until("document.querySelectorAll('#latest .open').length === 3")
        seen.feed.take_back("i1")
        await seen.until("document.querySelector('[data-party=gos] [data-figure=main]').textContent === '1'")
        assert await seen.page.locator("#reports-read").text_content() == "3"
        assert seen.complaints == []


async def test_no_other_host_is_asked(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        await seen.page.wait_for_selector("#map .spot")
        await seen.page.wait_for_timeout(500)
        assert {host for host in seen.hosts if host} == {urlsplit(seen.url).netloc}
        assert seen.complaints == []


async def test_the_policy_decides_what_is_counted(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        await seen.page.wait_for_selector("#latest .open")
        await seen.page.select_option("#policy", "strict_exclusion")
        await seen.until("document.querySelector('[data-party=gos] [data-figure=main]').textContent === '0'")
        await seen.until("document.querySelector('#latest').textContent.includes('Contested')")
        assert "policy=strict_exclusion" in seen.page.url
        await seen.page.reload()
        await seen.page.wait_for_selector("#latest .open")
        assert await seen.page.input_value("#policy") == "strict_exclusion"


async def test_an_address_opens_a_list_of_incidents(watch: Watch) -> None:
    feed = first_feed()
    feed.put(make_incident(3, place=DARAYA, start=START + timedelta(days=3)))
    async with watch(feed) as seen:
        await seen.page.goto(f"{seen.url}?agreement={COH}&party=gos&verdict=VIOLATION&area=SY03")
        await seen.until("document.querySelectorAll('#latest .open').length === 1")
        assert "Daraya" in await seen.page.locator("#latest").inner_text()
        assert await seen.page.input_value("#filter-party") == "gos"
        assert await seen.page.input_value("#filter-verdict") == "VIOLATION"
        assert await seen.page.locator("#filter-place").inner_text() == "Rif Dimashq"
        for part in ("policy=target_based", "party=gos", "verdict=VIOLATION", "area=SY03"):
            assert part in seen.page.url
        await seen.page.locator("#filter-place").click()
        await seen.until("document.querySelectorAll('#latest .open').length === 2")
        await seen.page.select_option("#filter-verdict", "UNDETERMINED")
        await seen.until("document.querySelectorAll('#latest .open').length === 1")
        assert "area" not in seen.page.url
        assert "verdict=UNDETERMINED" in seen.page.url
        assert seen.complaints == []


async def test_the_detail_opens_and_closes_from_the_keyboard(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        await seen.page.wait_for_selector("#latest .open")
        for _ in range(60):
            await seen.page.keyboard.press("Tab")
            if await seen.page.evaluate("document.activeElement.matches('#latest .open')"):
                break
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_selector("dialog[open] .policy")
        told = await seen.page.locator("dialog").inner_text()
        assert "Darayya district" in told
        assert "policy target_based: UNDETERMINED" in told
        await seen.page.keyboard.press("Escape")
        await seen.page.wait_for_selector("dialog:not([open])", state="attached")
        assert await seen.page.evaluate("document.activeElement.matches('#latest .open')")
        assert seen.complaints == []


async def test_the_detail_says_what_is_missing_and_what_each_answer_would_make(watch: Watch) -> None:
    async with watch(first_feed(), questions=(QUESTION,)) as seen:
        await seen.page.locator("#latest .open").first.click()
        question = seen.page.locator("dialog[open] .question")
        assert "Presence of an excluded group" in await question.inner_text()
        assert "up to 6 of 6 policies" in await question.inner_text()
        await question.locator("summary").click()
        answers = await question.locator("dd").all_inner_texts()
        label = "Government of Syria and associated forces"
        assert answers == [f"Violation, {label} (6 of 6)", f"Not a violation, {label} (6 of 6)"]
        assert seen.complaints == []


async def test_focus_stays_while_reports_arrive(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        await seen.page.locator("#latest .open").last.focus()
        seen.feed.put(make_incident(3, start=START + timedelta(days=3)))
        await seen.until("document.querySelectorAll('#latest .open').length === 3")
        assert await seen.page.evaluate(
            "document.activeElement === [...document.querySelectorAll('#latest .open')].at(-1)"
        )


async def test_a_place_on_the_map_filters_the_list(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        await seen.page.wait_for_selector("#map .spot")
        await seen.page.get_by_text("Places as a list").click()
        await seen.page.locator("#places .open", has_text="Aleppo city").click()
        await seen.until("document.querySelectorAll('#latest .open').length === 1")
        await seen.page.locator("#filter-place").click()
        await seen.until("document.querySelectorAll('#latest .open').length === 2")


async def test_before_the_first_report_nothing_is_counted(watch: Watch) -> None:
    async with watch(Feed()) as seen:
        await seen.page.wait_for_selector("#empty:not([hidden])")
        assert not await seen.page.is_visible("#figures")
        seen.feed.put(make_incident())
        await seen.page.wait_for_selector("#map .spot")
        assert not await seen.page.is_visible("#empty")
        assert seen.complaints == []


async def test_the_end_of_the_stream_and_a_lost_server_are_said(watch: Watch) -> None:
    async with watch(first_feed()) as seen:
        seen.view.progress.finished = True
        await seen.page.wait_for_selector("#connection[data-state=finished]")
        seen.server.should_exit = True
        await seen.page.wait_for_selector("#banner:not([hidden])")
        assert "as of" in await seen.page.locator("#banner").inner_text()
        assert await seen.figure("gos") == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_axe_finds_nothing_serious(watch: Watch, scheme: str, viewport: dict[str, int]) -> None:
    axe = pytest.importorskip("axe_playwright_python.async_playwright", reason="install the extra 'dev'")
    async with watch(first_feed(), viewport, (QUESTION,), color_scheme=scheme, reduced_motion="reduce") as seen:
        await seen.page.wait_for_selector("#map .spot")
        for summary in await seen.page.locator("main > #figures summary").all():
            await summary.click()
        found = (await axe.Axe().run(seen.page)).response["violations"]
        await seen.page.locator("#latest .open").first.click()
        await seen.page.locator("dialog[open] .question summary").click()
        found += (await axe.Axe().run(seen.page)).response["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"], one["nodes"][0]["failureSummary"])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []


async def test_a_phone_needs_no_sideways_scrolling(watch: Watch) -> None:
    async with watch(first_feed(), PHONE, (QUESTION,)) as seen:
        await seen.page.wait_for_selector("#map .spot")
        assert await seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await seen.page.locator("#latest .open").first.click()
        await seen.page.wait_for_selector("dialog[open] .policy")
        assert await seen.page.evaluate(
            "(() => { const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth; })()"
        )
