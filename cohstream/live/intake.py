"""Intake by identity: reports to claims. Pure but for the rows that it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from cohstream.domain.report import Report
from cohstream.engine.batch import Outcome
from cohstream.engine.intake import Kept, Version, claim_id_of, read_report
from cohstream.engine.resolve import Resolver
from cohstream.live.statement import Stated, stated


class IntakeRow(msgspec.Struct, array_like=True, frozen=True):
    """What intake keeps of one report: its winning version with its bytes, where its claim went, all other versions."""

    revision: int
    published: datetime
    content: bytes
    raw: bytes
    area: str
    others: tuple[tuple[int, bytes], ...]

    def kept(self, claim_id: str) -> Kept:
        return Kept(claim_id, Version(self.revision, self.published, self.content), None, frozenset(self.others))


_read = msgspec.msgpack.Decoder(IntakeRow).decode
_write = msgspec.msgpack.Encoder().encode


def merge_rows(one: bytes, other: bytes) -> bytes:
    """The row that knows the versions of both. Raises ``ValueError`` if one of them is no row."""
    if one == other:
        _read(one)
        return one
    first, second = _read(one), _read(other)
    winner, loser = sorted((first, second), key=lambda row: (row.revision, row.published, row.content), reverse=True)
    others = {*winner.others, *loser.others, (loser.revision, loser.content)} - {(winner.revision, winner.content)}
    return _write(msgspec.structs.replace(winner, others=tuple(sorted(others))))


@dataclass
class Taken:
    """What a batch of reports came to: statements to send, in order, and rows to keep."""

    statements: list[Stated] = field(default_factory=list)
    rows: dict[bytes, bytes] = field(default_factory=dict)


class Intake:
    """Takes in the reports of one batch; ``row_of`` reads what is kept of a claim id."""

    def __init__(self, resolver: Resolver, row_of: Callable[[bytes], bytes | None]) -> None:
        self._resolver = resolver
        self._row_of = row_of
        self.taken = Taken()

    def take(self, raw: bytes, report: Report) -> Outcome:
        """Take in ``report``, which is what ``raw`` says."""
        claim_id = claim_id_of(report.source, report.report_id)
        key = claim_id.encode()
        known = self.taken.rows.get(key) or self._row_of(key)
        version = Version.of(report, raw)
        if known is None:
            kept = Kept(claim_id, version)
            self._keep(kept, raw, self._state(kept, report, former_area=""))
            return Outcome.ACCEPTED
        row = _read(known)
        kept = row.kept(claim_id)
        if kept.has_seen(version):
            return Outcome.DUPLICATE
        was_conflicting = kept.conflicting
        if kept.add(version):
            self._keep(kept, raw, self._state(kept, report, row.area))
        else:
            if kept.conflicting != was_conflicting:
                self._state(kept, read_report(row.raw), row.area)
            self._keep(kept, row.raw, row.area)
        return Outcome.ACCEPTED

    def _state(self, kept: Kept, report: Report, former_area: str) -> str:
        """State what ``report`` says now, withdraw it from where it was; returns the area, where it is looked for."""
        claim = None if report.retracts else self._resolver.claim(report, kept.claim_id, kept.conflicting)
        area = former_area if claim is None else claim.place.area
        if former_area and area != former_area:
            self.taken.statements.append(stated(kept, former_area, None))
        if area:
            self.taken.statements.append(stated(kept, area, claim))
        return area

    def _keep(self, kept: Kept, raw: bytes, area: str) -> None:
        version = kept.version
        row = IntakeRow(version.revision, version.published, version.content, raw, area, tuple(sorted(kept.others)))
        self.taken.rows[kept.claim_id.encode()] = _write(row)


def report_key(source: str, report_id: str) -> bytes:
    """The key of a report on the ``reports`` topic: all versions of one report share a partition."""
    return f"{source}/{report_id}".encode("utf-8", "surrogatepass")
