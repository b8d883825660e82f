"""The watermarks of all partitions, told by their owners on a topic of one partition, heard by every worker."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from cohstream.domain.canonical import utc_text
from cohstream.live.begun import Begun
from cohstream.live.events import REVISION
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import WATERMARKS
from cohstream.live.writer import Outgoing


def watermark_record(partition: int, watermark: datetime | None, begun: Begun) -> Outgoing:
    """The record that tells the ``watermark`` of ``partition`` since the batch ``begun``."""
    body = utc_text(watermark).encode() if watermark else None
    return Outgoing(str(partition).encode(), body, [(REVISION, begun.revision)])


class Watermarks:
    """Hears the topic from its beginning on; ``known`` is the latest word on each partition."""

    def __init__(self, settings: LiveSettings) -> None:
        self.known: dict[int, datetime | None] = {}
        self._revisions: dict[int, bytes] = {}
        self._settings = settings
        self._consumer: AIOKafkaConsumer
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._consumer = AIOKafkaConsumer(
            **self._settings.client(), auto_offset_reset="earliest", enable_auto_commit=False
        )
        await self._consumer.start()
        part = TopicPartition(self._settings.topic(WATERMARKS), 0)
        self._consumer.assign([part])
        await self._consumer.seek_to_beginning(part)
        self._listening = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._listening is None:
            return
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        await self._consumer.stop()

    async def _listen(self) -> None:
        async for record in self._consumer:
            partition, revision = int(record.key), dict(record.headers)[REVISION]
            if revision >= self._revisions.get(partition, b""):
                self._revisions[partition] = revision
                self.known[partition] = datetime.fromisoformat(record.value.decode()) if record.value else None
