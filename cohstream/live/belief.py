"""What a worker believes of one partition: a ledger over the claims stated there, and the records that tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from cohstream.domain.canonical import canonical_json
from cohstream.domain.claim import Claim
from cohstream.domain.tally import TallyKey
from cohstream.engine.batch import Batch, Change
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger, Moves
from cohstream.live.statement import Stated
from cohstream.live.topics import ASSESSMENTS, CHANGES, INCIDENTS, TALLIES
from cohstream.live.writer import Headers, Outgoing
from cohstream.publish.disclosure import public_incident
from cohstream.publish.records import assessment_of, change_record, tally_record

SETTLE_AFTER = 20_000
"""Claims that settle together while a partition is read back."""


@dataclass
class Told:
    """What a batch came to: records by noun, in order, the changes among them, and rows to keep."""

    records: dict[str, list[Outgoing]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    rows: dict[bytes, bytes] = field(default_factory=dict)


class PartitionBelief:
    """The ledger of the areas of one partition. ``clean`` says that all it believes was told and kept."""

    def __init__(self, context: Context) -> None:
        self.ledger = Ledger()
        self.clean = True
        self._context = context
        self._orders: dict[bytes, bytes] = {}
        self._claims: dict[bytes, Claim] = {}
        self._tallies: dict[TallyKey, int] = {}

    def recover(self, rows: Iterable[tuple[bytes, Stated]]) -> Iterator[int]:
        """Take in the rows kept; yields the number taken now and then, so that others may have a turn."""
        batch, taken = Batch(self.ledger, self._context), 0
        for key, one in rows:
            self._restate(batch, key, one)
            taken += 1
            if taken % SETTLE_AFTER == 0:
                batch.settle()
                yield taken
        batch.settle()
        for contribution, count in self.ledger.counts.items():
            for tally in contribution.keys():  # noqa: SIM118 (not a mapping)
                self._tallies[tally] = self._tallies.get(tally, 0) + count
        yield taken

    def apply(self, statements: Iterable[Stated]) -> Told:
        """Take in a batch of statements, and tell what came of it. Until the caller sets it, ``clean`` is off.

        Statements that are known already or outrun by a newer one change nothing and tell nothing.
        """
        self.clean = False
        told = Told()
        moves = self.ledger.moves = Moves()
        batch = Batch(self.ledger, self._context)
        for one in statements:
            key = one.key
            if one.order > self._orders.get(key, b""):
                self._restate(batch, key, one)
                told.rows[key] = one.row()
        told.changes = batch.settle()
        self.ledger.moves = None
        told.records[CHANGES] = [_change(change) for change in told.changes]
        told.records[INCIDENTS], told.records[ASSESSMENTS] = self._incidents(moves)
        told.records[TALLIES] = self._tally(moves)
        return told

    def _restate(self, batch: Batch, key: bytes, one: Stated) -> None:
        claim = one.claim()
        batch.restate(self._claims.pop(key, None), claim)
        self._orders[key] = one.order
        if claim is not None:
            self._claims[key] = claim

    def _incidents(self, moves: Moves) -> tuple[list[Outgoing], list[Outgoing]]:
        incidents: list[Outgoing] = []
        assessments: list[Outgoing] = []
        agreements = self._context.agreements
        for incident_id, (former, now) in moves.incidents.items():
            if former is not None and (now is None or former.area != now.area):
                subject = f"{former.area}/{incident_id}"
                incidents.append(_gone("incident", subject))
                assessments += [_gone("assessment", f"{subject}/{agreement}") for agreement in agreements]
            if now is None:
                continue
            subject = f"{now.area}/{incident_id}"
            incidents.append(_record("incident", subject, canonical_json(public_incident(now))))
            said = self.ledger.judgements[incident_id].by_agreement
            for agreement in agreements:
                key = f"{subject}/{agreement}"
                if agreement in said:
                    body = assessment_of(incident_id, agreement, said[agreement])
                    assessments.append(_record("assessment", key, canonical_json(body)))
                elif former is not None:
                    assessments.append(_gone("assessment", key))
        return incidents, assessments

    def _tally(self, moves: Moves) -> list[Outgoing]:
        touched: dict[TallyKey, int] = {}
        for contribution, step in moves.counts.items():
            if step:
                for key in contribution.keys():  # noqa: SIM118 (not a mapping)
                    touched[key] = touched.get(key, 0) + step
        records = []
        for key, step in touched.items():
            if not step:
                continue
            count = self._tallies.pop(key, 0) + step
            subject = "|".join(key)
            records.append(_record("tally", subject, canonical_json(tally_record(key, count))))
            if count:
                self._tallies[key] = count
            else:
                records.append(_gone("tally", subject))
        return records


def _change(change: Change) -> Outgoing:
    body = canonical_json(change_record(change))
    return _record("change", change.incident_id, body, sha256(body).hexdigest()[:32])


def _record(kind: str, subject: str, body: bytes, event_id: str = "") -> Outgoing:
    """A record with CloudEvents attributes in binary mode."""
    return Outgoing(subject.encode(), body, _headers(kind, subject, event_id))


def _gone(kind: str, subject: str) -> Outgoing:
    return Outgoing(subject.encode(), None, _headers(kind, subject, ""))


def _headers(kind: str, subject: str, event_id: str) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_type", f"cohstream.{kind}.v1".encode()),
        ("ce_source", b"/cohstream/worker"),
        ("ce_subject", subject.encode()),
        ("ce_id", (event_id or subject).encode()),
        ("content-type", b"application/json"),
    ]
