"""Attaching: which event of its fields a wide claim joins. The second step of fusing (:mod:`cohstream.engine.fuse`).

Each wide claim chooses on its own, by the sharp claims alone, so that what one chooses never hangs on another: a change
reaches the fields that a claim speaks of, and no farther. Of one source's claims that choose one event, it lets in the
best.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from cohstream.domain.claim import Claim
from cohstream.domain.vocabulary import FOUNDING_KINDS
from cohstream.engine.fuse import (
    FEW,
    FREE,
    REACH,
    Cluster,
    SideBy,
    Ties,
    Wide,
    can_speak_of,
    canonical_order,
    may_meet,
)
from cohstream.engine.likeness import likeness, of_places

LIKENESS = 0.3
"""The least weight for joining an event."""

NO_ONE: frozenset[str] = frozenset()

MARGIN = 0.1
"""By how much the best event must be likelier than the next; else the claim does not say which it means."""


class Events:
    """The clusters of one field, to be chosen from. ``many``: only those of one target are looked at."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        self.all = sorted(clusters, key=lambda one: canonical_order(one.founder))
        self.many = len(self.all) > FEW
        self._by_target: dict[str, list[Cluster]] = {}
        if self.many:
            for one in self.all:
                self._by_target.setdefault(one.founder.target, []).append(one)

    def like(self, target: str) -> Sequence[Cluster]:
        """All of a few; of many, those of the same target."""
        return self._by_target.get(target, ()) if self.many else self.all


def choose(claim: Claim, events: Sequence[Events], side_by: SideBy, ties: Ties = FREE) -> tuple[Cluster | None, float]:
    """The event that a wide claim is most like, and by which weight; none if none fits, or two do equally.

    Of many events only those of the same target are looked at, and of more than :data:`FEW` of these none is chosen: on
    such a day the claim does not say which it means.
    """
    best, most, second = None, -inf, -inf
    for one, weight in weighed(claim, events, side_by, ties):
        if weight > most:
            best, most, second = one, weight, most
        elif weight > second:
            second = weight
    if best is None or most < LIKENESS or most - second < MARGIN:
        return None, 0.0
    return best, most


def weighed(claim: Claim, events: Sequence[Events], side_by: SideBy, ties: Ties = FREE) -> list[tuple[Cluster, float]]:
    """The events among which a wide claim chooses, each with its weight."""
    candidates = _candidates(claim.target, events)
    if not candidates:
        return []
    mode, camp = side_by[claim.weapon, claim.conduct, claim.perpetrators]
    founding = claim.kind in FOUNDING_KINDS
    found = []
    for one in candidates:
        if not (can_speak_of(claim, mode, camp, one, ties) if founding else _can_be_denied(claim, mode, one, ties)):
            continue
        there = of_places(claim, one.founder)
        if there is not None:
            found.append((one, there + likeness(claim, one.founder)))
    return found


def _candidates(target: str, events: Sequence[Events]) -> Sequence[Cluster]:
    """The few events to be looked at; none if they are too many."""
    if len(events) == 1:
        found = events[0].like(target)
        return found if len(found) <= FEW else ()
    if sum(len(field.like(target)) for field in events) <= FEW:
        return [one for field in events for one in field.like(target)]
    alike = [one for field in events for one in field.like(target) if one.founder.target == target]
    return alike if len(alike) <= FEW else ()


def _can_be_denied(claim: Claim, mode: str, one: Cluster, ties: Ties) -> bool:
    founder = one.founder
    if mode and one.mode and mode != one.mode:
        return False
    if claim.start > founder.end + REACH or founder.start > claim.end + REACH:
        return False
    source = claim.source  # who denies one thing and alleges another speaks of two
    return all([member.source != source for member in one.members]) and may_meet(claim, one, ties)


def let_in(one: Cluster, ties: Ties = FREE) -> list[Wide]:
    """Those of the claims that chose ``one`` that join it, in canonical order: of each source's accounts the best.

    Of two that an order keeps apart, too, the better one joins.
    """
    found: list[Wide] = []
    heard: set[str] = set()
    for wide in sorted(one.wanted_by or (), key=lambda wide: (-wide.weight, canonical_order(wide.claim))):
        claim = wide.claim
        if claim.kind in FOUNDING_KINDS and claim.source in heard:
            continue
        if ties.apart and not ties.apart.get(claim.claim_id, NO_ONE).isdisjoint([one.claim.claim_id for one in found]):
            continue
        if claim.kind in FOUNDING_KINDS:
            heard.add(claim.source)
        found.append(wide)
    return sorted(found, key=lambda wide: canonical_order(wide.claim))
