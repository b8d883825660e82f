"""The whole job for the peers: our own engine's functions, called once a message.

What is the same for all: intake and its row per report, the claim to ``claims``, the belief of a partition in memory
(these runs start empty), incidents, assessments, changes and tallies out with their headers, and the row of each claim
kept. What the peers do not do: dead letters, re-keying of misplaced reports, holding the state to one law, metrics,
and the order of writes that our promise rests on (ADR 0009).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.knowledge import load_knowledge
from cohstream.live.belief import PartitionBelief
from cohstream.live.intake import Intake
from cohstream.live.statement import of_message
from cohstream.live.writer import Headers, Outgoing
from cohstream.local.session import Settings, chosen_agreements


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
        self, partition: int, key: bytes, value: bytes | None, headers: Headers, keep: Callable[[bytes, bytes], None]
    ) -> list[tuple[str, Outgoing]]:
        """What a claim comes to, by noun."""
        belief = self.beliefs.get(partition) or self.beliefs.setdefault(partition, PartitionBelief(self.context))
        told = belief.apply([of_message(key, value, headers)])
        for row_key, row in told.rows.items():
            keep(row_key, row)
        return [(noun, record) for noun, records in told.records.items() for record in records]
