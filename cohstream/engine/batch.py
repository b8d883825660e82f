"""Applying a batch of reports to a ledger: intake, fuse, assess, tally.

The result depends only on the set of reports applied so far: not on their order, on duplicates, or on how
they were cut into batches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from cohstream.domain.assessment import Assessment
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.report import Report
from cohstream.domain.vocabulary import Kind, Presence, Statement
from cohstream.engine.assess import assess
from cohstream.engine.context import Context
from cohstream.engine.describe import describe
from cohstream.engine.fuse import BlockKey, Cluster, block_of, cluster, seat_of
from cohstream.engine.intake import Kept, Version, claim_id_of, read_report
from cohstream.engine.ledger import Ledger
from cohstream.engine.tally import move
from cohstream.errors import ReportError

Dirty = defaultdict[BlockKey, list[str]]
"""Blocks to be derived anew, each with the ids of the claims that came, changed or went."""

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
    before: Assessment | None
    after: Assessment | None
    cause: tuple[str, ...]


@dataclass(slots=True)
class Applied:
    """What one batch did: a receipt per record, in order, and the changes it made."""

    receipts: list[Receipt] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def apply(ledger: Ledger, records: Iterable[bytes], context: Context) -> Applied:
    """Apply ``records`` (JSON bytes of reports) to ``ledger``; bad ones are rejected, the rest goes on."""
    applied = Applied()
    moved: dict[tuple[str, str], Report | None] = {}
    for raw in records:
        applied.receipts.append(_receive(ledger, raw, moved))
    dirty: Dirty = defaultdict(list)
    for identity, winner in moved.items():
        _restate(ledger, identity, winner, context, dirty)
    applied.changes = _rebuild(ledger, dirty, context)
    ledger.version += 1
    return applied


def _receive(ledger: Ledger, raw: bytes, moved: dict[tuple[str, str], Report | None]) -> Receipt:
    """Take in one record; ``moved`` notes the new winner of its identity, ``None`` if only a flag may change."""
    try:
        report = read_report(raw)
    except ReportError as error:
        return Receipt(Outcome.REJECTED, raw, None, error.code, str(error))
    identity = report.identity
    version = Version.of(report, raw)
    kept = ledger.reports.get(identity)
    if kept is None:
        ledger.reports[identity] = Kept(version, claim_id_of(*identity))
        moved[identity] = report
    elif kept.has_seen(version):
        return Receipt(Outcome.DUPLICATE, raw, report)
    else:
        now = ledger.reports[identity] = kept.with_version(version)
        if now.version is version:
            moved[identity] = report
        else:
            moved.setdefault(identity, None)
    return Receipt(Outcome.ACCEPTED, raw, report)


def _restate(
    ledger: Ledger,
    identity: tuple[str, str],
    winner: Report | None,
    context: Context,
    dirty: Dirty,
) -> None:
    """Put the claim of a report's new winning version in the place of its former one."""
    kept = ledger.reports[identity]
    former = ledger.claims.get(kept.claim_id)
    if winner is None:
        if former is None or former.conflicting == kept.conflicting:
            return
        claim: Claim | None = replace(former, conflicting=kept.conflicting)
    elif winner.retracts:
        claim = None
    else:
        claim = context.resolver.claim(winner, kept.claim_id, kept.conflicting)
    if former is not None:
        del ledger.claims[kept.claim_id]
        _unplace(ledger, former, context, dirty)
    if claim is not None:
        ledger.claims[kept.claim_id] = claim
        _place(ledger, claim, context, dirty)


def _place(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    if ledger.watermark is None or claim.start > ledger.watermark:
        ledger.watermark = claim.start
    if speaks_of_presence(claim):
        ledger.presences.setdefault(seat_of(claim), {})[claim.claim_id] = claim
        _touch_seat(ledger, claim, context, dirty)
        return
    block = block_of(claim, context.day_of)
    if block is not None:
        ledger.blocks.setdefault(block, {})[claim.claim_id] = claim
        ledger.blocks_at.setdefault(block.seat, {})[block] = None
        dirty[block].append(claim.claim_id)


def _unplace(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    if speaks_of_presence(claim):
        del ledger.presences[seat_of(claim)][claim.claim_id]
        _touch_seat(ledger, claim, context, dirty)
        return
    block = block_of(claim, context.day_of)
    if block is not None:
        del ledger.blocks[block][claim.claim_id]
        dirty[block].append(claim.claim_id)


def _touch_seat(ledger: Ledger, claim: Claim, context: Context, dirty: Dirty) -> None:
    """Derive anew what a presence claim may speak of: blocks at its spot from its day on, and those of no one day."""
    from_day = context.day_of(claim.start)
    for block in ledger.blocks_at.get(seat_of(claim), ()):
        if not block.day or block.day >= from_day:
            dirty[block].append(claim.claim_id)


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
        for old in ledger.incidents_of.pop(block, ()):
            before[old.incident_id] = (old, cause)
        claims = ledger.blocks.get(block)
        if not claims:
            ledger.blocks.pop(block, None)
            ledger.blocks_at.get(block.seat, {}).pop(block, None)
            continue
        presences = ledger.presences.get(block.seat) if block.spot else None
        made = [
            describe(one, context.event_day, _presence_at(one, presences.values()) if presences else NOTHING_SAID)
            for one in cluster(claims.values(), context.camp_of)
        ]
        ledger.incidents_of[block] = made
        after += [(incident, cause) for incident in made]
    for old, _ in before.values():
        for member in old.members:
            del ledger.incident_of[member]
    changes: list[Change] = []
    for incident, cause in after:
        former, _ = before.pop(incident.incident_id, (None, cause))
        changes += _put(ledger, former, incident, cause, context)
    for gone, cause in before.values():
        changes += _remove(ledger, gone, cause, context)
    return changes


def _presence_at(made: Cluster, presences: Iterable[Claim]) -> frozenset[Presence]:
    """What presence claims of its spot say of an event's time; coverage holds from its day on."""
    anchor = made.members[0]
    return frozenset(
        claim.excluded_presence
        for claim in presences
        if claim.start <= anchor.start and (claim.statement is Statement.COVERAGE or anchor.start < claim.end)
    )


def _put(ledger: Ledger, old: Incident | None, new: Incident, cause: list[str], context: Context) -> list[Change]:
    """Let ``new`` stand where ``old`` (its own former state) stood."""
    for member in new.members:
        ledger.incident_of[member] = new.incident_id
    if old == new:
        return []
    changes = []
    ledger.incidents[new.incident_id] = new
    for assessment in assess(new, context.agreements, context.law):
        key = (new.incident_id, assessment.agreement)
        former = ledger.assessments.get(key)
        ledger.assessments[key] = assessment
        if old is not None and former is not None:
            move(ledger.tallies, old, former, -1)
        move(ledger.tallies, new, assessment, +1)
        if former is None or former.findings is not assessment.findings:
            word = "new" if former is None else "revised"
            changes.append(Change(new.incident_id, assessment.agreement, word, former, assessment, tuple(cause)))
    return changes


def _remove(ledger: Ledger, gone: Incident, cause: list[str], context: Context) -> list[Change]:
    changes = []
    del ledger.incidents[gone.incident_id]
    for agreement in context.agreements:
        former = ledger.assessments.pop((gone.incident_id, agreement))
        move(ledger.tallies, gone, former, -1)
        changes.append(Change(gone.incident_id, agreement, "retracted", former, None, tuple(cause)))
    return changes
