"""Fusing: claims to clusters that each speak of one event. A pure function of the *set* of claims (ADR 0015).

Two steps, of which this is the first; :mod:`cohstream.engine.attach` is the second.

1. *Sharp* claims of one block are gone through from the most precise to the vaguest. Each joins the cluster it is most
   like among those it can speak of, or founds one.
2. *Wide* claims then join one cluster of their fields, or cluster among themselves. They never bridge two.

A claim *can* speak of a cluster if mode, camp and time are compatible with those of its founder, and no member is of
the same source: one source's separate reports are separate events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import TimePrecision
from cohstream.engine.likeness import likeness, of_places
from cohstream.engine.placing import FieldKey, SeatKey, is_coarse

REACH = timedelta(hours=3)
"""Precise times this far apart may still be one event: clocks differ, and an attack lasts."""

FEW = 8
"""Of more events than these in a field, only those of the same target are looked at; of more than these, none."""

LONE_LIKENESS = 0.8
"""The least likeness of two wide claims that are one event."""

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
SHOOTDOWN = "shootdown"
CAMPLESS = frozenset({"air", SHOOTDOWN})
"""Modes of which the culprit is often disputed: accounts are not held apart by whom they accuse."""

SHARPNESS = {
    TimePrecision.EXACT: 0,
    TimePrecision.HOUR: 0,
    TimePrecision.PART_OF_DAY: 1,
    TimePrecision.DAY: 2,
    TimePrecision.RANGE: 3,
}

Said = tuple[str, str | None, tuple[str, ...]]
"""A claim's weapon, conduct and perpetrators: what its side hangs on."""

Side = tuple[str, str]
"""Mode and camp, each empty if unknown."""


class Ties(NamedTuple):
    """What orders say of claims by id: of which group each is, whom it must not meet, and which groups are closed."""

    group: Mapping[str, str]
    apart: Mapping[str, frozenset[str]]
    closed: frozenset[str]


FREE = Ties({}, {}, frozenset())

SideBy = Mapping[Said, Side]

canonical_order: Callable[[Claim], tuple[datetime, str, str]] = attrgetter("start", "source", "report_id")
"""The order in which everything about claims is decided: event start, source, report id."""


class Cluster(Struct, eq=False):
    """The founding claims of one event, and what joined it. ``founder`` is the sharpest member.

    ``members`` are in canonical order; nothing joins a ``closed`` one. ``wanted_by`` are the wide claims that would
    join it, ``joined`` those that do; ``incident`` is what it was last described as.
    """

    founder: Claim
    mode: str
    camp: str
    members: list[Claim]
    closed: bool = False
    wanted_by: list[Wide] | None = None
    joined: tuple[Claim, ...] = ()
    incident: Incident | None = None


class Wide(Struct, eq=False):
    """A wide claim: the fields it may speak of, the cluster it chose there, by which weight, and if it was let in.

    ``tied``: an order says which event it means.
    """

    claim: Claim
    seat: SeatKey
    fields: tuple[FieldKey, ...]
    chosen: Cluster | None = None
    weight: float = 0.0
    let_in: bool = False
    tied: bool = False


def side_of(camp_of: Mapping[str, str], said: Said) -> Side:
    """Mode and camp that a claim speaks of.

    The mode is how the harm was done: ``air``, ``ground``, ``blast``, ``shootdown`` or ``""``. ``camp_of`` maps actor
    ids to camps; enemies' ground fire at one place and day is two events.
    """
    weapon, conduct, perpetrators = said
    if conduct == SHOOTDOWN:
        mode = SHOOTDOWN
    else:
        mode = MODE_OF_WEAPON.get(weapon.split(".", 1)[0], "") or MODE_OF_CONDUCT.get(conduct or "", "")
    camps = {camp_of.get(actor, "") for actor in perpetrators}
    return mode, camps.pop() if len(camps) == 1 and mode not in CAMPLESS else ""


def cluster(claims: Sequence[Claim], side_by: SideBy, ties: Ties = FREE) -> list[Cluster]:
    """The clusters of the sharp claims of one block, in canonical order of their anchors."""
    if len(claims) == 1:
        (alone,) = claims
        mode, camp = side_by[alone.weapon, alone.conduct, alone.perpetrators]
        return [Cluster(alone, mode, camp, [alone])]
    told = [(claim, side_by[claim.weapon, claim.conduct, claim.perpetrators]) for claim in claims]
    if not ties.group and len({claim.source for claim in claims}) == 1:  # a long list of one source, each its own event
        return _in_order([Cluster(claim, *side, [claim]) for claim, side in told])
    told.sort(key=_sharpest_first)
    clusters: list[Cluster] = []
    if ties.group:
        clusters, told = _tied(told, ties)
    for claim, (mode, camp) in told:
        best = _best(claim, mode, camp, clusters, ties)
        if best is None:
            clusters.append(Cluster(claim, mode, camp, [claim]))
        else:
            _join(best, claim, mode, camp)
    return _in_order(clusters)


def _tied(told: Sequence[tuple[Claim, Side]], ties: Ties) -> tuple[list[Cluster], list[tuple[Claim, Side]]]:
    """A cluster for each group that orders tie together, and the claims that are free."""
    groups: dict[str, Cluster] = {}
    free = []
    for claim, (mode, camp) in sorted(told, key=lambda one: sharpness(one[0])):
        name = ties.group.get(claim.claim_id)
        if name is None:
            free.append((claim, (mode, camp)))
        elif name in groups:
            _join(groups[name], claim, mode, camp)
        else:
            groups[name] = Cluster(claim, mode, camp, [claim], name in ties.closed)
    free.sort(key=_sharpest_first)
    return list(groups.values()), free


def sharpness(claim: Claim) -> tuple[bool, int, float, tuple[datetime, str, str]]:
    """The order in which claims are led: a known spot first, then the more precise time and place."""
    return is_coarse(claim.place), SHARPNESS[claim.precision], claim.place.radius_km or 0.0, canonical_order(claim)


def _sharpest_first(told: tuple[Claim, Side]) -> tuple[int, int, tuple[datetime, str, str]]:
    claim, side = told
    return SHARPNESS[claim.precision], side.count(""), canonical_order(claim)


def _best(claim: Claim, mode: str, camp: str, clusters: Sequence[Cluster], ties: Ties) -> Cluster | None:
    """The cluster that ``claim`` is most like among those it can speak of; the first of equals."""
    best, most = None, None
    for one in clusters:
        if can_speak_of(claim, mode, camp, one, ties):
            if best is None:
                best = one
                continue
            if most is None:
                most = likeness(claim, best.founder)
            weight = likeness(claim, one.founder)
            if weight > most:
                best, most = one, weight
    return best


def can_speak_of(claim: Claim, mode: str, camp: str, one: Cluster, ties: Ties) -> bool:
    """Whether mode, camp, time, source and orders let ``claim`` speak of the event of ``one``."""
    if (mode and one.mode and mode != one.mode) or (camp and one.camp and camp != one.camp):
        return False
    founder = one.founder
    if claim.start > founder.end + REACH or founder.start > claim.end + REACH:
        return False
    source = claim.source
    return all([member.source != source for member in one.members]) and may_meet(claim, one, ties)


def may_meet(claim: Claim, one: Cluster, ties: Ties) -> bool:
    """Whether no order keeps ``claim`` from the event of ``one``."""
    if one.closed:
        return False
    others = ties.apart.get(claim.claim_id) if ties.apart else None
    return others is None or others.isdisjoint([member.claim_id for member in one.members])


def _join(one: Cluster, claim: Claim, mode: str, camp: str) -> None:
    one.members.append(claim)
    one.mode = one.mode or mode
    one.camp = one.camp or camp


def _in_order(clusters: list[Cluster]) -> list[Cluster]:
    for one in clusters:
        if len(one.members) > 1:
            one.members.sort(key=canonical_order)
    if len(clusters) > 1:
        clusters.sort(key=anchor_order)
    return clusters


def anchor_order(one: Cluster) -> tuple[datetime, str, str]:
    """The canonical order of clusters: that of their anchors."""
    return canonical_order(one.members[0])


def cluster_wide(wides: Sequence[Wide], side_by: SideBy, ties: Ties = FREE) -> list[Cluster]:
    """The clusters of wide claims of one home field that joined no event, in canonical order of their anchors.

    They are one event if their places meet and they are alike enough; where there are many, only those of one seat.
    """
    clusters: list[Cluster] = []
    at: dict[SeatKey, list[Cluster]] = {}
    for wide in sorted(wides, key=_narrowest_first) if len(wides) > 1 else wides:
        claim = wide.claim
        mode, camp = side_by[claim.weapon, claim.conduct, claim.perpetrators]
        best, most = None, LONE_LIKENESS
        for one in clusters if len(clusters) <= FEW else at.get(wide.seat, ()):
            if can_speak_of(claim, mode, camp, one, ties) and (there := of_places(claim, one.founder)) is not None:
                weight = there + likeness(claim, one.founder)
                if weight > most:
                    best, most = one, weight
        if best is None:
            best = Cluster(claim, mode, camp, [claim])
            clusters.append(best)
            at.setdefault(wide.seat, []).append(best)
        else:
            _join(best, claim, mode, camp)
    return _in_order(clusters)


def _narrowest_first(wide: Wide) -> tuple[float, int, tuple[datetime, str, str]]:
    claim = wide.claim
    return claim.place.radius_km or 0.0, len(wide.fields), canonical_order(claim)
