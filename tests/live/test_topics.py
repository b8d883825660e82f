"""The topics are as the design has them, and are never created by accident."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from cohstream.errors import ConfigError
from cohstream.live import topics
from cohstream.live.settings import LiveSettings
from tests.deployments import Deployment, wait_until
from tests.live.conftest import Command
from tools.kafka import Cluster, free_port, kafka

HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000
LOGS = ("reports", "claims", "rejected", "changes")
STATES = ("incidents", "assessments", "tallies")


def settled(live: Deployment, topic: str, partitions: int) -> None:
    """Wait until the brokers tell of a change that they have acknowledged."""
    wait_until(lambda: found(live, topic)[0] == partitions, f"{topic} has {partitions} partitions")


async def asked(brokers: str, ask: Callable[[AIOKafkaAdminClient], Awaitable[Any]]) -> Any:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        return await ask(admin)
    finally:
        await admin.close()


def names(brokers: str) -> set[str]:
    return set(asyncio.run(asked(brokers, lambda admin: admin.list_topics())))


def found(live: Deployment, topic: str) -> tuple[int, set[int], dict[str, str]]:
    """Partitions, numbers of copies and settings of a topic, as the broker has them."""

    async def ask(admin: AIOKafkaAdminClient) -> tuple[int, set[int], dict[str, str]]:
        (described,) = await admin.describe_topics([topic])
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        config = {entry[0]: entry[1] for entry in answer.resources[0][4]}
        return len(described["partitions"]), {len(part["replicas"]) for part in described["partitions"]}, config

    result: tuple[int, set[int], dict[str, str]] = asyncio.run(asked(live.brokers, ask))
    return result


def change(live: Deployment, topic: str, **config: str) -> None:
    """Set a topic's configuration to ``config``, with dots for underscores, and wait until it is told."""
    given = {name.replace("_", "."): value for name, value in config.items()}
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, given)
    asyncio.run(asked(live.brokers, lambda admin: admin.alter_configs([resource])))
    wait_until(lambda: given.items() <= found(live, topic)[2].items(), f"{topic} has {given}")


def test_create_makes_every_topic_and_no_other(cluster: Cluster, deploy: Callable[..., Deployment]) -> None:
    before = names(cluster.brokers)
    live = deploy(partitions=3)
    prefix = live.prefix
    assert names(cluster.brokers) - before == {
        *[f"{prefix}.{noun}.v1" for noun in (*LOGS, *STATES, "ruleset", "watermarks")],
        f"{prefix}-worker-intake-changelog",
        f"{prefix}-worker-claims-changelog",
    }


@pytest.mark.parametrize("noun", LOGS)
def test_what_happened_is_kept_for_ever(deploy: Callable[..., Deployment], noun: str) -> None:
    live = deploy(partitions=3)
    partitions, copies, config = found(live, live.settings.topic(noun))
    assert (partitions, copies) == (3, {1})
    assert config["cleanup.policy"] == "delete"
    assert (config["retention.ms"], config["retention.bytes"]) == ("-1", "-1")


@pytest.mark.parametrize("noun", STATES)
def test_what_is_believed_is_compacted_but_not_at_once(deploy: Callable[..., Deployment], noun: str) -> None:
    live = deploy(partitions=3)
    partitions, copies, config = found(live, live.settings.topic(noun))
    assert (partitions, copies) == (3, {1})
    assert config["cleanup.policy"] == "compact"
    assert int(config["min.compaction.lag.ms"]) >= HOUR_MS
    assert int(config["delete.retention.ms"]) >= 7 * DAY_MS


def test_state_is_compacted_and_a_table_has_a_partition_for_each_of_its_input(
    deploy: Callable[..., Deployment],
) -> None:
    live = deploy(partitions=3)
    for table in topics.TABLES:
        partitions, _, config = found(live, topics.changelog(live.settings, table))
        assert (partitions, config["cleanup.policy"]) == (3, "compact")
    partitions, _, config = found(live, live.settings.topic("watermarks"))
    assert (partitions, config["cleanup.policy"]) == (1, "compact")


def test_the_first_ruleset_of_a_group_is_never_compacted_away(deploy: Callable[..., Deployment]) -> None:
    live = deploy(partitions=3)
    partitions, _, config = found(live, live.settings.topic("ruleset"))
    assert (partitions, config["cleanup.policy"], config["retention.ms"]) == (1, "delete", "-1")


def test_a_dead_letter_has_room_for_its_headers_beyond_the_largest_report(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    largest = {noun: int(found(live, live.settings.topic(noun))[2]["max.message.bytes"]) for noun in LOGS}
    assert largest["rejected"] > largest["reports"] > 1 << 20


@pytest.mark.parametrize(("copies", "must_be_written"), [(1, 1), (2, 1), (3, 2), (5, 4)])
def test_an_acknowledged_record_is_on_all_copies_but_one(copies: int, must_be_written: int) -> None:
    for one in topics.declared(LiveSettings(replication=copies)):
        assert one.config["min.insync.replicas"] == str(must_be_written)


def test_create_again_creates_nothing(deploy: Callable[..., Deployment], cohstream: Command) -> None:
    told = cohstream(deploy(), "topics", "create")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "cohstream: 0 topics created\n")


def test_create_leaves_what_exists_as_it_is(deploy: Callable[..., Deployment], cohstream: Command) -> None:
    live = deploy()
    change(live, live.settings.topic("reports"), retention_ms="1000000")
    assert cohstream(live, "topics", "create").returncode == 0
    assert found(live, live.settings.topic("reports"))[2]["retention.ms"] == "1000000"


def test_create_completes_what_is_there_in_part(deploy: Callable[..., Deployment], cohstream: Command) -> None:
    live = deploy()
    gone = live.settings.topic("tallies")
    asyncio.run(asked(live.brokers, lambda admin: admin.delete_topics([gone])))
    wait_until(lambda: gone not in names(live.brokers), "the topic is gone")
    told = cohstream(live, "topics", "create")
    assert (told.returncode, told.stdout) == (0, f"{gone}\n")


def test_more_copies_than_brokers_are_refused_in_words(cluster: Cluster, tmp_path: Path, cohstream: Command) -> None:
    told = cohstream(Deployment(cluster.brokers, tmp_path, replication=3), "topics", "create")
    assert told.returncode == 2
    assert told.stderr.startswith("cohstream: the broker does not create topic ")
    assert "replication factor" in told.stderr


def test_describe_agrees_with_what_create_made(deploy: Callable[..., Deployment], cohstream: Command) -> None:
    live = deploy(partitions=3)
    told = cohstream(live, "topics", "describe")
    assert (told.returncode, told.stderr) == (0, "")
    assert f"{live.prefix}.tallies.v1 partitions=3 replication=1 cleanup.policy=compact " in told.stdout


def test_describe_names_what_differs(deploy: Callable[..., Deployment], cohstream: Command) -> None:
    live = deploy()
    reports, tallies = live.settings.topic("reports"), live.settings.topic("tallies")
    change(live, reports, cleanup_policy="delete", retention_ms="604800000", max_message_bytes=str(8 << 20))
    asyncio.run(asked(live.brokers, lambda admin: admin.create_partitions({tallies: NewPartitions(6)})))
    settled(live, tallies, 6)
    told = cohstream(live, "topics", "describe")
    assert told.returncode == 1
    assert sorted(told.stderr.splitlines()) == [
        f"cohstream: {reports}: retention.ms is 604800000, -1 is declared",
        f"cohstream: {tallies}: partitions is 6, 4 is declared",
    ]
    drift = json.loads(cohstream(live, "topics", "describe", "--json").stdout)["drift"]
    assert {"topic": tallies, "what": "partitions", "found": "6", "declared": "4"} in drift
    assert len(drift) == 2


def test_describe_names_what_is_missing(cluster: Cluster, tmp_path: Path, cohstream: Command) -> None:
    live = Deployment(cluster.brokers, tmp_path)
    told = cohstream(live, "topics", "describe")
    assert told.returncode == 1
    assert f"cohstream: {live.prefix}.reports.v1: is missing; run `cohstream topics create`" in told.stderr
    assert len(told.stderr.splitlines()) == len(topics.declared(live.settings))


def test_without_a_broker_it_ends_in_one_line(tmp_path: Path, cohstream: Command) -> None:
    nowhere = Deployment(f"127.0.0.1:{free_port()}", tmp_path)
    for command in ("create", "describe"):
        told = cohstream(nowhere, "topics", command)
        assert told.returncode == 2
        assert told.stderr.splitlines()[-1].startswith(f"cohstream: nothing listens at {nowhere.brokers}")


def test_other_partitions_than_set_forbid_work(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    asyncio.run(topics.verify(live.settings))
    more = live.settings.topic("claims")
    asyncio.run(asked(live.brokers, lambda admin: admin.create_partitions({more: NewPartitions(6)})))
    settled(live, more, 6)
    with pytest.raises(ConfigError, match="has 6 partitions, COHSTREAM_PARTITIONS is 4"):
        asyncio.run(topics.verify(live.settings))


@pytest.fixture(scope="module")
def eager() -> Iterator[Cluster]:
    """A broker that creates every topic it is asked for, as brokers do by default."""
    with kafka(overrides={"auto.create.topics.enable": "true"}) as running:
        yield running


@pytest.mark.kafka
def test_no_client_creates_a_topic_by_asking_for_it(eager: Cluster) -> None:
    async def ask() -> None:
        consumer = AIOKafkaConsumer("asked.for", bootstrap_servers=eager.brokers, request_timeout_ms=2000)
        producer = AIOKafkaProducer(bootstrap_servers=eager.brokers, request_timeout_ms=2000)
        try:
            with suppress(KafkaError):
                await consumer.start()
            await producer.start()
            with suppress(KafkaError):
                await producer.send_and_wait("sent.to", b"x")
        finally:
            await producer.stop()
            await consumer.stop()

    asyncio.run(ask())
    assert not names(eager.brokers) & {"asked.for", "sent.to"}


@pytest.mark.kafka
def test_a_worker_without_topics_says_so_and_creates_none(eager: Cluster, tmp_path: Path) -> None:
    live = Deployment(eager.brokers, tmp_path)
    worker = live.worker()
    try:
        wait_until(lambda: not worker.alive, "the worker has ended", worker.said)
    finally:
        worker.kill()
    assert worker.process.returncode == 2
    assert f"{live.prefix}.reports.v1 among them; run `cohstream topics create`" in worker.said()
    assert not {name for name in names(eager.brokers) if name.startswith(live.prefix)}
