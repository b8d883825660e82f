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


class Cluster(Struct):
    """The founding claims of one event, with the span, mode and camp that its precise claims set."""

    mode: str
    camp: str
    end: datetime
    members: list[Claim] = []
    attached: list[Claim] = []


def canonical_order(claim: Claim) -> tuple[datetime, str, str]:
    """The order in which everything about claims is decided: event start, source, report id."""
    return (claim.start, claim.source, claim.report_id)


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


def mode_of(claim: Claim) -> str:
    """``air``, ``ground``, ``blast`` or ``""``: how the harm was done, as far as the claim says."""
    by_weapon = MODE_OF_WEAPON.get(claim.weapon.split(".", 1)[0], "")
    return by_weapon or MODE_OF_CONDUCT.get(claim.conduct or "", "")


def cluster(claims: Sequence[Claim], camp_of: Mapping[str, str]) -> list[Cluster]:
    """The clusters of one block, in canonical order of their anchors.

    ``camp_of`` maps actor ids to camps; enemies' ground fire at one place and day is two events. Who flew a
    strike is often disputed, so air claims are never held apart by the accused.
    """
    if len(claims) == 1:
        (alone,) = claims
        return [Cluster("", "", alone.end, [alone])] if alone.kind in FOUNDING_KINDS else []
    ordered = sorted(claims, key=canonical_order)
    founding = [claim for claim in ordered if claim.kind in FOUNDING_KINDS]
    groups = {claim.claim_id: _group_of(claim, camp_of) for claim in founding}
    sharp: list[Claim] = []
    vague: list[Claim] = []
    for claim in founding:
        mode, camp = groups[claim.claim_id]
        known = mode == "air" or (mode and camp)
        (sharp if known and claim.precision in PRECISE else vague).append(claim)
    clusters = _sweep(sharp, groups)
    for claim in sorted(vague, key=lambda one: (groups[one.claim_id].count(""), canonical_order(one))):
        _join(claim, *groups[claim.claim_id], clusters)
    for made in clusters:
        made.members.sort(key=canonical_order)
    clusters.sort(key=lambda made: canonical_order(made.members[0]))
    for claim in ordered:
        if claim.kind not in FOUNDING_KINDS:
            _attach(claim, _group_of(claim, camp_of), clusters)
    return clusters


def _group_of(claim: Claim, camp_of: Mapping[str, str]) -> tuple[str, str]:
    mode = mode_of(claim)
    camps = {camp_of.get(actor, "") for actor in claim.perpetrators}
    return mode, camps.pop() if len(camps) == 1 and mode != "air" else ""


def _sweep(sharp: Sequence[Claim], groups: dict[str, tuple[str, str]]) -> list[Cluster]:
    """Clusters of claims of one mode and camp whose times touch, by one pass in order of start."""
    clusters: list[Cluster] = []
    current: dict[tuple[str, str], Cluster] = {}
    for claim in sharp:
        group = groups[claim.claim_id]
        open_one = current.get(group)
        if open_one is None or claim.start > open_one.end + REACH:
            open_one = current[group] = Cluster(*group, end=claim.end)
            clusters.append(open_one)
        open_one.members.append(claim)
        open_one.end = max(open_one.end, claim.end)
    return clusters


def _join(claim: Claim, mode: str, camp: str, clusters: list[Cluster]) -> None:
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


def _attach(claim: Claim, group: tuple[str, str], clusters: list[Cluster]) -> None:
    """A denial or admission goes to the first event it can speak of, best one that names the same actor."""
    fitting = [one for one in clusters if _compatible(group[0], one.mode) and _meets(claim, one)]
    for candidate in fitting:
        if any(set(claim.perpetrators) & set(member.perpetrators) for member in candidate.members):
            candidate.attached.append(claim)
            return
    if fitting:
        fitting[0].attached.append(claim)
