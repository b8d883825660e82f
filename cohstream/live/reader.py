"""Reading what the topics say now: the last value of each key, and the digest over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from cohstream.domain.tally import TallyKey
from cohstream.live.events import REVISION
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, INCIDENTS, TALLIES
from cohstream.publish.digest import digest_of_lines

SORT_KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    INCIDENTS: lambda record: record["incident_id"],
    ASSESSMENTS: lambda record: (record["incident_id"], record["agreement"]),
    TALLIES: lambda record: tuple(record[name] for name in TallyKey._fields),
}


async def records_of(settings: LiveSettings, noun: str) -> AsyncIterator[ConsumerRecord]:
    """Every record of a topic from its beginning to its present end, partition by partition."""
    consumer = AIOKafkaConsumer(**settings.client(), enable_auto_commit=False)
    await consumer.start()
    try:
        topic = settings.topic(noun)
        await consumer._client._wait_on_metadata(topic)
        parts = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        ends = await consumer.end_offsets(parts)
        for part in parts:
            consumer.assign([part])
            await consumer.seek_to_beginning(part)
            while await consumer.position(part) < ends[part]:
                for record in (await consumer.getmany(part, timeout_ms=1000)).get(part, []):
                    yield record
    finally:
        await consumer.stop()


async def current(settings: LiveSettings, noun: str) -> dict[bytes, bytes]:
    """The present value by key: that of the greatest revision; what vanished is not there."""
    latest: dict[bytes, tuple[bytes, bytes | None]] = {}
    async for record in records_of(settings, noun):
        revision = dict(record.headers).get(REVISION, b"")
        if record.key not in latest or revision >= latest[record.key][0]:
            latest[record.key] = revision, record.value
    return {key: value for key, (_, value) in latest.items() if value is not None}


async def topics_digest(settings: LiveSettings) -> str:
    """The digest of what the topics say: that of an in-memory run over the same reports, once all is processed."""
    lines: list[bytes] = []
    for noun, sort_key in SORT_KEYS.items():
        records = [(sort_key(orjson.loads(value)), value) for value in (await current(settings, noun)).values()]
        lines += [value for _, value in sorted(records)]
    return digest_of_lines(lines)
