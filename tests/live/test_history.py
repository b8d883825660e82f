"""Replays from Kafka: any stretch of the topic, beside the live group and without a trace in it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

from cohstream.live.reader import topics_digest
from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import CHANGES
from cohstream.replay.topics_of_run import settings_of_run
from cohstream.samples import sample_rows
from tests.conformance.changes import told_by, verdicts_by
from tests.conformance.drivers import changes_of
from tests.deployments import Deployment, oracle, oracle_digest
from tools.kafka import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

SAMPLE = [row.report for row in sample_rows() if row.report is not None]


def replay(live: Deployment, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "COHSTREAM_BROKERS": live.brokers,
        "COHSTREAM_PREFIX": live.prefix,
        "COHSTREAM_STATE_DIR": str(live.directory / "replays"),
    }
    return subprocess.run(
        [sys.executable, "-m", "cohstream", "replay", *words, "--json"],
        capture_output=True,
        env=environment,
        timeout=90,
    )


def summary(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def committed(live: Deployment) -> dict[str, int]:
    async def ask() -> dict[str, int]:
        admin = AIOKafkaAdminClient(**live.settings.client())
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(live.settings.group_id)
            return {f"{part.topic}:{part.partition}": at.offset for part, at in found.items()}
        finally:
            await admin.close()

    return asyncio.run(ask())


async def all_records(settings: LiveSettings, noun: str) -> list[ConsumerRecord]:
    return [record async for record in records_of(settings, noun)]


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_topic_replayed_gives_the_digest_of_the_file(cluster: Cluster, tmp_path: Path, partitions: int) -> None:
    with Deployment(cluster.brokers, tmp_path, partitions=partitions) as live:
        live.feed(SAMPLE)
        for order in ("event", "published", "received"):
            found = summary(replay(live, "--from", "earliest", "--by", order, "--run", order, "--no-publish"))
            assert found["digest"] == oracle_digest(SAMPLE)
            assert found["reports"]["read"] == len(SAMPLE)


def test_a_run_has_topics_of_its_own_that_say_what_it_came_to(cluster: Cluster, tmp_path: Path) -> None:
    with Deployment(cluster.brokers, tmp_path) as live:
        live.feed(SAMPLE)
        summary(replay(live, "--from", "earliest", "--run", "told"))
        run = settings_of_run(live.settings, "told")
        again = replay(live, "--resume", "--run", "told", "--publish")
        assert summary(again)["digest"] == oracle_digest(SAMPLE) == asyncio.run(topics_digest(run))
        assert f"records on {live.prefix}.told.*.v1".encode() in again.stderr
        assert told_by(changes_of(asyncio.run(all_records(run, CHANGES)))) == verdicts_by(oracle(SAMPLE))
        assert asyncio.run(all_records(live.settings, CHANGES)) == []


def test_a_stretch_by_offsets_or_by_time_is_just_that(cluster: Cluster, tmp_path: Path) -> None:
    with Deployment(cluster.brokers, tmp_path, partitions=1) as live:
        live.feed(SAMPLE)
        part = summary(replay(live, "--from", "0:10", "--to", "0:30", "--run", "part"))
        assert part["digest"] == oracle_digest(SAMPLE[10:30])
        later = summary(replay(live, "--from", "2100-01-01T00:00:00Z", "--run", "later"))
        assert later["reports"]["read"] == 0
        earlier = summary(replay(live, "--to", "2100-01-01T00:00:00Z", "--run", "earlier"))
        assert earlier["digest"] == oracle_digest(SAMPLE)
        unknown = replay(live, "--from", "7:0", "--run", "unknown")
        assert (unknown.returncode, b"there is no partition 7; there are 0 to 0" in unknown.stderr) == (2, True)


def test_the_live_group_does_not_move_while_a_replay_runs(cluster: Cluster, tmp_path: Path) -> None:
    with Deployment(cluster.brokers, tmp_path) as live:
        live.ready(live.worker(1))
        live.feed(SAMPLE)
        live.settled()
        before = committed(live)
        assert before
        assert summary(replay(live, "--from", "earliest", "--run", "beside"))["digest"] == live.digest()
        assert committed(live) == before


def test_a_topic_that_is_missing_ends_in_one_line(cluster: Cluster, tmp_path: Path) -> None:
    live = Deployment(cluster.brokers, tmp_path, prefix="never-made")
    done = replay(live, "--from", "earliest", "--run", "none")
    assert done.returncode == 2
    assert b"the topic never-made.reports.v1 is missing; run `cohstream topics create`" in done.stderr
