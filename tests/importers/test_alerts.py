"""Alerts of two other conflicts: sirens of Ukraine by two observers, and alerts of Israel's Home Front Command."""

from __future__ import annotations

from typing import Any

import pytest

from cohstream.domain.vocabulary import Kind, Stake


def at(instant: Any) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def test_a_siren_is_an_observation_from_its_start_to_its_end(rows_of: Any) -> None:
    report = rows_of("ukraine-sirens").report
    assert (report.source, report.kind, report.stake) == ("Air-raid alerts of Ukraine", Kind.OBSERVATION, Stake.SENSOR)
    assert (at(report.occurred.start), at(report.occurred.end)) == ("2022-03-15T16:10:34Z", "2022-03-15T16:50:07Z")
    assert report.occurred.precision == "exact"
    assert report.published_at == report.received_at == report.occurred.end
    assert report.place.text == "Hill hromada, Upper raion, Northern oblast"


@pytest.mark.parametrize("format_name", ["ukraine-sirens", "ukraine-sirens-volunteers", "israel-alerts"])
def test_an_alert_is_no_attack_and_tells_of_no_weapon_actor_or_point(rows_of: Any, format_name: str) -> None:
    report = rows_of(format_name).report
    assert (report.kind, report.conduct) == (Kind.OBSERVATION, "other")
    assert (report.weapon.text, report.weapon.code) == (None, None)
    assert (report.perpetrator.text, report.perpetrator.candidates) == (None, ())
    assert (report.place.lat, report.place.lon) == (None, None)


def test_the_two_observers_of_a_siren_are_two_sources(rows_of: Any) -> None:
    volunteers = rows_of("ukraine-sirens-volunteers").report
    assert (volunteers.source, volunteers.stake, volunteers.place.text) == ("eTryvoga", Stake.NGO, "Northern oblast")
    named_in_the_official_table = rows_of("ukraine-sirens", {"source": "volunteer"}).report
    assert named_in_the_official_table.source == "eTryvoga"


def test_an_end_that_the_volunteers_made_up_is_no_end(rows_of: Any) -> None:
    given = rows_of("ukraine-sirens-volunteers", {"naive": "True"})
    assert given.report.occurred.end is None
    assert given.report.received_at == given.report.occurred.start
    assert given.report.extra["finished_at"] == "2022-03-15 16:49:00+00:00"
    assert given.notices == ["end_not_known"]


def test_the_id_of_a_siren_is_its_region_and_start(rows_of: Any) -> None:
    given = rows_of(
        "ukraine-sirens",
        {},
        {"finished_at": "2022-03-15 17:00:00+00:00"},
        {"hromada": ""},
        {"started_at": "2022-03-15 16:11:34+00:00"},
    )
    first, later_end, wider, later = (one.report_id for one in given.reports)
    assert first == later_end
    assert len({first, wider, later}) == 3


def test_an_alert_of_israel_starts_on_its_own_clock_and_has_no_end(rows_of: Any) -> None:
    report = rows_of("israel-alerts").report
    assert (report.source, report.report_id, report.stake) == ("Home Front Command", "7", Stake.SENSOR)
    assert at(report.occurred.start) == "2014-07-24T14:05:26Z"
    assert (report.occurred.end, report.occurred.precision) == (None, "exact")
    assert report.published_at == report.occurred.start
    assert at(report.received_at) == "2014-07-24T14:06:00Z"
    assert (report.place.text, report.note) == ("Town A, Town B", "missiles")
    assert report.extra["alertDate"] == "2014-07-24T17:05:00"


def test_without_a_column_of_arrivals_an_alert_arrives_when_it_starts(rows_of: Any) -> None:
    report = rows_of("israel-alerts", {"first_seen_utc": ""}).report
    assert report.received_at == report.occurred.start


def test_a_time_that_clocks_showed_twice_is_both(rows_of: Any) -> None:
    given = rows_of("israel-alerts", {"date": "29.10.2023", "time": "01:30:00"})
    assert given.report.occurred.precision == "hour"
    assert given.notices == ["time_in_fold"]


@pytest.mark.parametrize(("category", "conduct"), [("2", "other"), ("15", "exercise"), ("21", "exercise")])
def test_a_drill_is_an_exercise(rows_of: Any, category: str, conduct: str) -> None:
    assert rows_of("israel-alerts", {"category": category}).report.conduct == conduct


def test_a_category_that_is_not_known_is_told_and_still_an_alert(rows_of: Any) -> None:
    given = rows_of("israel-alerts", {"category": "99"})
    assert given.report.conduct == "other"
    assert given.notices == ["unknown_word:category:99"]


@pytest.mark.parametrize(
    ("format_name", "changes", "code"),
    [
        ("ukraine-sirens", {"source": "somebody"}, "unknown_word"),
        ("ukraine-sirens", {"oblast": ""}, "missing_field"),
        ("ukraine-sirens", {"started_at": "2022-03-15 16:10:34"}, "bad_time"),
        ("ukraine-sirens", {"started_at": "2022-03-15"}, "bad_time"),
        ("ukraine-sirens", {"finished_at": "2022-03-15 16:00:00+00:00"}, "contradiction"),
        ("ukraine-sirens-volunteers", {"naive": "perhaps"}, "unknown_word"),
        ("ukraine-sirens-volunteers", {"finished_at": ""}, "missing_field"),
        ("israel-alerts", {"date": "2014-07-24"}, "bad_time"),
        ("israel-alerts", {"date": "31.02.2014"}, "bad_time"),
        ("israel-alerts", {"time": "25:00:00"}, "bad_time"),
        ("israel-alerts", {"time": "17"}, "bad_time"),
        ("israel-alerts", {"first_seen_utc": "yesterday"}, "bad_time"),
        ("israel-alerts", {"rid": ""}, "missing_field"),
        ("israel-alerts", {"data": ""}, "missing_field"),
    ],
)
def test_bad_cells_reject_their_row_only(rows_of: Any, format_name: str, changes: dict[str, str], code: str) -> None:
    assert rows_of(format_name, changes, {}).codes == [code, None]
