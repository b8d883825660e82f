"""Reading a topic to its end: it ends, whatever the end looks like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from cohstream.errors import ConfigError
from cohstream.live import scan
from cohstream.live.settings import LiveSettings
from tests.deployments import Deployment
from tools.kafka import free_port

PART = TopicPartition("cohstream.reports.v1", 0)


def values(settings: LiveSettings, noun: str) -> list[bytes | None]:
    async def read() -> list[bytes | None]:
        return [record.value async for record in scan.records_of(settings, noun)]

    return asyncio.run(read())


@pytest.mark.parametrize("fate", ["committed", "aborted"])
def test_it_ends_at_the_marker_of_a_transaction(deploy: Callable[..., Deployment], fate: str) -> None:
    live = deploy(partitions=1)

    async def write() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=live.brokers, transactional_id=live.prefix)
        await producer.start()
        try:
            await producer.begin_transaction()
            await producer.send_and_wait(live.settings.topic("reports"), b"one")
            await (producer.commit_transaction() if fate == "committed" else producer.abort_transaction())
        finally:
            await producer.stop()

    asyncio.run(write())
    assert values(live.settings, "reports") == ([b"one"] if fate == "committed" else [])


def test_it_ends_for_a_topic_without_a_record(deploy: Callable[..., Deployment]) -> None:
    assert values(deploy().settings, "rejected") == []


def test_a_missing_topic_is_told_with_the_remedy(deploy: Callable[..., Deployment]) -> None:
    with pytest.raises(ConfigError, match=r"nonsense\.v1 is missing; run `cohstream topics create`"):
        values(deploy().settings, "nonsense")


def test_without_a_broker_it_ends_in_one_line() -> None:
    with pytest.raises(ConfigError, match="nothing listens at 127"):
        values(LiveSettings(brokers=f"127.0.0.1:{free_port()}"), "reports")


class Stuck:
    """A consumer that never gets past offset 3; ``answers`` says whether its broker is heard of."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.records = [ConsumerRecord(*PART, offset, 0, 0, b"k", b"v", None, 1, 1, ()) for offset in range(3)]

    async def position(self, _: TopicPartition) -> int:
        return 3 if not self.records else 0

    def last_poll_timestamp(self, _: TopicPartition) -> int:
        return int(time.time() * 1000) if self.answers else 0

    async def getmany(self, *_: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        await asyncio.sleep(0.01)
        fetched, self.records = self.records, []
        return {PART: fetched}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(scan, "SILENT_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
async def test_it_ends_where_the_last_offsets_were_compacted_away() -> None:
    assert [one.offset async for one in scan._records_until(Stuck(answers=True), PART, 9)] == [0, 1, 2]


@pytest.mark.usefixtures("impatient")
async def test_a_broker_that_does_not_answer_is_given_up() -> None:
    with pytest.raises(TimeoutError, match="no answer beyond offset 3 of 9 in partition 0"):
        [one async for one in scan._records_until(Stuck(answers=False), PART, 9)]
