"""Why two claims are not of one incident, read off the two alone: for people who look at what fusion missed."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from cohstream.domain.claim import Claim
from cohstream.domain.place import UNKNOWN_PLACE, Place
from cohstream.domain.vocabulary import CONDUCT_FAMILY, FOUNDING_KINDS, Kind, TimePrecision
from cohstream.engine.fuse import COARSE_RADIUS_KM
from cohstream.knowledge.place_points import distance_km

LONG = timedelta(hours=49)
"""What took longer than two days, clock changes allowed, is told as coarse."""

CLOSE = timedelta(hours=3)
PRECISE = frozenset({TimePrecision.EXACT, TimePrecision.HOUR, TimePrecision.PART_OF_DAY})
SAY_WHAT_HAPPENED = FOUNDING_KINDS | {Kind.ADMISSION, Kind.DENIAL}
VAGUE_WEAPONS = ("undetermined", "non_kinetic")


class Reason(StrEnum):
    """What stands between two claims, the greatest obstacle first."""

    NO_EVENT = "not_an_event"
    UNATTACHED = "attached_to_none"
    PLACE_UNKNOWN = "place_unknown"
    COARSE = "coarse"
    AREA = "other_area"
    PLACE = "place_apart"
    TIME = "time_apart"
    CONDUCT = "other_conduct"
    MEANS = "other_means"
    ACTOR = "other_actor"
    SOURCE = "same_source"
    UNSEEN = "nothing_seen"


RANK = {reason: rank for rank, reason in enumerate(Reason)}


class Apart(NamedTuple):
    """The greatest obstacle between two claims, and its figures in words."""

    reason: Reason
    detail: str


def reason_apart(one: Claim, other: Claim) -> Apart:
    """The first of :class:`Reason` that holds of two claims; it looks at no third one that may stand between them."""
    both = (one, other)
    for claim in both:
        if claim.kind not in SAY_WHAT_HAPPENED or claim.statement is not None or claim.conduct is None:
            return Apart(Reason.NO_EVENT, claim.statement or claim.kind)
    for claim in both:
        if claim.kind not in FOUNDING_KINDS:
            return Apart(Reason.UNATTACHED, claim.kind)
    for claim in both:
        if claim.place.area == UNKNOWN_PLACE.area:
            return Apart(Reason.PLACE_UNKNOWN, claim.place.name)
    for claim in both:
        if (said := _coarse(claim)) is not None:
            return Apart(Reason.COARSE, said)
    km = f"{km_between(one.place, other.place) or 0.0:.1f} km"
    if one.place.area != other.place.area:
        return Apart(Reason.AREA, f"{one.place.area} and {other.place.area}, {km}")
    if not _at_one_place(one.place, other.place):
        return Apart(Reason.PLACE, km)
    first, last = sorted(both, key=lambda claim: claim.start)
    gap = last.start - max(first.end, first.start)
    touches = one.precision in PRECISE and other.precision in PRECISE and gap <= CLOSE
    if gap >= timedelta(0) and last.start != first.start and not touches:
        return Apart(Reason.TIME, f"{gap / timedelta(hours=1):.1f} h between them")
    return _otherwise(one, other)


def _otherwise(one: Claim, other: Claim) -> Apart:
    """What stands between two claims of one place and time."""
    conducts = f"{one.conduct} and {other.conduct}"
    if CONDUCT_FAMILY[one.conduct or ""] != CONDUCT_FAMILY[other.conduct or ""]:
        return Apart(Reason.CONDUCT, conducts)
    means = [claim.weapon.split(".", 1)[0] for claim in (one, other)]
    if means[0] != means[1] and not any(word.startswith(VAGUE_WEAPONS) for word in means):
        return Apart(Reason.MEANS, f"{one.weapon} and {other.weapon}")
    if one.conduct != other.conduct:
        return Apart(Reason.MEANS, conducts)
    accused = set(one.perpetrators), set(other.perpetrators)
    if all(accused) and accused[0].isdisjoint(accused[1]):
        return Apart(Reason.ACTOR, " and ".join(", ".join(sorted(names)) for names in accused))
    if one.source == other.source:
        return Apart(Reason.SOURCE, one.source)
    return Apart(Reason.UNSEEN, "")


def km_between(one: Place, other: Place) -> float | None:
    """The distance of two places' points; ``None`` if one of them has none."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    return distance_km(one.lat, one.lon, other.lat, other.lon)


def is_fine(place: Place) -> bool:
    """Whether a place has a point that is near enough to fuse by."""
    return place.lat is not None and place.radius_km is not None and place.radius_km < COARSE_RADIUS_KM


def _coarse(claim: Claim) -> str | None:
    if not is_fine(claim.place):
        radius = claim.place.radius_km
        return f"{claim.place.name or 'place'}, " + ("no radius" if radius is None else f"{radius:.0f} km around")
    long = claim.end - claim.start
    return f"{long / timedelta(days=1):.0f} days" if long > LONG else None


def _at_one_place(one: Place, other: Place) -> bool:
    if one.place_id or other.place_id:
        return one.place_id == other.place_id
    return (one.lat, one.lon) == (other.lat, other.lon)
