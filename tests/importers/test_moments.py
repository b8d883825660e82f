"""Local times of Damascus: its days, its gap and its fold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohstream.domain.vocabulary import TimePrecision
from cohstream.errors import ReportError
from cohstream.importers.moments import (
    DAMASCUS,
    at,
    between,
    day_start,
    parse_day,
    parse_moment,
    reading_of,
    whole_days,
)


def local(text: str) -> datetime:
    moment = parse_moment(text, "t")
    assert isinstance(moment, datetime)
    return moment


def test_clocks_change_when_the_reference_says() -> None:
    assert day_start(date(2016, 3, 24), DAMASCUS).utcoffset() == timedelta(hours=2)
    assert day_start(date(2016, 3, 26), DAMASCUS).utcoffset() == timedelta(hours=3)


def test_a_time_that_clocks_skipped_moves_forward_and_is_told() -> None:
    read = reading_of(local("2016-03-25T00:30"), DAMASCUS)
    assert read.first.isoformat() == "2016-03-25T01:30:00+03:00"
    assert read.notice == "time_in_gap"
    span = at(local("2016-03-25T00:30"), DAMASCUS, TimePrecision.EXACT)
    assert (span.end, span.precision, span.notices) == (None, TimePrecision.EXACT, ("time_in_gap",))


def test_a_time_that_clocks_showed_twice_is_both() -> None:
    span = at(local("2016-10-27T23:30"), DAMASCUS, TimePrecision.EXACT)
    assert span.start.astimezone(UTC) == datetime(2016, 10, 27, 20, 30, tzinfo=UTC)
    assert span.end is not None
    assert span.end.astimezone(UTC) == datetime(2016, 10, 27, 21, 30, tzinfo=UTC)
    assert span.precision is TimePrecision.HOUR
    assert span.notices == ("time_in_fold",)


def test_days_with_23_and_25_hours() -> None:
    for day, hours in ((date(2016, 3, 25), 23), (date(2016, 10, 27), 25), (date(2016, 2, 27), 24)):
        span = whole_days(day, day, DAMASCUS, TimePrecision.DAY)
        assert span.end is not None
        assert span.end.astimezone(UTC) - span.start.astimezone(UTC) == timedelta(hours=hours)
        assert span.notices == ()


def test_ends_given_as_days_count_whole_and_ends_in_the_fold_reach_to_its_last_reading() -> None:
    span = between(date(2016, 2, 27), date(2016, 2, 28), DAMASCUS, TimePrecision.RANGE)
    assert span.occurred() == {
        "start": "2016-02-27T00:00:00+02:00",
        "end": "2016-02-29T00:00:00+02:00",
        "precision": "range",
    }
    folded = between(local("2016-10-27T22:00"), local("2016-10-27T23:30"), DAMASCUS, TimePrecision.RANGE)
    assert folded.end is not None
    assert folded.end.isoformat() == "2016-10-27T23:30:00+02:00"
    assert folded.notices == ("time_in_fold",)


def test_an_end_before_its_start_is_a_contradiction() -> None:
    with pytest.raises(ReportError) as caught:
        between(date(2016, 2, 28), date(2016, 2, 26), DAMASCUS, TimePrecision.RANGE)
    assert caught.value.code == "contradiction"


@pytest.mark.parametrize(
    "text",
    [
        "27.02.2016",
        "2016-2-7",
        "2016-02-30",
        "2016-02-27T25:00",
        "2016-W08-6",
        "20160227",
        "0001-01-01",
        "9999-12-31",
        "٢٠١٦-٠٢-٢٧",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse_moment(text, "when")
    assert caught.value.code == "bad_time"
    assert "'when'" in str(caught.value)


def test_a_stated_offset_is_believed_and_a_day_is_no_time() -> None:
    read = reading_of(local("2016-02-27T10:00Z"), DAMASCUS)
    assert read.first == datetime(2016, 2, 27, 10, tzinfo=UTC)
    with pytest.raises(ReportError):
        parse_day("2016-02-27T10:00", "day")


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_readings_are_in_order_and_show_the_stated_clock_unless_skipped(moment: datetime) -> None:
    read = reading_of(moment, DAMASCUS)
    assert read.first.astimezone(UTC) <= read.last.astimezone(UTC)
    if read.notice != "time_in_gap":
        assert read.first.replace(tzinfo=None, fold=0) == moment
        assert read.last.replace(tzinfo=None, fold=0) == moment


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_days_follow_each_other_without_gap_or_overlap(day: date) -> None:
    first = whole_days(day, day, DAMASCUS, TimePrecision.DAY)
    second = whole_days(day + timedelta(days=1), day + timedelta(days=1), DAMASCUS, TimePrecision.DAY)
    assert first.end == second.start
    assert first.end is not None
    assert timedelta(hours=22) < first.end.astimezone(UTC) - first.start.astimezone(UTC) < timedelta(hours=26)
