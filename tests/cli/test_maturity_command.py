"""``cohstream maturity`` as a person uses it."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

SAMPLE = str(files("cohstream.samples").joinpath("coh2016.jsonl"))


def test_table_json_and_page_come_of_one_count(cohstream: Any, tmp_path: Path) -> None:
    told = cohstream("maturity", SAMPLE, "--party", "government", "--html", "grown.html")
    assert told.returncode == 0, told.stderr
    body = json.loads(cohstream("maturity", SAMPLE, "--party", "government", "--json").stdout)
    (found,) = body["agreements"]
    (party,) = found["parties"]
    page, text = (tmp_path / "grown.html").read_text(), " ".join(told.stdout.split())
    for share in party["shares"]:
        figures = (share["lag"], share["days"], share["then"]["min"], share["now"]["min"], f"{share['percent']:.0f} %")
        assert " ".join(map(str, figures)) in text
        assert "".join(f"<td>{figure}</td>" for figure in figures) in page
    assert "As known by all reports received." in text
    assert "As known by all reports received." in page
    assert "<script" not in page


def test_what_is_counted_now_is_what_a_run_counts(cohstream: Any, tmp_path: Path) -> None:
    body = json.loads(cohstream("maturity", SAMPLE, "--party", "russia", "--json").stdout)
    days = {one["day"]: one["now"]["min"] for one in body["agreements"][0]["parties"][0]["days"] if one["now"]["min"]}
    cohstream("run", SAMPLE, "--out", "out")
    tallies = [json.loads(line) for line in (tmp_path / "out" / "tallies.jsonl").read_text().splitlines()]
    counted: Counter[str] = Counter()
    for one in tallies:
        if (one["party"], one["policy"], one["verdict"]) == ("russia", "delineated_only", "VIOLATION"):
            counted[one["event_day"]] += one["count"]
    counted.pop("undetermined", None)
    assert days
    assert days == counted


def test_one_day_and_a_look_back(cohstream: Any) -> None:
    def of(*more: str) -> Any:
        body = json.loads(cohstream("maturity", SAMPLE, "--day", "2016-03-01", "--json", *more).stdout)
        return body["as_known_at"], body["agreements"][0]

    (now, whole), (then, back) = of(), of("--as-known-at", "2016-03-03")
    assert (now, then) == (None, "2016-03-03T21:59:59.999999Z")
    assert {day["day"] for party in whole["parties"] for day in party["days"]} == {"2016-03-01"}
    assert (back["last_receipt_day"], back["lags"]) == ("2016-03-03", [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((SAMPLE, "--day", "yesterday"), "2016-02-27"),
        ((SAMPLE, "--party", "gov"), "government"),
        ((SAMPLE, "--html", "none/grown.html"), "--html"),
        (("/dev/null", "--format", "jsonl"), "nothing has come in"),
    ],
)
def test_what_is_wrong_is_told(cohstream: Any, words: tuple[str, ...], told: str) -> None:
    done = cohstream("maturity", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_help_has_examples(cohstream: Any) -> None:
    shown = cohstream("maturity", "--help").stdout
    assert "Examples" in shown
    assert "cohstream maturity" in shown
