"""Why a claim is in its incident, and why its neighbours are not: read off the clusters that fusing left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from math import inf
from typing import NamedTuple

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import FOUNDING_KINDS
from cohstream.engine.apart import Apart, Reason, km_between, reason_apart
from cohstream.engine.attach import Events, weighed
from cohstream.engine.context import Context
from cohstream.engine.evidence import members_of
from cohstream.engine.fuse import Cluster, Ties, can_speak_of
from cohstream.engine.ledger import Ledger
from cohstream.engine.likeness import Part, likeness, of_places, part_of_place, parts_of
from cohstream.engine.placing import FUSED_WITH, BlockKey, SeatKey, block_of, fields_of, seat_of

NEIGHBOURS = 3


class How(StrEnum):
    """By which rule of fusing a claim is in its incident."""

    FOUNDER = "founder"
    SPOT = "spot"
    CHOSE = "chose"
    TOGETHER = "together"
    ATTACHED = "attached"
    ORDERED = "ordered"


class Rival(NamedTuple):
    """Another incident that a claim could have joined, and what spoke for that."""

    incident_id: str
    weight: float


class Joined(NamedTuple):
    """By which rule a claim is in, what spoke for it by field, and the next best that it could have joined."""

    how: How
    parts: tuple[Part, ...] = ()
    rival: Rival | None = None

    @property
    def weight(self) -> float:
        """What all parts weigh together."""
        return sum(part.weight for part in self.parts)


class Nearby(NamedTuple):
    """An incident nearby, how far in km (``None``: nobody knows), and what stands between the two."""

    incident: Incident
    km: float | None
    apart: Apart


def cluster_of(ledger: Ledger, incident: Incident, context: Context) -> Cluster | None:
    """The cluster that ``incident`` was described from; ``None`` if it is sealed, and only the incident is kept."""
    for claim in members_of(ledger, incident):
        for one in _where_it_may_be(ledger, claim, context):
            if one.incident is not None and one.incident.incident_id == incident.incident_id:
                return one
    return None


def _where_it_may_be(ledger: Ledger, claim: Claim, context: Context) -> Iterator[Cluster]:
    where, key = _lies(ledger, claim, context)
    seat = ledger.seats.get(where)
    if seat is None:
        return
    wide = seat.wides.get(claim.claim_id)
    if wide is None:
        block = seat.blocks.get(key) if key else None
        yield from block.clusters if block else ()
        return
    if wide.chosen is not None:
        yield wide.chosen
    home = ledger.fields.get(wide.fields[0])
    yield from home.lone if home else ()


def _lies(ledger: Ledger, claim: Claim, context: Context) -> tuple[SeatKey, BlockKey | None]:
    """The seat and the block that a claim lies in, by itself or by an analyst's order; no block if it is wide."""
    bonds = ledger.bonds.get(claim.place.area)
    lying = bonds.lying.get(claim.claim_id) if bonds else None
    where, key = (lying.where, lying.key) if lying else (seat_of(claim.place), None)
    return where, key or block_of(claim, context.event_day)


def joined(ledger: Ledger, cluster: Cluster, claim: Claim, context: Context) -> Joined:
    """Why ``claim``, a member of the incident of ``cluster``, is in it."""
    founder, ties = cluster.founder, ledger.ties(claim.place.area)
    if claim.claim_id == founder.claim_id:
        return Joined(How.FOUNDER)
    parts = parts_of(claim, founder)
    group = ties.group.get(claim.claim_id)
    if group is not None and group in {ties.group.get(one.claim_id) for one in cluster.members if one is not claim}:
        return Joined(How.ORDERED, parts)
    could = partial(_could, claim, context, ties)
    inside = any(one.claim_id == claim.claim_id for one in cluster.members)
    where, key = _lies(ledger, founder, context)
    if inside and key is not None:
        block = ledger.seats[where].blocks[key]
        others = [(one, likeness(claim, one.founder)) for one in block.clusters if could(one)]
        return Joined(How.SPOT, parts, _next_best(cluster, others))
    place = part_of_place(claim, founder)
    parts = (place, *parts) if place else parts
    if inside:
        lone = ledger.fields[fields_of(founder, context.day_of)[0]].lone
        weights = [(one, of_places(claim, one.founder), one.founder) for one in lone if could(one)]
        others = [(one, there + likeness(claim, other)) for one, there, other in weights if there is not None]
        return Joined(How.TOGETHER, parts, _next_best(cluster, others))
    fields = [ledger.fields[name] for name in fields_of(claim, context.day_of)]
    if key is None:
        events = [Events(ledger.fields[fields_of(founder, context.day_of)[0]].lone)]
    else:
        events = [Events(list(field.clusters())) for field in fields]
    how = How.CHOSE if claim.kind in FOUNDING_KINDS else How.ATTACHED
    return Joined(how, parts, _next_best(cluster, weighed(claim, events, context.side_by, ties)))


def _could(claim: Claim, context: Context, ties: Ties, one: Cluster) -> bool:
    return can_speak_of(claim, *context.side_by[claim.weapon, claim.conduct, claim.perpetrators], one, ties)


def _next_best(chosen: Cluster, others: Iterable[tuple[Cluster, float]]) -> Rival | None:
    rivals = [Rival(one.incident.incident_id, weight) for one, weight in others if one is not chosen and one.incident]
    return max(rivals, key=lambda one: (one.weight, one.incident_id), default=None)


def kept_apart(ledger: Ledger, cluster: Cluster, context: Context) -> list[Nearby]:
    """The nearest other incidents of the area and days of ``cluster``, and why they are not one with it."""
    founder = cluster.founder
    days = [day for _, day, _ in fields_of(founder, context.day_of)]
    keys = [(founder.place.area, day, family) for day in days for family in sorted({*FUSED_WITH.values()})]
    fields = [ledger.fields[key] for key in keys if key in ledger.fields]
    others = [one for field in fields for one in (*field.clusters(), *field.lone) if one is not cluster]
    found = [(one, one.incident) for one in others if one.incident is not None]
    near = sorted(found, key=lambda one: _nearness(founder, one[0].founder, one[1]))[:NEIGHBOURS]
    ties = ledger.ties(founder.place.area)
    return [
        Nearby(
            incident,
            km_between(founder.place, one.founder.place),
            _ordered_apart(cluster, one, ties) or reason_apart(founder, one.founder),
        )
        for one, incident in near
    ]


def _ordered_apart(one: Cluster, other: Cluster, ties: Ties) -> Apart | None:
    """What an analyst ordered between two clusters, if anything."""
    if one.closed or other.closed:
        return Apart(Reason.ORDERED, "pinned")
    these, those = ({member.claim_id for member in some.members} for some in (one, other))
    if any(not those.isdisjoint(ties.apart.get(this, ())) for this in these):
        return Apart(Reason.ORDERED, "cannot_link")
    return None


def _nearness(founder: Claim, other: Claim, incident: Incident) -> tuple[bool, float, float, str]:
    """Those at the same spot first, then by distance, then by time."""
    km = km_between(founder.place, other.place)
    apart = abs((founder.start - other.start).total_seconds())
    return seat_of(founder.place) != seat_of(other.place), inf if km is None else km, apart, incident.incident_id
