"""In which order, and how fast, reports are played."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic

from cohstream.domain.report import Report
from cohstream.engine.intake import received_at

TICK = 0.25
"""Seconds by the clock between two steps of a paced replay."""


class Order(StrEnum):
    """What a replay is ordered by: when it happened, when it was published, or when it was received."""

    EVENT = "event"
    PUBLISHED = "published"
    RECEIVED = "received"

    def moment(self, report: Report) -> datetime:
        """When ``report`` is played. One that does not say when it was published is played when it was received."""
        match self:
            case Order.EVENT:
                return report.occurred.start
            case Order.PUBLISHED:
                return report.published_at or received_at(report)
            case Order.RECEIVED:
                return received_at(report)


class Pace:
    """Lets replayed time pass ``speed`` times as fast as the clock; as fast as possible without a speed."""

    def __init__(self, speed: float | None) -> None:
        self.speed = speed
        self._began: tuple[float, float] | None = None

    @property
    def tick(self) -> float | None:
        """Seconds of replayed time that are played together; ``None`` for as many as fit in a batch."""
        return None if self.speed is None else self.speed * TICK

    async def until(self, moment: datetime) -> None:
        """Return when ``moment`` is due; the first one is due at once. Others get a turn on the loop meanwhile."""
        await asyncio.sleep(0)
        if self.speed is None:
            return
        played = moment.astimezone(UTC).timestamp()
        if self._began is None:
            self._began = monotonic(), played
        began, first = self._began
        await asyncio.sleep(max(0.0, began + (played - first) / self.speed - monotonic()))
