"""Where a claim lies: its seat, its local days, and which events it could speak of.

* A *seat* is fusion area × spot: one settlement, neighbourhood or facility, or a cell of a grid around a bare point.
* A *block* is seat × local day × family of conduct. A *sharp* claim lies in one block.
* A *field* is area × local day × family of conduct: all blocks that a *wide* claim of that day could speak of. A claim
  is wide if its place is wider than :data:`SHARP_KM` or its time no single day; a denial or an admission always is.
* A claim of a longer time than :data:`LONGEST_DAYS`, or of no place at all, is *alone*: nobody could say which event.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cohstream.domain.claim import Claim
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import CONDUCT_FAMILY, FOUNDING_KINDS, UNDETERMINED, Kind
from cohstream.knowledge.place_names import exact_key

SHARP_KM = 5.0
"""A town and its outskirts; whoever names something wider does not say at which of its places."""

LONGEST_DAYS = 4
"""Days that a claim may touch to be joined to an event of one of them."""

CELL_DEGREES = 0.05
INSTANT = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)

TELLING_KINDS = FOUNDING_KINDS | {Kind.DENIAL, Kind.ADMISSION}

FUSED_WITH = {family: family for family in CONDUCT_FAMILY.values()} | {"territory": "attack", "other": "attack"}
"""Families of conduct that accounts of one event mix: who attacks a village takes it, and some say only "incident"."""

SeatKey = tuple[str, str]
"""Area and spot."""

BlockKey = tuple[str, str]
"""Local day and family of conduct; for a claim that is alone no day, and whose it is."""

FieldKey = tuple[str, str, str]
"""Area, local day and family of conduct."""

DayOf = Callable[[datetime], str]
EventDay = Callable[[datetime, datetime], str]


def seat_of(place: Place) -> SeatKey:
    """Area and spot: where the blocks of claims at ``place`` lie, and where what is said of presence holds.

    The spot is the gazetteer's id of the place, the grid cell of a bare point, or the name that nobody could place:
    who write it alike mean the same.
    """
    if place.place_id:
        return place.area, place.place_id
    if place.lat is None or place.lon is None:
        return place.area, f"said:{exact_key(place.name)}" if place.name else ""
    return place.area, f"cell:{round(place.lat / CELL_DEGREES)}:{round(place.lon / CELL_DEGREES)}"


def speaks_of_event(claim: Claim) -> bool:
    """Whether a claim says what happened or did not, rather than what is declared, counted or present."""
    return claim.conduct is not None and claim.statement is None and claim.kind in TELLING_KINDS


def is_coarse(place: Place) -> bool:
    """Whether a place is too wide to say at which spot it was."""
    radius = place.radius_km
    return not place.name if radius is None else radius > SHARP_KM


def block_of(claim: Claim, event_day: EventDay) -> BlockKey | None:
    """The block of its seat that a claim lies in; ``None`` if it is wide."""
    if claim.kind in FOUNDING_KINDS and not is_coarse(claim.place):
        day = event_day(claim.start, claim.end)
        if day != UNDETERMINED:
            return day, FUSED_WITH[CONDUCT_FAMILY[claim.conduct or "other"]]
    if (claim.place.radius_km is None and not claim.place.name) or claim.end - claim.start > LONGEST_DAYS * ONE_DAY:
        return "", f"alone:{claim.claim_id}"
    return None


def fields_of(claim: Claim, day_of: DayOf) -> tuple[FieldKey, ...]:
    """The fields of a wide claim, in order of day; the first is its home."""
    area, family = claim.place.area, FUSED_WITH[CONDUCT_FAMILY[claim.conduct or "other"]]
    first, last = day_of(claim.start), day_of(max(claim.start, claim.end - INSTANT))
    days = [first]
    at = claim.start
    while days[-1] < last:
        at += ONE_DAY
        day = min(day_of(at), last)
        if day > days[-1]:
            days.append(day)
    return tuple([(area, day, family) for day in days])
