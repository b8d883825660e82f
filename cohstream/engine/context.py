"""What the engine is given besides reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from cohstream.engine.resolve import Resolver
from cohstream.knowledge import Knowledge
from cohstream.knowledge.camps import camps
from cohstream.law import Agreement, Evaluator

ZONE = ZoneInfo("Asia/Damascus")
"""The zone of local days in fusing and in tallies."""


@dataclass(frozen=True)
class Context:
    """Knowledge, law, the zone of local days, and the camp of each actor."""

    resolver: Resolver
    law: Evaluator
    agreements: tuple[str, ...]
    zone: tzinfo
    camp_of: Mapping[str, str]

    @classmethod
    def of(cls, knowledge: Knowledge, agreements: Mapping[str, Agreement], zone: tzinfo = ZONE) -> Context:
        """The context for holding incidents against ``agreements``."""
        return cls(
            resolver=Resolver(knowledge),
            law=Evaluator(list(agreements.values()), knowledge.actors),
            agreements=tuple(agreements),
            zone=zone,
            camp_of=camps(knowledge.actors.ids()),
        )
