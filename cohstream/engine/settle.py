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
from cohstream.engine.bonds import Bonds
from cohstream.engine.context import Context
from cohstream.engine.describe import NOTHING_SAID, SaidAt, describe
from cohstream.engine.fuse import FEW, FREE, Cluster, Ties, Wide, canonical_order, cluster, cluster_wide
from cohstream.engine.ledger import Block, Field, Ledger, Seat
from cohstream.engine.placing import BlockKey, FieldKey, SeatKey, block_of, fields_of, seat_of, speaks_of_event

Cause = list[str]
"""Ids of the claims that moved."""

COVERAGE = Statement.COVERAGE
NOTHING_MOVED: frozenset[str] = frozenset()


def presence_holds(claim: Claim, start: datetime) -> bool:
    """Whether what a claim says of presence holds of an event at its spot that began at ``start``."""
    return claim.start <= start and (claim.statement is COVERAGE or start < claim.end)


class Settlement:
    """The claims that move in one batch, and what has to be derived anew for them."""

    def __init__(self, ledger: Ledger, context: Context) -> None:
        self._ledger = ledger
        self._context = context
        self._blocks: dict[Block, Cause] = {}
        self._wides: dict[Wide, Cause] = {}
        self._gone: dict[Wide, Cause] = {}
        self._stale: dict[FieldKey, Cause] = {}
        self._moved_in: dict[FieldKey, Cause] = {}
        self._changed: dict[FieldKey, set[str]] = {}
        self._touched: dict[Cluster, Cause] = {}
        self._anew: set[Cluster] = set()
        self._events: dict[FieldKey, Events] = {}
        self._tied: dict[str, Cause] = {}
        self._reordered: set[str] = set()
        self.before: dict[str, tuple[Incident, Cause]] = {}
        self.after: list[tuple[Incident, Cause]] = []

    # --- claims that move ---

    def place(self, claim: Claim) -> None:
        """Let ``claim``, which tells of an event, lie where it belongs."""
        bonds = self._ledger.bonds.get(claim.place.area) if self._ledger.bonds else None
        if bonds is None or claim.claim_id not in bonds.named:
            self._lay(claim)
        else:
            bonds.living[claim.claim_id] = claim
            self._tied.setdefault(claim.place.area, []).append(claim.claim_id)

    def unplace(self, claim: Claim) -> None:
        """Take ``claim`` from where it lies."""
        bonds = self._ledger.bonds.get(claim.place.area) if self._ledger.bonds else None
        if bonds is None or bonds.living.pop(claim.claim_id, None) is None:
            self._lift(claim)
        else:
            lying = bonds.lying.pop(claim.claim_id, None)
            if lying is not None:
                self._lift(*lying)
            self._tied.setdefault(claim.place.area, []).append(claim.claim_id)

    def order(self, claim: Claim, step: int) -> None:
        """Let an order come into force in its area (``step`` 1), or leave it (-1)."""
        area = claim.place.area
        bonds = self._ledger.bonds.setdefault(area, Bonds())
        bonds.put(claim, step)
        self._tied.setdefault(area, []).append(claim.claim_id)
        self._reordered.add(area)

    def _lay(self, claim: Claim, where: SeatKey | None = None, key: BlockKey | None = None) -> None:
        """Put ``claim`` into its own seat and block, or into the ones given."""
        where = where or seat_of(claim.place)
        seat = self._ledger.seats.get(where) or self._ledger.seats.setdefault(where, Seat())
        key = key or block_of(claim, self._context.event_day)
        if key is None:
            wide = seat.wides[claim.claim_id] = Wide(claim, where, fields_of(claim, self._context.day_of))
            for name in wide.fields:
                self._field(name).wides[claim.claim_id] = wide
            self._wides[wide] = [claim.claim_id]
            return
        block = seat.blocks.get(key)
        if block is None:
            block = seat.blocks[key] = Block(where, key)
            if block.field:
                self._field(block.field).blocks[block] = None
        block.claims.append(claim)
        self.mark(block, claim)

    def _lift(self, claim: Claim, where: SeatKey | None = None, key: BlockKey | None = None) -> None:
        """Take ``claim`` out of its own seat and block, or of the ones given."""
        seat = self._ledger.seats[where or seat_of(claim.place)]
        wide = seat.wides.pop(claim.claim_id, None)
        if wide is not None:
            for name in wide.fields:
                del self._ledger.fields[name].wides[claim.claim_id]
            self._wides.pop(wide, None)
            self._gone[wide] = [claim.claim_id]
            return
        key = key or block_of(claim, self._context.event_day)
        if key is not None:
            block = seat.blocks[key]
            block.claims = [one for one in block.claims if one is not claim]
            self.mark(block, claim)

    def _retie(self, area: str, cause: Cause) -> None:
        """Let all claims that orders name lie where these say now."""
        bonds = self._ledger.bonds[area]
        for lying in bonds.lying.values():
            self._lift(*lying)
        bonds.lying.clear()
        if area in self._reordered:
            self._name_anew(area, bonds)
        bonds.tie(self._context.day_of)
        for lying in bonds.places(self._context.event_day):
            self._lay(*lying)
            bonds.lying[lying.claim.claim_id] = lying
            self._bind(lying.claim, bonds, cause)
        if not bonds.orders:
            del self._ledger.bonds[area]

    def _name_anew(self, area: str, bonds: Bonds) -> None:
        """Take the claims that orders name now from where they lie, and let those lie freely that none names now."""
        named = bonds.named
        for claim in [one for one in bonds.living.values() if one.claim_id not in named]:
            del bonds.living[claim.claim_id]
            self._lay(claim)
        missing = named - bonds.living.keys()
        seats = [seat for (where, _), seat in self._ledger.seats.items() if where == area] if missing else []
        for claim in [one for seat in seats for one in seat.claims() if one.claim_id in missing]:
            if speaks_of_event(claim):
                self._lift(claim)
                bonds.living[claim.claim_id] = claim

    def _bind(self, claim: Claim, bonds: Bonds, cause: Cause) -> None:
        """Note the orders among what caused a claim to move; a denial that is tied goes where its group lies."""
        where, key = bonds.lying[claim.claim_id][1:]
        seat = self._ledger.seats[where]
        wide = seat.wides.get(claim.claim_id)
        if wide is None:
            block = seat.blocks[key or block_of(claim, self._context.event_day) or ("", "")]
            self._blocks[block].extend(cause)
            return
        self._wides[wide].extend(cause)
        self._ledger.fields[wide.fields[0]].stale = True
        wide.tied = claim.claim_id in bonds.ties.group

    def mark(self, block: Block, moved: Claim) -> None:
        """Note that ``moved`` bears on ``block``."""
        self._blocks.setdefault(block, []).append(moved.claim_id)

    def mark_wide(self, wide: Wide, moved: Claim) -> None:
        """Note that what is said of presence at the place of ``wide`` has changed by ``moved``."""
        home = wide.fields[0]
        self._ledger.fields[home].stale = True
        self._stale.setdefault(home, []).append(moved.claim_id)

    def _field(self, name: FieldKey) -> Field:
        return self._ledger.fields.get(name) or self._ledger.fields.setdefault(name, Field())

    # --- what follows ---

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
        made = cluster(claims, self._context.side_by, self._ties(block.where[0])) if claims else []
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
        ties = self._ties(area)
        if wide.tied:
            group = ties.group.get(wide.claim.claim_id)
            for lying in self._ledger.bonds[area].lying.values():
                if lying.key and ties.group.get(lying.claim.claim_id) == group:
                    block = self._ledger.seats[lying.where].blocks[lying.key]
                    return next(one for one in block.clusters if lying.claim in one.members), inf
        return choose(wide.claim, [self._events_of(name) for name in wide.fields], self._context.side_by, ties)

    def _ties(self, area: str) -> Ties:
        bonds = self._ledger.bonds.get(area) if self._ledger.bonds else None
        return FREE if bonds is None else bonds.ties

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
            joining = let_in(one, self._ties(one.founder.place.area)) if one.wanted_by else []
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
        left = [wide for wide in field.wides.values() if not wide.let_in and wide.fields[0] == name]
        made = cluster_wide(
            [wide for wide in left if wide.claim.kind in FOUNDING_KINDS], self._context.side_by, self._ties(name[0])
        )
        events = [Events(made)]
        joined: dict[Cluster, list[Claim]] = {}
        for wide in left:
            if wide.claim.kind not in FOUNDING_KINDS:
                best, _ = choose(wide.claim, events, self._context.side_by, self._ties(name[0]))
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
        members, attached = one.members, one.joined
        if attached:
            founding = [claim for claim in attached if claim.kind in FOUNDING_KINDS]
            attached = tuple([claim for claim in attached if claim.kind not in FOUNDING_KINDS])
            members = sorted([*members, *founding], key=canonical_order) if founding else members
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
