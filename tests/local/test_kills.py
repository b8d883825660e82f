"""Killing a run at random points loses nothing: the next run ends where an uninterrupted one ends."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cohstream.simulate import simulate

REPORTS = 30_000
KILLS = 5


def command(source: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "cohstream", "run", str(source), "--json", *options]


def run(source: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(command(source, *options), capture_output=True, check=True, timeout=100)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.slow
def test_a_killed_run_started_again_gives_the_same_digest(tmp_path: Path) -> None:
    source, state = tmp_path / "load.jsonl", tmp_path / "state"
    source.write_bytes(b"\n".join(simulate(REPORTS, seed=3)) + b"\n")
    began = time.monotonic()
    whole = run(source)
    needed = time.monotonic() - began
    draw = random.Random(5)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command(source, "--state", str(state)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            process.communicate(timeout=draw.uniform(0.15, 0.6) * needed)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            killed += 1
    assert killed
    again = run(source, "--state", str(state))
    assert again["digest"] == whole["digest"]
    assert again["reports"]["accepted"] + again["reports"]["duplicate"] == REPORTS
    assert run(source, "--state", str(state))["reports"]["duplicate"] == REPORTS
