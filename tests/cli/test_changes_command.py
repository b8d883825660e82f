"""``cohstream changes`` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

SAMPLE = str(files("cohstream.samples").joinpath("coh2016.jsonl"))
WITHDRAWN = "edda448bec6ee126545f"
RETRACTION = {
    "source": "SOHR",
    "report_id": "DR0178",
    "revision": 2,
    "kind": "allegation",
    "occurred": {"start": "2016-04-22T00:00:00+03:00"},
    "received_at": "2016-06-01T09:00:00Z",
    "retracts": True,
}
THAT_MORNING = ("--since", "2016-06-01T08:00:00Z", "--until", "2016-06-01T10:00:00Z")


@pytest.fixture
def cohstream(tmp_path: Path) -> Any:
    """Run the command line in an empty directory that has a retraction."""
    (tmp_path / "retraction.jsonl").write_text(json.dumps(RETRACTION) + "\n")

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "cohstream", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)

    return call


def body(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_what_moved_that_morning_and_by_which_report(cohstream: Any) -> None:
    told = cohstream("changes", SAMPLE, "retraction.jsonl", *THAT_MORNING)
    assert (told.returncode, told.stderr) == (0, "")
    for part in ("as known", WITHDRAWN, "retraction SOHR/DR0178", "received 2016-06-01", "-1"):
        assert part in told.stdout
    found = body(cohstream("changes", SAMPLE, "retraction.jsonl", *THAT_MORNING, "--json"))
    (change,) = found["changes"]
    assert (change["incident_id"], change["change"], change["after"]) == (WITHDRAWN, "retracted", None)
    assert [one["step"] for one in change["causes"]] == ["retraction"]


def test_files_in_any_order_a_state_and_a_run_tell_the_same(cohstream: Any) -> None:
    cohstream("run", SAMPLE, "--state", "kept")
    cohstream("run", "retraction.jsonl", "--state", "kept")
    cohstream("replay", SAMPLE, "retraction.jsonl", "--run", "february")
    month = ("--since", "2016-05-15", "--until", "2016-06-15", "--json")
    places = (("retraction.jsonl", SAMPLE), ("--state", "kept"), ("--run", "february"))
    answers = [body(cohstream("changes", *place, *month)) for place in places]
    assert answers[0]["changes"]
    assert answers[1:] == answers[:1] * 2


def test_a_day_as_since_and_until_is_that_day(cohstream: Any) -> None:
    found = body(cohstream("changes", SAMPLE, "--since", "2016-03-11", "--until", "2016-03-12", "--json"))
    assert (found["since"], found["until"]) == ("2016-03-10T21:59:59.999999Z", "2016-03-12T21:59:59.999999Z")
    assert {one["published_at"] for change in found["changes"] for one in change["causes"]} <= {
        "2016-03-10T22:00:00Z",
        "2016-03-11T22:00:00Z",
    }


def test_of_one_party_only_what_it_had_or_has(cohstream: Any) -> None:
    found = body(cohstream("changes", SAMPLE, "--since", "2016-03-01", "--party", "turkey", "--json"))
    assert all("turkey" in {**(one["before"] or {}), **(one["after"] or {})} for one in found["changes"])
    assert {one["party"] for one in found["parties"]} == {"turkey"}


def test_what_was_published_is_read_from_the_log(cohstream: Any) -> None:
    assessments = body(cohstream("run", SAMPLE, "--state", "kept", "--json"))["assessments"]
    between = datetime.now(UTC).isoformat()
    cohstream("run", "retraction.jsonl", "--state", "kept")
    logged = ("changes", "--published", "--state", "kept")
    (change,) = body(cohstream(*logged, "--since", between, "--json"))["changes"]
    assert (change["incident_id"], change["change"]) == (WITHDRAWN, "retracted")
    then = body(cohstream(*logged, "--since", "2016-01-01", "--until", between, "--json"))
    assert (then["reading"], len(then["changes"])) == ("as_published", assessments)
    told = cohstream(*logged, "--since", between)
    assert "as published" in told.stdout
    assert WITHDRAWN in told.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "INPUT"),
        ((SAMPLE, "--since", "this morning"), "--since"),
        ((SAMPLE, "--since", "2016-03-12", "--until", "2016-03-10"), "not before"),
        ((SAMPLE, "--published"), "--state DIR"),
        (("/dev/null", "--format", "jsonl"), "nothing has come in"),
    ],
)
def test_what_is_wrong_is_told(cohstream: Any, words: tuple[str, ...], told: str) -> None:
    done = cohstream("changes", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_help_has_examples(cohstream: Any) -> None:
    shown = cohstream("changes", "--help").stdout
    assert "Examples" in shown
    assert "cohstream changes" in shown
