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


def test_a_governorate_wide_claim_stands_alone(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of([[report(), report(source="SOHR", place={"text": "Homs province"})]])
    assert len(ledger.incidents) == 2


def test_copies_of_one_voice_do_not_corroborate(report: Make, ledger_of: Ledgers) -> None:
    ledger = ledger_of([[report(), report(report_id="2", weapon={"text": "four barrel bombs"})]])
    (incident,) = ledger.incidents.values()
    assert (incident.sources, incident.groups, incident.verification) == (1, 1, "alleged")


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
