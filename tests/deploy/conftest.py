"""The files of deploy/; systems that run (an embedded process, workers on Kafka); a Prometheus that scrapes them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.compose_processes import Composed, kafka_properties, services
from tests.deploy.files import COMPOSE, read_yaml
from tests.deployments import WorkerProcess, wait_until
from tools.kafka import Cluster, KafkaUnavailableError, free_port, kafka
from tools.prometheus import Prometheus, PrometheusUnavailableError, program


@pytest.fixture(scope="session")
def prometheus_installed() -> None:
    """Without Prometheus the test is skipped, and says so."""
    try:
        program("prometheus")
        program("promtool")
    except PrometheusUnavailableError as error:
        pytest.skip(str(error))


@contextmanager
def serving(inputs: Sequence[Path], directory: Path) -> Iterator[WorkerProcess]:
    """``cohstream run --serve`` over ``inputs``, ready and all read."""
    http = f"127.0.0.1:{free_port()}"
    log = directory / "serving.log"
    command = [sys.executable, "-m", "cohstream", "run", *map(str, inputs), "--serve", http]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    running = WorkerProcess(0, http, process, log)
    try:
        wait_until(lambda: '"finished":true' in running.get("/api/summary")[1], "all is read", running.said)
        yield running
    finally:
        running.signal(signal.SIGINT)
        process.wait(30)


def scraped(running: Prometheus, samples: int) -> None:
    """Wait until there are ``samples`` scrapes of complete sums."""

    def enough() -> bool:
        found = running.query("sum_over_time(cohstream:belief_complete:bool[1h])")
        return bool(found) and found[0].value >= samples

    wait_until(enough, f"{samples} scrapes", running.said)


@pytest.fixture
def compose() -> Any:
    """The compose file, as a copy of its own that a test may spoil."""
    return read_yaml(COMPOSE)[0]


@pytest.fixture
def broker() -> Iterator[Cluster]:
    """A broker as the file sets up its Kafka; one a test, since topics have the names of the file."""
    try:
        with kafka(overrides=kafka_properties(services()["kafka"])) as running:
            yield running
    except KafkaUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture
def composed(broker: Cluster, tmp_path: Path) -> Iterator[Composed]:
    made = Composed(broker, tmp_path)
    try:
        yield made
    finally:
        for process in made.up.values():
            process.kill()
