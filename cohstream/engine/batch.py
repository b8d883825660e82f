"""Applying a batch of reports to a ledger: intake, fuse, assess, tally.

The result depends only on the set of reports applied so far: not on their order, on duplicates, or on how
they were cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from msgspec.structs import replace

from cohstream.domain.assessment import Findings, Judgement
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.report import Report
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

Moved = dict[Kept, Report | None]
"""Reports of which a version came, each with its new winner, or ``None`` if only a flag may change."""

NOTHING_SAID: frozenset[Presence] = frozenset()


class Outcome(StrEnum):
    """What became of one record that was read."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Receipt(NamedTuple):
    """The outcome of one record; ``code`` and ``problem`` are set when it was rejected."""

    outcome: Outcome
    raw: bytes
    report: Report | None = None
    code: str = ""
    problem: str = ""


class Change(NamedTuple):
    """One assessment that is new, revised or gone; ``cause`` are the claims that moved."""

    incident_id: str
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
    applied = Applied()
    moved: Moved = {}
    for raw in records:
        applied.receipts.append(_receive(ledger, raw, moved))
    dirty: Dirty = {}
    for kept, winner in moved.items():
        _restate(ledger, kept, winner, context, dirty)
    applied.changes = _rebuild(ledger, dirty, context)
    ledger.version += 1
    return applied


def _receive(ledger: Ledger, raw: bytes, moved: Moved) -> Receipt:
    """Take in one record."""
    try:
        report = read_report(raw)
    except ReportError as error:
        return Receipt(Outcome.REJECTED, raw, None, error.code, str(error))
    claim_id = claim_id_of(report.source, report.report_id)
    version = Version.of(report, raw)
    kept = ledger.reports.get(claim_id)
    if kept is None:
        kept = ledger.reports[claim_id] = Kept(claim_id, version)
        moved[kept] = report
    elif kept.has_seen(version):
        return Receipt(Outcome.DUPLICATE, raw, report)
    elif kept.add(version):
        moved[kept] = report
    else:
        moved.setdefault(kept, None)
    return Receipt(Outcome.ACCEPTED, raw, report)


def _restate(ledger: Ledger, kept: Kept, winner: Report | None, context: Context, dirty: Dirty) -> None:
    """Put the claim of a report's new winning version in the place of its former one."""
    former = kept.claim
    if winner is None:
        if former is None or former.conflicting == kept.conflicting:
            return
        kept.claim = replace(former, conflicting=kept.conflicting)
    elif winner.retracts:
        kept.claim = None
    else:
        kept.claim = context.resolver.claim(winner, kept.claim_id, kept.conflicting)
    if former is not None:
        _unplace(ledger, former, context, dirty)
    if kept.claim is not None:
        _place(ledger, kept.claim, context, dirty)


def _place(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    if ledger.watermark is None or claim.start > ledger.watermark:
        ledger.watermark = claim.start
    if speaks_of_presence(claim):
        seat = ledger.seats.setdefault(seat_of(claim), Seat())
        seat.presences[claim.claim_id] = claim
        _touch(seat, claim, context, dirty)
        return
    key = block_of(claim, context.day_of)
    if key is None:
        return
    where = key.seat
    seat = ledger.seats.get(where) or ledger.seats.setdefault(where, Seat())
    block = seat.blocks.get(key) or seat.blocks.setdefault(key, Block(key))
    block.claims.append(claim)
    dirty.setdefault(block, []).append(claim.claim_id)


def _unplace(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    if speaks_of_presence(claim):
        seat = ledger.seats[seat_of(claim)]
        del seat.presences[claim.claim_id]
        _touch(seat, claim, context, dirty)
        return
    key = block_of(claim, context.day_of)
    if key is not None:
        block = ledger.seats[key.seat].blocks[key]
        block.claims = [one for one in block.claims if one is not claim]
        dirty.setdefault(block, []).append(claim.claim_id)


def _touch(seat: Seat, claim: Claim, context: Context, dirty: Dirty) -> None:
    """Derive anew what a presence claim may speak of: blocks at its spot from its day on, and those of no one day."""
    from_day = context.day_of(claim.start)
    for block in seat.blocks.values():
        if not block.key.day or block.key.day >= from_day:
            dirty.setdefault(block, []).append(claim.claim_id)


def speaks_of_presence(claim: Claim) -> bool:
    """Whether a claim says how present an excluded group is at a place, rather than what happened there."""
    return claim.kind is Kind.PRESENCE or claim.statement is Statement.COVERAGE


def _rebuild(ledger: Ledger, dirty: Dirty, context: Context) -> list[Change]:
    """Fuse, assess and tally the ``dirty`` blocks anew, and say what changed.

    All blocks together, because a claim that moves takes its incident from one block to another.
    """
    before: dict[str, tuple[Incident, list[str]]] = {}
    after: list[tuple[Incident, list[str]]] = []
    for block, cause in dirty.items():
        for old in block.incidents:
            before[old.incident_id] = (old, cause)
            for member in old.members[1:]:
                del ledger.incident_of[member]
        seat = ledger.seats[block.key.seat]
        if not block.claims:
            del seat.blocks[block.key]
            continue
        presences = seat.presences if block.key.spot else None
        block.incidents = [
            describe(one, context.event_day, _presence_at(one, presences.values()) if presences else NOTHING_SAID)
            for one in cluster(block.claims, context.camp_of)
        ]
        after += [(incident, cause) for incident in block.incidents]
    changes: list[Change] = []
    for incident, cause in after:
        former = before.pop(incident.incident_id, None)
        _put(ledger, None if former is None else former[0], incident, cause, context, changes)
    for gone, cause in before.values():
        _remove(ledger, gone, cause, changes)
    return changes


def _presence_at(made: Cluster, presences: Iterable[Claim]) -> frozenset[Presence]:
    """What presence claims of its spot say of an event's time; coverage holds from its day on."""
    anchor = made.members[0]
    return frozenset(
        claim.excluded_presence
        for claim in presences
        if claim.start <= anchor.start and (claim.statement is Statement.COVERAGE or anchor.start < claim.end)
    )


def _put(
    ledger: Ledger, old: Incident | None, new: Incident, cause: list[str], context: Context, changes: list[Change]
) -> None:
    """Let ``new`` stand where ``old`` (its own former state) stood."""
    incident_id = new.incident_id
    for member in new.members[1:]:
        ledger.incident_of[member] = incident_id
    if old == new:
        return
    former = ledger.judgements.get(incident_id)
    if old is not None and former is not None:
        move(ledger.counts, contribution(old, former), -1)
    judgement = context.law.judge(facts_of(new))
    ledger.incidents[incident_id] = new
    ledger.judgements[incident_id] = judgement
    move(ledger.counts, contribution(new, judgement), +1)
    if judgement is not former:
        _compare(incident_id, former, judgement, cause, changes)


def _remove(ledger: Ledger, gone: Incident, cause: list[str], changes: list[Change]) -> None:
    del ledger.incidents[gone.incident_id]
    former = ledger.judgements.pop(gone.incident_id)
    move(ledger.counts, contribution(gone, former), -1)
    _compare(gone.incident_id, former, None, cause, changes)


def _compare(
    incident_id: str, former: Judgement | None, now: Judgement | None, cause: list[str], changes: list[Change]
) -> None:
    """Add to ``changes`` what differs between two judgements of one incident."""
    judged = former or now
    for agreement in judged.by_agreement if judged else ():
        before = former.by_agreement[agreement] if former else None
        after = now.by_agreement[agreement] if now else None
        if before != after:
            word = "new" if before is None else "retracted" if after is None else "revised"
            changes.append(Change(incident_id, agreement, word, before, after, tuple(cause)))
