"""Whatever happens to workers, the topics end where an uninterrupted in-memory run ends.

``COHSTREAM_KILLS`` sets how many random kills a run makes; ``make test-faults`` sets it to 30.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cohstream.simulate import simulate
from tests.conformance.drivers import gauges_of, gauges_of_oracle
from tests.deployments import SESSION_SECONDS, Deployment, WorkerProcess, wait_until
from tests.live.checks import holds
from tests.live.faults import EVERY_STEP, die_at, freeze_at, slices

KILLS = int(os.environ.get("COHSTREAM_KILLS", "5"))
Deploy = Callable[..., Deployment]


def ended(worker: WorkerProcess, seconds: float = 60.0) -> None:
    wait_until(lambda: not worker.alive, "the worker ends", worker.said, seconds)


@pytest.mark.timeout(60 + 20 * KILLS)
def test_random_kills_lose_nothing_and_count_nothing_twice(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(400 * KILLS, seed=21))
    draw = random.Random(KILLS)
    for number, part in enumerate(slices(lines, KILLS)):
        worker = live.worker(1 + number % 2)
        live.feed(part, batch=50)
        time.sleep(draw.uniform(1.5, 5.0))
        worker.kill()
    live.ready(live.worker(1))
    holds(live, lines)
    print(f"survived: {KILLS} random kills")


@pytest.mark.timeout(300)
def test_a_kill_between_any_two_steps_is_made_good(deploy: Deploy) -> None:
    live = deploy(partitions=2)
    lines = list(simulate(130 * len(EVERY_STEP), seed=22))
    for step, part in zip(EVERY_STEP, slices(lines, len(EVERY_STEP)), strict=True):
        worker = live.worker(1, hold=die_at(step, nth=2))
        live.feed(part, batch=20)
        ended(worker)
    live.ready(live.worker(1))
    holds(live, lines)
    print(f"survived: a kill after each of {len(EVERY_STEP)} steps")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", ["claims taken", "claims outputs", "claims changelog", "reports outputs"])
def test_a_worker_frozen_past_its_session_does_no_harm_when_it_wakes(deploy: Deploy, step: str) -> None:
    live = deploy(partitions=2)
    lines = list(simulate(1_200, seed=23))
    frozen = live.worker(1, hold=freeze_at(step, nth=2))
    live.ready(frozen)
    live.feed(lines[:600], batch=50)
    successor = live.worker(2)
    live.ready(successor)
    live.settled()
    live.feed(lines[600:900])
    live.settled()
    frozen.signal(signal.SIGCONT)
    live.feed(lines[900:])
    ended(frozen)
    assert "stood still" in frozen.said()
    holds(live, lines)


@pytest.mark.timeout(240)
def test_a_worker_that_takes_over_shows_the_gauges_of_both(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(1_500, seed=24))
    first, second = live.worker(1), live.worker(2)
    live.ready(first, second)
    live.feed(lines[:700])
    live.settled()
    first.kill()
    killed_at = time.monotonic()
    live.feed(lines[700:])
    holds(live, lines)
    wait_until(lambda: gauges_of(second.get("/metrics")[1]) == gauges_of_oracle(lines), "its gauges are the oracle's")
    print(f"taken over after {time.monotonic() - killed_at:.1f} s (session timeout {SESSION_SECONDS:.0f} s)")


@pytest.mark.faults
@pytest.mark.timeout(400)
def test_a_rebalance_storm_loses_nothing(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(4_000, seed=25))
    stays = live.worker(1)
    live.ready(stays)
    for round_, part in enumerate(slices(lines, 8)):
        joiner = live.worker(2 + round_ % 2)
        live.feed(part, batch=50)
        time.sleep(3)
        if round_ % 2:
            joiner.stop()
        else:
            joiner.kill()
    assert stays.alive, stays.said()
    holds(live, lines)


def test_partitions_of_the_input_produced_twice_and_misplaced_reports_change_nothing(deploy: Deploy) -> None:
    live = deploy()
    lines = list(simulate(800, seed=26))
    live.ready(live.worker(1))
    live.feed(lines)
    live.feed(lines[200:600])
    live.feed(lines, by_key=False)
    holds(live, lines)


def test_a_fresh_state_directory_is_filled_from_the_changelog(deploy: Deploy, tmp_path: Path) -> None:
    live = deploy()
    lines = list(simulate(1_500, seed=27))
    worker = live.worker(1)
    live.ready(worker)
    live.feed(lines[:1_000])
    live.settled()
    assert worker.stop() == 0
    other = live.worker(1, COHSTREAM_STATE_DIR=str(tmp_path / "elsewhere"))
    live.ready(other)
    live.feed(lines[1_000:])
    holds(live, lines)
