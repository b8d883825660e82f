"""What moved between two moments of knowledge: incident by incident, why, and by which report. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cohstream.domain.assessment import Findings
from cohstream.domain.incident import Incident
from cohstream.domain.report import Report
from cohstream.domain.tally import TallyKey
from cohstream.engine.batch import Batch, Change, Outcome
from cohstream.engine.context import Context
from cohstream.engine.intake import received_at
from cohstream.engine.ledger import Ledger, Moves
from cohstream.replay.received import Received


class Step(StrEnum):
    """What a version of a report did to what was known: said something first, said it anew, or took it back."""

    REPORT = "report"
    REVISION = "revision"
    RETRACTION = "retraction"


@dataclass(frozen=True)
class Cause:
    """One version of a report that moved an incident."""

    step: Step
    report: Report

    @property
    def received_at(self) -> datetime:
        return received_at(self.report)


@dataclass
class Moved:
    """One assessment that is another at the end than at the beginning; ``None``: there was, or is, no such incident.

    ``joined`` is the incident that holds the former anchor of one that is gone, if one does.
    """

    incident_id: str
    agreement: str
    before: Findings | None
    after: Findings | None
    causes: list[Cause] = field(default_factory=list)
    was: Incident | None = None
    now: Incident | None = None
    joined: str | None = None

    @property
    def change(self) -> str:
        """``new``, ``revised`` or ``retracted``, as on the topic of changes."""
        return "new" if self.before is None else "retracted" if self.after is None else "revised"

    @property
    def incident(self) -> Incident:
        """The incident as it is, or was last."""
        shown = self.now or self.was
        assert shown is not None  # an assessment is of an incident
        return shown


@dataclass(frozen=True)
class Between:
    """What moved after ``since`` and up to ``until``, and all tallies at the one moment and at the other."""

    since: datetime
    until: datetime
    reports: int
    moved: Sequence[Moved]
    before: Mapping[TallyKey, int]
    after: Mapping[TallyKey, int]


def between(received: Sequence[Received], context: Context, since: datetime, until: datetime) -> Between:
    """What reports that came in after ``since`` and up to ``until`` moved; ``received`` is in order of receipt.

    Each of them is settled by itself, so that every step has its one cause. An assessment that went elsewhere and
    came back is not told: it did not move between the two moments.
    """
    ledger = Ledger()
    batch = Batch(ledger, context)
    for one in received:
        if one.moment <= since:
            batch.take(one.raw)
    batch.settle()
    before = ledger.tallies()
    moves = ledger.moves = Moves()
    steps: dict[tuple[str, str], Moved] = {}
    window = [one for one in received if since < one.moment <= until]
    for one in window:
        known = one.claim_id in ledger.reports
        if batch.take(one.raw).outcome is Outcome.ACCEPTED:
            cause = Cause(_step(one.report, known), one.report)
            for change in batch.settle():
                _add(steps, change, cause)
    moved = [_told(one, ledger, moves) for _, one in sorted(steps.items()) if one.before != one.after]
    return Between(since, until, len(window), moved, before, ledger.tallies())


def _step(report: Report, known: bool) -> Step:
    if report.retracts:
        return Step.RETRACTION
    return Step.REVISION if known else Step.REPORT


def _add(steps: dict[tuple[str, str], Moved], change: Change, cause: Cause) -> None:
    key = change.incident_id, change.agreement
    moved = steps.setdefault(key, Moved(*key, change.before, None))
    moved.after = change.after
    if cause not in moved.causes[-1:]:  # gone from one area and new in another: two changes, one cause
        moved.causes.append(cause)


def _told(moved: Moved, ledger: Ledger, moves: Moves) -> Moved:
    moved.was, moved.now = moves.incidents[moved.incident_id]
    if moved.after is None:
        moved.joined = ledger.resolve(moved.incident_id)
    return moved
