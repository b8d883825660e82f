"""``cohstream replay``, ``diff`` and ``export`` as a person uses them: real processes, real files, exit statuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohstream.samples import sample_rows
from tests.deployments import oracle_digest, wait_until

SAMPLE = [row.report for row in sample_rows() if row.report is not None]
Call = Callable[..., "subprocess.CompletedProcess[bytes]"]


def command(*words: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "cohstream", *words]


@pytest.fixture
def cohstream(tmp_path: Path) -> Call:
    """Run the command line in a directory that holds the sample as ``sample.jsonl``."""
    (tmp_path / "sample.jsonl").write_bytes(b"".join(line + b"\n" for line in SAMPLE))

    def call(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command(*words), input=stdin, capture_output=True, cwd=tmp_path, timeout=60, check=False)

    return call


def last_json(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    assert done.stdout, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def test_a_replay_comes_to_what_a_run_comes_to(cohstream: Call) -> None:
    run = last_json(cohstream("run", "sample.jsonl", "--json"))
    replayed = cohstream("replay", "sample.jsonl", "--run", "one", "--json")
    assert replayed.returncode == 0, said(replayed)
    summary = last_json(replayed)
    assert summary.pop("run") == "one"
    assert summary == run


def test_interrupted_while_it_plays_it_goes_on_where_it_was(tmp_path: Path, cohstream: Call) -> None:
    process = subprocess.Popen(
        command("replay", "sample.jsonl", "--run", "slow", "--speed", "200000x"), stderr=subprocess.PIPE, cwd=tmp_path
    )
    state = tmp_path / "state" / "runs" / "slow" / "run.sqlite-wal"
    wait_until(lambda: state.exists() and state.stat().st_size > 300_000, "some of it is played")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"go on with: cohstream replay --resume --run slow" in stderr
    unfinished = cohstream("export", "openmetrics", "slow")
    assert (unfinished.returncode, "is not finished" in said(unfinished)) == (2, True)
    resumed = cohstream("replay", "--resume", "--run", "slow", "--json")
    assert resumed.returncode == 0, said(resumed)
    assert last_json(resumed)["digest"] == oracle_digest(SAMPLE)


def test_killed_while_it_plays_it_goes_on_where_it_was(tmp_path: Path, cohstream: Call) -> None:
    process = subprocess.Popen(
        command("replay", "sample.jsonl", "--run", "slow", "--speed", "200000x"), stderr=subprocess.PIPE, cwd=tmp_path
    )
    state = tmp_path / "state" / "runs" / "slow" / "run.sqlite-wal"
    wait_until(lambda: state.exists() and state.stat().st_size > 300_000, "some of it is played")
    process.kill()
    process.communicate()
    assert last_json(cohstream("replay", "--resume", "--json"))["digest"] == oracle_digest(SAMPLE)


def test_a_finished_run_that_is_resumed_says_its_digest_again(cohstream: Call) -> None:
    first = last_json(cohstream("replay", "sample.jsonl", "--run", "one", "--json"))
    assert last_json(cohstream("replay", "--resume", "--run", "one", "--json")) == first


def test_standard_input_is_replayed_too(cohstream: Call) -> None:
    done = cohstream("replay", "-", "--run", "piped", "--json", stdin=b"\n".join(SAMPLE))
    assert last_json(done)["digest"] == oracle_digest(SAMPLE)


def test_what_is_wrong_is_told_kept_and_shown_in_the_exit_status(tmp_path: Path, cohstream: Call) -> None:
    (tmp_path / "bad.jsonl").write_bytes(SAMPLE[0] + b"\nnonsense\n")
    done = cohstream("replay", "bad.jsonl", "--format", "jsonl", "--run", "bad", "--json")
    assert done.returncode == 1
    assert "bad.jsonl:2: not_json" in said(done)
    assert last_json(done)["reports"] == {"read": 2, "accepted": 1, "duplicate": 0, "rejected": 1}


def test_without_any_input_that_can_be_read_there_is_no_run(tmp_path: Path, cohstream: Call) -> None:
    done = cohstream("replay", "missing.jsonl", "--run", "none")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "missing.jsonl: there is no such file" in said(done)
    assert not list((tmp_path / "state").rglob("*.sqlite"))


def test_interrupted_while_it_gathers_nothing_is_kept(tmp_path: Path, cohstream: Call) -> None:
    process = subprocess.Popen(
        command("replay", "-", "--format", "jsonl", "--run", "half"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    run = tmp_path / "state" / "runs" / "half" / "run.sqlite"
    wait_until(run.exists, "gathering has begun")
    assert process.stderr is not None
    assert b"gathering" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, b"interrupted while gathering" in told) == (130, True), told
    assert not run.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["replay"], "there is nothing to replay; name files"),
        (["replay", "sample.jsonl", "--from", "earliest"], "not both"),
        (["replay", "sample.jsonl", "--speed", "fast"], "--speed is 'fast'; write how many times"),
        (["replay", "sample.jsonl", "--run", "a/b"], "--run is 'a/b'; write letters"),
        (["replay", "--resume"], "there is no run under state/runs"),
        (["replay", "--resume", "--run", "none"], "there is no run at state/runs/none"),
        (["replay", "sample.jsonl", "--format", "xls"], "--format 'xls' is not known"),
        (["replay", "--from", "yesterday"], "--from is 'yesterday'; write earliest"),
        (["diff", "one", "other"], "there is no run 'one' under state/runs"),
        (["export", "openmetrics", "one"], "there is no run 'one' under state/runs"),
    ],
)
def test_a_wrong_wish_ends_in_one_clear_line(cohstream: Call, words: list[str], told: str) -> None:
    done = cohstream(*words)
    assert done.returncode == 2
    assert told in said(done)
    assert "Traceback" not in said(done)


def test_an_id_is_used_once_and_a_run_is_resumed_as_it_was_begun(cohstream: Call) -> None:
    cohstream("replay", "sample.jsonl", "--run", "one")
    again = cohstream("replay", "sample.jsonl", "--run", "one")
    assert (again.returncode, "give --resume to go on" in said(again)) == (2, True)
    other_law = cohstream("replay", "--resume", "--run", "one", "--agreement", "SY-JIG-2016-07")
    assert (other_law.returncode, "was begun with another law" in said(other_law)) == (2, True)


def test_diff_shows_what_a_retraction_moved(tmp_path: Path, cohstream: Call) -> None:
    violation = next(line for line in SAMPLE if has_violation(line))
    gone = json.dumps({**json.loads(violation), "revision": 9, "retracts": True}).encode()
    (tmp_path / "now.jsonl").write_bytes(violation + b"\n" + gone + b"\n")
    (tmp_path / "before.jsonl").write_bytes(violation + b"\n")
    cohstream("replay", "before.jsonl", "--run", "before")
    cohstream("run", "now.jsonl", "--state", "now")
    same = cohstream("diff", "before", "before")
    assert (same.returncode, b"believe the same" in same.stdout) == (0, True)
    done = cohstream("diff", "before", "now", "--json")
    assert done.returncode == 1, said(done)
    found = last_json(done)
    assert (found["only_in_a"], found["only_in_b"], found["incidents_differing"]) == (1, 0, 0)
    assert {(one["verdict"], one["a"], one["b"]) for one in found["counts"]} >= {("VIOLATION", 1, 0)}
    assert {one["b"] for one in found["verdicts"]} == {None}
    shown = cohstream("diff", "before", "now")
    assert b"VIOLATION" in shown.stdout


def has_violation(line: bytes) -> bool:
    from tests.deployments import oracle

    return any(key.verdict == "VIOLATION" and key.policy == "delineated_only" for key in oracle([line]).tallies())
