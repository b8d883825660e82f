"""Stands here so that tests of all packages can import the factories in this directory; and what all share."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.authority import PASSWORD, USER, Authority, make_authority
from tools.kafka import Cluster, KafkaUnavailableError, Secured, kafka

REPOSITORY = Path(__file__).parent.parent
REAL_DATA = REPOSITORY / os.environ.get("COHSTREAM_REAL_DATA", "../shared/data")
NEEDED_IN_CI = ("browser", "prometheus", "kafka", "node")
"""Markers of tests that may be skipped on a developer's machine, never in continuous integration."""


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; without it the test is skipped, and says so."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at {REAL_DATA}; set COHSTREAM_REAL_DATA")
    return REAL_DATA


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that vouches for the broker."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def cluster(trusted: Authority) -> Iterator[Cluster]:
    """One real Kafka for all live tests of a process, with a plain and a secured door.

    Where none can be had (no network for its jars) the test is skipped, and says so.
    """
    with ExitStack() as stack:
        try:
            running = stack.enter_context(kafka(secured=Secured(trusted.server, USER, PASSWORD)))
        except KafkaUnavailableError as error:
            pytest.skip(str(error))
        yield running


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and in_ci() and any(item.get_closest_marker(name) for name in NEEDED_IN_CI):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and in_ci():
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Let a skipped test fail: where CI is set, what it needs must be there."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{reason} (with CI set this test must run)"
