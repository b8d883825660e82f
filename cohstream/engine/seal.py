"""Sealing: letting go of what no later report can touch, so that a long replay needs little memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from cohstream.domain.claim import Claim
from cohstream.domain.vocabulary import UNDETERMINED
from cohstream.engine.bonds import Bonds
from cohstream.engine.context import Context
from cohstream.engine.fuse import Cluster
from cohstream.engine.ledger import Block, Ledger
from cohstream.engine.neighbours import days_looked_back, forget
from cohstream.engine.placing import LONGEST_DAYS, ONE_DAY, seat_of


def seal(ledger: Ledger, day: str, context: Context) -> None:
    """Let go of what is settled for good once nothing still to come speaks of a day before ``day``, nor revises it.

    For a driver that has kept what is believed of it. A wide claim may yet choose among events of up to
    :data:`LONGEST_DAYS` days, so the last days before ``day`` stay, and before them those at which an event of one of
    them may look back (:mod:`cohstream.engine.neighbours`). So does what is said of presence, and what
    was notified.
    """
    before = _earlier(day, LONGEST_DAYS - 1 + days_looked_back(context))
    for name in [name for name in ledger.fields if name[1] < before]:
        field = ledger.fields.pop(name)
        for wide in field.wides.values():
            ledger.seats[seat_of(wide.claim.place)].wides.pop(wide.claim.claim_id, None)
            _note(ledger, wide.claim)
        for one in field.lone:
            _let_go(ledger, one)
    for seat in ledger.seats.values():
        for key in [key for key, block in seat.blocks.items() if _day_of(block, context.day_of) < before]:
            block = seat.blocks.pop(key)
            for claim in block.claims:
                _note(ledger, claim)
            for one in block.clusters:
                _let_go(ledger, one)
    for bonds in ledger.bonds.values():
        _untie(ledger, bonds)
    for contribution in [one for one in ledger.counts if one.event_day != UNDETERMINED and one.event_day < before]:
        del ledger.counts[contribution]


def needed_from(day: str, context: Context) -> str:
    """The local day from which claims must be placed again to go on after :func:`seal` of ``day``.

    Events from its last days on stayed, and a claim that chose one of them may be at home as many days before.
    """
    return _earlier(day, 2 * (LONGEST_DAYS - 1) + days_looked_back(context))


def _earlier(day: str, days: int) -> str:
    return (date.fromisoformat(day) - days * ONE_DAY).isoformat() if day else ""


def _day_of(block: Block, day_of: Callable[[datetime], str]) -> str:
    """The local day of a block; for that of one claim that is alone, the day on which it begins."""
    day, _ = block.key
    return day or day_of(block.claims[0].start)


def _let_go(ledger: Ledger, one: Cluster) -> None:
    incident = one.incident
    if incident is not None:
        forget(ledger, incident)
        del ledger.incidents[incident.incident_id]
        del ledger.judgements[incident.incident_id]
        for member in incident.members[1:]:
            del ledger.incident_of[member]


def _untie(ledger: Ledger, bonds: Bonds) -> None:
    """Let go of the claims of orders that lay in what is gone."""
    for claim_id, (claim, where, key) in list(bonds.lying.items()):
        seat = ledger.seats[where]
        blocks = [seat.blocks[key]] if key in seat.blocks else [] if key else seat.blocks.values()
        if claim_id not in seat.wides and not any(claim in block.claims for block in blocks):
            del bonds.lying[claim_id], bonds.living[claim_id]


def _note(ledger: Ledger, claim: Claim) -> None:
    """Let the watermark of an area stay where a claim had set it."""
    area = claim.place.area
    known = ledger.sealed_until.get(area)
    if known is None or claim.start > known:
        ledger.sealed_until[area] = claim.start
