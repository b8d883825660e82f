"""Naive local times to instants, where a foreign format declares its zone.

A time that clocks skipped (the gap of spring) is read with the offset before the change, which moves it
forward by the gap. A time that clocks showed twice (the fold of autumn) is kept as both: the interval that
covers the two readings. Both are told. A local day runs from its first instant to the next day's first, so it
has 23 or 25 hours when clocks change.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from cohstream.domain.vocabulary import TimePrecision
from cohstream.errors import ReportError

DAMASCUS = ZoneInfo("Asia/Damascus")

IN_GAP = "time_in_gap"
IN_FOLD = "time_in_fold"
ONE_DAY = timedelta(days=1)

Moment = TypeVar("Moment", bound=date)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


class Reading(NamedTuple):
    """What a local time can mean: one instant, or the first and last of two; and a notice if it is odd.

    The instants carry a fixed offset: two that share a zone with changing clocks compare by what the clocks show.
    """

    first: datetime
    last: datetime
    notice: str | None = None


class Span(NamedTuple):
    """A half-open interval with precision, in the zone of the format, and notices of odd clock times."""

    start: datetime
    end: datetime | None
    precision: TimePrecision
    notices: tuple[str, ...] = ()

    def occurred(self) -> dict[str, str | None]:
        """The interval as a report's ``occurred``."""
        end = None if self.end is None else self.end.isoformat()
        return {"start": self.start.isoformat(), "end": end, "precision": self.precision.value}


def parse_day(text: str, name: str) -> date:
    """An ISO date. Raises :class:`ReportError` (``bad_time``)."""
    moment = parse_moment(text, name)
    if isinstance(moment, datetime):
        raise ReportError("bad_time", f"'{name}' is {text[:40]!r}; write a date alone, e.g. 2016-02-27")
    return moment


def parse_moment(text: str, name: str) -> date | datetime:
    """An ISO date, or an ISO time, naive or with an offset. Raises :class:`ReportError` (``bad_time``)."""
    try:
        if _DAY.fullmatch(text):
            return in_our_time(date.fromisoformat(text), text, name)
        if _TIME.fullmatch(text):
            return in_our_time(datetime.fromisoformat(text), text, name)
    except ValueError:
        pass
    raise ReportError(
        "bad_time", f"'{name}' is {text[:40]!r}; write a date or a time like 2016-02-27 or 2016-02-27T18:30"
    )


def parse_time(text: str, name: str) -> datetime:
    """An ISO time with an offset. Raises :class:`ReportError` (``bad_time``)."""
    moment = parse_moment(text, name)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ReportError(
            "bad_time", f"'{name}' is {text[:40]!r}; write a time with an offset, e.g. 2022-03-15T16:10:34Z"
        )
    return moment


def in_our_time(moment: Moment, text: str, name: str) -> Moment:
    """``moment`` unless its year is absurd: then :class:`ReportError` (``bad_time``)."""
    if not 1901 <= moment.year <= 2199:
        raise ReportError("bad_time", f"'{name}' is {text[:40]!r}; the year lies outside 1901-2199")
    return moment


def reading_of(moment: datetime, zone: tzinfo) -> Reading:
    """What ``moment`` means on clocks of ``zone``; one with an offset means itself."""
    if moment.tzinfo is not None:
        return Reading(moment, moment)
    first = moment.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = moment.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first > second:
        return Reading(_shown(first, zone), _shown(first, zone), IN_GAP)
    return Reading(_shown(first, zone), _shown(second, zone), None if first == second else IN_FOLD)


def _shown(instant: datetime, zone: tzinfo) -> datetime:
    """``instant`` as clocks of ``zone`` show it, with the offset of that moment."""
    local = instant.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta(0)), fold=0)


def day_start(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, also where midnight itself was skipped or shown twice."""
    return reading_of(datetime(day.year, day.month, day.day), zone).first  # noqa: DTZ001


def whole_days(first: date, last: date, zone: tzinfo, precision: TimePrecision) -> Span:
    """From the start of ``first`` to the end of ``last``."""
    return Span(day_start(first, zone), day_start(last + ONE_DAY, zone), precision)


def at(moment: datetime, zone: tzinfo, precision: TimePrecision) -> Span:
    """A time without an end; shown twice, it is an hour wide and no longer exact."""
    read = reading_of(moment, zone)
    notices = (read.notice,) if read.notice else ()
    if read.first == read.last:
        return Span(read.first, None, precision, notices)
    coarser = TimePrecision.HOUR if precision is TimePrecision.EXACT else precision
    return Span(read.first, read.last + _LENGTH.get(precision, timedelta(0)), coarser, notices)


_LENGTH = {TimePrecision.HOUR: timedelta(hours=1), TimePrecision.PART_OF_DAY: timedelta(hours=6)}


def between(start: date, end: date, zone: tzinfo, precision: TimePrecision) -> Span:
    """From ``start`` to ``end``; a date as end counts whole, a time as end is where the interval ends."""
    first, first_notice = _edge(start, zone, latest=False)
    if isinstance(end, datetime):
        last, last_notice = _edge(end, zone, latest=True)
    else:
        last, last_notice = day_start(end + ONE_DAY, zone), None
    if last < first:
        raise ReportError("contradiction", f"the end ({end}) lies before the start ({start}); correct one of them")
    return Span(first, last, precision, tuple(sorted({n for n in (first_notice, last_notice) if n})))


def _edge(moment: date, zone: tzinfo, latest: bool) -> tuple[datetime, str | None]:
    if not isinstance(moment, datetime):
        return day_start(moment, zone), None
    read = reading_of(moment, zone)
    return (read.last if latest else read.first), read.notice
