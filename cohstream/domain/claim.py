"""A claim: the winning version of a report in our vocabulary, original wording kept."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import (
    Basis,
    Certainty,
    Kind,
    OverrideAction,
    Presence,
    Stake,
    Statement,
    TimePrecision,
    Verification,
)

Span = tuple[int, int | None]
"""A count as its least and greatest value; ``None`` above means "at least"."""


class Wording(Struct, gc=False):
    """What the source said, untouched."""

    place: str | None
    weapon: str | None
    perpetrator: str | None
    target: str | None


class Order(Struct, gc=False):
    """An analyst's order over reports. ``reports`` holds for each report named the claim ids that its name may mean."""

    action: OverrideAction
    reports: tuple[tuple[str, ...], ...]
    author: str
    reason: str


class Claim(Struct, gc=False):
    """One source's account, resolved. Times are UTC, half-open; candidates are actor ids, sorted.

    ``perpetrators`` empty means the source names no one; several mean "one or all of these" (``joint``:
    all of them). ``group`` is the independence group: claims of one group never corroborate each other.
    """

    claim_id: str
    source: str
    report_id: str
    revision: int
    kind: Kind
    place: Place
    start: datetime
    end: datetime
    precision: TimePrecision
    published_at: datetime
    conduct: str | None
    statement: Statement | None
    weapon: str
    munitions: Span | None
    target: str
    target_actors: tuple[str, ...]
    perpetrators: tuple[str, ...]
    certainty: Certainty
    joint: bool
    contested: bool
    basis: tuple[Basis, ...]
    stake: Stake
    group: str
    verification: Verification | None
    excluded_presence: Presence
    delineated: bool
    circumstances: tuple[str, ...]
    killed: Span | None
    injured: Span | None
    civilians_killed: Span | None
    wording: Wording
    links: tuple[str, ...]
    notices: tuple[str, ...]
    conflicting: bool
    order: Order | None = None
