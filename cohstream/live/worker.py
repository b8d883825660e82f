"""What a worker does with a record batch: take it in, send what it came to, keep it, then call it done.

The order is the delivery promise (ADR 0009). Outputs are acknowledged before the state knows the batch, the state
before its offsets are committed; so after a crash at any point the batch is read again, and is either unknown to the
state and told again in full, or known and told already.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from time import perf_counter

from aiokafka.partitioner import murmur2

from cohstream.domain.report import Report
from cohstream.domain.vocabulary import Stake
from cohstream.engine.batch import Outcome
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.engine.ledger import Ledger
from cohstream.errors import ReportError, StateError
from cohstream.live.belief import PartitionBelief
from cohstream.live.dead_letters import dead_letter
from cohstream.live.intake import Intake, report_key
from cohstream.live.lease import Lease
from cohstream.live.record_batch import RecordBatch, RecordBatchConsumer
from cohstream.live.rows import RowTable
from cohstream.live.ruleset import Ruleset, hold_to
from cohstream.live.settings import LiveSettings
from cohstream.live.statement import Stated, of_message, of_row
from cohstream.live.topics import CLAIMS, REJECTED, REPORTS
from cohstream.live.writer import Outbox, Outgoing, Writer
from cohstream.local.session import received_at
from cohstream.publish.metrics import Metrics

STEPS = ("taken", "outputs", "changelog", "state", "done")
"""The steps of a batch, in order; each is told to ``on_step`` once it is complete."""


class Worker:
    """The state and the steps of one worker process."""

    def __init__(
        self,
        settings: LiveSettings,
        context: Context,
        metrics: Callable[[Ledger], Metrics],
        ruleset: Ruleset,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.context = context
        self.lease = Lease(settings.session_timeout)
        self.writer = Writer(settings)
        self.beliefs: dict[int, PartitionBelief] = {}
        self.whole = Ledger()
        self.metrics = metrics(self.whole)
        self.intake_rows: RowTable
        self.claim_rows: RowTable
        self.consumer: Callable[[], RecordBatchConsumer]
        self._ruleset = ruleset
        self._on_step = on_step
        self._generation = 0

    async def start(self) -> None:
        """Take up the group's law and connect. Raises :class:`cohstream.errors.ConfigError`."""
        await hold_to(self.settings, self._ruleset)
        await self.writer.start()
        self.lease.start()

    async def stop(self) -> None:
        self.lease.stop()
        await self.writer.stop()

    async def take_reports(self, batch: RecordBatch) -> None:
        """Turn a batch of ``reports`` into claims."""
        if not self.consumer().owns(batch):
            return
        began = perf_counter()
        intake = Intake(self.context.resolver, partial(self.intake_rows.get_row, batch.partition))
        outbox, outcomes = Outbox(), Counter[tuple[str, Outcome]]()
        for record in batch.records:
            raw = record.value or b""
            try:
                report = read_report(raw)
            except ReportError as error:
                letter = dead_letter(record, error.code, str(error), "intake", self._ruleset.law)
                outbox.add(self.settings.topic(REJECTED), batch.partition, letter)
                outcomes[Stake.UNKNOWN, Outcome.REJECTED] += 1
                continue
            key = report_key(report.source, report.report_id)
            home = self._partition_of(key)
            if home != batch.partition:
                outbox.add(self.settings.topic(REPORTS), home, Outgoing(key, raw, record.headers))
                continue
            outcome = intake.take(raw, report)
            source = self.context.resolver.source[report.source]
            outcomes[report.stake or source.stake, outcome] += 1
            if outcome is Outcome.ACCEPTED:
                self._see(report, source.source_id if source.registered else "other")
        topic = self.settings.topic(CLAIMS)
        for one in intake.taken.statements:
            outbox.add(topic, self._partition_of(one.area.encode()), one.message())
        if await self._settle(batch, outbox, self.intake_rows, intake.taken.rows):
            for (stake, outcome), count in outcomes.items():
                self.metrics.count_report(stake, outcome, count)
            self.metrics.time_batch(perf_counter() - began)

    async def take_claims(self, batch: RecordBatch) -> None:
        """Turn a batch of ``claims`` into incidents, assessments, tallies and changes."""
        if not self.consumer().owns(batch):
            return
        belief = self.beliefs[batch.partition]
        if not belief.clean:
            raise StateError(f"partition {batch.partition} was left in the middle of a batch")
        outbox, statements = Outbox(), list[Stated]()
        for record in batch.records:
            try:
                statements.append(of_message(record.key, record.value, record.headers))
            except ValueError as error:
                letter = dead_letter(record, "bad_claim", str(error), "assess", self._ruleset.law)
                outbox.add(self.settings.topic(REJECTED), batch.partition, letter)
        told = belief.apply(statements)
        for noun, records in told.records.items():
            outbox.extend(self.settings.topic(noun), batch.partition, records)
        if await self._settle(batch, outbox, self.claim_rows, told.rows):
            belief.clean = True
            for change in told.changes:
                self.metrics.count_change(change.agreement, change.change)

    async def _settle(self, batch: RecordBatch, outbox: Outbox, table: RowTable, rows: dict[bytes, bytes]) -> bool:
        """Send, keep, and call the batch done; ``False`` if it is no longer ours, then another owner does it again."""
        self._on_step("taken")
        if not self._may_write(batch):
            return False
        await self.writer.write(outbox)
        self._on_step("outputs")
        if rows:
            log = Outbox()
            where = table.changelog_partition(batch.partition)
            log.extend(where.topic, where.partition, [Outgoing(key, row) for key, row in rows.items()])
            if not self._may_write(batch):
                return False
            offsets = await self.writer.write(log)
            self._on_step("changelog")
            table.put_rows(batch.partition, rows, offsets[where.topic, where.partition])
        self._on_step("state")
        self.consumer().done(batch)
        self._on_step("done")
        return True

    def _may_write(self, batch: RecordBatch) -> bool:
        """Whether we still own the batch's partition. Raises :class:`StateError` if the lease was lost."""
        if not self.lease.holds():
            raise StateError(
                f"the worker stood still for {self.lease.lost_seconds:.1f} s, longer than its session; "
                "it ends, so that it cannot write beside its successor: start it again"
            )
        return self.consumer().owns(batch)

    def forget_gauges(self) -> None:
        """Between owners nothing is reported: absent is not zero."""
        self.metrics.ready = False

    async def recover(self, owned: set[int], generation: int) -> None:
        """Be ready to serve the ``owned`` partitions under ``generation`` of the group."""
        stayed = generation == self._generation + 1
        self._generation = generation
        kept = {number: one for number, one in self.beliefs.items() if stayed and one.clean and number in owned}
        self.beliefs = kept
        for number in sorted(owned - kept.keys()):
            belief = PartitionBelief(self.context)
            for _ in belief.recover((key, of_row(key, row)) for key, row in self.claim_rows.rows(number)):
                await asyncio.sleep(0)
            self.beliefs[number] = belief
        self.metrics.ready = True

    def refresh(self) -> None:
        """Bring the whole, which metrics are derived from, up to the beliefs of all partitions."""
        ledgers = [one.ledger for one in self.beliefs.values()]
        whole = self.whole
        whole.incidents = {key: one for ledger in ledgers for key, one in ledger.incidents.items()}
        whole.judgements = {key: one for ledger in ledgers for key, one in ledger.judgements.items()}
        counts: Counter[object] = Counter()
        for ledger in ledgers:
            counts.update(ledger.counts)
        whole.counts = dict(counts)  # type: ignore[arg-type]
        whole.watermark = max((one.watermark for one in ledgers if one.watermark), default=None)
        whole.version += 1

    def _see(self, report: Report, source: str) -> None:
        received = received_at(report)
        self.metrics.see_report(source, received, (received - report.occurred.start).total_seconds())

    def _partition_of(self, key: bytes) -> int:
        """Kafka's own partitioner, as every client has it."""
        return int((murmur2(key) & 0x7FFFFFFF) % self.settings.partitions)
