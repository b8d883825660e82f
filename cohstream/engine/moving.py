"""Moving: claims that come, change or go, and the seats, blocks and fields they lie in, as orders bid."""

from __future__ import annotations

from cohstream.domain.claim import Claim
from cohstream.engine.bonds import Bonds
from cohstream.engine.context import Context
from cohstream.engine.fuse import Wide
from cohstream.engine.ledger import Block, Field, Ledger, Seat
from cohstream.engine.placing import BlockKey, FieldKey, SeatKey, block_of, fields_of, seat_of, speaks_of_event

Cause = list[str]
"""Ids of the claims that moved."""


class Moving:
    """The claims that move in one batch: where they are put, and which blocks and wide claims that touches."""

    def __init__(self, ledger: Ledger, context: Context) -> None:
        self._ledger = ledger
        self._context = context
        self._blocks: dict[Block, Cause] = {}
        self._wides: dict[Wide, Cause] = {}
        self._gone: dict[Wide, Cause] = {}
        self._stale: dict[FieldKey, Cause] = {}
        self._tied: dict[str, Cause] = {}
        self._reordered: set[str] = set()

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
