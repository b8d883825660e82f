"""``cohstream whatif`` as a person uses it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

SAMPLE = str(files("cohstream.samples").joinpath("coh2016.jsonl"))
COH, JIG = "SY-COH-2016-02", "SY-JIG-2016-07"


def test_tables_json_and_page_come_of_one_comparison(cohstream: Any, tmp_path: Path) -> None:
    told = cohstream("whatif", COH, JIG, SAMPLE, "--html", "draft.html")
    assert told.returncode == 0, told.stderr
    asked = cohstream("whatif", COH, JIG, SAMPLE, "--json")
    body = json.loads(asked.stdout)
    alone, stacked = body["comparisons"]
    assert [one["mode"] for one in (alone, stacked)] == ["alone", "with_parents"]
    assert stacked["b"]["texts"] == [JIG, COH]
    assert alone["total"]["no_clause_b"] == sum(one["no_clause"] for one in alone["gaps"]["b"])
    page = (tmp_path / "draft.html").read_text()
    for one in (alone, stacked):
        assert one["headline"] in page
        assert one["headline"] in " ".join(told.stdout.split())
    assert body["incidents"] == sum(one["incidents"] for one in alone["cells"])
    assert set(alone["by_policy"]) >= {"strict_exclusion", "precaution"}


def test_a_draft_of_ones_own_on_a_kept_state_and_on_a_run(cohstream: Any, tmp_path: Path) -> None:
    ours = tmp_path / "drafts"
    ours.mkdir()
    shipped = files("cohstream.law").joinpath("agreements", f"{JIG}.yaml").read_text("utf-8")
    (ours / "mine.yaml").write_text(shipped.replace(f"agreement: {JIG}", "agreement: MY-DRAFT"))
    assert cohstream("run", SAMPLE, "--state", "kept").returncode == 0
    assert cohstream("replay", SAMPLE, "--run", "february").returncode == 0
    wanted = ("whatif", JIG, "MY-DRAFT", "--agreements", "drafts", "--json")
    answers = [cohstream(*wanted, *more) for more in ((SAMPLE,), ("--state", "kept"), ("--run", "february"))]
    assert [one.returncode for one in answers] == [0, 0, 0], [one.stderr for one in answers]
    assert len({one.stdout for one in answers}) == 1
    total = json.loads(answers[0].stdout)["comparisons"][0]["total"]
    assert (total["newly_prohibited"], total["no_longer_prohibited"], total["otherwise"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("whatif", COH, "SY-NONE", SAMPLE), COH),
        (("whatif", COH, JIG), "INPUT"),
        (("whatif", COH, JIG, "--run", "none"), "cohstream replay"),
        (("whatif", COH, JIG, SAMPLE, "--run", "none"), "not both"),
        (("whatif", COH, JIG, SAMPLE, "--html", "no/such/folder.html"), "--html"),
        (("whatif", COH, JIG, "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_what_is_wrong_is_told(cohstream: Any, words: tuple[str, ...], told: str) -> None:
    done = cohstream(*words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
