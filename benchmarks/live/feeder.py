"""A steady feed of reports, and the time from each report's sending to what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2

from benchmarks.live.process import BenchError
from benchmarks.live.stage import PARTITIONS
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.intake import claim_id_of
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.live.intake import report_key
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, REPORTS
from cohstream.local.session import Settings, chosen_agreements

TICK_SECONDS = 0.005
"""How often a feed faster than one report a tick sends: what is due is sent as one batch per partition."""


class Report(NamedTuple):
    """A report to be sent. ``founds`` is the id of the incident that it founds, held against the engine, or empty."""

    founds: str
    partition: int
    key: bytes
    value: bytes


ROOMY = {"max_batch_size": 4 << 20, "max_request_size": 16 << 20}
"""A feed that fell behind sends many reports at once."""


def reports_of(lines: Iterable[bytes]) -> Iterator[Report]:
    """The reports that ``lines`` are, if they are sent in this order."""
    ledger, context = Ledger(), Context.of(load_knowledge(), chosen_agreements(Settings()))
    for line in lines:
        said = orjson.loads(line)
        claim_id = claim_id_of(said["source"], said["report_id"])
        known = claim_id in ledger.incidents
        apply(ledger, [line], context)
        founds = claim_id if claim_id in ledger.incidents and not known else ""
        key = report_key(said["source"], said["report_id"])
        yield Report(founds, (murmur2(key) & 0x7FFFFFFF) % PARTITIONS, key, line)


@dataclass
class Feeder:
    """Sends reports and notes when; :meth:`watch` notes when the assessment of an incident they founded was read."""

    settings: LiveSettings
    producer: AIOKafkaProducer
    sent_at: dict[str, float] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    late: float = 0.0
    """By how much the feed itself lagged behind its own clock at worst."""

    async def send(self, reports: Sequence[Report]) -> None:
        """Send ``reports`` at once, as one batch per partition."""
        topic = self.settings.topic(REPORTS)
        batches: dict[int, object] = {}
        for one in reports:
            batch = batches.get(one.partition) or batches.setdefault(one.partition, self.producer.create_batch())
            if batch.append(key=one.key, value=one.value, timestamp=None) is None:  # type: ignore[attr-defined]
                raise BenchError("the feed fell so far behind that a batch of it is full; ask for a lower rate")
        now = time.monotonic()
        self.sent_at.update((one.founds, now) for one in reports if one.founds)
        for partition, batch in batches.items():
            await self.producer.send_batch(batch, topic, partition=partition)

    async def feed(self, reports: Sequence[Report], rate: float) -> None:
        """Send ``reports`` at ``rate`` a second."""
        began, sent = time.monotonic(), 0
        while sent < len(reports):
            due = min(len(reports), int((time.monotonic() - began) * rate) + 1)
            if due > sent:
                self.late = max(self.late, time.monotonic() - began - sent / rate)
                await self.send(reports[sent:due])
                sent = due
            await asyncio.sleep(
                max(TICK_SECONDS if rate > 1 / TICK_SECONDS else 0.0, began + sent / rate - time.monotonic())
            )

    async def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Read assessments as they come; the first of an incident that a sent report founded makes a latency."""
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                now = time.monotonic()
                for record in records:
                    sent = self.sent_at.pop(record.key.split(b"/")[1].decode(), None)
                    if sent is not None:
                        self.latencies.append(now - sent)

    def forget(self) -> None:
        """Drop what was measured so far, the end of a warm-up."""
        self.latencies.clear()
        self.sent_at.clear()
        self.late = 0.0


@asynccontextmanager
async def feeder(settings: LiveSettings, partitions: Sequence[int]) -> AsyncIterator[Feeder]:
    """A feeder that watches the given ``partitions`` of the assessments, from their present end."""
    producer = AIOKafkaProducer(**settings.client(), acks="all", enable_idempotence=True, linger_ms=0, **ROOMY)
    consumer = AIOKafkaConsumer(**settings.client(), enable_auto_commit=False, auto_offset_reset="latest")
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(settings.topic(ASSESSMENTS), number) for number in partitions])
    for part in consumer.assignment():
        await consumer.position(part)
    made = Feeder(settings, producer)
    watching = asyncio.ensure_future(made.watch(consumer))
    try:
        yield made
    finally:
        watching.cancel()
        await consumer.stop()
        await producer.stop()
