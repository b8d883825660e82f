"""Following the claims from their beginning, and deriving from them what the workers believe (ADR 0011)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from cohstream.domain.claim import Claim
from cohstream.engine.batch import Batch
from cohstream.engine.context import Context
from cohstream.engine.intake import Kept, Version
from cohstream.engine.ledger import Ledger
from cohstream.errors import ConfigError
from cohstream.live.ruleset import Ruleset, recorded, refuse_other
from cohstream.live.settings import LiveSettings
from cohstream.live.statement import Stated, of_message
from cohstream.live.topics import CLAIMS
from cohstream.local.session import collector_at_rest

BATCH = 500
"""Claims that are taken together; between two batches whatever else the loop has to do is done."""
POLL_MS = 500
RETRY_SECONDS = 1.0
log = logging.getLogger("cohstream.serve")


class Follower:
    """The ledger over all claims, read with an assignment of its own: it is in no group and commits nothing.

    ``caught_up`` once all is read that was there at the start. ``total`` is how many records that was, ``read`` how
    many were read, ``lag`` how many are known to wait.
    """

    def __init__(self, settings: LiveSettings, context: Context, ruleset: Ruleset) -> None:
        self.ledger = Ledger()
        self.caught_up = False
        self.total = 0
        self.read = 0
        self.lag = 0
        self._settings = settings
        self._context = context
        self._ruleset = ruleset
        self._orders: dict[str, bytes] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}

    @property
    def reports(self) -> int:
        """How many reports the claims came from."""
        return len(self._orders)

    async def follow(self) -> None:
        """Follow without end, whatever becomes of the brokers.

        Raises :class:`ConfigError` if the group's workers run under another law, knowledge or number of partitions.
        """
        await self._hold_to_ruleset()
        while True:
            try:
                await self._follow_on()
            except (KafkaError, OSError) as error:
                log.warning("the claims cannot be read: %r; trying again", error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _hold_to_ruleset(self) -> None:
        """Wait until the first worker has put the group's ruleset on record, and check ours against it."""
        while True:
            try:
                found = await recorded(self._settings)
            except ConfigError as error:
                log.warning("%s; trying again", error)
                found = None
            if found is not None:
                refuse_other(self._settings, found, self._ruleset)
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow_on(self) -> None:
        """Read on from where we are. Raises what the client raises."""
        consumer = AIOKafkaConsumer(
            **self._settings.client(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        try:
            await consumer.start()
            topic = self._settings.topic(CLAIMS)
            parts = [TopicPartition(topic, number) for number in range(self._settings.partitions)]
            consumer.assign(parts)
            await self._seek(consumer, parts)
            while True:
                fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
                self._apply([record for records in fetched.values() for record in records])
                await self._note(consumer, parts)
                await asyncio.sleep(0)
        finally:
            await consumer.stop()

    async def _seek(self, consumer: AIOKafkaConsumer, parts: Sequence[TopicPartition]) -> None:
        begins = await consumer.beginning_offsets(parts)
        if not self._ends:
            self._ends = await consumer.end_offsets(parts)
            self.total = sum(self._ends[part] - begins[part] for part in parts)
        for part in parts:
            consumer.seek(part, self._positions.get(part, begins[part]))

    async def _note(self, consumer: AIOKafkaConsumer, parts: Sequence[TopicPartition]) -> None:
        for part in parts:
            self._positions[part] = await consumer.position(part)
        self.lag = sum(max(0, (consumer.highwater(part) or 0) - self._positions[part]) for part in parts)
        if not self.caught_up and all(self._positions[part] >= end for part, end in self._ends.items()):
            self.caught_up = True
            log.info("caught up: %d claims of %d reports", self.read, self.reports)

    def _apply(self, records: Sequence[ConsumerRecord]) -> None:
        if not records:
            return
        with collector_at_rest():
            batch = Batch(self.ledger, self._context)
            for record in records:
                try:
                    self._restate(batch, of_message(record.key, record.value, record.headers))
                except ValueError as error:
                    log.warning(
                        "offset %d of %s, partition %d is no claim (%s); it is passed over",
                        record.offset,
                        record.topic,
                        record.partition,
                        error,
                    )
            batch.settle()
        self.read += len(records)

    def _restate(self, batch: Batch, one: Stated) -> None:
        """Let ``one`` hold if it is the newest word on its claim.

        A claim that moves is withdrawn from one area and stated in another under one order, on partitions that are
        read in any order. So a statement wins over a withdrawal of its order, whichever comes first.
        """
        known, former = self._orders.get(one.claim_id, b""), self.ledger.claim(one.claim_id)
        moved_here = one.order == known and former is None and one.claim is not None
        if one.order > known or moved_here:
            batch.restate(former, one.claim)
            self._orders[one.claim_id] = one.order
            self._keep(one.claim_id, one.claim)

    def _keep(self, claim_id: str, claim: Claim | None) -> None:
        if claim is None:
            self.ledger.reports.pop(claim_id, None)
        else:
            version = Version(claim.revision, claim.published_at, b"")
            self.ledger.reports[claim_id] = Kept(claim_id, version, claim)
