"""Reading a topic from its beginning to its present end: one piece, for all who do that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from cohstream.errors import ConfigError
from cohstream.live.connection import reach
from cohstream.live.settings import LiveSettings

POLL_MS = 500
QUIET_SECONDS = 5.0
"""A broker that answers for so long without a record has none: the last offsets were compacted away."""
SILENT_SECONDS = 60.0
"""A broker that does not answer for so long is given up."""


class Stretch(NamedTuple):
    """Where to begin, and the offset to end before, by partition."""

    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]


async def whole(consumer: AIOKafkaConsumer, parts: list[TopicPartition]) -> Stretch:
    """All that there is now."""
    return Stretch(await consumer.beginning_offsets(parts), await consumer.end_offsets(parts))


async def records_of(
    settings: LiveSettings,
    noun: str,
    stretch: Callable[[AIOKafkaConsumer, list[TopicPartition]], Awaitable[Stretch]] = whole,
) -> AsyncGenerator[ConsumerRecord]:
    """The records of a topic in a stretch of each partition, one after the other; all that there is now by default.

    It ends whatever the last offsets are (markers of transactions, records compacted away). Raises
    :class:`ConfigError` if the topic is missing, or the brokers let nobody in or do not answer.
    """
    await reach(settings)
    topic = settings.topic(noun)
    consumer = AIOKafkaConsumer(
        **settings.client(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",  # as workers read
    )
    try:
        await consumer.start()
        parts = await partitions_of(consumer, topic)
        begins, ends = await stretch(consumer, parts)
        for part in parts:
            consumer.assign([part])
            consumer.seek(part, begins[part])
            async for record in _records_until(consumer, part, ends[part]):
                yield record
    except (KafkaError, TimeoutError) as error:
        raise ConfigError(f"{topic} cannot be read from the brokers at {settings.brokers}: {error!r}") from None
    finally:
        await consumer.stop()


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    """All partitions of ``topic``. Raises :class:`ConfigError` if it is missing."""
    cluster = await consumer._client.fetch_all_metadata()
    numbers = cluster.partitions_for_topic(topic)
    if numbers is None:
        raise ConfigError(f"the topic {topic} is missing; run `cohstream topics create`")
    return [TopicPartition(topic, number) for number in sorted(numbers)]


async def _records_until(consumer: AIOKafkaConsumer, part: TopicPartition, end: int) -> AsyncGenerator[ConsumerRecord]:
    """The records of one partition before the offset ``end``. Raises ``TimeoutError`` if no broker answers."""
    position, moved = -1, time.time()
    while True:
        async with asyncio.timeout(SILENT_SECONDS):
            now_at = await consumer.position(part)
        if now_at >= end:
            return
        if now_at != position:
            position, moved = now_at, time.time()
        answered = (consumer.last_poll_timestamp(part) or 0) / 1000
        if answered - moved > QUIET_SECONDS:
            return
        if time.time() - max(answered, moved) > SILENT_SECONDS:
            raise TimeoutError(f"no answer beyond offset {position} of {end} in partition {part.partition}")
        for record in (await consumer.getmany(part, timeout_ms=POLL_MS)).get(part, []):
            if record.offset < end:
                yield record
