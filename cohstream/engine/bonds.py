"""Analysts' orders over reports: which belong to one event, and which do not. The latest word on two reports holds.

* ``must_link``: the reports are of one event. They lie where the sharpest of them does; others may join them.
* ``cannot_link``: no two of the reports are of one event.
* ``pin``: the reports are one event, and nothing else joins it.

An order acts in the fusion area of its own place, on reports of events that begin within a day of its own ``occurred``:
so it travels with them through partitions, and a replay knows how long to wait for it. Of orders that contradict each
other the later published holds (then the lesser claim id); reports of one that gave way are flagged ``conflicting``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import NamedTuple

from msgspec import Struct

from cohstream.domain.claim import Claim
from cohstream.domain.vocabulary import FOUNDING_KINDS, OverrideAction
from cohstream.engine.fuse import FREE, Ties, sharpness
from cohstream.engine.placing import ONE_DAY, BlockKey, DayOf, EventDay, SeatKey, block_of, seat_of

NO_ONE: frozenset[str] = frozenset()
CANNOT_LINK, PIN = OverrideAction.CANNOT_LINK, OverrideAction.PIN


class Lying(NamedTuple):
    """Where a bound claim was put: a seat and a block of it; no block if it lies as if it were free."""

    claim: Claim
    where: SeatKey
    key: BlockKey | None


class Bonds(Struct):
    """What all orders of one area come to: ``named`` are the claims they may mean, ``living`` those there are.

    ``lying`` says where these are, ``given_way`` names those of which an order gave way to a later one.
    """

    orders: dict[str, Claim] = {}
    named: frozenset[str] = NO_ONE
    living: dict[str, Claim] = {}
    lying: dict[str, Lying] = {}
    ties: Ties = FREE
    given_way: frozenset[str] = NO_ONE

    def put(self, order: Claim, step: int) -> None:
        """Let ``order`` come into force (``step`` 1), or leave it (-1)."""
        if step > 0:
            self.orders[order.claim_id] = order
        else:
            del self.orders[order.claim_id]
        self.named = frozenset(claim_id for one in self.orders.values() for names in _names(one) for claim_id in names)

    def tie(self, day_of: DayOf) -> None:
        """Derive from the orders, latest first, who belongs together and who does not."""
        group: dict[str, str] = {}
        apart: dict[str, set[str]] = {}
        closed: set[str] = set()
        given_way: set[str] = set()
        for claim in sorted(self.orders.values(), key=_latest_first):
            action = claim.order.action if claim.order else CANNOT_LINK
            meant = self._meant(claim, day_of)
            for one, other in combinations(meant, 2):
                if action is CANNOT_LINK:
                    held = _put_apart(one, other, group, apart)
                else:
                    held = _join(one, other, group, apart, closed)
                if not held:
                    given_way.update((one, other))
            if action is PIN:
                closed.update(group.get(one, one) for one in meant)
        self.ties = Ties(group, {one: frozenset(others) for one, others in apart.items()}, frozenset(closed))
        self.given_way = frozenset(given_way)

    def _meant(self, order: Claim, day_of: DayOf) -> list[str]:
        """The living claims of events about the order's day that it names, each once."""
        day = date.fromisoformat(day_of(order.start))
        days = {(day + step * ONE_DAY).isoformat() for step in (-1, 0, 1)}
        found = [one for names in _names(order) for one in names if one in self.living]
        return [one for one in dict.fromkeys(found) if day_of(self.living[one].start) in days]

    def places(self, event_day: EventDay) -> Iterable[Lying]:
        """Where each living claim is to lie: tied ones at the sharpest of them, the others as if they were free."""
        tied: dict[str, list[Claim]] = {}
        for claim_id, claim in self.living.items():
            name = self.ties.group.get(claim_id)
            if name is not None and claim.kind in FOUNDING_KINDS:
                tied.setdefault(name, []).append(claim)
            else:
                yield Lying(claim, seat_of(claim.place), None)
        for name, claims in tied.items():
            leader = min(claims, key=sharpness)
            key = block_of(leader, event_day) or ("", f"bound:{name}")
            for claim in claims:
                yield Lying(claim, seat_of(leader.place), key)


def _names(claim: Claim) -> tuple[tuple[str, ...], ...]:
    return claim.order.reports if claim.order else ()


def _latest_first(claim: Claim) -> tuple[float, str]:
    return -claim.published_at.timestamp(), claim.claim_id


def _members(one: str, group: Mapping[str, str]) -> list[str]:
    name = group.get(one, one)
    return [other for other, named in group.items() if named == name] or [one]


def _put_apart(one: str, other: str, group: Mapping[str, str], apart: dict[str, set[str]]) -> bool:
    if group.get(one, one) == group.get(other, other):
        return False
    apart.setdefault(one, set()).add(other)
    apart.setdefault(other, set()).add(one)
    return True


def _join(one: str, other: str, group: dict[str, str], apart: Mapping[str, set[str]], closed: set[str]) -> bool:
    """Tie two groups into one, unless a later order keeps two of their members apart, or closed one of them."""
    these, those = _members(one, group), _members(other, group)
    if group.get(one) == group.get(other) is not None:
        return True
    if any(those_one in apart.get(this, NO_ONE) for this in these for those_one in those):
        return False
    if {group.get(one), group.get(other)} & closed:
        return False
    name = min(*these, *those)
    for member in (*these, *those):
        group[member] = name
    return True
