"""A replay: gathered reports in order, through the engine, into a run file. It can stop after any batch and go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, NamedTuple

from cohstream.domain.assessment import Judgement
from cohstream.domain.tally import Contribution, TallyKey
from cohstream.domain.vocabulary import Policy, Stake, Verdict, Verification
from cohstream.engine.batch import Batch, Outcome
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger, Moves
from cohstream.engine.seal import needed_from, seal
from cohstream.knowledge import Knowledge
from cohstream.law import Agreement, law_digest
from cohstream.local.session import collector_at_rest
from cohstream.publish.belief import LONGEST_WINDOW, admin1_label
from cohstream.publish.digest import digest_of_lines
from cohstream.publish.metrics import Metrics
from cohstream.publish.ranges import Ranges, range_records, ranges_of
from cohstream.replay.results import Results
from cohstream.replay.run_file import RunFile

JUDGEMENTS = 4_000
"""Judgements remembered: they are some 10 KB each, and a few thousand lie between two that are asked for again."""

TOGETHER = 5_000
"""Most reports that are applied together, and read again after a crash."""

NOTHING_AHEAD = "9999"
"""Later than any day: nothing is left in the queue."""

NEXT = """
SELECT place, report, notices, claim_id, moment, ahead, last FROM queue JOIN gathered USING (seq)
WHERE place > ? ORDER BY place LIMIT ?
"""
UNSEALED = """
SELECT report, claim_id, max(last) OVER (PARTITION BY claim_id) FROM queue JOIN gathered USING (seq)
WHERE place <= :place AND claim_id IN (
    SELECT claim_id FROM queue JOIN gathered USING (seq) WHERE place <= :place AND (day >= :day OR lasting))
ORDER BY place
"""


class Next(NamedTuple):
    """One report of the queue. ``moment`` is in Unix time."""

    place: int
    report: bytes
    notices: str | None
    claim_id: str
    moment: float
    ahead: str
    last: int


class Step(NamedTuple):
    """Reports that are played together, when they are due, and the earliest local day that what follows speaks of."""

    due: datetime
    rows: list[Next]
    ahead: str


@dataclass
class Position:
    """How far a run has come: the place in the queue, the day before which all is sealed, what became of reports.

    ``watermarks`` and ``sealed_until`` are the ledger's, as ISO text.
    """

    place: int = 0
    sealed: str = ""
    accepted: int = 0
    duplicate: int = 0
    watermarks: dict[str, str] = field(default_factory=dict)
    sealed_until: dict[str, str] = field(default_factory=dict)
    finished: bool = False


class Replay:
    """One run over a gathered queue. What is final is let go, so memory holds what reports to come may still touch.

    In order of event that is the last days; in order of knowledge as much as late reports reach back to. Sums for
    gauges are kept only where they are ``shown``.
    """

    def __init__(
        self, run: RunFile, knowledge: Knowledge, agreements: Mapping[str, Agreement], context: Context, shown: bool
    ) -> None:
        self.run = run
        self.results = Results(run)
        self.position = Position(**run.get("position", {}))
        self.notices: Counter[str] = Counter(run.get("notices", {}))
        self.law, self.knowledge = law_digest(agreements), knowledge.digest
        self._agreements = agreements
        self._context = context
        self._shown = shown
        self._ledger = Ledger()
        self._believed = _Believed(self._ledger)
        self.metrics = Metrics(self._believed, agreements, labels={"run": run["id"]})

    @property
    def total(self) -> int:
        """How many reports there are to be played."""
        gathered = self.run["gathered"]
        return int(gathered["read"] - gathered["rejected"])

    def rebuild(self) -> None:
        """Take up again what an interrupted run still held in memory."""
        place, sealed = self.position.place, self.position.sealed
        batch = Batch(self._ledger, self._context)
        done = set()
        for report, claim_id, last in self.run.db.execute(
            UNSEALED, {"place": place, "day": needed_from(sealed, self._context)}
        ):
            batch.take(report)
            if last:
                done.add(claim_id)
        batch.settle()
        if sealed:
            seal(self._ledger, sealed, self._context)
        self._forget(done)
        if self._shown:
            for _, counts in self.results.daily():
                self._believed.add(counts)
        self._ledger.watermarks = _instants(self.position.watermarks)
        self._ledger.sealed_until = _instants(self.position.sealed_until)
        self.metrics.ready = True

    def steps(self, tick: float | None) -> Iterator[Step]:
        """The steps that are left; ``tick`` is the most seconds of replayed time that one spans.

        The caller applies each before it asks for the next one.
        """
        while True:
            rows = [Next(*row) for row in self.run.db.execute(NEXT, (self.position.place, TOGETHER + 1))]
            if not rows:
                return
            until = rows[0].moment + tick if tick is not None else float("inf")
            cut = next((index for index, row in enumerate(rows) if row.moment > until), min(len(rows), TOGETHER))
            ahead = rows[cut].ahead if cut < len(rows) else NOTHING_AHEAD
            yield Step(datetime.fromtimestamp(rows[0].moment, UTC), rows[:cut], ahead)

    def apply(self, step: Step) -> None:
        """Play ``step``, and keep what came of it. Raises :class:`cohstream.errors.StateError`."""
        with collector_at_rest():
            began = perf_counter()
            self._apply(step.rows, step.ahead)
            self.metrics.time_batch(perf_counter() - began)

    def _apply(self, rows: list[Next], ahead: str) -> None:
        ledger, position = self._ledger, self.position
        moves = ledger.moves = Moves()
        batch = Batch(ledger, self._context)
        for row in rows:
            receipt = batch.take(row.report)
            report = receipt.report
            assert report is not None  # it was read when it was gathered
            source = self._context.resolver.source[report.source]
            self.metrics.count_report(report.stake or source.stake or Stake.UNKNOWN, receipt.outcome)
            if receipt.outcome is Outcome.DUPLICATE:
                position.duplicate += 1
                continue
            position.accepted += 1
            self.metrics.hear(report, source)
            if row.notices:
                self.notices.update(row.notices.split("\n"))
        changes = batch.settle()
        ledger.moves = None
        for change in changes:
            self.metrics.count_change(change.agreement, change.change)
        self._forget({row.claim_id for row in rows if row.last})
        position.place = rows[-1].place
        position.watermarks = _texts(ledger.watermarks)
        sealed = max(position.sealed, min(ahead, self._oldest_shown()))
        with self.run.transaction():
            self.results.write(moves, ledger, changes, position.place)
            position.sealed, sealed_before = sealed, position.sealed
            self._keep()
        if self._shown:
            self._believed.add(moves.counts)
        if sealed > sealed_before:
            seal(ledger, sealed, self._context)
            position.sealed_until = _texts(ledger.sealed_until)  # kept with the next step; it says the same till then

    def finish(self) -> None:
        """Derive the tallies; the run is complete then."""
        with self.run.transaction():
            self.results.finish()
            self.position.finished = True
            self.run["digest"] = digest_of_lines(self.results.lines())
            self._keep()

    def summary(self) -> dict[str, Any]:
        """The object that ``cohstream replay --json`` prints; of a finished run."""
        gathered, (incidents, assessments) = self.run["gathered"], self.results.counts()
        names = ("agreement", "party", "verdict", "policy", "conduct", "weapon", "count")
        summed = [dict(zip(names, row, strict=True)) for row in self.results.summed()]
        return {
            "run": self.run["id"],
            "reports": {
                "read": gathered["read"],
                "accepted": self.position.accepted,
                "duplicate": self.position.duplicate,
                "rejected": gathered["rejected"],
            },
            "incidents": incidents,
            "assessments": assessments,
            "tallies": summed,
            "parties": list(range_records(self._ranges())),
            "notices": dict(sorted(self.notices.items())),
            "digest": self.run["digest"],
            "as_known_at": self.run.get("as_known_at"),
            "law": self.law,
            "knowledge": self.knowledge,
        }

    def _ranges(self) -> Ranges:
        sums = Counter[TallyKey]()  # a range is over all that a key says besides
        for agreement, party, verdict, policy, _, _, count in self.results.summed():
            said = agreement, party, Verdict(verdict), Policy(policy)
            sums[TallyKey(*said, conduct="", weapon="", verification=Verification.ALLEGED, area="", event_day="")] += (
                count
            )
        return ranges_of(sums, self._agreements)

    def _keep(self) -> None:
        self.run["position"] = asdict(self.position)
        self.run["notices"] = self.notices

    def _forget(self, claim_ids: set[str]) -> None:
        """Forget reports of which no further version comes; only such a one would be compared with them."""
        for claim_id in claim_ids:
            self._ledger.reports.pop(claim_id, None)

    def _oldest_shown(self) -> str:
        """The local day back to which gauges look."""
        watermark = self._ledger.watermark
        return "" if watermark is None else self._context.day_of(watermark - LONGEST_WINDOW)


class _Believed:
    """What gauges are derived from: the ledger's recent incidents, and sums over all that ever counted."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.counts: Counter[Contribution] = Counter()

    @property
    def version(self) -> object:
        return self._ledger.version

    @property
    def watermark(self) -> datetime | None:
        return self._ledger.watermark

    @property
    def watermarks(self) -> Mapping[str, datetime]:
        return self._ledger.watermarks

    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:
        return self._ledger.judged_since(instant)

    def add(self, moved: Mapping[Contribution, int]) -> None:
        """Add to the sums, by governorate and over all days."""
        for contribution, step in moved.items():
            alike = contribution._replace(area=admin1_label(contribution.area), event_day="")
            self.counts[alike] += step
            if not self.counts[alike]:
                del self.counts[alike]


def _texts(instants: Mapping[str, datetime]) -> dict[str, str]:
    return {area: instant.isoformat() for area, instant in instants.items()}


def _instants(texts: Mapping[str, str]) -> dict[str, datetime]:
    return {area: datetime.fromisoformat(text) for area, text in texts.items()}
