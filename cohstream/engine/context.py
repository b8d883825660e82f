"""What the engine is given besides reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from cohstream.engine.days import LocalDays
from cohstream.engine.fuse import Said, Side, side_of
from cohstream.engine.memory import Remembered
from cohstream.engine.resolve import Resolver
from cohstream.knowledge import Knowledge
from cohstream.knowledge.camps import camps
from cohstream.law import Agreement, Evaluator
from cohstream.law.memo import ENTRIES

ZONE = ZoneInfo("Asia/Damascus")
"""The zone of local days in fusing and in tallies."""


@dataclass(frozen=True)
class Context:
    """Knowledge and law; ``side_by`` says for which side a claim speaks.

    ``day_of`` gives the local day of an instant, ``event_day`` that of an interval (``undetermined`` if it spans two).
    """

    resolver: Resolver
    law: Evaluator
    agreements: tuple[str, ...]
    side_by: Mapping[Said, Side]
    day_of: Callable[[datetime], str]
    event_day: Callable[[datetime, datetime], str]

    @classmethod
    def of(
        cls,
        knowledge: Knowledge,
        agreements: Mapping[str, Agreement],
        zone: tzinfo = ZONE,
        judgements: int = ENTRIES,
    ) -> Context:
        """The context for holding incidents against ``agreements``, remembering so many ``judgements``."""
        days = LocalDays(zone)
        return cls(
            resolver=Resolver(knowledge),
            law=Evaluator(list(agreements.values()), knowledge.actors, judgements),
            agreements=tuple(agreements),
            side_by=Remembered(partial(side_of, camps(knowledge.actors.ids()))),
            day_of=days.of,
            event_day=days.of_interval,
        )
