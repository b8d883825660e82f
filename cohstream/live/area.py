"""What a worker believes of one area: its ledger, and the records that tell how it moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cohstream.domain.canonical import canonical_json
from cohstream.domain.claim import Claim
from cohstream.domain.tally import TallyKey
from cohstream.engine.batch import Batch, Change
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger, Moves
from cohstream.live.events import event
from cohstream.live.statement import Stated
from cohstream.live.topics import ASSESSMENTS, CHANGES, INCIDENTS, TALLIES
from cohstream.live.writer import Outgoing
from cohstream.publish.disclosure import public_incident
from cohstream.publish.records import assessment_of, change_record, tally_record


@dataclass
class Told:
    """What a batch came to: records by noun, in order, the changes among them, and rows to keep."""

    records: dict[str, list[Outgoing]] = field(
        default_factory=lambda: {noun: [] for noun in (CHANGES, INCIDENTS, ASSESSMENTS, TALLIES)}
    )
    changes: list[Change] = field(default_factory=list)
    rows: dict[bytes, bytes] = field(default_factory=dict)


class AreaBelief:
    """The ledger of one area over the claims stated there. Nothing in it speaks of another area."""

    def __init__(self, context: Context, statements: Iterable[Stated] = ()) -> None:
        self.ledger = Ledger()
        self._context = context
        self._orders: dict[bytes, bytes] = {}
        self._claims: dict[bytes, Claim] = {}
        self._tallies: dict[TallyKey, int] = {}
        batch = Batch(self.ledger, context)
        for one in statements:
            self._restate(batch, one)
        batch.settle()
        self._tallies = self.ledger.tallies()

    def __len__(self) -> int:
        """How many claims were ever stated here."""
        return len(self._orders)

    def apply(self, statements: Iterable[Stated], told: Told, revision: bytes, where: str) -> Moves:
        """Take in ``statements``, add to ``told`` what came of it, and say what moved.

        Statements that are known already, or outrun by a newer one, change nothing and tell nothing. ``where`` says
        which batch this is: the same change told by another batch is another change.
        """
        moves = self.ledger.moves = Moves()
        batch = Batch(self.ledger, self._context)
        for one in statements:
            if one.order > self._orders.get(one.key, b""):
                self._restate(batch, one)
                told.rows[one.key] = one.row()
        changes = batch.settle()
        self.ledger.moves = None
        told.changes += changes
        told.records[CHANGES] += [_change(change, revision, where) for change in changes]
        self._tell_incidents(moves, told, revision)
        self._tell_tallies(moves, told, revision)
        return moves

    def _restate(self, batch: Batch, one: Stated) -> None:
        batch.restate(self._claims.pop(one.key, None), one.claim)
        self._orders[one.key] = one.order
        if one.claim is not None:
            self._claims[one.key] = one.claim

    def _tell_incidents(self, moves: Moves, told: Told, revision: bytes) -> None:
        incidents, assessments = told.records[INCIDENTS], told.records[ASSESSMENTS]
        for incident_id, (former, now) in moves.incidents.items():
            if now is None and former is None:
                continue  # it came and went within the batch
            subject = f"{(now or former).area}/{incident_id}"  # type: ignore[union-attr]
            body = None if now is None else canonical_json(public_incident(now))
            incidents.append(event("incident", subject, body, revision))
            said = {} if now is None else self.ledger.judgements[incident_id].by_agreement
            for agreement in self._context.agreements:
                findings = said.get(agreement)
                body = None if findings is None else canonical_json(assessment_of(incident_id, agreement, findings))
                if body is not None or former is not None:
                    assessments.append(event("assessment", f"{subject}/{agreement}", body, revision))

    def _tell_tallies(self, moves: Moves, told: Told, revision: bytes) -> None:
        touched: dict[TallyKey, int] = {}
        for contribution, step in moves.counts.items():
            if step:
                for key in contribution.keys():  # noqa: SIM118 (not a mapping)
                    touched[key] = touched.get(key, 0) + step
        for key, step in touched.items():
            if not step:
                continue
            count = self._tallies.pop(key, 0) + step
            subject = "|".join(key)
            told.records[TALLIES].append(event("tally", subject, canonical_json(tally_record(key, count)), revision))
            if count:
                self._tallies[key] = count
            else:
                told.records[TALLIES].append(event("tally", subject, None, revision))


def _change(change: Change, revision: bytes, where: str) -> Outgoing:
    body = canonical_json(change_record(change))
    event_id = sha256(where.encode() + b"\0" + body).hexdigest()[:32]
    return event("change", change.incident_id, body, revision, event_id)
