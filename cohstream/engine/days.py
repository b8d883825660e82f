"""Local days of one zone: of an instant, and of an interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from cohstream.domain.vocabulary import UNDETERMINED
from cohstream.engine.memory import Remembered

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
MIDNIGHT = datetime.min.time()


class LocalDays:
    """The days of ``zone``, as ISO text. Hours that lie in one day are remembered: looking into a zone takes long."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._of_hour = Remembered(self._day_of_hour)

    def of(self, instant: datetime) -> str:
        """The date of ``instant``."""
        passed = instant - EPOCH
        return self._of_hour[passed.days * 24 + passed.seconds // 3600] or self._date(instant)

    def of_interval(self, start: datetime, end: datetime) -> str:
        """The date, if the half-open interval lies in one day; else ``undetermined``."""
        day = self.of(start)
        if start == end:
            return day
        if end - start > ONE_DAY:
            return UNDETERMINED
        if self.of(end) == day:
            return day
        last = end.astimezone(self._zone)
        ends_the_day = last.time() == MIDNIGHT and (last.date() - ONE_DAY).isoformat() == day
        return day if ends_the_day else UNDETERMINED

    def _date(self, instant: datetime) -> str:
        return instant.astimezone(self._zone).date().isoformat()

    def _day_of_hour(self, hour: int) -> str:
        """The date of an hour since the epoch, empty if it lies in two days."""
        begin = EPOCH + hour * HOUR
        first, last = self._date(begin), self._date(begin + HOUR - INSTANT)
        return first if first == last else ""
