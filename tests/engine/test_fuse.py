"""Fusing: many voices, one event; but never a bridge between two."""

from __future__ import annotations

from collections.abc import Callable

from cohstream.engine.ledger import Ledger

Make = Callable[..., bytes]
Ledgers = Callable[..., Ledger]


def at(hour: str, precision: str = "exact") -> dict[str, str]:
    return {"start": f"2016-03-01T{hour}:00+02:00", "precision": precision}


def test_two_sources_on_one_event_are_one_incident(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of([[report(), report(source="SOHR", place={"text": "Talbisah"})]])
    (incident,) = ledger.incidents.values()
    assert incident.sources == 2
    assert incident.verification == "corroborated"


def test_hours_apart_are_two_events_and_a_day_report_does_not_bridge_them(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of(
        [
            [
                report(report_id="morning", occurred=at("06:00")),
                report(report_id="evening", source="SOHR", occurred=at("18:00")),
                report(report_id="day", source="MSF"),
            ]
        ]
    )
    assert sorted(incident.sources for incident in ledger.incidents.values()) == [1, 2]


def test_enemies_firing_at_one_place_and_day_are_two_events(report: Make, ledger_of: Ledgers) -> None:
    ground = {"conduct": "shelling", "weapon": {"text": "mortar"}}
    ledger = ledger_of(
        [
            [
                report(report_id="1", perpetrator={"candidates": ["gov.saa"]}, **ground),
                report(report_id="2", source="SANA", perpetrator={"candidates": ["opp.ji"]}, **ground),
            ]
        ]
    )
    assert len(ledger.incidents) == 2


def test_a_governorate_wide_claim_joins_the_one_event_that_it_can_mean(report: Make, ledger_of: Ledgers) -> None:
    wide = report(source="SOHR", place={"text": "Homs province"})
    (incident,) = ledger_of([[report(), wide]]).incidents.values()
    assert (incident.sources, incident.place.name) == (2, "Talbiseh")
    two = ledger_of([[report(), report(report_id="2", place={"text": "Rastan"}), wide]])
    assert sorted(incident.sources for incident in two.incidents.values()) == [1, 1, 1]
    told = report(report_id="2", place={"text": "Rastan"}, target={"class": "medical"})
    hospital = report(source="SOHR", place={"text": "Homs province"}, target={"class": "medical"})
    three = ledger_of([[hospital], [report(), told]])
    assert {one.place.name: one.sources for one in three.incidents.values()} == {"Talbiseh": 1, "Rastan": 2}


def test_wide_claims_of_one_province_and_target_are_one_event_that_no_village_shares(
    report: Make, ledger_of: Ledgers
) -> None:
    market = {"place": {"text": "Homs province"}, "target": {"class": "market"}, "harm": {"killed": {"min": 9}}}
    village = report(source="MSF", target={"class": "medical"}, harm={"killed": {"min": 1, "max": 1}})
    ledger = ledger_of([[report(**market), report(source="SOHR", **market), village]])
    assert sorted(incident.sources for incident in ledger.incidents.values()) == [1, 2]


def test_one_sources_separate_reports_are_separate_events(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of([[report(), report(report_id="2"), report(source="SOHR")]])
    assert sorted(incident.sources for incident in ledger.incidents.values()) == [1, 2]


def test_of_two_clusters_a_report_joins_the_one_it_is_most_like(report: Make, ledger_of: Ledgers) -> None:
    market, hospital = {"target": {"class": "market"}}, {"target": {"class": "medical"}}
    first, second = report(**market), report(report_id="2", **hospital)
    for batches in (
        [[first, second], [report(source="SOHR", **hospital)]],
        [[report(source="SOHR", **hospital)], [first, second]],
    ):
        ledger = ledger_of(batches)
        assert {one.target: one.sources for one in ledger.incidents.values()} == {"market": 1, "medical": 2}


def test_a_bulletin_of_two_days_joins_an_event_of_either(report: Make, ledger_of: Ledgers) -> None:
    bulletin = report(
        source="Russian Reconciliation Centre",
        occurred={"start": "2016-02-29T00:00:00+02:00", "end": "2016-03-02T00:00:00+02:00", "precision": "range"},
    )
    for batches in ([[report(), bulletin]], [[bulletin], [report()]], [[report()], [bulletin]]):
        (incident,) = ledger_of(batches).incidents.values()
        assert (incident.sources, incident.event_day) == (2, "2016-03-01")


def test_who_write_an_unknown_name_alike_mean_one_place(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of([[report(place={"text": "Qxyzzy"}), report(source="SOHR", place={"text": "al-Qxyzzy"})]])
    assert [incident.sources for incident in ledger.incidents.values()] == [2]


def test_copies_of_one_voice_do_not_corroborate(report: Make, ledger_of: Ledgers) -> None:
    wires = [report(source=name) for name in ("UNICEF", "UN OCHA")]
    (incident,) = ledger_of([wires]).incidents.values()
    assert (incident.sources, incident.groups, incident.verification) == (2, 1, "alleged")


def test_rival_accounts_are_contested_and_count_once(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of(
        [[report(), report(source="SANA", perpetrator={"candidates": ["ext.cjtf"]}, conduct="air_strike")]]
    )
    (incident,) = ledger.incidents.values()
    assert incident.attribution.confidence == "contested"
    assert sum(incident.attribution.candidates.values()) == 1


def test_a_denial_founds_no_incident_but_contests_one(report: Make, ledger_of: Ledgers) -> None:
    denial = report(source="SANA", kind="denial", perpetrator={"candidates": ["gov.saa"], "certainty": "denied"})
    assert not ledger_of([[denial]]).incidents
    (incident,) = ledger_of([[denial], [report()]]).incidents.values()
    assert incident.attribution.denied_by == ("gov.saa",)
    assert incident.attribution.confidence == "contested"


def test_no_perpetrator_is_nobody_not_the_usual_suspect(report: Make, ledger_of: Ledgers) -> None:
    (incident,) = ledger_of([[report(perpetrator={"text": "warplanes"})]]).incidents.values()
    assert incident.attribution.candidates == {}


def test_presence_reports_change_the_incidents_of_their_place(report: Make, ledger_of: Ledgers) -> None:
    presence = report(
        source="Airwars",
        report_id="p",
        kind="presence",
        conduct=None,
        presence={"actor": "exc.nusra", "grade": "joint"},
        excluded_presence=None,
    )
    for batches in ([[report()], [presence]], [[presence], [report()]]):
        (incident,) = ledger_of(batches).incidents.values()
        assert incident.excluded_presence == "disputed"
    (incident,) = ledger_of([[presence], [report(excluded_presence=None)]]).incidents.values()
    assert incident.excluded_presence == "joint"


def test_coverage_speaks_of_later_days_at_its_own_place_only(report: Make, ledger_of: Ledgers) -> None:
    day = {"start": "2016-03-02T00:00:00+02:00", "precision": "day"}
    coverage = {"kind": "statement", "statement": "coverage", "conduct": None, "excluded_presence": "sole"}
    later = report(occurred={"start": "2016-03-05T08:00:00+02:00"}, excluded_presence=None)
    said = report(source="AFP", report_id="c", occurred=day, **coverage)
    for batches in ([[later], [said]], [[said], [later]]):
        (incident,) = ledger_of(batches).incidents.values()
        assert incident.excluded_presence == "sole"
    for elsewhere in ({"text": "Azaz"}, {}):
        (incident,) = ledger_of(
            [[later], [report(source="AFP", report_id="c", occurred=day, place=elsewhere, **coverage)]]
        ).incidents.values()
        assert incident.excluded_presence == "unknown"


def test_nobody_knows_what_holds_at_two_unknown_places(report: Make, ledger_of: Ledgers) -> None:
    nowhere = report(place={}, excluded_presence=None)
    coverage = {"kind": "statement", "statement": "coverage", "conduct": None, "excluded_presence": "sole"}
    (incident,) = ledger_of([[nowhere], [report(source="AFP", report_id="c", place={}, **coverage)]]).incidents.values()
    assert incident.excluded_presence == "unknown"


def test_a_source_that_calls_its_own_account_contested_does_not_make_it_stand(report: Make, ledger_of: Ledgers) -> None:
    unsure = report(perpetrator={"candidates": ["ext.russia"], "contested": True})
    (incident,) = ledger_of([[unsure]]).incidents.values()
    assert incident.attribution.confidence == "contested"
    (incident,) = ledger_of(
        [[unsure, report(source="SOHR", perpetrator={"candidates": ["ext.russia"]})]]
    ).incidents.values()
    assert incident.attribution.confidence == "probable"
