"""``--as-known-at`` as a person uses it: every command that has it gives the same answer, and says which it is."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

SAMPLE = files("cohstream.samples").joinpath("coh2016.jsonl")
DAY = "2016-03-10"
MOMENT = "2016-03-10T21:59:59.999999Z"
AT = ("--as-known-at", DAY)


@pytest.fixture
def known(tmp_path: Path) -> str:
    """What of the sample was published by the end of that day: the sample says nothing else of its receipt."""
    kept = [
        line
        for line in SAMPLE.read_text("utf-8").splitlines()
        if (json.loads(line).get("received_at") or json.loads(line)["published_at"]) < "2016-03-11"
    ]
    (tmp_path / "known.jsonl").write_text("\n".join(kept) + "\n")
    return "known.jsonl"


def body(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_files_a_state_and_a_replay_say_what_was_known(cohstream: Any, known: str) -> None:
    expected = body(cohstream("run", known, "--json"))
    assert expected["as_known_at"] is None
    cohstream("run", str(SAMPLE), "--state", "kept")
    answers = [
        body(cohstream("run", str(SAMPLE), *AT, "--json")),
        body(cohstream("run", "--state", "kept", *AT, "--json")),
        body(cohstream("replay", str(SAMPLE), "--run", "then", *AT, "--json")),
    ]
    assert [one["digest"] for one in answers] == [expected["digest"]] * 3
    assert [one["as_known_at"] for one in answers] == [MOMENT] * 3
    assert [one["reports"] for one in answers] == [expected["reports"]] * 3
    assert answers[0]["later"] == 364 - expected["reports"]["read"] > 0


def test_topics_as_known_then_hold_no_later_report(cohstream: Any, known: str, tmp_path: Path) -> None:
    cohstream("run", known, "--out", "expected")
    cohstream("run", str(SAMPLE), "--state", "kept")
    assert "As known at 2016-03-10T23:59:59" in cohstream("run", "--state", "kept", *AT, "--out", "then").stdout
    for topic in ("reports", "claims", "incidents", "assessments", "tallies"):
        then, expected = (tmp_path / name / f"{topic}.jsonl" for name in ("then", "expected"))
        assert then.read_bytes() == expected.read_bytes()


def test_a_look_back_leaves_the_state_as_it_is(cohstream: Any) -> None:
    whole = body(cohstream("run", str(SAMPLE), "--state", "kept", "--json"))
    cohstream("run", "--state", "kept", *AT)
    again = body(cohstream("run", str(SAMPLE), "--state", "kept", "--json"))
    assert again["digest"] == whole["digest"]
    assert again["reports"]["duplicate"] == whole["reports"]["accepted"]


def test_questions_and_explanations_are_those_of_then(cohstream: Any, known: str) -> None:
    cohstream("run", str(SAMPLE), "--state", "kept")
    expected = body(cohstream("queue", known, "--json"))
    assert expected != body(cohstream("queue", str(SAMPLE), "--json"))
    incident = expected["questions"][0]["incidents"][0]
    for where in (str(SAMPLE), "--state"):
        place = ("--state", "kept") if where == "--state" else (where,)
        then = body(cohstream("queue", *place, *AT, "--json"))
        assert {**then, "as_known_at": None, "later": 0} == {**expected, "later": 0}
        told = body(cohstream("explain", incident, *place, *AT, "--json"))
        assert told["as_known_at"] == MOMENT
        assert told["members"] == body(cohstream("explain", incident, known, "--json"))["members"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--as-known-at", "yesterday"), "2016-03-01T18:00:00+02:00"),
        (("--as-known-at", "2016-03-01T18:00:00"), "Asia/Damascus"),
        ((*AT, "--serve", "127.0.0.1:0"), "--out DIR"),
    ],
)
def test_what_is_wrong_is_told(cohstream: Any, words: tuple[str, ...], told: str) -> None:
    done = cohstream("run", str(SAMPLE), *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_replay_as_known_goes_on_only_as_it_was_begun(cohstream: Any) -> None:
    body(cohstream("replay", str(SAMPLE), "--run", "then", *AT, "--json"))
    other = cohstream("replay", str(SAMPLE), "--run", "then", "--resume")
    assert other.returncode == 2
    assert "as_known_at" in other.stderr
