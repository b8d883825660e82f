"""Deployments on the Kafka that all live tests share."""

from __future__ import annotations

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs Kafka, and one broker serves them all: one worker of xdist runs them."""
    for item in items:
        if "tests/live/" in item.nodeid:
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.xdist_group("kafka"))
