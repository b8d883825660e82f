"""Every test of the suite runs on each driver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conformance.drivers import Driver, Embedded, Live
from tests.deployments import Deployment

LIVE = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]


@pytest.fixture(
    params=[
        "embedded",
        pytest.param("live", marks=LIVE),
        pytest.param("live, two workers, little memory", marks=LIVE),
    ]
)
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    with ExitStack() as stack:
        if request.param == "embedded":
            yield Embedded(tmp_path)
            return
        brokers = request.getfixturevalue("cluster").brokers
        deployment = stack.enter_context(Deployment(brokers, tmp_path))
        if request.param == "live":
            yield Live(deployment)
        else:
            yield Live(deployment, workers=2, COHSTREAM_CLAIMS_IN_MEMORY="40", COHSTREAM_BATCH_RECORDS="37")
