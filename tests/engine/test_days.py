"""Local days, remembered by the hour, equal what the zone says of each instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cohstream.engine.days import LocalDays

NAMES = ("Asia/Damascus", "Europe/Kyiv", "Asia/Kathmandu", "America/St_Johns", "UTC")
ZONES = {name: (ZoneInfo(name), LocalDays(ZoneInfo(name))) for name in NAMES}

instants = st.one_of(
    st.integers(0, 9_466_848_000).map(lambda s: datetime(1900, 1, 2, tzinfo=UTC) + timedelta(seconds=s)),
    # near the ends of summer time, where Damascus once set its clocks back across midnight
    st.integers(-7_200, 7_200).map(lambda s: datetime(2016, 10, 27, 21, tzinfo=UTC) + timedelta(seconds=s)),
    st.integers(-7_200, 7_200).map(lambda s: datetime(2016, 3, 24, 22, tzinfo=UTC) + timedelta(seconds=s)),
)
lengths = st.one_of(
    st.integers(0, 60).map(lambda hours: timedelta(hours=hours)),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)


@given(st.sampled_from(NAMES), instants)
def test_a_day_is_that_of_the_zone(name: str, instant: datetime) -> None:
    zone, days = ZONES[name]
    assert days.of(instant) == instant.astimezone(zone).date().isoformat()


@given(st.sampled_from(NAMES), instants, lengths)
def test_an_interval_has_a_day_if_it_lies_in_one(name: str, start: datetime, length: timedelta) -> None:
    zone, days = ZONES[name]
    first, last = start.astimezone(zone), (start + length).astimezone(zone)
    ends_the_day = last.date() - first.date() == timedelta(days=1) and last.time() == datetime.min.time()
    one_day = length <= timedelta(days=1) and (last.date() == first.date() or ends_the_day)
    assert days.of_interval(start, start + length) == (first.date().isoformat() if one_day else "undetermined")
