"""How alike two accounts are: weights for what agrees and what differs, in the manner of record linkage.

After Fellegi and Sunter (A Theory for Record Linkage, 1969): each field that agrees speaks for one event, each that
differs speaks against it, and the weights add up. The weights are set by hand, once, and the same for all data; they
are not learnt, so that a monitor can retrace them. They only ever choose between events that a claim *can* speak of:
place, time, conduct and side decide that first (:mod:`cohstream.engine.fuse`, :mod:`cohstream.engine.attach`).
"""

from __future__ import annotations

from typing import NamedTuple

from cohstream.domain.claim import Claim, Span
from cohstream.domain.vocabulary import TARGET_FAMILY, UNDETERMINED
from cohstream.engine.placing import is_coarse, seat_of
from cohstream.knowledge.place_points import distance_km

SAME_TARGET = 1.0
SAME_TARGET_FAMILY = 0.3
OTHER_TARGET = -0.3
PROTECTED_OR_NOT = -0.7
SAME_WEAPON = 0.2
SAME_CONDUCT, OTHER_CONDUCT = 0.3, -0.2
SHARED_ACTOR, OTHER_ACTOR = 0.2, -0.2
TOLLS_MEET, TOLLS_NEAR, TOLLS_FAR = 0.7, 0.35, -0.7
SAME_SEAT = 1.0
CENTRED = 0.6
"""For a wide place around the very spot; less, the farther the spot is from its middle."""

TARGETS_IN_WORDS = {
    SAME_TARGET: "the same",
    SAME_TARGET_FAMILY: "of one family",
    OTHER_TARGET: "another",
    PROTECTED_OR_NOT: "of another kind",
}
TOLLS_IN_WORDS = {TOLLS_MEET: "can be one number", TOLLS_NEAR: "nearly one number", TOLLS_FAR: "far apart"}


class Part(NamedTuple):
    """How what two claims say of one field compares, what they say, and what that weighs."""

    field: str
    comparison: str
    said: str
    weight: float


def likeness(one: Claim, other: Claim) -> float:
    """The sum of weights of what two claims say of target, weapon, conduct, actors and toll."""
    weight = of_targets(one.target, other.target) + of_tolls(one.killed, other.killed)
    if one.weapon == other.weapon:
        weight += SAME_WEAPON
    weight += SAME_CONDUCT if one.conduct == other.conduct else OTHER_CONDUCT
    if one.perpetrators and other.perpetrators:
        weight += OTHER_ACTOR if set(one.perpetrators).isdisjoint(other.perpetrators) else SHARED_ACTOR
    return weight


def parts_of(one: Claim, other: Claim) -> tuple[Part, ...]:
    """The parts of :func:`likeness` that weigh anything, in words; they add up to it."""
    of_target, of_toll = of_targets(one.target, other.target), of_tolls(one.killed, other.killed)
    of_conduct = SAME_CONDUCT if one.conduct == other.conduct else OTHER_CONDUCT
    parts = [
        Part("target", TARGETS_IN_WORDS.get(of_target, ""), _both(one.target, other.target), of_target),
        Part("killed", TOLLS_IN_WORDS.get(of_toll, ""), _both(in_words(one.killed), in_words(other.killed)), of_toll),
        Part("weapon", "the same", one.weapon, SAME_WEAPON if one.weapon == other.weapon else 0.0),
        Part("conduct", _same(of_conduct), _both(one.conduct or "other", other.conduct or "other"), of_conduct),
    ]
    if one.perpetrators and other.perpetrators:
        of_actors = OTHER_ACTOR if set(one.perpetrators).isdisjoint(other.perpetrators) else SHARED_ACTOR
        accused = _both(" or ".join(one.perpetrators), " or ".join(other.perpetrators))
        parts.append(Part("perpetrator", "shared" if of_actors > 0 else "others", accused, of_actors))
    return tuple(part for part in parts if part.weight)


def part_of_place(wide: Claim, spot: Claim) -> Part | None:
    """:func:`of_places` in words; ``None`` if the wide claim cannot be there."""
    weight = of_places(wide, spot)
    if weight is None:
        return None
    comparison = "the very spot" if weight == SAME_SEAT else "around it" if weight else "somewhere around it"
    return Part("place", comparison, wide.place.name or "unnamed", weight)


def _same(weight: float) -> str:
    return "the same" if weight > 0 else "another"


def _both(one: str, other: str) -> str:
    return one if one == other else f"{one} and {other}"


def in_words(count: Span | None) -> str:
    """A count as people say it: ``at least 3``, ``3 to 5``; empty if there is none."""
    if count is None:
        return ""
    least, most = count
    return f"at least {least}" if most is None else str(least) if least == most else f"{least} to {most}"


def of_targets(one: str, other: str) -> float:
    """The weight of what was hit: the same, of one family, or a hospital here and a position there."""
    if UNDETERMINED in (one, other):
        return 0.0
    if one == other:
        return SAME_TARGET
    families = {TARGET_FAMILY[one], TARGET_FAMILY[other]}
    if len(families) == 1:
        return SAME_TARGET_FAMILY
    return PROTECTED_OR_NOT if "protected" in families or families == {"force", "civilian"} else OTHER_TARGET


def of_tolls(one: Span | None, other: Span | None) -> float:
    """The weight of two tolls: whether they can be one number, nearly, or differ by more than four times."""
    if one is None or other is None:
        return 0.0
    highest = [most for _, most in (one, other) if most is not None]
    least = max(one[0], other[0])
    if not highest or least <= min(highest):
        return TOLLS_MEET
    share = (min(highest) + 1) / (least + 1)
    return TOLLS_NEAR if share >= 0.5 else 0.0 if share > 0.25 else TOLLS_FAR


def of_places(wide: Claim, spot: Claim) -> float | None:
    """The weight of a wide claim's place for an event at ``spot``; ``None`` if it cannot be there.

    A wide place that is not known itself, only what surrounds it, speaks for no spot in particular.
    """
    here, there = wide.place, spot.place
    if not is_coarse(here) and seat_of(here) == seat_of(there):
        return SAME_SEAT
    if here.lat is None or here.lon is None or there.lat is None or there.lon is None:
        return None
    reach = (here.radius_km or 0.0) + (there.radius_km or 0.0)
    apart = distance_km(here.lat, here.lon, there.lat, there.lon)
    if apart > reach:
        return None
    return CENTRED * (1 - apart / reach) if here.place_id and reach else 0.0
