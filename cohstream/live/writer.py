"""Writing records in batches per partition, with an idempotent producer that waits for all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import murmur2
from aiokafka.structs import RecordMetadata, TopicPartition

from cohstream.errors import StateError
from cohstream.live.connection import reach
from cohstream.live.settings import LiveSettings

Headers = Sequence[tuple[str, bytes]]

MAX_BATCH_BYTES = 8 << 20
MAX_REQUEST_BYTES = 16 << 20
ABANDON_SECONDS = 5.0


class Outgoing(NamedTuple):
    """One record to be written; a ``None`` value is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass
class Outbox:
    """Records to be written together, by topic and partition, each list in order."""

    records: dict[tuple[str, int], list[Outgoing]] = field(default_factory=dict)

    def add(self, topic: str, partition: int, record: Outgoing) -> None:
        self.records.setdefault((topic, partition), []).append(record)

    def extend(self, topic: str, partition: int, records: Sequence[Outgoing]) -> None:
        if records:
            self.records.setdefault((topic, partition), []).extend(records)


class Writer:
    """Writes outboxes; a write returns when every record is acknowledged by all in-sync replicas.

    ``may_send`` is asked at the last moment, before each request: a worker that stood still in the middle of a write
    must not finish it beside its successor.
    """

    def __init__(self, settings: LiveSettings, may_send: Callable[[], bool] = lambda: True) -> None:
        self._settings = settings
        self._may_send = may_send
        self._producer: AIOKafkaProducer = None

    async def start(self) -> None:
        """Connect. Raises :class:`cohstream.errors.ConfigError` if no broker lets us in."""
        await reach(self._settings)
        self._producer = AIOKafkaProducer(
            **self._settings.client(),
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            request_timeout_ms=30_000,
        )
        _guard(self._producer._sender, self._may_send)
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def abandon(self) -> None:
        """Stop without waiting for what is under way, which may be without end while no broker answers."""
        self._producer._closed = True
        sending = self._producer._sender.sender_task
        if sending is not None:
            sending.cancel()
        await self._producer.client.close()
        if sending is not None:
            await asyncio.wait([sending], timeout=ABANDON_SECONDS)

    async def partitions(self, topic: str) -> int:
        """How many partitions ``topic`` has."""
        return len(await self._producer.partitions_for(topic))

    async def write(self, outbox: Outbox) -> dict[tuple[str, int], int]:
        """Write ``outbox``; returns the last offset of each topic and partition.

        Raises ``KafkaError``, or :class:`StateError` for a record that is too large or where nothing may be sent.
        """
        sent: list[tuple[tuple[str, int], int, asyncio.Future[RecordMetadata]]] = []
        for (topic, partition), records in outbox.records.items():
            batch, count = self._producer.create_batch(), 0
            for record in records:
                if not _append(batch, record):  # a batch takes a first record of any size
                    sent.append(((topic, partition), count, await self._send(batch, topic, partition)))
                    batch, count = self._producer.create_batch(), 0
                    _append(batch, record)
                count += 1
            if count:
                sent.append(((topic, partition), count, await self._send(batch, topic, partition)))
        try:
            answers = await asyncio.gather(*[future for _, _, future in sent])
        except MessageSizeTooLargeError:
            raise _too_large(outbox) from None
        return {where: answer.offset + count - 1 for (where, count, _), answer in zip(sent, answers, strict=True)}

    async def _send(self, batch: object, topic: str, partition: int) -> asyncio.Future[RecordMetadata]:
        future: asyncio.Future[RecordMetadata] = await self._producer.send_batch(batch, topic, partition=partition)
        return future


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's own partitioner, as every client has it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def _too_large(outbox: Outbox) -> StateError:
    topic, record = max(
        ((topic, record) for (topic, _), records in outbox.records.items() for record in records),
        key=lambda one: len(one[1].value or b""),
    )
    size = len(record.value or b"")
    return StateError(
        f"the record of {record.key!r} has {size:,} bytes, too large for {topic}; raise max.message.bytes"
    )


def _append(batch: object, record: Outgoing) -> bool:
    """Add ``record`` to a batch builder; ``False`` if it is full."""
    appended = batch.append(  # type: ignore[attr-defined]
        key=record.key, value=record.value, timestamp=None, headers=list(record.headers)
    )
    return appended is not None


def _guard(sender: Any, may_send: Callable[[], bool]) -> None:
    """Let aiokafka's ``sender`` make a request only if ``may_send`` says so; else its batches fail."""
    send = sender._send_produce_req

    async def guarded(node: int, batches: Mapping[TopicPartition, Any]) -> None:
        if may_send():
            await send(node, batches)
            return
        for partition, batch in batches.items():
            batch.failure(StateError("nothing is sent: the worker stood still longer than its session"))
            sender._muted_partitions.discard(partition)
        sender._in_flight.discard(node)

    sender._send_produce_req = guarded
