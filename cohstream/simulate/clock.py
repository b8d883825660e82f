"""Moments of the simulation, in seconds since :data:`BEGIN`, as the local time that a report writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

BEGIN = datetime(2016, 2, 20, tzinfo=UTC)
DAYS = 230
"""Events lie between a week before the cessation of 27 February 2016 and two weeks after 19 September."""

MOST_DAYS = 30_000
"""Before 1920 Damascus was a few minutes off whole hours."""

HOURS_KEPT = 24 * 2 * DAYS

DAMASCUS = ZoneInfo("Asia/Damascus")
HOUR = 3_600
PART_HOURS = 6
MINUTES_AND_SECONDS = tuple(f"{minute:02d}:{second:02d}" for minute in range(60) for second in range(60))


class Hour(NamedTuple):
    """One hour as JSON: how its moments begin and end, and ``occurred`` for each precision but ``exact``."""

    head: str
    tail: str
    occurred: dict[str, str]


def text_of(moment: int) -> str:
    """``moment`` as ISO 8601 in Damascus time."""
    hour = _hour(moment // HOUR)
    return f"{hour.head}{MINUTES_AND_SECONDS[moment % HOUR]}{hour.tail}"


def occurred(moment: int, precision: str) -> str:
    """What a source that knows an event's time to ``precision`` writes under ``occurred``, as JSON."""
    if precision == "exact":
        text = text_of(moment)
        return f'{{"start":"{text}","end":"{text}","precision":"exact"}}'
    return _hour(moment // HOUR).occurred[precision]


@lru_cache(HOURS_KEPT)
def _hour(number: int) -> Hour:
    """The hour ``number`` since :data:`BEGIN`, or before it. Offsets are whole hours: one holds for all of it."""
    start = (BEGIN + timedelta(hours=number)).astimezone(DAMASCUS)
    text = start.isoformat()
    day = start.date()
    part = start.hour // PART_HOURS * PART_HOURS
    return Hour(
        text[:14],
        text[19:],
        {
            "hour": _interval(text, (BEGIN + timedelta(hours=number + 1)).astimezone(DAMASCUS).isoformat(), "hour"),
            "part_of_day": _interval(_local(day, part), _local(day, part + PART_HOURS), "part_of_day"),
            "day": _interval(_local(day, 0), _local(day, 24), "day"),
            "range": _interval(_local(day - timedelta(days=1), 0), _local(day, 24), "range"),
        },
    )


def _local(day: date, hours: int) -> str:
    """Clock time ``hours`` on ``day``; 24 is the next midnight."""
    return datetime.combine(day + timedelta(days=hours // 24), time(hours % 24), DAMASCUS).isoformat()


def _interval(start: str, end: str, precision: str) -> str:
    return f'{{"start":"{start}","end":"{end}","precision":"{precision}"}}'
