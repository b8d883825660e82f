"""An incident is derived from its members by documented rules (docs/evidence.md): no average, no majority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cohstream.domain.incident import Incident

Told = Callable[..., Incident]
VOICES = ("MSF", "SOHR", "Syria Civil Defence", "UOSSM", "Airwars", "AFP")


@pytest.fixture
def told(report: Callable[..., bytes], ledger_of: Callable[..., Any]) -> Told:
    """``told({...}, {...})``: the one incident that so many voices tell of, each with its fields, in any order."""

    def incident(*accounts: dict[str, Any]) -> Incident:
        reports = [
            report(**{"source": source, "report_id": str(number), **fields})
            for number, (source, fields) in enumerate(zip(VOICES, accounts, strict=False))
        ]
        (one,) = ledger_of([reports]).incidents.values()
        (other,) = ledger_of([[raw] for raw in reversed(reports)]).incidents.values()
        assert one == other
        return one

    return incident


def says(stake: str, **fields: Any) -> dict[str, Any]:
    """An account of that stake; ``target`` and ``weapon`` as codes."""
    codes = {name: {"class": fields.pop(name)} for name in ("target", "weapon") if name in fields}
    return {"stake": stake, **codes, **fields}


def killed(least: int, most: int | None) -> dict[str, Any]:
    return {"harm": {"killed": {"min": least, "max": most}}}


def test_many_parties_do_not_outvote_one_who_has_no_interest(told: Told) -> None:
    military = says("party", target="covered_party_force")
    assert told(military, military, says("ngo", target="market")).target == "market"


def test_parties_are_heard_on_what_was_hit_where_nobody_else_speaks_of_it(told: Told) -> None:
    military = says("party", target="military_position")
    assert told(military, says("un", target="undetermined")).target == "military_position"
    assert told(
        military, says("neutral_monitor", target="military_position"), says("party", target="school")
    ).target == ("military_position")


def test_in_doubt_it_was_civilian(told: Told) -> None:
    position = says("neutral_monitor", target="military_position")
    assert told(position, position, says("ngo", target="residential")).target == "residential"


def test_a_hospital_in_a_residential_area_is_a_hospital_whoever_names_it(told: Told) -> None:
    homes = says("neutral_monitor", target="residential")
    assert told(homes, homes, says("aligned_media", target="medical")).target == "medical"


def test_what_its_own_source_discounts_names_no_target(told: Told) -> None:
    withdrawn = says("ngo", target="medical", verification="discounted")
    assert told(says("ngo", target="residential"), withdrawn).target == "residential"


def test_a_kind_goes_before_its_family(told: Told) -> None:
    family = {"conduct": "attack", "weapon": {"class": "air_delivered"}}
    assert told(says("un", **family), says("party", conduct="air_strike")).conduct == "air_strike"
    assert told(says("ngo", target="civilian"), says("ngo", target="school")).target == "school"


def test_the_conduct_is_that_of_best_standing_then_of_the_most_precise_account(told: Told) -> None:
    hour = {"occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"}}
    strike, raid = {"conduct": "air_strike"}, {"conduct": "attack_on_aid"}
    assert told(says("ngo", **strike), says("ngo", **strike), says("un", **raid)).conduct == "attack_on_aid"
    assert told(says("ngo", **strike), says("ngo", **strike), says("ngo", **raid, **hour)).conduct == "attack_on_aid"


@pytest.mark.parametrize(
    ("said", "weapon"),
    [
        ((("ngo", "indirect_fire.mortar"), ("party", "indirect_fire.mortar.120mm")), "indirect_fire.mortar.120mm"),
        ((("ngo", "indirect_fire.mortar"), ("ngo", "indirect_fire.artillery")), "indirect_fire.undetermined"),
        (
            (("ngo", "indirect_fire.mortar"), ("ngo", "indirect_fire.mortar"), ("un", "indirect_fire.artillery")),
            "indirect_fire.artillery",
        ),
        (
            (
                ("ngo", "indirect_fire.mortar.82mm"),
                ("ngo", "indirect_fire.mortar.120mm"),
                ("party", "indirect_fire.mlrs"),
            ),
            "indirect_fire.mortar",
        ),
        ((("ngo", "indirect_fire.undetermined"), ("ngo", "indirect_fire.mlrs.122mm")), "indirect_fire.mlrs.122mm"),
        ((("un", "indirect_fire"), ("ngo", "undetermined_weapon")), "indirect_fire.undetermined"),
    ],
)
def test_of_weapons_what_is_agreed_on_is_kept(told: Told, said: tuple[tuple[str, str], ...], weapon: str) -> None:
    found = told(*[says(stake, weapon=code, conduct="shelling") for stake, code in said])
    assert found.weapon == weapon


def test_weapons_that_share_nothing_are_undetermined_but_an_agent_goes_before_its_carrier(told: Told) -> None:
    bomb = says("ngo", weapon="air_delivered.barrel_bomb", conduct="chemical_attack")
    gas = says("ngo", weapon="chemical.toxic_gas.chlorine", conduct="chemical_attack")
    mine = says("ngo", weapon="naval_gunfire", conduct="chemical_attack")
    assert told(bomb, bomb, gas).weapon == "chemical.toxic_gas.chlorine"
    assert told(bomb, mine).weapon == "undetermined_weapon"


@pytest.mark.parametrize(
    ("accounts", "toll"),
    [
        ((killed(3, 5), killed(4, 9)), (3, 9)),
        ((killed(27, None), killed(50, 50)), (27, None)),
        ((killed(0, 0), killed(12, 12)), (0, 12)),
        ((killed(3, 3), killed(3, 3), killed(20, 20)), (3, 20)),
        (({}, killed(2, 2)), (2, 2)),
        (({}, {}), None),
    ],
)
def test_tolls_are_spans_and_lower_bounds_stay_lower_bounds(
    told: Told, accounts: tuple[dict[str, Any], ...], toll: tuple[int, int | None] | None
) -> None:
    assert told(*accounts).killed == toll


def test_the_time_is_the_span_of_the_most_precise_and_the_place_the_narrowest(told: Told) -> None:
    def at(hour: str) -> dict[str, str]:
        return {"start": f"2016-03-01T{hour}:00+02:00", "precision": "exact"}

    narrow = {"text": "Talbiseh", "lat": 34.8405, "lon": 36.729, "radius_km": 0.5}
    one = told({}, {"occurred": at("10:00")}, {"occurred": at("11:30"), "place": narrow})
    assert [f"{moment:%H:%M}" for moment in (one.start, one.end)] == ["08:00", "09:30"]
    assert one.place.radius_km == 0.5


def test_circular_sourcing_is_one_voice(told: Told) -> None:
    copies = [{"source": "UNICEF"}, {"source": "UN OCHA", "perpetrator": {"candidates": ["ext.russia"]}}]
    alone = told(*copies)
    assert (alone.sources, alone.groups, alone.verification) == (2, 1, "alleged")
    assert told(*copies, {"source": "SOHR"}).verification == "corroborated"


def test_an_admission_names_who_admits_and_keeps_who_denies(told: Told) -> None:
    one = told(
        {"perpetrator": {"candidates": ["ext.cjtf"]}},
        {"perpetrator": {"candidates": ["gov.saa"]}},
        {"kind": "admission", "perpetrator": {"candidates": ["gov.saa"]}},
        {"kind": "denial", "perpetrator": {"candidates": ["ext.cjtf"], "certainty": "denied"}},
    )
    assert one.attribution.candidates == {"gov.saa": 1}
    assert one.attribution.confidence == "confirmed_admitted"
    assert one.attribution.denied_by == ("ext.cjtf",)


def test_a_denial_takes_no_candidate_away_and_is_no_voice(told: Told) -> None:
    denial = {"kind": "denial", "perpetrator": {"candidates": ["gov.saa"], "certainty": "denied"}}
    alone = told(says("ngo"), denial)
    assert (alone.attribution.candidates, alone.attribution.confidence) == ({"gov.saa": 1}, "contested")
    assert (alone.sources, alone.groups, alone.verification) == (1, 1, "alleged")
    seen = told(says("neutral_monitor"), denial)
    assert seen.attribution.confidence == "possible"


@pytest.mark.parametrize("stake", ["party", "guarantor", "aligned_media"])
@pytest.mark.parametrize("grade", ["corroborated", "verified", "investigated"])
def test_who_has_an_interest_cannot_verify_what_they_allege(told: Told, stake: str, grade: str) -> None:
    assert told(says(stake, verification=grade)).verification == "alleged"
    own = {"perpetrator": {"candidates": ["gov.saa"], "basis": ["admission"]}}
    assert told(says(stake, verification=grade, **own)).verification == grade
    assert told(says("un", verification=grade)).verification == grade


def test_two_grades_of_presence_are_a_dispute(told: Told) -> None:
    grades = [{"excluded_presence": grade} for grade in ("none", "none", "joint")]
    assert told(*grades).excluded_presence == "disputed"
    assert told(*grades[:2]).excluded_presence == "none"
