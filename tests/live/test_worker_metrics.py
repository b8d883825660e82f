"""What a worker tells of its own work: dead letters, lag, its share of the partitions, rebalances and recovery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.deployments import Deployment, WorkerProcess, wait_until

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()

STUCK = """
import asyncio
from cohstream.live.worker import Worker
async def stuck(self, batch):
    await asyncio.Event().wait()
Worker.take_reports = stuck
"""


def samples(worker: WorkerProcess, name: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(worker.get("/metrics")[1]):
        yield from (sample for sample in family.samples if sample.name == name)


def total(*workers: WorkerProcess, name: str, **labels: str) -> float:
    found = [sample for one in workers for sample in samples(one, name)]
    return sum(sample.value for sample in found if labels.items() <= sample.labels.items())


def test_a_worker_tells_what_it_did_and_that_nothing_waits(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    one = live.worker(1)
    live.ready(one)
    live.feed([*SAMPLE, b"no report"])
    live.settled()
    assert total(one, name="cohstream_rejected_total", stage="intake", code="not_json") == 1
    parts = {(sample.labels["topic"], sample.labels["partition"]) for sample in samples(one, "cohstream_lag_records")}
    assert parts == {(noun, str(number)) for noun in ("reports", "claims") for number in range(4)}
    assert total(one, name="cohstream_lag_records") == 0
    assert total(one, name="cohstream_owned_partitions") == 4
    assert total(one, name="cohstream_recovery_seconds") > 0

    before = total(one, name="cohstream_rebalances_total")
    assert before >= 1
    two = live.worker(2)
    live.ready(two)
    wait_until(one.ready, "the first worker is ready again", live.told)
    assert total(one, two, name="cohstream_owned_partitions") == 4
    assert total(one, name="cohstream_owned_partitions") < 4
    assert total(one, name="cohstream_partitions") == total(two, name="cohstream_partitions") == 4
    assert total(one, name="cohstream_rebalances_total") > before


def test_what_is_not_done_is_lag(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    stuck = live.worker(hold=STUCK)
    live.ready(stuck)
    live.feed(SAMPLE[:250])
    wait_until(lambda: total(stuck, name="cohstream_lag_records", topic="reports") == 250, "all of it waits", live.told)
    live.feed(SAMPLE[250:])
    every = len(SAMPLE)
    wait_until(
        lambda: total(stuck, name="cohstream_lag_records", topic="reports") == every, "what joins it waits", live.told
    )
    assert total(stuck, name="cohstream_lag_records", topic="claims") == 0
