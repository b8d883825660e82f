"""Deployments on the Kafka that all live tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deployments import Deployment
from tools.kafka import Cluster


@pytest.fixture
def deploy(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., Deployment]]:
    """A factory of deployments on the shared broker."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(Deployment(cluster.brokers, tmp_path, **options))


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cohstream() -> Command:
    """Run the command line against a deployment: ``cohstream(live, "topics", "describe")``."""

    def call(live: Deployment, *words: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "COHSTREAM_BROKERS": live.brokers,
            "COHSTREAM_PREFIX": live.prefix,
            "COHSTREAM_PARTITIONS": str(live.partitions),
            "COHSTREAM_REPLICATION": str(live.replication),
        }
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "cohstream", *words],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return call


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with the broker are marked; one broker serves them all, so one worker of xdist runs them."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.xdist_group("kafka"))
