"""``cohstream explain`` and ``cohstream queue`` as a person uses them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

SAMPLE = str(files("cohstream.samples").joinpath("coh2016.jsonl"))


def test_the_first_question_leads_to_an_incident_that_says_why(cohstream: Any) -> None:
    asked = json.loads(cohstream("queue", SAMPLE, "--json", "--limit", "3").stdout)
    assert asked["total"] > len(asked["questions"]) == 3
    first = asked["questions"][0]
    assert first["changes"] == max(first["answers"].values()) >= asked["questions"][1]["changes"]
    incident = first["incidents"][0]
    told = cohstream("explain", incident, SAMPLE)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"incident {incident}" in told.stdout
    assert first["fact"] in " ".join(told.stdout.split())
    for part in (
        "is in as founder",
        "contributes",
        "what is known",
        "steps under every policy",
        "clauses",
        "party:",
        "1 time:",
        "(default)",
    ):
        assert part in told.stdout


def test_a_report_names_its_incident_in_files_a_state_and_a_run_alike(cohstream: Any) -> None:
    incident = json.loads(cohstream("queue", SAMPLE, "--json", "--limit", "1").stdout)["questions"][0]["incidents"][0]
    body = json.loads(cohstream("explain", incident, SAMPLE, "--json").stdout)
    member = body["members"][0]
    name = f"{member['source']}/{member['report_id']}"
    assert cohstream("run", SAMPLE, "--state", "kept").returncode == 0
    assert cohstream("replay", SAMPLE, "--run", "february").returncode == 0
    for place in ((SAMPLE,), ("--state", "kept"), ("--run", "february")):
        done = cohstream("explain", name, *place, "--json")
        assert done.returncode == 0, done.stderr
        assert {**json.loads(done.stdout), "asked": incident} == body


def test_a_draft_is_explained_when_it_is_named(cohstream: Any) -> None:
    incident = json.loads(cohstream("queue", SAMPLE, "--json").stdout)["questions"][0]["incidents"][0]
    done = cohstream("explain", incident, SAMPLE, "--json", "--agreement", "SY-JIG-2016-07")
    assert [one["agreement"] for one in json.loads(done.stdout)["decisions"]] == ["SY-JIG-2016-07"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "SNHR/none", SAMPLE), "SOURCE/REPORT_ID"),
        (("explain", "SNHR/none"), "INPUT"),
        (("queue", "--run", "none"), "cohstream replay"),
        (("queue", SAMPLE, "--agreement", "SY-NONE"), "SY-COH-2016-02"),
    ],
)
def test_what_is_wrong_is_told(cohstream: Any, words: tuple[str, ...], told: str) -> None:
    done = cohstream(*words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_input_that_is_rejected_shows_in_the_exit_status(cohstream: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("nonsense\n")
    done = cohstream("queue", SAMPLE, "bad.jsonl", "--limit", "1")
    assert done.returncode == 1
    assert "bad.jsonl:1: not_json" in done.stderr
    assert "Open questions: 1 of" in done.stdout


def test_help_has_examples(cohstream: Any) -> None:
    for command in ("explain", "queue", "whatif"):
        shown = cohstream(command, "--help").stdout
        assert "Examples" in shown
        assert f"cohstream {command}" in shown
