"""Applying a batch of reports to a ledger: intake, fuse, assess, tally.

The result depends only on the set of reports applied so far: not on their order, on duplicates, or on how
they were cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from cohstream.domain.assessment import Findings, Judgement
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.report import Report
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import Kind, Statement
from cohstream.engine.assess import facts_of
from cohstream.engine.context import Context
from cohstream.engine.intake import Kept, Version, claim_id_of, read_report
from cohstream.engine.ledger import Changed, Evidence, Ledger, Seat
from cohstream.engine.neighbours import forget, look, look_again
from cohstream.engine.notices import post
from cohstream.engine.placing import seat_of, speaks_of_event
from cohstream.engine.settle import Settlement
from cohstream.engine.tally import contribution, move
from cohstream.errors import ReportError

FOR_EVER = "9999"
"""Later than any day as ISO text: coverage, once stated, has no end of its own."""

# names of their own, because Python 3.11 takes 0.1 µs to find a member of an enumeration
PRESENCE, COVERAGE, NOTIFICATION = Kind.PRESENCE, Statement.COVERAGE, Statement.NOTIFICATION


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
        self._settlement = Settlement(ledger, context)

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
            _move(self._settlement, self._ledger, former, self._context, -1)
        if claim is not None:
            _move(self._settlement, self._ledger, claim, self._context, +1)

    def settle(self) -> list[Change]:
        """Bring incidents, judgements and counts up to the reports taken, and say what changed."""
        changes = _rebuild(self._ledger, self._settlement, self._context)
        self._settlement = Settlement(self._ledger, self._context)
        if self._ledger.watermarks_left:
            self._ledger.find_watermarks()
        self._ledger.version += 1
        return changes


def _move(settlement: Settlement, ledger: Ledger, claim: Claim, context: Context, step: int) -> None:
    """Let ``claim`` lie where it belongs (``step`` 1), or take it from there (-1)."""
    if speaks_of_presence(claim):
        seat = ledger.seats.setdefault(seat_of(claim.place), Seat())
        changed = seat.hear(claim) if step > 0 else seat.forget(claim)
        if changed is not None:
            _touch(settlement, seat, claim, changed, context)
    elif claim.order is not None:
        settlement.order(claim, step)
        return
    elif not speaks_of_event(claim):
        if claim.statement is NOTIFICATION:
            post(ledger, claim, step)
        return
    elif step > 0:
        settlement.place(claim)
    else:
        settlement.unplace(claim)
    area = claim.place.area
    if step > 0:
        ledger.see(area, claim.start)
    elif claim.start == ledger.watermarks[area]:
        ledger.watermarks_left.add(area)


def _touch(settlement: Settlement, seat: Seat, claim: Claim, changed: Changed, context: Context) -> None:
    """Derive anew what a presence claim ``changed``: blocks at its spot on those days, and what is of no one day."""
    first = context.day_of(changed[0])
    last = FOR_EVER if changed[1] is None else context.day_of(changed[1])
    for (day, _), block in seat.blocks.items():
        if not day or first <= day <= last:
            block.stale = True
            settlement.mark(block, claim)
    for wide in seat.wides.values():
        if not wide.let_in and first <= wide.fields[-1][1] and wide.fields[0][1] <= last:
            settlement.mark_wide(wide, claim)


def speaks_of_presence(claim: Claim) -> bool:
    """Whether a claim says how present an excluded group is at a place, rather than what happened there."""
    return claim.kind is PRESENCE or claim.statement is COVERAGE


def _rebuild(ledger: Ledger, settlement: Settlement, context: Context) -> list[Change]:
    """Fuse, assess and tally anew what the claims of ``settlement`` touch, and say what changed.

    All together, because a claim that moves takes its incident from one block to another.
    """
    settlement.derive()
    before = settlement.before
    moved = [*before.values(), *settlement.after] if ledger.claimants else []
    changes: list[Change] = []
    for incident, cause in settlement.after:
        was = before.pop(incident.incident_id, None)
        if was is not None and was[0].area != incident.area:  # gone there, new here: areas know nothing of each other
            _remove(ledger, *was, changes)
            was = None
        _put(ledger, was[0] if was else None, incident, cause, context, changes)
    for gone, cause in before.values():
        _remove(ledger, gone, cause, changes)
    for incident, evidence, cause in look_again(ledger, moved, context):
        _judge_again(ledger, incident, evidence, cause, context, changes)
    ledger.notices_moved.clear()
    return changes


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
    claims = new.circumstances or (old is not None and old.circumstances)
    facts = facts_of(new, look(ledger, old, new, context)) if claims else facts_of(new)
    judgement = context.law.judge(facts)
    ledger.incidents[incident_id] = new
    ledger.judgements[incident_id] = judgement
    _count(ledger, contribution(new, judgement), +1)
    if ledger.moves is not None:
        ledger.moves.note(incident_id, old, new)
    if judgement is not former:
        _compare(new, former, judgement, cause, changes)


def _judge_again(
    ledger: Ledger, incident: Incident, evidence: Evidence, cause: list[str], context: Context, changes: list[Change]
) -> None:
    """Judge ``incident``, which is as it was, by what it finds near it now."""
    former = ledger.judgements[incident.incident_id]
    judgement = context.law.judge(facts_of(incident, evidence))
    if judgement is former:
        return
    _count(ledger, contribution(incident, former), -1)
    ledger.judgements[incident.incident_id] = judgement
    _count(ledger, contribution(incident, judgement), +1)
    if ledger.moves is not None:
        ledger.moves.note(incident.incident_id, incident, incident)
    _compare(incident, former, judgement, cause, changes)


def _remove(ledger: Ledger, gone: Incident, cause: list[str], changes: list[Change]) -> None:
    if gone.circumstances:
        forget(ledger, gone)
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
