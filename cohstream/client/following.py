"""Following one topic: an own assignment of all its partitions, no consumer group, nothing committed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Generic, Self, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord
from msgspec import Struct

from cohstream.client.items import CaughtUp, Item
from cohstream.client.memory import Memory
from cohstream.client.position import ANEW, Position
from cohstream.errors import ConfigError
from cohstream.live.connection import reach
from cohstream.live.scan import POLL_MS, QUIET_SECONDS, partitions_of
from cohstream.live.settings import LiveSettings

V = TypeVar("V", bound=Struct)

METADATA_MS = 30_000
"""Within this time a partition that was added is followed too."""
RETRY_SECONDS = 1.0
log = logging.getLogger(__name__)


class Following(AsyncIterator[Item[V]], Generic[V]):
    """The items of one topic, in order within each partition; made by :meth:`cohstream.client.Client.follow`.

    While brokers are away it waits for them. Iterating raises :class:`ConfigError` if they let nobody in at the
    start, if the topic is missing, or if its records were deleted before they were read.
    """

    def __init__(
        self,
        settings: LiveSettings,
        topic: str,
        memory: Memory[V],
        compacted: bool,
        since: Position | None = None,
        patience: float | None = None,
    ) -> None:
        """``patience`` is how many seconds brokers may be silent before the state so far is told."""
        self.caught_up = False
        self._settings, self._topic, self._memory, self._compacted = settings, topic, memory, compacted
        self._since = since
        self._resumes = since is not None and bool(since.offsets)
        self._patience = patience
        self._offsets = dict(since.offsets) if since else {}
        self._times = dict(since.times) if since else {}
        self._read: dict[int, int] = {}
        """The next offset to be read of each partition."""
        self._moved: dict[int, float] = {}
        self._thinned: set[int] = set()
        """Partitions of which records before the position are gone: they were compacted away since."""
        self._items = self._run()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item[V]:
        return await anext(self._items)

    async def aclose(self) -> None:
        """End it. Iterating on raises ``StopAsyncIteration``."""
        await self._items.aclose()

    @property
    def position(self) -> Position:
        """Go on from here, and nothing is missed and nothing told twice: it includes the last item given.

        Until :class:`CaughtUp` was given, the state so far is told from its beginning.
        """
        told = self.caught_up or self._resumes or not self._compacted
        return Position(
            self._topic, dict(self._offsets) if told else {}, dict(self._times) if told else {}, datetime.now(UTC)
        )

    async def _run(self) -> AsyncGenerator[Item[V]]:
        await reach(self._settings)
        consumer = AIOKafkaConsumer(
            **self._settings.client(),
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            metadata_max_age_ms=METADATA_MS,
        )
        try:
            try:
                await consumer.start()
                ends = await self._begin(consumer)
            except (KafkaError, TimeoutError) as error:
                raise self._refused(error) from None
            while True:
                for record in await self._fetch(consumer):
                    item = self._hear(record)
                    if item is not None:
                        yield item
                if not self.caught_up and await self._arrived(consumer, ends):
                    for item in () if self._resumes or not self._compacted else self._memory.state():
                        yield item
                    self.caught_up = True
                    yield CaughtUp(len(self._memory))
                elif self.caught_up:
                    await self._take_added(consumer)
        finally:
            await consumer.stop()

    def _hear(self, record: ConsumerRecord) -> Item[V] | None:
        """What is to be told of ``record`` at once, if anything."""
        number, since = record.partition, self._since
        if since and self._read[number] < min(record.offset, since.offsets.get(number, 0)):
            self._thinned.add(number)
        self._read[number] = record.offset + 1
        if since and record.offset + 1 == since.offsets.get(number) and record.timestamp != since.times.get(number):
            raise ConfigError(
                f"offset {record.offset} of partition {number} of {self._topic} is another record than the position "
                f"knows: the topic was made anew; {ANEW}"
            )
        news = record.offset >= self._offsets.get(number, 0)
        item = self._memory.hear(record, unsure=news and number in self._thinned and not self.caught_up)
        if not news:
            return None
        self._offsets[number], self._times[number] = record.offset + 1, record.timestamp
        return item if self.caught_up or self._resumes or not self._compacted else None

    async def _begin(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """Assign all partitions and go to where reading begins; returns where each ends now."""
        parts = await partitions_of(consumer, self._topic)
        begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
        first = {part.partition: begins[part] for part in parts}
        if self._since:
            last = {part.partition: ends[part] for part in parts}
            self._since.held_against(self._topic, first, last, self._compacted)
        back = self._memory.reaches_back
        for number, begin in first.items():
            known = self._offsets.get(number, 0)
            self._read[number] = begin if back is None else max(begin, known - back)
        self._seek(consumer)
        return dict(ends)

    def _seek(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign([TopicPartition(self._topic, number) for number in self._read])
        for number, offset in self._read.items():
            consumer.seek(TopicPartition(self._topic, number), offset)
            self._moved[number] = time.time()

    async def _fetch(self, consumer: AIOKafkaConsumer) -> list[ConsumerRecord]:
        try:
            fetched = await consumer.getmany(timeout_ms=POLL_MS)
        except KafkaError as error:
            if not error.retriable:
                raise self._refused(error) from None
            log.warning("%s cannot be read: %r; trying again", self._topic, error)
            await asyncio.sleep(RETRY_SECONDS)
            return []
        for part in fetched:
            self._moved[part.partition] = time.time()
        return [record for records in fetched.values() for record in records]

    async def _arrived(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
        """Whether all is read that was there at the beginning; what lies last may have been compacted away."""
        for part, end in ends.items():
            if await consumer.position(part) >= end:
                continue
            answered, moved = (consumer.last_poll_timestamp(part) or 0) / 1000, self._moved[part.partition]
            if self._patience is not None and time.time() - max(answered, moved) > self._patience:
                raise self._refused(TimeoutError(f"no answer in {self._patience:.0f} s"))
            if answered - moved <= QUIET_SECONDS:
                return False
        return True

    async def _take_added(self, consumer: AIOKafkaConsumer) -> None:
        """Follow partitions that the topic was given meanwhile, from their beginning on."""
        added = (consumer.partitions_for_topic(self._topic) or set()) - self._read.keys()
        if added:
            log.warning("%s was given %d more partitions; they are followed too", self._topic, len(added))
            self._read |= dict.fromkeys(added, 0)
            self._seek(consumer)

    def _refused(self, error: Exception) -> ConfigError:
        if isinstance(error, OffsetOutOfRangeError):
            return ConfigError(f"records of {self._topic} were deleted before they were read: {error!r}; {ANEW}")
        return ConfigError(f"{self._topic} cannot be read from the brokers at {self._settings.brokers}: {error!r}")
