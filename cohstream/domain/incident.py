"""An incident: the claims that speak of one real event, and what they add up to."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cohstream.domain.claim import Span
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence, Basis, Presence, Verification


class Attribution(Struct, gc=False):
    """Who may have done it: weights over candidate actor ids (they sum to 1; empty = no one named)."""

    candidates: dict[str, float]
    confidence: AttributionConfidence
    basis: tuple[Basis, ...]
    denied_by: tuple[str, ...]


class Incident(Struct, gc=False):
    """The state of one incident. ``members`` are claim ids in canonical order; the first is the anchor.

    ``circumstances_disputed``: some account of it leaves out a circumstance that another claims. It is not published.
    """

    incident_id: str
    members: tuple[str, ...]
    area: str
    place: Place
    start: datetime
    end: datetime
    event_day: str
    conduct: str
    weapon: str
    target: str
    target_actors: tuple[str, ...]
    attribution: Attribution
    verification: Verification
    excluded_presence: Presence
    delineated: bool
    circumstances: tuple[str, ...]
    sources: int
    groups: int
    munitions: Span | None
    killed: Span | None
    injured: Span | None
    civilians_killed: Span | None
    conflicting: bool
    circumstances_disputed: bool = False
