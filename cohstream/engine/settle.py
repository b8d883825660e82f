"""Settling: what claims that came, changed or went do to clusters and incidents. Work grows with the neighbourhood.

A sharp claim touches its block; the clusters of a block touch the wide claims of its field; a wide claim touches the
clusters that it leaves and chooses, and the lone clusters of its home field. There it ends (ADR 0015).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import inf

from msgspec.structs import replace

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import FOUNDING_KINDS, Presence, Statement
from cohstream.engine.attach import Events, choose, let_in
from cohstream.engine.context import Context
from cohstream.engine.describe import NOTHING_SAID, SaidAt, accounts, describe
from cohstream.engine.fuse import FEW, Cluster, Wide, canonical_order, cluster, cluster_wide
from cohstream.engine.ledger import Block, Ledger
from cohstream.engine.moving import Cause, Moving
from cohstream.engine.placing import FieldKey, seat_of

COVERAGE = Statement.COVERAGE
NOTHING_MOVED: frozenset[str] = frozenset()


def presence_holds(claim: Claim, start: datetime) -> bool:
    """Whether what a claim says of presence holds of an event at its spot that began at ``start``."""
    return claim.start <= start and (claim.statement is COVERAGE or start < claim.end)


class Settlement(Moving):
    """The claims that move in one batch, and what is derived anew for them."""

    def __init__(self, ledger: Ledger, context: Context) -> None:
        super().__init__(ledger, context)
        self._moved_in: dict[FieldKey, Cause] = {}
        self._changed: dict[FieldKey, set[str]] = {}
        self._touched: dict[Cluster, Cause] = {}
        self._anew: set[Cluster] = set()
        self._events: dict[FieldKey, Events] = {}
        self.before: dict[str, tuple[Incident, Cause]] = {}
        self.after: list[tuple[Incident, Cause]] = []

    def derive(self) -> None:
        """Bring all clusters and incidents that are touched up to the claims; fill :attr:`before` and :attr:`after`."""
        for area, cause in self._tied.items():
            self._retie(area, cause)
        for block, cause in self._blocks.items():
            self._cluster_block(block, cause)
        for wide in self._gone:
            self._leave(wide, self._gone[wide])
        for wide, cause in self._choosing():
            self._choose(wide, cause)
        homes = self._let_in()
        for name, cause in homes.items():
            self._cluster_home(name, cause)
        for one, cause in self._touched.items():
            if one in self._anew:
                self._describe(one, cause)
        for block in self._blocks:
            block.stale = False
            if not block.claims:
                self._drop(block)
        left = {*homes, *[one.field for one in self._blocks], *[name for wide in self._gone for name in wide.fields]}
        for emptied in left:
            field = self._ledger.fields.get(emptied) if emptied else None
            if emptied and field is not None and not (field.blocks or field.wides):
                del self._ledger.fields[emptied]

    def _drop(self, block: Block) -> None:
        seat = self._ledger.seats[block.where]
        if seat.blocks.pop(block.key, None) is not None and block.field:
            self._ledger.fields[block.field].blocks.pop(block, None)

    def _cluster_block(self, block: Block, cause: Cause) -> None:
        former = {one.members[0].claim_id: one for one in block.clusters}
        claims = block.claims if block.field else [one for one in block.claims if one.kind in FOUNDING_KINDS]
        made = cluster(claims, self._context.side_by, self._ledger.ties(block.where[0])) if claims else []
        moved = set(cause) if former else NOTHING_MOVED
        now: list[Cluster] = []
        targets: set[str] = set()
        for one in made:
            known = former.get(one.members[0].claim_id)
            if (
                known is not None
                and known.members == one.members
                and all([member.claim_id not in moved for member in one.members])
            ):
                del former[one.members[0].claim_id]
                now.append(known)
                if block.stale:
                    self._touched.setdefault(known, []).extend(cause)
                    self._anew.add(known)
            else:
                now.append(one)
                self._touched[one] = list(cause)
                self._anew.add(one)
                targets.add(one.founder.target)
        for gone in former.values():
            self._retire(gone, cause)
            targets.add(gone.founder.target)
        block.clusters = now
        if targets and block.field:
            self._moved_in.setdefault(block.field, []).extend(cause)
            self._changed.setdefault(block.field, set()).update(targets)

    def _retire(self, gone: Cluster, cause: Cause) -> None:
        self._touched.pop(gone, None)
        for wide in gone.wanted_by or ():
            wide.chosen = None
            if wide.tied and wide not in self._gone:  # it may lie in another field, which nothing else moves
                self._wides.setdefault(wide, list(cause))
        if gone.incident is not None:
            self._went(gone.incident, cause)

    def _went(self, incident: Incident, cause: Cause) -> None:
        self.before[incident.incident_id] = (incident, cause)
        for member in incident.members[1:]:
            if self._ledger.incident_of.get(member) == incident.incident_id:
                del self._ledger.incident_of[member]

    def _choosing(self) -> Iterable[tuple[Wide, Cause]]:
        """The wide claims that have to choose: those that came, and those of fields of which a cluster changed."""
        found = dict(self._wides)
        for name, cause in self._moved_in.items():
            field = self._ledger.fields[name]
            many, was_many = sum([len(block.clusters) for block in field.blocks]) > FEW, field.many
            field.many = many
            if not field.wides:
                continue
            targets = self._changed[name] if many and was_many else None
            for wide in field.wides.values():
                if targets is not None and not wide.tied and len(wide.fields) == 1 and wide.claim.target not in targets:
                    continue
                known = found.get(wide)
                if known is None:
                    found[wide] = cause
                elif wide not in self._wides:
                    found[wide] = [*known, *cause]
        return found.items()

    def _choose(self, wide: Wide, cause: Cause) -> None:
        best, weight = self._best(wide)
        if best is wide.chosen and weight == wide.weight and wide not in self._wides:
            return
        self._leave(wide, cause)
        wide.chosen, wide.weight = best, weight
        if best is None:
            if wide.let_in or wide in self._wides:
                self._stale.setdefault(wide.fields[0], []).extend(cause)
            wide.let_in = False
        else:
            best.wanted_by = [*(best.wanted_by or ()), wide]
            self._touched.setdefault(best, []).extend(cause)

    def _best(self, wide: Wide) -> tuple[Cluster | None, float]:
        """The event that a wide claim means: that of its group, if an order says so, else the one it is most like."""
        area = wide.claim.place.area
        ties = self._ledger.ties(area)
        if wide.tied:
            group = ties.group.get(wide.claim.claim_id)
            for lying in self._ledger.bonds[area].lying.values():
                if lying.key and ties.group.get(lying.claim.claim_id) == group:
                    block = self._ledger.seats[lying.where].blocks[lying.key]
                    return next(one for one in block.clusters if lying.claim in one.members), inf
        return choose(wide.claim, [self._events_of(name) for name in wide.fields], self._context.side_by, ties)

    def _leave(self, wide: Wide, cause: Cause) -> None:
        """Take ``wide`` from the cluster it chose; if it is gone for good, from the lone ones of its home too."""
        one = wide.chosen
        if one is not None:
            one.wanted_by = [other for other in one.wanted_by or () if other is not wide] or None
            self._touched.setdefault(one, []).extend(cause)
            wide.chosen = None
        if wide in self._gone and not wide.let_in:
            self._stale.setdefault(wide.fields[0], []).extend(cause)

    def _events_of(self, name: FieldKey) -> Events:
        known = self._events.get(name)
        if known is None:
            field = self._ledger.fields.get(name)
            known = self._events[name] = Events(list(field.clusters()) if field else [])
        return known

    def _let_in(self) -> dict[FieldKey, Cause]:
        """Let the best of each source's wide claims join; the home fields whose lone claims are others than before."""
        for one, cause in self._touched.items():
            joining = let_in(one, self._ledger.ties(one.founder.place.area)) if one.wanted_by else []
            for wide in one.wanted_by or ():
                inside = wide in joining
                if inside is not wide.let_in or wide in self._wides:
                    wide.let_in = inside
                    self._stale.setdefault(wide.fields[0], []).extend(cause)
            joined = tuple([wide.claim for wide in joining])
            if joined != one.joined or not self._wides.keys().isdisjoint(joining):
                one.joined = joined
                self._anew.add(one)
        return self._stale

    def _cluster_home(self, name: FieldKey, cause: Cause) -> None:
        """Cluster the wide claims at home in a field that joined no event, among themselves."""
        field = self._ledger.fields.get(name)
        if field is None:
            return
        ties = self._ledger.ties(name[0])
        left = [wide for wide in field.wides.values() if not wide.let_in and wide.fields[0] == name]
        made = cluster_wide(
            [wide for wide in left if wide.claim.kind in FOUNDING_KINDS],
            self._context.side_by,
            ties,
        )
        events = [Events(made)]
        joined: dict[Cluster, list[Claim]] = {}
        for wide in left:
            if wide.claim.kind not in FOUNDING_KINDS:
                best, _ = choose(wide.claim, events, self._context.side_by, ties)
                if best is not None:
                    joined.setdefault(best, []).append(wide.claim)
        for one in made:
            one.joined = tuple(sorted(joined.get(one, ()), key=canonical_order))
        former = {one.members[0].claim_id: one for one in field.lone}
        now = []
        for one in made:
            known = former.get(one.members[0].claim_id)
            if known is not None and not field.stale and known.members == one.members and known.joined == one.joined:
                del former[one.members[0].claim_id]
                now.append(known)
            else:
                now.append(one)
                self._touched[one] = list(cause)
                self._anew.add(one)
        for gone in former.values():
            self._retire(gone, cause)
        field.lone = now
        field.stale = False

    def _describe(self, one: Cluster, cause: Cause) -> None:
        members, attached = accounts(one.members, one.joined)
        incident = describe(one.founder, members, attached, self._context.event_day, self._said_at(one))
        bonds = self._ledger.bonds.get(incident.area) if self._ledger.bonds else None
        if bonds is not None and not bonds.given_way.isdisjoint(incident.members):
            incident = replace(incident, conflicting=True)
        former = one.incident
        one.incident = incident
        if former is not None:
            if former == incident:
                return
            self._went(former, cause)
        self.after.append((incident, cause))

    def _said_at(self, one: Cluster) -> SaidAt | None:
        """What presence reports say at a place and time; ``None`` if nobody says anything at the seats of ``one``."""
        seats = self._ledger.seats
        where = seat_of(one.founder.place)
        if where[1] and seats[where].presences:
            return self._presence_at
        return None

    def _presence_at(self, place: Place, start: datetime) -> frozenset[Presence]:
        seat = self._ledger.seats.get(seat_of(place))
        return NOTHING_SAID if seat is None else seat.presence_at(start)
