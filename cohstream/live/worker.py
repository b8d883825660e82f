"""What a worker does with a record batch: take it in, send what it came to, keep it, then call it done.

The order is the delivery promise (ADR 0010). Outputs are acknowledged before the state knows the batch, the state
before its offsets are committed; so after a crash at any point the batch is read again, and is either unknown to the
state and told again in full, or known and told already.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from cohstream.domain.vocabulary import Stake
from cohstream.engine.batch import Outcome
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.engine.memory import Remembered
from cohstream.errors import ReportError, StateError
from cohstream.live.begun import BEGUN_KEY, NO_AREA, NOTHING_BEGUN, Begun, Cutter, begun_of
from cohstream.live.belief import PartitionBelief
from cohstream.live.dead_letters import dead_letter
from cohstream.live.intake import Intake, report_key
from cohstream.live.lease import Lease
from cohstream.live.record_batch import RecordBatch, RecordBatchConsumer
from cohstream.live.retelling import LAW_KEY, Published, Retelling, published, told_under
from cohstream.live.rows import RowTable
from cohstream.live.ruleset import Ruleset, hold_to, recorded, refuse_other
from cohstream.live.settings import LiveSettings
from cohstream.live.statement import Stated, of_message, of_row
from cohstream.live.topics import CLAIMS, REJECTED, REPORTS, WATERMARKS
from cohstream.live.watermarks import Watermarks, watermark_record
from cohstream.live.whole import Whole
from cohstream.live.writer import Outbox, Outgoing, Writer, partition_of
from cohstream.publish.belief import AgreementInfo
from cohstream.publish.metrics import Metrics
from cohstream.publish.work import Share

STEPS = ("taken", "begun", "outputs", "changelog", "state", "done")
"""The steps of a batch, in order; each is told to ``on_step`` once it is complete, as ``claims outputs``."""

LAW_STEPS = ("changes", "beliefs")
"""The steps of telling a partition anew under another law, told to ``on_step`` as ``law changes``."""

BAD_CLAIM = "bad_claim"

COLLECT_SELDOM = (50_000, 20, 50)
"""Thresholds of the garbage collector: what batches leave behind lives on and forms no cycles."""


@dataclass
class Owned:
    """A partition of claims that we own: what is believed of it, under which epoch, and where its batches are cut."""

    belief: PartitionBelief
    epoch: int
    cutter: Cutter


class Lane:
    """What a stage writes by: a producer of its own, so that stages do not wait for each other, and its table."""

    rows: RowTable

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    async def log(self, partition: int, rows: Mapping[bytes, bytes]) -> int:
        """Write ``rows`` of a partition to the changelog; returns the last one's offset."""
        where = self.rows.changelog_partition(partition)
        outbox = Outbox()
        outbox.extend(where.topic, where.partition, [Outgoing(key, row) for key, row in rows.items()])
        offsets = await self.writer.write(outbox)
        return offsets[where.topic, where.partition]


class Worker:
    """The state and the steps of one worker process."""

    def __init__(
        self,
        settings: LiveSettings,
        context: Context,
        agreements: Mapping[str, AgreementInfo],
        ruleset: Ruleset,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.context = context
        self.lease = Lease(settings.session_timeout)
        self.intake, self.claims = (Lane(Writer(settings, self.lease.holds)) for _ in range(2))
        self.owned: dict[int, Owned] = {}
        self.watermarks = Watermarks(settings)
        self.whole = Whole({}, self.watermarks.known)
        self.metrics = Metrics(self.whole, agreements)
        self.metrics.share = self.share
        self.metrics.count_rejected("assess", BAD_CLAIM, 0)  # so that the first one is seen as a rise
        self.consumer: Callable[[], RecordBatchConsumer]
        self._ruleset = ruleset
        self._on_step = on_step
        self._generation = 0
        self._assigned_at: float | None = None
        self._home_of_area = Remembered[str, int](lambda area: self._partition_of(area.encode()))

    async def start(self) -> None:
        """Take up the group's law and connect. Raises :class:`cohstream.errors.ConfigError`."""
        await hold_to(self.settings, self._ruleset)
        gc.set_threshold(*COLLECT_SELDOM)
        for lane in (self.intake, self.claims):
            await lane.writer.start()
        await self.watermarks.start()
        self.lease.start()

    async def stop(self) -> None:
        self.lease.stop()
        await self.watermarks.stop()
        for lane in (self.intake, self.claims):
            await lane.writer.stop()

    async def take_reports(self, batch: RecordBatch) -> None:
        """Turn a batch of ``reports`` into claims."""
        if not self.consumer().begin(batch):
            return
        began = perf_counter()
        intake = Intake(self.context.resolver, partial(self.intake.rows.get_row, batch.partition))
        outbox, outcomes, refused = Outbox(), Counter[tuple[str, Outcome]](), list[str]()
        for record in batch.records:
            raw = record.value or b""
            try:
                report = read_report(raw)
            except ReportError as error:
                letter = dead_letter(record, error.code, str(error), "intake", self._ruleset.law)
                outbox.add(self.settings.topic(REJECTED), batch.partition, letter)
                outcomes[Stake.UNKNOWN, Outcome.REJECTED] += 1
                refused.append(error.code)
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
                self.metrics.hear(report, source)
        topic = self.settings.topic(CLAIMS)
        for one in intake.taken.statements:
            outbox.add(topic, self._home_of_area[one.area], one.message())
        if await self._settle(batch, outbox, self.intake, intake.taken.rows):
            for (stake, outcome), count in outcomes.items():
                self.metrics.count_report(stake, outcome, count)
            for code in refused:
                self.metrics.count_rejected("intake", code)
            self.metrics.time_batch(perf_counter() - began)

    async def take_claims(self, batch: RecordBatch) -> None:
        """Turn a batch of ``claims`` into incidents, assessments, tallies and changes."""
        if not self.consumer().begin(batch):
            return
        owned = self.owned[batch.partition]
        for records in owned.cutter.cut(batch.records):
            if not await self._assess(batch._replace(records=records), owned):
                return

    async def _assess(self, batch: RecordBatch, owned: Owned) -> bool:
        """Take one batch of claims through all its steps; ``False`` if its partition is no longer ours."""
        belief = owned.belief
        if not belief.clean:
            raise StateError(f"partition {batch.partition} was left in the middle of a batch; start the worker again")
        outbox, statements, refused = Outbox(), list[Stated](), 0
        for record in batch.records:
            try:
                statements.append(of_message(record.key, record.value, record.headers))
            except ValueError as error:
                letter = dead_letter(record, BAD_CLAIM, str(error), "assess", self._ruleset.law)
                outbox.add(self.settings.topic(REJECTED), batch.partition, letter)
                refused += 1
        begun = Begun(owned.epoch, batch.records[0].offset, batch.records[-1].offset)
        former = belief.watermark
        told = belief.apply(statements, begun, batch.partition)
        if belief.watermark != former:
            told_now = watermark_record(batch.partition, belief.watermark, begun)
            outbox.add(self.settings.topic(WATERMARKS), 0, told_now)
        for noun, records in told.records.items():
            outbox.extend(self.settings.topic(noun), batch.partition, records)
        if not await self._settle(batch, outbox, self.claims, told.rows, {BEGUN_KEY: begun.row()}):
            return False
        belief.clean = True
        self.whole.changed()
        self.metrics.count_rejected("assess", BAD_CLAIM, refused)
        for change in told.changes:
            self.metrics.count_change(change.agreement, change.change)
        return True

    async def _settle(
        self,
        batch: RecordBatch,
        outbox: Outbox,
        lane: Lane,
        rows: dict[bytes, bytes],
        begun: Mapping[bytes, bytes] | None = None,
    ) -> bool:
        """Send, keep, and call the batch done; ``False`` if it is no longer ours, then another owner does it again.

        ``begun`` is a row that has to be kept before anything is sent.
        """
        self._step(batch, "taken")
        if begun and outbox.records and await self._log(batch, lane, begun) is None:
            return False
        self._step(batch, "begun")
        if not self._may_write(batch):
            return False
        await lane.writer.write(outbox)
        self._step(batch, "outputs")
        if rows:
            offset = await self._log(batch, lane, rows)
            if offset is None:
                return False
            self._step(batch, "changelog")
            lane.rows.put_rows(batch.partition, {**rows, **(begun or {})}, offset)
        self._step(batch, "state")
        self.consumer().done(batch)
        self._step(batch, "done")
        return True

    async def _log(self, batch: RecordBatch, lane: Lane, rows: Mapping[bytes, bytes]) -> int | None:
        """Write ``rows`` to the changelog; returns the last one's offset, or ``None`` if the batch is not ours."""
        if not self._may_write(batch):
            return None
        return await lane.log(batch.partition, rows)

    def _step(self, batch: RecordBatch, step: str) -> None:
        self._on_step(f"{batch.topic.removeprefix(self.settings.prefix + '.').split('.')[0]} {step}")

    def _may_write(self, batch: RecordBatch) -> bool:
        """Whether we still own the batch's partition. Raises :class:`StateError` if the lease was lost."""
        self._must_hold_lease()
        return self.consumer().owns(batch)

    def _must_hold_lease(self) -> None:
        if not self.lease.holds():
            raise StateError(
                f"the worker stood still for {self.lease.lost_seconds:.1f} s, longer than its session; "
                "it ends, so that it cannot write beside its successor: start it again"
            )

    def forget_gauges(self) -> None:
        """Between owners nothing is reported: absent is not zero."""
        self.metrics.ready = False

    def begin_recovery(self) -> None:
        """Partitions were assigned; :meth:`recover` follows once their rows are here."""
        self.metrics.count_rebalance()
        self._assigned_at = perf_counter()

    def share(self) -> Share:
        """What part of the partitions is believed here, and what is not done yet of those assigned to us."""
        nouns = {self.settings.topic(noun): noun for noun in (REPORTS, CLAIMS)}
        behind = self.consumer().lag(nouns) if self._assigned_at is not None else ()
        lag = {(nouns[tp.topic], tp.partition): records for tp, records in behind}
        return Share(len(self.owned) if self.metrics.ready else 0, self.settings.partitions, lag)

    async def recover(self, partitions: set[int], generation: int) -> None:
        """Be ready to serve ``partitions`` of claims under ``generation`` of the group.

        What they were told under another law is told anew first. Raises :class:`cohstream.errors.ConfigError` if the
        group took up another law meanwhile.
        """
        found = await recorded(self.settings)
        if found is not None:
            refuse_other(self.settings, found, self._ruleset)
        stayed = generation == self._generation + 1
        self._generation = generation
        limit = self.settings.claims_in_memory // max(1, len(partitions))
        retellings = await self._retellings(partitions, generation)
        owned = {}
        for number in sorted(partitions):
            begun = begun_of(self.claims.rows.get_row(number, BEGUN_KEY))
            former = self.owned.get(number)
            if stayed and former is not None and former.belief.clean:
                owned[number] = Owned(former.belief, former.epoch, Cutter(begun))
                continue
            belief = PartitionBelief(self.context, partial(self._stored, number), limit)
            retelling = retellings.get(number)
            for area, ledger in belief.recover(self._stored(number)):
                if retelling is not None:
                    retelling.tell(area, ledger)
                    if retelling.is_full:
                        await self._retell(retelling)
                await asyncio.sleep(0)
            if retelling is not None:
                retelling.finish()
                await self._retell(retelling)
                rows = {LAW_KEY: retelling.now.row()}
                self.claims.rows.put_rows(number, rows, await self.claims.log(number, rows))
            owned[number] = Owned(belief, self._epoch(begun, generation), Cutter(begun))
        self.owned = owned
        self.whole.beliefs = {number: one.belief for number, one in owned.items()}
        self.whole.changed()
        gc.freeze()
        if self._assigned_at is not None:
            self.metrics.time_recovery(perf_counter() - self._assigned_at)
        self.metrics.ready = True

    async def _retellings(self, partitions: set[int], generation: int) -> dict[int, Retelling]:
        """For each of ``partitions`` that was not told under our law what it takes to do so."""
        rows, law = self.claims.rows, self._ruleset.law
        former = {number: told_under(rows.get_row(number, LAW_KEY)) for number in partitions}
        turned = {number: one for number, one in former.items() if one is None or one.law != law}
        begun = {number: begun_of(rows.get_row(number, BEGUN_KEY)) for number in turned}
        said = await published(self.settings, [number for number, one in begun.items() if one != NOTHING_BEGUN])
        retellings = {}
        for number, one in turned.items():
            revision = begun[number]._replace(epoch=self._epoch(begun[number], generation)).revision
            retellings[number] = Retelling(number, one, law, said.get(number, Published()), revision)
        return retellings

    async def _retell(self, retelling: Retelling) -> None:
        """Send what waits. Changes first: once an assessment is out, nobody could say any more what it was before."""
        for step, records in zip(LAW_STEPS, (retelling.changes, retelling.beliefs), strict=True):
            self._must_hold_lease()
            outbox = Outbox()
            for noun, some in records.items():
                outbox.extend(self.settings.topic(noun), retelling.partition, some)
            await self.claims.writer.write(outbox)
            self._on_step(f"law {step}")
        for agreement, change in retelling.counted:
            self.metrics.count_change(agreement, change)
        retelling.written()

    @staticmethod
    def _epoch(begun: Begun, generation: int) -> int:
        return max(begun.epoch + 1, generation)

    def _stored(self, partition: int, area: str = "") -> Iterator[Stated]:
        """The statements kept of a partition, or of one of its areas, in order of area."""
        rows = self.claims.rows.rows(partition, f"{area}\0".encode() if area else b"")
        return (of_row(key, row) for key, row in rows if not key.startswith(NO_AREA))

    def _partition_of(self, key: bytes) -> int:
        return partition_of(key, self.settings.partitions)
