"""The whole job for the peers: our own engine's functions, called once a message.

What is the same for all: intake and its row per report, the claim to ``claims``, the belief of a partition in memory
(these runs start empty), incidents, assessments, changes and tallies out with their headers, and the row of each claim
kept. What the peers do not do: dead letters, re-keying of misplaced reports, holding the state to one law, metrics,
and the order of writes that our promise rests on (ADR 0009).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.knowledge import load_knowledge
from cohstream.live.begun import Begun
from cohstream.live.belief import PartitionBelief
from cohstream.live.intake import Intake
from cohstream.live.statement import of_message
from cohstream.live.writer import Headers, Outgoing
from cohstream.local.session import Settings, chosen_agreements

IN_MEMORY = 10_000_000
"""Claims held in memory: all of them."""


class Record(NamedTuple):
    """A record of ``claims``, and where it is."""

    partition: int
    offset: int
    key: bytes
    value: bytes | None


@dataclass
class WholeJob:
    """The engine behind a peer's process."""

    context: Context = field(default_factory=lambda: Context.of(load_knowledge(), chosen_agreements(Settings())))
    beliefs: dict[int, PartitionBelief] = field(default_factory=dict)

    def claims(
        self, raw: bytes, row_of: Callable[[bytes], bytes | None], keep: Callable[[bytes, bytes], None]
    ) -> list[Outgoing]:
        """What a report comes to on ``claims``; its row is read by ``row_of`` and written by ``keep``."""
        report = read_report(raw)
        intake = Intake(self.context.resolver, row_of)
        intake.take(raw, report)
        for key, row in intake.taken.rows.items():
            keep(key, row)
        return [statement.message() for statement in intake.taken.statements]

    def belief(
        self, record: Record, headers: Headers, keep: Callable[[bytes, bytes], None]
    ) -> list[tuple[str, Outgoing]]:
        """What a claim comes to, by noun."""
        belief = self.beliefs.get(record.partition)
        if belief is None:
            belief = self.beliefs[record.partition] = PartitionBelief(self.context, lambda _: (), IN_MEMORY)
        statement = of_message(record.key, record.value, headers)
        told = belief.apply([statement], Begun(1, record.offset, record.offset), record.partition)
        for row_key, row in told.rows.items():
            keep(row_key, row)
        return [(noun, one) for noun, records in told.records.items() for one in records]
