"""How alike two accounts are: weights for what agrees and what differs, in the manner of record linkage.

After Fellegi and Sunter (A Theory for Record Linkage, 1969): each field that agrees speaks for one event, each that
differs speaks against it, and the weights add up. The weights are set by hand, once, and the same for all data; they
are not learnt, so that a monitor can retrace them. They only ever choose between events that a claim *can* speak of:
place, time, conduct and side decide that first (:mod:`cohstream.engine.fuse`, :mod:`cohstream.engine.attach`).
"""

from __future__ import annotations

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


def likeness(one: Claim, other: Claim) -> float:
    """The sum of weights of what two claims say of target, weapon, conduct, actors and toll."""
    weight = of_targets(one.target, other.target) + of_tolls(one.killed, other.killed)
    if one.weapon == other.weapon:
        weight += SAME_WEAPON
    weight += SAME_CONDUCT if one.conduct == other.conduct else OTHER_CONDUCT
    if one.perpetrators and other.perpetrators:
        weight += OTHER_ACTOR if set(one.perpetrators).isdisjoint(other.perpetrators) else SHARED_ACTOR
    return weight


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
    if not is_coarse(wide) and seat_of(here) == seat_of(there):
        return SAME_SEAT
    if here.lat is None or here.lon is None or there.lat is None or there.lon is None:
        return None
    reach = (here.radius_km or 0.0) + (there.radius_km or 0.0)
    apart = distance_km(here.lat, here.lon, there.lat, there.lon)
    if apart > reach:
        return None
    return CENTRED * (1 - apart / reach) if here.place_id and reach else 0.0
