"""Applying a batch of reports to a ledger: intake, fuse, assess, tally.

The result depends only on the set of reports applied so far: not on their order, on duplicates, or on how
they were cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from cohstream.domain.assessment import Findings, Judgement
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.report import Report
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import Kind, Presence, Statement
from cohstream.engine.assess import facts_of
from cohstream.engine.context import Context
from cohstream.engine.describe import describe
from cohstream.engine.fuse import Cluster, block_of, cluster, seat_of
from cohstream.engine.intake import Kept, Version, claim_id_of, read_report
from cohstream.engine.ledger import Block, Ledger, Seat
from cohstream.engine.tally import contribution, move
from cohstream.errors import ReportError

Dirty = dict[Block, list[str]]
"""Blocks to be derived anew, each with the ids of the claims that came, changed or went."""

FOR_EVER = "9999"
"""Later than any day as ISO text: coverage, once stated, has no end of its own."""

# names of their own, because Python 3.11 takes 0.1 µs to find a member of an enumeration
PRESENCE, COVERAGE = Kind.PRESENCE, Statement.COVERAGE

NOTHING_SAID: frozenset[Presence] = frozenset()
NOTHING_MOVED: frozenset[str] = frozenset()


class Outcome(StrEnum):
    """What became of one record that was read."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


ACCEPTED = Outcome.ACCEPTED


class Receipt(Struct, gc=False):
    """The outcome of one record; ``code`` and ``problem`` are set when it was rejected."""

    outcome: Outcome
    raw: bytes
    report: Report | None = None
    code: str = ""
    problem: str = ""


class Change(Struct, gc=False):
    """One assessment that is new, revised or gone in ``area``; ``cause`` are the claims that moved."""

    incident_id: str
    area: str
    agreement: str
    change: str
    before: Findings | None
    after: Findings | None
    cause: tuple[str, ...]


@dataclass(slots=True)
class Applied:
    """What one batch did: a receipt per record, in order, and the changes it made."""

    receipts: list[Receipt] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def apply(ledger: Ledger, records: Iterable[bytes], context: Context) -> Applied:
    """Apply ``records`` (JSON bytes of reports) to ``ledger``; bad ones are rejected, the rest goes on."""
    batch = Batch(ledger, context)
    return Applied([batch.take(raw) for raw in records], batch.settle())


class Batch:
    """Reports that are applied together. Until :meth:`settle`, the ledger's incidents lag behind its reports.

    The more reports settle together, the less often the incidents that they share are derived anew.
    """

    def __init__(self, ledger: Ledger, context: Context) -> None:
        self._ledger = ledger
        self._context = context
        self._dirty: Dirty = {}

    def take(self, raw: bytes) -> Receipt:
        """Take in one record (JSON bytes of a report)."""
        try:
            report = read_report(raw)
        except ReportError as error:
            return Receipt(Outcome.REJECTED, raw, None, error.code, str(error))
        claim_id = claim_id_of(report.source, report.report_id)
        version = Version.of(report, raw)
        fresh = Kept(claim_id, version)
        kept = self._ledger.reports.setdefault(claim_id, fresh)
        if kept is not fresh:
            if kept.has_seen(version):
                return Receipt(Outcome.DUPLICATE, raw, report)
            if not kept.add(version):
                self._flag(kept)
                return Receipt(ACCEPTED, raw, report)
        claim = None if report.retracts else self._context.resolver.claim(report, claim_id, kept.conflicting)
        self.restate(kept.claim, claim)
        kept.claim = claim
        return Receipt(ACCEPTED, raw, report)

    def _flag(self, kept: Kept) -> None:
        """Mark the claim of a winning version that stays, if another version now conflicts with it."""
        former = kept.claim
        if former is not None and former.conflicting != kept.conflicting:
            kept.claim = replace(former, conflicting=kept.conflicting)
            self.restate(former, kept.claim)

    def restate(self, former: Claim | None, claim: Claim | None) -> None:
        """Let ``claim`` stand in the place of ``former``, for a driver that keeps claims itself."""
        if former is not None:
            _unplace(self._ledger, former, self._context, self._dirty)
        if claim is not None:
            _place(self._ledger, claim, self._context, self._dirty)

    def settle(self) -> list[Change]:
        """Bring incidents, judgements and counts up to the reports taken, and say what changed."""
        changes = _rebuild(self._ledger, self._dirty, self._context)
        self._dirty = {}
        if self._ledger.watermarks_left:
            self._ledger.find_watermarks()
        self._ledger.version += 1
        return changes


def _place(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    where = seat_of(claim.place)
    if speaks_of_presence(claim):
        seat = ledger.seats.setdefault(where, Seat())
        seat.presences[claim.claim_id] = claim
        _touch(seat, claim, context, dirty)
    else:
        key = block_of(claim, context.day_of)
        if key is None:
            return
        seat = ledger.seats.get(where) or ledger.seats.setdefault(where, Seat())
        block = seat.blocks.get(key) or seat.blocks.setdefault(key, Block(where, key))
        block.claims.append(claim)
        _mark(block, claim, dirty)
    ledger.see(where[0], claim.start)


def _unplace(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    where = seat_of(claim.place)
    if speaks_of_presence(claim):
        seat = ledger.seats[where]
        del seat.presences[claim.claim_id]
        _touch(seat, claim, context, dirty)
    else:
        key = block_of(claim, context.day_of)
        if key is None:
            return
        block = ledger.seats[where].blocks[key]
        block.claims = [one for one in block.claims if one is not claim]
        _mark(block, claim, dirty)
    if claim.start == ledger.watermarks[where[0]]:
        ledger.watermarks_left.add(where[0])


def _mark(block: Block, moved: Claim, dirty: Dirty) -> None:
    cause = dirty.get(block)
    if cause is None:
        dirty[block] = [moved.claim_id]
    else:
        cause.append(moved.claim_id)


def _touch(seat: Seat, claim: Claim, context: Context, dirty: Dirty) -> None:
    """Derive anew what a presence claim may speak of: blocks at its spot on its days, and those of no one day."""
    first = context.day_of(claim.start)
    last = FOR_EVER if claim.statement is COVERAGE else context.day_of(claim.end)
    for (day, _), block in seat.blocks.items():
        if not day or first <= day <= last:
            block.stale = True
            _mark(block, claim, dirty)


def speaks_of_presence(claim: Claim) -> bool:
    """Whether a claim says how present an excluded group is at a place, rather than what happened there."""
    return claim.kind is PRESENCE or claim.statement is COVERAGE


def _rebuild(ledger: Ledger, dirty: Dirty, context: Context) -> list[Change]:
    """Fuse, assess and tally the ``dirty`` blocks anew, and say what changed.

    All blocks together, because a claim that moves takes its incident from one block to another.
    """
    before: dict[str, tuple[Incident, list[str]]] = {}
    after: list[tuple[Incident, list[str]]] = []
    for block, cause in dirty.items():
        former = {one.incident_id: one for one in block.incidents} if block.incidents else {}
        block.incidents = _incidents_of(block, former, cause, ledger, context)
        for incident in block.incidents:
            if former and former.get(incident.incident_id) is incident:
                del former[incident.incident_id]
            else:
                after.append((incident, cause))
        for old in former.values():
            before[old.incident_id] = (old, cause)
            for member in old.members[1:]:
                del ledger.incident_of[member]
    changes: list[Change] = []
    for incident, cause in after:
        was = before.pop(incident.incident_id, None)
        if was is not None and was[0].area != incident.area:  # gone there, new here: areas know nothing of each other
            _remove(ledger, *was, changes)
            was = None
        _put(ledger, was[0] if was else None, incident, cause, context, changes)
    for gone, cause in before.values():
        _remove(ledger, gone, cause, changes)
    return changes


def _incidents_of(
    block: Block, former: Mapping[str, Incident], cause: list[str], ledger: Ledger, context: Context
) -> list[Incident]:
    """The incidents of a block whose claims moved as ``cause`` says; those of ``former`` that none touches stay."""
    seat = ledger.seats[block.where]
    if not block.claims:
        del seat.blocks[block.key]
        return []
    _, spot = block.where
    presences = seat.presences if spot else None
    lasting = {} if block.stale else former
    block.stale = False
    moved = set(cause) if lasting else NOTHING_MOVED
    made = []
    for one in cluster(block.claims, context.side_by):
        known = lasting.get(one.members[0].claim_id)
        if known is None or not _is_of(known, one) or not moved.isdisjoint(known.members):
            said = _presence_at(one, presences.values()) if presences else NOTHING_SAID
            known = describe(one, context.event_day, said)
        made.append(known)
    return made


def _is_of(incident: Incident, made: Cluster) -> bool:
    """Whether ``incident`` has the members of ``made``."""
    return incident.members == tuple([claim.claim_id for claim in (*made.members, *made.attached)])


def _presence_at(made: Cluster, presences: Iterable[Claim]) -> frozenset[Presence]:
    """What presence claims of its spot say of an event's time; coverage holds from its day on."""
    start = made.members[0].start
    return frozenset(claim.excluded_presence for claim in presences if presence_holds(claim, start))


def presence_holds(claim: Claim, start: datetime) -> bool:
    """Whether what a claim says of presence holds of an event at its spot that began at ``start``."""
    return claim.start <= start and (claim.statement is COVERAGE or start < claim.end)


def _put(
    ledger: Ledger, old: Incident | None, new: Incident, cause: list[str], context: Context, changes: list[Change]
) -> None:
    """Let ``new`` stand where ``old`` (its own former state) stood."""
    incident_id = new.incident_id
    for member in new.members[1:]:
        ledger.incident_of[member] = incident_id
    if old is not None and old == new:
        return
    former = ledger.judgements.get(incident_id)
    if old is not None and former is not None:
        _count(ledger, contribution(old, former), -1)
    judgement = context.law.judge(facts_of(new))
    ledger.incidents[incident_id] = new
    ledger.judgements[incident_id] = judgement
    _count(ledger, contribution(new, judgement), +1)
    if ledger.moves is not None:
        ledger.moves.note(incident_id, old, new)
    if judgement is not former:
        _compare(new, former, judgement, cause, changes)


def _remove(ledger: Ledger, gone: Incident, cause: list[str], changes: list[Change]) -> None:
    del ledger.incidents[gone.incident_id]
    former = ledger.judgements.pop(gone.incident_id)
    _count(ledger, contribution(gone, former), -1)
    if ledger.moves is not None:
        ledger.moves.note(gone.incident_id, gone, None)
    _compare(gone, former, None, cause, changes)


def _count(ledger: Ledger, moved: Contribution, step: int) -> None:
    move(ledger.counts, moved, step)
    if ledger.moves is not None:
        ledger.moves.counts[moved] = ledger.moves.counts.get(moved, 0) + step


def _compare(
    incident: Incident, former: Judgement | None, now: Judgement | None, cause: list[str], changes: list[Change]
) -> None:
    """Add to ``changes`` what differs between two judgements of ``incident``."""
    judged = former or now
    moved = tuple(cause)
    for agreement in judged.by_agreement if judged else ():
        before = former.by_agreement[agreement] if former else None
        after = now.by_agreement[agreement] if now else None
        if before != after:
            word = "new" if before is None else "retracted" if after is None else "revised"
            changes.append(Change(incident.incident_id, incident.area, agreement, word, before, after, moved))
