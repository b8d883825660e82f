"""Faults of the brokers and of the log itself: restarts, the loss of one of three, gaps in the offsets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from cohstream.live.reader import records_of
from cohstream.simulate import simulate
from tests.deployments import Deployment, key_of, oracle_digest, wait_until
from tests.live.checks import holds
from tools.kafka import Cluster, kafka

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@contextmanager
def deployed(cluster: Cluster, directory: Path, **options: int) -> Iterator[Deployment]:
    with Deployment(cluster.brokers, directory, **options) as live:  # type: ignore[arg-type]
        yield live


def test_a_broker_that_is_killed_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    lines = list(simulate(2_000, seed=31))
    with kafka() as cluster, deployed(cluster, tmp_path) as live:
        worker = live.worker(1)
        live.ready(worker)
        live.feed(lines[:1_000], batch=100)
        cluster.nodes[0].kill()
        time.sleep(4)
        cluster.start()
        live.feed(lines[1_000:], batch=100)
        live.restart_what_ended()
        holds(live, lines)


def test_one_of_three_brokers_may_be_lost(tmp_path: Path) -> None:
    lines = list(simulate(2_000, seed=32))
    with kafka(nodes=3) as cluster, deployed(cluster, tmp_path, replication=3) as live:
        workers = [live.worker(1), live.worker(2)]
        live.ready(*workers)
        live.feed(lines[:1_000], batch=100)
        cluster.nodes[1].kill()
        live.feed(lines[1_000:], batch=100)
        live.restart_what_ended()
        holds(live, lines)


def test_gaps_left_by_transactions_are_passed_over(cluster: Cluster, tmp_path: Path) -> None:
    lines = list(simulate(600, seed=33))
    never = list(simulate(200, seed=34))
    with deployed(cluster, tmp_path) as live:
        asyncio.run(_in_transactions(live, lines, never))
        live.ready(live.worker(1))
        holds(live, lines)


async def _in_transactions(live: Deployment, lines: list[bytes], never: list[bytes]) -> None:
    """Send ``lines`` in committed transactions, and ``never`` in aborted ones between them."""
    producer = AIOKafkaProducer(**live.settings.client(), transactional_id=f"{live.prefix}-tx")
    await producer.start()
    topic = live.settings.topic("reports")
    try:
        for at in range(0, len(lines), 50):
            async with producer.transaction():
                for line in lines[at : at + 50]:
                    await producer.send(topic, line, key=key_of(line))
            await producer.begin_transaction()
            for line in never[at // 3 : at // 3 + 10]:
                await producer.send(topic, line, key=key_of(line))
            await producer.flush()
            await producer.abort_transaction()
    finally:
        await producer.stop()


def test_gaps_left_by_compaction_are_passed_over(tmp_path: Path) -> None:
    lines = list(simulate(600, seed=35))
    quick = {"log.cleaner.backoff.ms": "100", "log.cleaner.delete.retention.ms": "100"}
    with kafka(overrides=quick) as cluster, deployed(cluster, tmp_path, partitions=2) as live:
        asyncio.run(_compact(live))
        for _ in range(3):
            live.feed(lines, batch=100)
            time.sleep(0.5)

        def left() -> list[bytes]:
            async def read() -> list[bytes]:
                return [record.value async for record in records_of(live.settings, "reports")]

            return asyncio.run(read())

        wait_until(lambda: len(left()) < 2 * len(lines), "the log is compacted")
        live.ready(live.worker(1))
        live.settled()
        assert live.digest() == oracle_digest(left())


async def _compact(live: Deployment) -> None:
    admin = AIOKafkaAdminClient(**live.settings.client())
    await admin.start()
    config = {
        "cleanup.policy": "compact",
        "segment.ms": "200",
        "min.cleanable.dirty.ratio": "0.01",
        "min.compaction.lag.ms": "0",
    }
    topic = live.settings.topic("reports")
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config)])
    finally:
        await admin.close()
