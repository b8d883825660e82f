"""Fusing: the claims of one block to clusters that each speak of one event.

Deliberately simple (ADR 0006), but a pure function of the *set* of claims: a block is recomputed whole,
in canonical order, whenever one of its claims comes, changes or goes.

- A *block* is fusion area × spot × local day × family of conduct. Claims never fuse across blocks.
- A *coarse* claim (wide radius or long range) is a block of its own: it never bridges two events.
- Precise claims of one mode and camp whose times lie within :data:`REACH` form a cluster.
- Vaguer claims (only the day known, mode or camp unknown) join the first cluster they are compatible with, or
  cluster among themselves; they too never bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from msgspec import Struct

from cohstream.domain.claim import Claim
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import CONDUCT_FAMILY, FOUNDING_KINDS, TimePrecision

COARSE_RADIUS_KM = 15.0
COARSE_RANGE = timedelta(hours=49)
"""A 24-hour bulletin dated by two calendar days is still fine; anything longer speaks of a period."""
REACH = timedelta(hours=3)
CELL_DEGREES = 0.05

PRECISE = frozenset({TimePrecision.EXACT, TimePrecision.HOUR, TimePrecision.PART_OF_DAY})
MODE_OF_CONDUCT = {
    "air_strike": "air",
    "shelling": "ground",
    "missile_strike": "ground",
    "direct_fire": "ground",
    "sniping": "ground",
    "ground_assault": "ground",
    "raid": "ground",
    "bombing": "blast",
}
MODE_OF_WEAPON = {
    "air_delivered": "air",
    "indirect_fire": "ground",
    "direct_fire": "ground",
    "explosive_other": "blast",
}


SeatKey = tuple[str, str]
"""Area and spot."""

BlockKey = tuple[str, str]
"""Local day and family of conduct; for the block of one coarse claim no day, and whose it is."""

Said = tuple[str, str | None, tuple[str, ...]]
"""A claim's weapon, conduct and perpetrators: what its side hangs on."""

Side = tuple[str, str]
"""Mode and camp, each empty if unknown."""

Told = tuple[Claim, Side]


class Cluster(Struct):
    """The founding claims of one event, with the span, mode and camp that its precise claims set."""

    mode: str
    camp: str
    end: datetime
    members: list[Claim] = []
    attached: list[Claim] = []


canonical_order: Callable[[Claim], tuple[datetime, str, str]] = attrgetter("start", "source", "report_id")
"""The order in which everything about claims is decided: event start, source, report id."""


def block_of(claim: Claim, day_of: Callable[[datetime], str]) -> BlockKey | None:
    """The block of its seat that ``claim`` belongs to; ``None`` if it speaks of no event (statements, counts ...)."""
    if claim.conduct is None or claim.statement is not None:
        return None
    if is_coarse(claim):
        return "", f"alone:{claim.claim_id}"
    return day_of(claim.start), CONDUCT_FAMILY[claim.conduct]


def is_coarse(claim: Claim) -> bool:
    """Whether a claim's place or time is too wide to say which event it speaks of."""
    radius = claim.place.radius_km
    return radius is None or radius >= COARSE_RADIUS_KM or claim.end - claim.start > COARSE_RANGE


def seat_of(place: Place) -> SeatKey:
    """Area and spot: where the blocks of claims at ``place`` lie, and where what is said of presence holds.

    The spot is the gazetteer's id of the place, or the grid cell of a bare point.
    """
    if place.place_id or place.lat is None or place.lon is None:
        return place.area, place.place_id
    return place.area, f"cell:{round(place.lat / CELL_DEGREES)}:{round(place.lon / CELL_DEGREES)}"


def side_of(camp_of: Mapping[str, str], said: Said) -> Side:
    """Mode and camp that a claim speaks of.

    The mode is how the harm was done: ``air``, ``ground``, ``blast`` or ``""``. ``camp_of`` maps actor ids to camps;
    enemies' ground fire at one place and day is two events. Who flew a strike is often disputed, so air claims are
    never held apart by the accused.
    """
    weapon, conduct, perpetrators = said
    mode = MODE_OF_WEAPON.get(weapon.split(".", 1)[0], "") or MODE_OF_CONDUCT.get(conduct or "", "")
    camps = {camp_of.get(actor, "") for actor in perpetrators}
    return mode, camps.pop() if len(camps) == 1 and mode != "air" else ""


def cluster(claims: Sequence[Claim], side_by: Mapping[Said, Side]) -> list[Cluster]:
    """The clusters of one block, in canonical order of their anchors; ``side_by`` gives what :func:`side_of` says."""
    if len(claims) == 1:
        (alone,) = claims
        return [Cluster("", "", alone.end, [alone])] if alone.kind in FOUNDING_KINDS else []
    sharp: list[Told] = []
    vague: list[Told] = []
    others: list[Told] = []
    for claim in sorted(claims, key=canonical_order):
        side = mode, camp = side_by[claim.weapon, claim.conduct, claim.perpetrators]
        if claim.kind not in FOUNDING_KINDS:
            others.append((claim, side))
        elif claim.precision in PRECISE and (mode == "air" or (mode and camp)):
            sharp.append((claim, side))
        else:
            vague.append((claim, side))
    clusters = _sweep(sharp)
    if vague:
        vague.sort(key=_unknowns)
        for claim, side in vague:
            _join(claim, side, clusters)
        for made in clusters:
            if len(made.members) > 1:
                made.members.sort(key=canonical_order)
        if len(clusters) > 1:
            clusters.sort(key=_anchor_order)
    for claim, side in others:
        _attach(claim, side, clusters)
    return clusters


def _unknowns(told: Told) -> int:
    """How much of a claim's side is unknown; sorting by it leaves equals in canonical order."""
    return told[1].count("")


def _anchor_order(made: Cluster) -> tuple[datetime, str, str]:
    return canonical_order(made.members[0])


def _sweep(sharp: Sequence[Told]) -> list[Cluster]:
    """Clusters of claims of one mode and camp whose times touch, by one pass in order of start."""
    clusters: list[Cluster] = []
    current: dict[Side, Cluster] = {}
    for claim, side in sharp:
        open_one = current.get(side)
        if open_one is None or claim.start > open_one.end + REACH:
            open_one = current[side] = Cluster(*side, end=claim.end)
            clusters.append(open_one)
        open_one.members.append(claim)
        open_one.end = max(open_one.end, claim.end)
    return clusters


def _join(claim: Claim, side: Side, clusters: list[Cluster]) -> None:
    mode, camp = side
    for candidate in clusters:
        if _compatible(mode, candidate.mode) and _compatible(camp, candidate.camp) and _meets(claim, candidate):
            candidate.members.append(claim)
            return
    clusters.append(Cluster(mode, camp, claim.end, [claim]))


def _compatible(one: str, other: str) -> bool:
    return not one or not other or one == other


def _meets(claim: Claim, candidate: Cluster) -> bool:
    first = candidate.members[0]
    return claim.start <= candidate.end + REACH and first.start <= claim.end + REACH


def _attach(claim: Claim, side: Side, clusters: list[Cluster]) -> None:
    """A denial or admission goes to the first event it can speak of, best one that names the same actor."""
    fitting = [one for one in clusters if _compatible(side[0], one.mode) and _meets(claim, one)]
    for candidate in fitting:
        if any(set(claim.perpetrators) & set(member.perpetrators) for member in candidate.members):
            candidate.attached.append(claim)
            return
    if fitting:
        fitting[0].attached.append(claim)
