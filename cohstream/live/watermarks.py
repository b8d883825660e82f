"""The watermarks of all partitions, told by their owners on a topic of one partition, heard by every worker."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from cohstream.domain.canonical import utc_text
from cohstream.live.begun import Begun
from cohstream.live.events import REVISION
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import WATERMARKS
from cohstream.live.writer import Outgoing

RETRY_SECONDS = 1.0
log = logging.getLogger(__name__)


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
        while True:
            try:
                async for record in self._consumer:
                    self._hear(record)
            except KafkaError as error:
                log.warning("the watermarks of other workers are not heard: %r; trying again", error)
                await asyncio.sleep(RETRY_SECONDS)

    def _hear(self, record: ConsumerRecord) -> None:
        revision = dict(record.headers).get(REVISION, b"")
        try:
            partition = int(record.key)
            watermark = datetime.fromisoformat(record.value.decode()) if record.value else None
        except (TypeError, ValueError):
            log.warning("offset %d of %s is no watermark; it is passed over", record.offset, record.topic)
            return
        if revision >= self._revisions.get(partition, b""):
            self._revisions[partition] = revision
            self.known[partition] = watermark
