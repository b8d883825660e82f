"""Airwars' incident table: every column mapped, kept, or ignored with a reason."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from foreign_rows import shown

from cohstream.domain.vocabulary import CONDUCT_FAMILY, TARGET_FAMILY, WEAPON_CODES, Verification
from cohstream.importers import airwars, airwars_words
from cohstream.knowledge import load_knowledge

SEVERAL = ["several_of:strike_type"]


def test_a_row_becomes_a_report(rows_of: Any) -> None:
    report = rows_of("airwars").report
    assert report.identity == ("Airwars", "30925")
    assert shown(report.published_at) == "2024-12-15T00:00:00+03:00"
    assert shown(report.occurred.start) == "2016-03-05T00:00:00+02:00"
    assert (report.place.text, report.place.radius_km) == ("Kafr Daryan, Idlib", 1.5)
    assert (report.conduct, report.weapon.code) == ("air_strike", "air_delivered.undetermined")
    assert report.perpetrator.candidates == ("ext.russia",)
    assert report.verification is Verification.CORROBORATED
    assert report.target.code == "civilian_persons"
    assert (report.harm.civilians_killed.min, report.harm.civilians_killed.max) == (13, 18)
    assert (report.harm.killed.min, report.harm.killed.max) == (13, None)
    assert (report.harm.injured.min, report.harm.injured.max) == (15, None)
    assert report.links == ("https://airwars.org/civilian-casualties/rs001/",)
    assert report.extra["location_ar"] == "كفردريان"
    assert report.extra["published"] == "2016-03-05"
    assert report.excluded_presence is None


def test_every_word_means_something_the_vocabulary_and_the_registry_have() -> None:
    means = [*airwars_words.STRIKE_TYPES.values(), *airwars_words.CAUSES.values(), airwars_words.AIR_STRIKE]
    assert {one.conduct for one in means} <= set(CONDUCT_FAMILY)
    assert {one.weapon for one in means} <= WEAPON_CODES
    assert set(airwars_words.TARGETS.values()) == set(airwars_words.TARGET_ORDER)
    assert set(airwars_words.TARGET_ORDER) <= set(TARGET_FAMILY)
    assert set(airwars_words.GRADES) == set(airwars_words.GRADE_ORDER)
    actors = {actor for some in airwars_words.BELLIGERENTS.values() for actor in some}
    assert actors <= set(load_knowledge().actors.ids())


def test_every_column_of_the_real_table_is_spoken_for(real_data: Path) -> None:
    with (real_data / "airwars_syria" / "incidents.csv").open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    assert sorted(columns) == sorted((*airwars.MAPPED, *airwars.KEPT, *airwars.IGNORED))


@pytest.mark.parametrize("day", ["", "1970-01-01"])
def test_a_row_without_its_day_is_rejected_not_dated(rows_of: Any, day: str) -> None:
    assert rows_of("airwars", {"incident_date": day}, {}).codes == ["no_event_date", None]


@pytest.mark.parametrize(
    ("changes", "start", "end", "precision"),
    [
        ({"local_time": "morning"}, "05T06:00:00", "05T12:00:00", "part_of_day"),
        ({"local_time": "after_midnight"}, "05T00:00:00", "05T03:00:00", "part_of_day"),
        ({"local_time": "during_the_night"}, "05T00:00:00", "06T00:00:00", "part_of_day"),
        ({"local_time": "13:22:00"}, "05T13:22:00", None, "exact"),
        ({"time_start": "10:00:00", "time_end": "14:00:00"}, "05T10:00:00", "05T14:00:00", "range"),
        ({"time_start": "23:00:00", "time_end": "03:30:00"}, "05T23:00:00", "06T03:30:00", "range"),
        ({"date_end": "2016-03-07", "date_type": "date_range"}, "05T00:00:00", "08T00:00:00", "range"),
        ({"date_end": "2016-03-05"}, "05T00:00:00", "06T00:00:00", "day"),
    ],
)
def test_times(rows_of: Any, changes: dict[str, str], start: str, end: str | None, precision: str) -> None:
    given = rows_of("airwars", changes)
    occurred = given.report.occurred
    assert shown(occurred.start) == f"2016-03-{start}+02:00"
    assert shown(occurred.end) == (end and f"2016-03-{end}+02:00")
    assert occurred.precision == precision
    assert given.notices == []


def test_odd_times_are_told(rows_of: Any) -> None:
    assert rows_of("airwars", {"local_time": "tea time"}).notices == ["local_time_not_read:tea time"]
    assert rows_of("airwars", {"date_type": "date_range"}).notices == ["range_without_end"]
    gap = {"incident_date": "2016-03-25", "local_time": "00:30:00"}
    assert rows_of("airwars", gap).notices == ["time_in_gap"]
    fold = {"incident_date": "2016-10-27", "local_time": "23:30:00"}
    assert rows_of("airwars", fold).notices == ["time_in_fold"]


@pytest.mark.parametrize(
    ("changes", "conduct", "weapon", "notices"),
    [
        ({"strike_type": "Airstrike, Drone Strike"}, "air_strike", "air_delivered.undetermined", SEVERAL),
        ({"strike_type": "Drone Strike"}, "air_strike", "air_delivered.armed_uav", []),
        ({"strike_type": "Airstrike and/or Artillery"}, "attack", "undetermined_weapon", []),
        ({"strike_type": "Airstrike, Artillery"}, "attack", "undetermined_weapon", SEVERAL),
        ({"strike_type": "Naval bombardment, Artillery"}, "shelling", "undetermined_weapon", SEVERAL),
        (
            {"strike_type": "", "cause_of_harm": "Small arms and light weapons"},
            "direct_fire",
            "direct_fire.undetermined",
            [],
        ),
        (
            {"strike_type": "", "cause_of_harm": "Chemical, Biological, Radiological, Nuclear (CBRN)"},
            "chemical_attack",
            "chemical.undetermined",
            [],
        ),
        ({"strike_type": ""}, "air_strike", "air_delivered.undetermined", ["conduct_from_series"]),
        ({"strike_type": "", "incident_date": "2019-03-05"}, "attack", "undetermined_weapon", ["conduct_not_stated"]),
        ({"strike_type": "", "code": "TS001"}, "attack", "undetermined_weapon", ["conduct_not_stated"]),
        ({"strike_type": "Catapult"}, "attack", "undetermined_weapon", ["unknown_word:strike_type:Catapult"]),
    ],
)
def test_conduct_and_weapon(
    rows_of: Any, changes: dict[str, str], conduct: str, weapon: str, notices: list[str]
) -> None:
    given = rows_of("airwars", changes)
    assert (given.report.conduct, given.report.weapon.code) == (conduct, weapon)
    assert given.notices == notices


def test_a_contested_row_names_its_belligerent_and_says_that_others_name_another(rows_of: Any) -> None:
    actors = load_knowledge().actors
    for changes in ({"evidence_grade": "Contested"}, {"strike_status": "Contested strike"}):
        given = rows_of("airwars", changes)
        perpetrator = given.report.perpetrator
        assert given.notices == ["contested_attribution"]
        assert (perpetrator.candidates, perpetrator.contested) == (("ext.russia",), True)
    both = {"evidence_grade": "Contested", "belligerents": "Russian Military, U.S.-led Coalition"}
    perpetrator = rows_of("airwars", both).report.perpetrator
    assert actors.resolve(perpetrator.text, perpetrator.candidates).ids == ("ext.cjtf", "ext.russia")


def test_grades(rows_of: Any) -> None:
    confirmed = rows_of("airwars", {"evidence_grade": "Confirmed"}).report
    assert (confirmed.verification, confirmed.perpetrator.basis) == (Verification.VERIFIED, ("admission",))
    worst = rows_of("airwars", {"evidence_grade": "Contested, Discounted"}).report
    assert worst.verification is Verification.DISCOUNTED
    assert rows_of("airwars", {"evidence_grade": ""}).report.verification is None
    assert rows_of("airwars", {"evidence_grade": "Great"}).notices == ["unknown_word:evidence_grade:Great"]


def test_belligerents(rows_of: Any) -> None:
    nobody = rows_of("airwars", {"belligerents": ""}).report.perpetrator
    assert (nobody.candidates, nobody.certainty) == ((), "undetermined")
    unknown = rows_of("airwars", {"belligerents": "Martian Forces, YPG"})
    assert unknown.report.perpetrator.candidates == ("Martian Forces", "kur.ypg")
    assert unknown.notices == ["unknown_word:belligerents:Martian Forces"]


@pytest.mark.parametrize(
    ("infrastructure", "harm", "code"),
    [
        ("Healthcare, Education", "Yes", "medical"),
        ("Residential, Education", "Yes", "school"),
        ("Oil Facility, Resources", "No", "undetermined"),
        ("", "No", "undetermined"),
        ("", "Yes", "civilian_persons"),
    ],
)
def test_targets(rows_of: Any, infrastructure: str, harm: str, code: str) -> None:
    report = rows_of("airwars", {"infrastructure": infrastructure, "civ_harm_reported": harm}).report
    assert report.target.code == code
    assert report.target.text == (infrastructure or None)


def test_figures_that_contradict_themselves_stay_as_published(rows_of: Any) -> None:
    given = rows_of("airwars", {"civ_killed_min": "18", "civ_killed_max": "13"})
    assert given.report.harm.civilians_killed is None
    assert (given.report.extra["civ_killed_min"], given.report.extra["civ_killed_max"]) == ("18", "13")
    assert given.notices == ["min_above_max:civ_killed"]


def test_fighters_killed_make_the_toll_whole(rows_of: Any) -> None:
    killed = rows_of("airwars", {"mil_killed_min": "1", "mil_killed_max": "2"}).report.harm.killed
    assert (killed.min, killed.max) == (14, 20)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lon": "4239.00416"}, "out_of_range"),
        ({"lat": "NaN"}, "not_finite"),
        ({"civ_killed_min": "many"}, "wrong_type"),
        ({"incident_date": "05/03/2016"}, "bad_time"),
        ({"time_start": "25:00"}, "bad_time"),
        ({"date_end": "2016-03-01"}, "contradiction"),
        ({"airwars_id": ""}, "missing_field"),
    ],
)
def test_bad_cells_reject_their_row_only(rows_of: Any, changes: dict[str, str], code: str) -> None:
    assert rows_of("airwars", changes, {}).codes == [code, None]


def test_an_unknown_column_is_told_once_and_kept(rows_of: Any) -> None:
    given = rows_of("airwars", {"weather": "rain"}, {"airwars_id": "2", "weather": "fog"})
    assert given.notices == ["unknown_column:weather"]
    assert [report.extra["weather"] for report in given.reports] == ["rain", "fog"]
