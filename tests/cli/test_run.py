"""``cohstream run`` as a person uses it: real processes, real files, exit statuses."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = {
    "source": "SNHR",
    "report_id": "1",
    "kind": "allegation",
    "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
    "place": {"text": "Talbiseh"},
    "conduct": "air_strike",
    "weapon": {"text": "barrel bombs"},
    "perpetrator": {"candidates": ["gov.saa"]},
    "target": {"class": "residential"},
    "excluded_presence": "none",
}


def line(**fields: Any) -> bytes:
    return json.dumps({**GOOD, **fields}).encode() + b"\n"


@pytest.fixture
def cohstream(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the command line in an empty directory."""

    def call(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "cohstream", *words],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )

    return call


def summary(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_one_violation_is_counted_with_the_names_of_the_summary(tmp_path: Path, cohstream: Any) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    done = cohstream("run", "a.jsonl", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    result = summary(done)
    assert result["reports"] == {"read": 1, "accepted": 1, "duplicate": 0, "rejected": 0}
    assert result["incidents"] == 1
    assert {
        "agreement": "SY-COH-2016-02",
        "party": "government",
        "verdict": "VIOLATION",
        "policy": "joint_is_covered",
        "conduct": "air_strike",
        "weapon": "air_delivered.barrel_bomb",
        "count": 1,
    } in result["tallies"]
    assert {
        "agreement": "SY-COH-2016-02",
        "party": "government",
        "policy": "joint_is_covered",
        "min": 1,
        "max": 1,
    } in result["parties"]
    for name in ("digest", "law", "knowledge"):
        assert result[name].startswith("sha256:")


def test_a_table_per_party_without_json(tmp_path: Path, cohstream: Any) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    done = cohstream("run", "a.jsonl")
    assert b"government" in done.stdout
    assert b"min-max over policies" in done.stdout
    by_policy = done.stdout.decode().partition("proven minimum to possible maximum by policy")[2]
    (row,) = [line for line in by_policy.splitlines() if "government" in line]
    assert row.count("1-1") == 6


def test_bad_records_are_kept_with_bytes_and_code_and_the_rest_goes_on(tmp_path: Path, cohstream: Any) -> None:
    bad = {
        "bad_encoding": b'{"source": "\xff"}',
        "not_json": b"Sir, I must report",
        "naive_time": line(occurred={"start": "2016-03-01T10:00:00"}).strip(),
        "out_of_range": line(place={"lat": 95.0, "lon": 1.0}).strip(),
        "unknown_word": line(conduct="witchcraft").strip(),
        "not_finite": line(place={"lat": 1.0, "lon": float("nan")}).strip(),
        "too_large": b'{"source": "' + b"x" * 50_000_000 + b'"}',
    }
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(bad.values()) + b"\n" + line())
    done = cohstream("run", "a.jsonl", "--json", "--out", "out")
    assert done.returncode == 1
    assert summary(done)["reports"] == {"read": 8, "accepted": 1, "duplicate": 0, "rejected": 7}
    kept = [json.loads(one) for one in (tmp_path / "out" / "rejected.jsonl").read_bytes().splitlines()]
    assert {one["code"]: b64decode(one["raw_base64"]) for one in kept} == bad
    told = done.stderr.decode()
    for number, code in enumerate(bad, start=1):
        assert f"a.jsonl:{number}: {code}: " in told


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.jsonl", "missing.jsonl"), ("folder", "directory")],
)
def test_an_input_that_cannot_be_read_at_all(tmp_path: Path, cohstream: Any, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    done = cohstream("run", name)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_one_missing_input_among_others_is_told_and_passed_over(tmp_path: Path, cohstream: Any) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    done = cohstream("run", "missing.jsonl", "a.jsonl", "--json")
    assert done.returncode == 1
    assert summary(done)["reports"]["accepted"] == 1


def test_a_truncated_gzip_gives_what_could_be_read(tmp_path: Path, cohstream: Any) -> None:
    import random

    draw = random.Random(1)
    lines = b"".join(line(report_id=str(n), note=str(draw.random())) for n in range(3_000))
    packed = gzip.compress(lines)
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    done = cohstream("run", "a.jsonl.gz", "--json")
    assert done.returncode == 1
    assert 0 < summary(done)["reports"]["accepted"] < 3_000
    assert b"truncated" in done.stderr or b"ends" in done.stderr


def test_standard_input(cohstream: Any) -> None:
    done = cohstream("run", "-", "--json", stdin=line() + line())
    assert summary(done)["reports"] == {"read": 2, "accepted": 1, "duplicate": 1, "rejected": 0}


def test_state_continues_and_the_same_input_changes_nothing(tmp_path: Path, cohstream: Any) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    (tmp_path / "b.jsonl").write_bytes(line(report_id="2", place={"text": "Daraya"}))
    first = summary(cohstream("run", "a.jsonl", "--json", "--state", "state"))
    both = summary(cohstream("run", "b.jsonl", "--json", "--state", "state"))
    again = summary(cohstream("run", "a.jsonl", "b.jsonl", "--json", "--state", "state"))
    assert (first["incidents"], both["incidents"]) == (1, 2)
    assert again["reports"] == {"read": 2, "accepted": 0, "duplicate": 2, "rejected": 0}
    assert again["digest"] == both["digest"]
    assert summary(cohstream("run", "b.jsonl", "a.jsonl", "--json"))["digest"] == both["digest"]


def test_topics_are_written_as_json_lines(tmp_path: Path, cohstream: Any) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    cohstream("run", "a.jsonl", "--out", "out")
    written = {path.name: path.read_bytes().splitlines() for path in (tmp_path / "out").iterdir()}
    assert set(written) == {
        "reports.jsonl",
        "claims.jsonl",
        "incidents.jsonl",
        "assessments.jsonl",
        "tallies.jsonl",
        "changes.jsonl",
        "rejected.jsonl",
    }
    assert written["reports.jsonl"] == [line().strip()]
    tally = json.loads(written["tallies.jsonl"][0])
    assert {"agreement", "party", "area", "event_day", "verification", "count"} <= set(tally)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--agreement", "SY-NONE"), "SY-COH-2016-02"),
        (("--format", "xml"), "jsonl"),
        (("--serve", "8080"), "HOST:PORT"),
    ],
)
def test_wrong_options_say_what_is_possible(tmp_path: Path, cohstream: Any, words: tuple[str, ...], told: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    done = cohstream("run", "a.jsonl", *words)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_help_has_examples(cohstream: Any) -> None:
    for command in ("run", "demo", "simulate"):
        shown = cohstream(command, "--help").stdout.decode()
        assert "Examples" in shown
        assert f"cohstream {command}" in shown
