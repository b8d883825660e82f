"""``cohstream score`` as a person uses it."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROW = {
    "row_id": "1",
    "event": "strike",
    "source": "SNHR",
    "occurred_start": "2016-02-27",
    "time_precision": "day",
    "place_text": "Daraya",
    "lat": "",
    "lon": "",
    "radius_km": "",
    "perpetrator_id": "",
    "conduct": "air_strike",
}
COMPILED = {"lat": "33.458", "lon": "36.237", "radius_km": "2", "perpetrator_id": "gov.saa"}
UNNAMED = {"row_id": "2", "source": "SOHR", "place_text": "a suburb nobody named"} | COMPILED
OTHER_TOWN = {"row_id": "3", "source": "MSF", "event": "elsewhere", "place_text": "Talbiseh"}


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    """A table of two events, one of them told twice; of one report only the compiler knows where it was."""
    with (tmp_path / "labelled.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows([ROW, ROW | UNNAMED, ROW | OTHER_TOWN])
    return "labelled.csv"


def figures(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_what_only_the_compiler_knew_is_left_out_unless_it_is_asked_for(cohstream: Any, labelled: str) -> None:
    blind = figures(cohstream("score", labelled, "--labels", "event", "--json"))
    assert (blind["pairwise_recall"], blind["places_resolved"], blind["scored"]) == (0.0, 2, 3)
    assert (blind["blind"], blind["left_out"]) == (True, ["lat", "lon", "perpetrator_id", "radius_km"])
    seeing = figures(cohstream("score", labelled, "--labels", "event", "--no-blind", "--json"))
    assert (seeing["pairwise_f1"], seeing["bcubed_f1"], seeing["places_resolved"]) == (1.0, 1.0, 3)
    assert (seeing["blind"], seeing["left_out"]) == (False, [])


def test_the_tables_say_scores_places_borders_and_why_a_label_is_parted(cohstream: Any, labelled: str) -> None:
    done = cohstream("score", labelled, "--labels", "event")
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert "3 reports held against their labels" in said
    for part in ("fusion", "exact place", "Places resolved: 2 of 3", "Borders: 0 of 1", "Largest label: strike, 2"):
        assert part in said
    for part in ("Splits: 1 of 1", "1 pairs missed", "SOHR/2", "place_unknown: a suburb nobody named"):
        assert part in said


def test_show_limits_the_lists_and_not_the_json(cohstream: Any, labelled: str) -> None:
    words = ("score", labelled, "--labels", "event", "--show", "0")
    assert "Splits" not in cohstream(*words).stdout
    assert len(figures(cohstream(*words, "--json"))["splits"]) == 1


def test_a_label_in_many_parts_is_cut_short_and_says_so(cohstream: Any, tmp_path: Path) -> None:
    with (tmp_path / "many.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        days = range(1, 13)
        writer.writerows(ROW | {"row_id": str(day), "occurred_start": f"2016-03-{day:02}"} for day in days)
    done = cohstream("score", "many.csv", "--labels", "event")
    assert "... and 2 more clusters; --json has all" in " ".join(done.stdout.split())


def test_labels_of_json_lines_stand_under_extra_or_at_the_top(cohstream: Any, tmp_path: Path) -> None:
    day = {"start": "2016-03-01T00:00:00+02:00", "end": "2016-03-02T00:00:00+02:00", "precision": "day"}
    said = {"report_id": "1", "kind": "allegation", "occurred": day, "place": {"text": "Daraya"}, "conduct": "shelling"}
    reports = [{"source": "A", "event": "x", **said}, {"source": "B", "extra": {"event": "x"}, **said}]
    (tmp_path / "labelled.jsonl").write_text("".join(json.dumps(one) + "\n" for one in reports))
    found = figures(cohstream("score", "labelled.jsonl", "--labels", "event", "--json"))
    assert (found["scored"], found["pairwise_f1"], found["blind"]) == (2, 1.0, False)
    asked = cohstream("score", "labelled.jsonl", "--labels", "event", "--blind", "--json")
    assert "nothing was left out" in asked.stderr


def test_a_column_that_is_not_there_is_told(cohstream: Any, labelled: str) -> None:
    done = cohstream("score", labelled, "--labels", "incident")
    assert done.returncode == 2
    assert "--labels 'incident'" in done.stderr
    assert "reports say: event" in done.stderr
    assert "Traceback" not in done.stderr


def test_exit_status_says_what_was_read(cohstream: Any, labelled: str, tmp_path: Path) -> None:
    assert cohstream("score", "missing.csv", "--labels", "event").returncode == 2
    assert cohstream("score", labelled, "--labels", "event", "--format", "none").returncode == 2
    (tmp_path / "bad.jsonl").write_text("nonsense\n")
    done = cohstream("score", labelled, "bad.jsonl", "--labels", "event", "--json")
    assert done.returncode == 1
    assert "bad.jsonl:1: not_json" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["reports"]["rejected"] == 1


def test_the_documented_reports_are_scored_blind(cohstream: Any, real_data: Path) -> None:
    path = str((real_data / "coh_documented_reports" / "reports.csv").resolve())
    found = figures(cohstream("score", path, "--labels", "incident_hint", "--json"))
    assert (found["blind"], found["scored"], found["labels"], found["retracted"]) == (True, 339, 171, 1)
    assert found["pairwise_f1"] > 2 * found["plain_key"]["pairwise_f1"]
    assert found["places_resolved"] == found["places"]["fine"] + found["places"]["wide"]
    assert found["pairwise_precision"] > 0.9


def test_help_has_examples(cohstream: Any) -> None:
    shown = cohstream("score", "--help").stdout
    assert "Examples" in shown
    assert "cohstream score reports.csv --labels incident_hint" in shown
