"""A session of the embedded driver: a ledger, the log behind it, and the metrics beside it."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from cohstream.domain.canonical import canonical_json, utc_text
from cohstream.domain.published_total import notices_of_total
from cohstream.domain.vocabulary import Stake
from cohstream.engine.batch import Batch, Change, Outcome, Receipt
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.errors import ConfigError, StateError
from cohstream.importers import Row
from cohstream.knowledge import load_knowledge
from cohstream.law import Agreement, law_digest, load_agreements
from cohstream.local.as_known import AsKnown
from cohstream.local.store import Rejected, Store, StoredChange, StoredReport
from cohstream.publish.digest import digest
from cohstream.publish.metrics import Metrics
from cohstream.publish.ranges import range_records, ranges_of
from cohstream.publish.records import change_record
from cohstream.publish.turn import Earlier, Key, Moved, Said, Step, Turn, mark_of

REBUILD_BATCH = 50_000


@dataclass(frozen=True)
class Settings:
    """What a session is made of; ``agreements`` empty means every agreement that is not a draft.

    ``looking``: the state is looked at and left as it is, whatever the agreements. ``as_known_at``: of the
    rows given, only those are taken that had been received by then.
    """

    agreements: tuple[str, ...] = ()
    agreement_directories: tuple[Path, ...] = ()
    state: Path | None = None
    looking: bool = False
    as_known_at: datetime | None = None


@dataclass
class Counts:
    """What became of the records read in this session."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    problems: list[Rejected] = field(default_factory=list)

    PROBLEMS_SHOWN = 20

    @property
    def read(self) -> int:
        return sum(self.outcomes.values())


class Session:
    """Feeds rows to the engine and keeps the log. One at a time per state directory."""

    def __init__(self, settings: Settings) -> None:
        self.knowledge = load_knowledge()
        self.agreements = chosen_agreements(settings)
        self.law = law_digest(self.agreements)
        self.ledger = Ledger()
        self.counts = Counts()
        self.store = Store.open(settings.state)
        self._looking = settings.looking
        self.as_known = None if settings.as_known_at is None else AsKnown(settings.as_known_at)
        self.outlasts_us = settings.state is not None
        self._failure: StateError | None = None
        self.context = Context.of(self.knowledge, self.agreements)
        self.metrics = Metrics(self.ledger, self.agreements)

    def rebuild(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Derive the ledger from the log of an earlier session, tell what law or knowledge changed, then be ready."""
        began = perf_counter()
        stored = (entry.report for entry in self.store.reports())
        while batch := list(islice(stored, REBUILD_BATCH)):
            with collector_at_rest():
                together = Batch(self.ledger, self.context)
                for raw in batch:
                    together.take(raw)
                together.settle()
            progress(len(batch))
        if not self._looking:
            self._take_up()
        self.metrics.time_recovery(perf_counter() - began)
        self.metrics.ready = True

    def _take_up(self) -> None:
        """Go on under our law and knowledge: what they say otherwise than those of the last session is told."""
        now = {"law": self.law, "knowledge": self.knowledge.digest}
        former = {name: self.store.meta(name) for name in now}
        steps = {name: Step(former[name], now[name]) for name in now if former[name] not in (None, now[name])}
        if steps:
            turn, where = Turn(**steps), f"turn at {self.store.changes_kept()}".encode()
            moved = list(self._moved())
            self.store.append((), (), [_stored(canonical_json(one.record(turn)), where, one.mark) for one in moved])
            for one in moved:
                self.metrics.count_change(one.key[2], one.change)
        for name, digest_now in now.items():
            self.store.set_meta(name, digest_now)

    def take(self, rows: Iterable[Row], on_receipt: Callable[[Receipt], None] = lambda _: None) -> list[Change]:
        """Apply one batch of rows and commit it to the log; ``on_receipt`` is told what each row was, in order.

        Raises :class:`cohstream.errors.StateError`; then the ledger is ahead of the log, and the session is over.
        """
        if self._failure is not None:
            raise self._failure
        began = perf_counter()
        try:
            with collector_at_rest():
                changes = self._take(rows, on_receipt)
        except StateError as error:
            self._failure = error
            raise
        self.metrics.time_batch(perf_counter() - began)
        return changes

    def _take(self, rows: Iterable[Row], on_receipt: Callable[[Receipt], None]) -> list[Change]:
        batch = Batch(self.ledger, self.context)
        accepted: list[StoredReport] = []
        rejected: list[Rejected] = []
        for row in rows if self.as_known is None else self.as_known.rows(rows):
            if row.report is None:
                receipt = Receipt(Outcome.REJECTED, row.raw, None, row.code or "bad_row", row.problem or "")
            else:
                receipt = batch.take(row.report)
            on_receipt(receipt)
            self.counts.outcomes[receipt.outcome] += 1
            if receipt.outcome is Outcome.REJECTED:
                self.metrics.count_report(Stake.UNKNOWN, Outcome.REJECTED)
                self.metrics.count_rejected("intake", receipt.code)
                rejected.append(Rejected(row.position, receipt.code, receipt.problem, row.raw))
            else:
                self._see(row, receipt, accepted)
        changes = batch.settle()
        room = Counts.PROBLEMS_SHOWN - len(self.counts.problems)
        self.counts.problems += rejected[: max(room, 0)]
        batch_id = str(self.store.reports_kept() + len(accepted)).encode()
        self.store.append(accepted, rejected, [self._stored(change, batch_id) for change in changes])
        return changes

    def _see(self, row: Row, receipt: Receipt, accepted: list[StoredReport]) -> None:
        report = receipt.report
        assert report is not None
        source = self.context.resolver.source[report.source]
        self.metrics.count_report(report.stake or source.stake, receipt.outcome)
        if receipt.outcome is Outcome.DUPLICATE:
            return
        self.counts.notices.update(row.notices)
        if report.count is not None:
            self.counts.notices.update(notices_of_total(report.count))
        received = self.metrics.hear(report, source)
        original = row.raw if row.raw != row.report else None
        accepted.append(StoredReport(utc_text(received), row.position, receipt.raw, original))

    def _stored(self, change: Change, batch_id: bytes) -> StoredChange:
        self.metrics.count_change(change.agreement, change.change)
        mark = None if change.after is None else mark_of(change.after)
        return _stored(canonical_json(change_record(change)), batch_id, mark)

    def _moved(self) -> Iterator[Moved]:
        """What is believed otherwise than it was told."""
        ledger, earlier = self.ledger, Earlier(_told(self.store.changes_told()))
        for one in ledger.assessments():
            key = ledger.incidents[one.incident_id].area, one.incident_id, one.agreement
            moved = earlier.move(key, one.findings)
            if moved is not None:
                yield moved
        yield from earlier.gone()

    def summary(self) -> dict[str, Any]:
        """The object that ``cohstream run --json`` prints."""
        tallies: Counter[tuple[str, ...]] = Counter()
        current = self.ledger.tallies()
        for key, count in current.items():
            tallies[(key.agreement, key.party, key.verdict, key.policy, key.conduct, key.weapon)] += count
        names = ("agreement", "party", "verdict", "policy", "conduct", "weapon")
        outcomes = self.counts.outcomes
        return {
            "reports": {
                "read": self.counts.read,
                **{outcome.value: outcomes[outcome] for outcome in Outcome},
            },
            "incidents": len(self.ledger.incidents),
            "assessments": sum(len(one.by_agreement) for one in self.ledger.judgements.values()),
            "tallies": [
                {**dict(zip(names, key, strict=True)), "count": count} for key, count in sorted(tallies.items())
            ],
            "parties": list(range_records(ranges_of(current, self.agreements))),
            "notices": dict(sorted(self.counts.notices.items())),
            "digest": digest(self.ledger),
            **self.reading(),
            "law": self.law,
            "knowledge": self.knowledge.digest,
        }

    def reading(self) -> dict[str, Any]:
        """Which reading of the reports this is: as known at a moment, or, ``null``, by all that was received."""
        if self.as_known is None:
            return {"as_known_at": None}
        return {"as_known_at": utc_text(self.as_known.moment), "later": self.as_known.later}

    def close(self) -> None:
        self.store.close()


def _stored(body: bytes, where: bytes, mark: bytes | None) -> StoredChange:
    """A change with its id: the same change told elsewhere (``where`` it was made) is another one."""
    return StoredChange(sha256(where + b"\0" + body).hexdigest()[:32], body, mark)


def _told(changes: Iterable[StoredChange]) -> dict[Key, Said]:
    """What a reader of all ``changes`` holds at the end."""
    held: dict[Key, Said] = {}
    for change in changes:
        said = orjson.loads(change.body)
        key = said["area"], said["incident_id"], said["agreement"]
        if said["after"] is None:
            held.pop(key, None)
        else:
            held[key] = Said(said["after"], change.findings)
    return held


def chosen_agreements(settings: Settings) -> dict[str, Agreement]:
    """The agreements to hold incidents against. Raises ConfigError for an unknown name, DataError for bad YAML."""
    known = load_agreements(settings.agreement_directories)
    if not settings.agreements:
        return {name: agreement for name, agreement in known.items() if not agreement.waits_to_be_named}
    for name in settings.agreements:
        if name not in known:
            raise ConfigError(f"there is no agreement {name!r}; known are: {', '.join(sorted(known))}")
    return {name: known[name] for name in sorted(set(settings.agreements))}


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector off while a batch is applied, and what the batch leaves behind out of its sight.

    Beliefs live on and form no cycles; scanning millions of them again and again took half the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def batches(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Rows in lists of at most ``size``."""
    while batch := list(islice(rows, size)):
        yield batch
