"""Sealing: letting go of what no later report can touch, so that a long replay needs little memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cohstream.domain.vocabulary import UNDETERMINED
from cohstream.engine.ledger import Block, Ledger


def seal(ledger: Ledger, day: str, day_of: Callable[[datetime], str]) -> None:
    """Let go of all blocks of local days before ``day``, with their incidents, judgements and counts.

    For a driver that has kept what is believed of them, and knows that nothing still to come speaks of a day before
    ``day``, nor revises a report that did. What is said of presence stays: it may hold for later days.
    """
    for seat in ledger.seats.values():
        gone = [key for key, block in seat.blocks.items() if _day_of(block, day_of) < day]
        for key in gone:
            _let_go(ledger, seat.blocks.pop(key))
    for contribution in [one for one in ledger.counts if one.event_day != UNDETERMINED and one.event_day < day]:
        del ledger.counts[contribution]


def _day_of(block: Block, day_of: Callable[[datetime], str]) -> str:
    """The local day of a block; for that of one coarse claim, which has none, the day on which the claim begins."""
    day, _ = block.key
    return day or day_of(block.claims[0].start)


def _let_go(ledger: Ledger, block: Block) -> None:
    for incident in block.incidents:
        del ledger.incidents[incident.incident_id]
        del ledger.judgements[incident.incident_id]
        for member in incident.members[1:]:
            del ledger.incident_of[member]
    area, _ = block.where
    latest = max(claim.start for claim in block.claims)
    ledger.sealed_until[area] = max(ledger.sealed_until.get(area, latest), latest)
