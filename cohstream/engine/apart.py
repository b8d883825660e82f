"""Why two claims are not of one incident, by the rules of fusing, read off the two alone."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from cohstream.domain.claim import Claim
from cohstream.domain.place import UNKNOWN_PLACE, Place
from cohstream.domain.vocabulary import CONDUCT_FAMILY, FOUNDING_KINDS
from cohstream.engine.fuse import LONE_LIKENESS, REACH, side_of
from cohstream.engine.likeness import likeness, of_places
from cohstream.engine.placing import FUSED_WITH, LONGEST_DAYS, ONE_DAY, SHARP_KM, is_coarse, seat_of, speaks_of_event
from cohstream.knowledge.place_points import distance_km


class Reason(StrEnum):
    """What stands between two claims, the greatest obstacle first; an analyst's order is not read off the two."""

    NO_EVENT = "not_an_event"
    SOURCE = "same_source"
    PLACE_UNKNOWN = "place_unknown"
    AREA = "other_area"
    CONDUCT = "other_conduct"
    MEANS = "other_means"
    TOO_LONG = "too_long"
    TIME = "time_apart"
    PLACE = "place_apart"
    UNLIKE = "not_alike_enough"
    UNATTACHED = "attached_to_none"
    COARSE = "too_coarse_to_choose"
    ACTOR = "other_actor"
    UNSEEN = "nothing_seen"
    ORDERED = "ordered_apart"


RANK = {reason: rank for rank, reason in enumerate(Reason)}


class Apart(NamedTuple):
    """The greatest obstacle between two claims, and its figures in words."""

    reason: Reason
    detail: str


def reason_apart(one: Claim, other: Claim) -> Apart:
    """The first of :class:`Reason` that holds of two claims; it looks at no third one that may stand between them."""
    both = (one, other)
    for claim in both:
        if not speaks_of_event(claim):
            return Apart(Reason.NO_EVENT, claim.statement or claim.kind)
    if one.source == other.source:
        return Apart(Reason.SOURCE, one.source)
    if one.place.area != other.place.area:
        unknown = [claim.place.name for claim in both if claim.place.area == UNKNOWN_PLACE.area]
        if unknown:
            return Apart(Reason.PLACE_UNKNOWN, unknown[0])
        return Apart(Reason.AREA, f"{one.place.area} and {other.place.area}")
    conducts = f"{one.conduct} and {other.conduct}"
    if len({FUSED_WITH[CONDUCT_FAMILY[claim.conduct or ""]] for claim in both}) > 1:
        return Apart(Reason.CONDUCT, conducts)
    modes = {side_of({}, (claim.weapon, claim.conduct, claim.perpetrators))[0] for claim in both} - {""}
    if len(modes) > 1:
        return Apart(Reason.MEANS, f"{one.weapon} and {other.weapon}" if one.weapon != other.weapon else conducts)
    return _of_time_and_place(one, other)


def _of_time_and_place(one: Claim, other: Claim) -> Apart:
    both = (one, other)
    for claim in both:
        if claim.end - claim.start > LONGEST_DAYS * ONE_DAY:
            return Apart(Reason.TOO_LONG, f"{(claim.end - claim.start) / ONE_DAY:.0f} days")
    first, last = sorted(both, key=lambda claim: claim.start)
    if last.start > first.end + REACH:
        return Apart(Reason.TIME, f"{(last.start - first.end) / ONE_DAY * 24:.1f} h between them")
    coarse = [claim for claim in both if is_coarse(claim.place)]
    if not coarse:
        return _at_spots(one, other)
    there = of_places(coarse[0], other if coarse[0] is one else one)
    if there is None:
        return Apart(Reason.PLACE, _km(one, other))
    if there + likeness(one, other) < LONE_LIKENESS:
        return Apart(Reason.UNLIKE, f"likeness {there + likeness(one, other):.1f}")
    for claim in both:
        if claim.kind not in FOUNDING_KINDS:
            return Apart(Reason.UNATTACHED, claim.kind)
    return Apart(Reason.COARSE, f"{coarse[0].place.name or 'place'}, {coarse[0].place.radius_km or 0:.0f} km around")


def _at_spots(one: Claim, other: Claim) -> Apart:
    if seat_of(one.place) != seat_of(other.place):
        return Apart(Reason.PLACE, _km(one, other))
    for claim in (one, other):
        if claim.kind not in FOUNDING_KINDS:
            return Apart(Reason.UNATTACHED, claim.kind)
    accused = set(one.perpetrators), set(other.perpetrators)
    if all(accused) and accused[0].isdisjoint(accused[1]):
        return Apart(Reason.ACTOR, " and ".join(", ".join(sorted(names)) for names in accused))
    if one.start.date() != other.start.date():
        return Apart(Reason.TIME, "other local days")
    return Apart(Reason.UNSEEN, "")


def _km(one: Claim, other: Claim) -> str:
    apart = km_between(one.place, other.place)
    names = f"{one.place.name or 'no place'} and {other.place.name or 'no place'}"
    return names if apart is None else f"{names}, {apart:.1f} km"


def km_between(one: Place, other: Place) -> float | None:
    """The distance of two places' points; ``None`` if one of them has none."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    return distance_km(one.lat, one.lon, other.lat, other.lon)


def is_fine(place: Place) -> bool:
    """Whether a place has a point, near enough to say at which spot it was."""
    return place.lat is not None and place.radius_km is not None and place.radius_km <= SHARP_KM
