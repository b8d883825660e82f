"""One group runs under one law, one knowledge and one number of partitions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deployments import Deployment, WorkerProcess, wait_until

Deploy = Callable[..., Deployment]


def refused(worker: WorkerProcess) -> str:
    """What a worker said that ended by itself with exit status 2."""
    wait_until(lambda: not worker.alive, "the worker ends", worker.said)
    assert worker.process.returncode == 2
    return worker.said()


@pytest.mark.parametrize(
    ("environment", "differs"),
    [
        ({"COHSTREAM_AGREEMENT": "SY-JIG-2016-07"}, "law"),
        ({"COHSTREAM_PARTITIONS": "8"}, "partitions"),
    ],
)
def test_a_worker_under_other_rules_is_refused_with_the_remedy(
    deploy: Deploy, environment: dict[str, str], differs: str
) -> None:
    live = deploy()
    first = live.worker(1)
    live.ready(first)
    said = refused(live.worker(2, **environment))
    assert differs in said
    assert "replay" in said or "topics" in said
    assert "Traceback" not in said
    assert first.ready()


def test_two_workers_that_start_together_agree_on_one_ruleset(deploy: Deploy) -> None:
    live = deploy()
    live.ready(live.worker(1), live.worker(2))
