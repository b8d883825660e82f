"""Analysts' orders: what must be one event, what cannot be, and what nothing else joins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cohstream.engine.ledger import Ledger

Make = Callable[..., bytes]
Ledgers = Callable[..., Ledger]

RASTAN = {"text": "Rastan"}


def order(report: Make, action: str, *names: str, **fields: Any) -> bytes:
    said = {"action": action, "reports": names, "author": "duty analyst", "reason": "seen on one video"}
    given = {"source": "Monitoring mission", "report_id": "o1", "kind": "override", "conduct": None}
    return report(**{**given, "override": said, **fields})


def sizes(ledger: Ledger) -> list[int]:
    return sorted(len(incident.members) for incident in ledger.incidents.values())


def test_must_link_joins_reports_of_two_places_of_one_area_in_any_order(report: Make, ledger_of: Ledgers) -> None:
    one, other = report(), report(source="SOHR", report_id="2", place=RASTAN)
    linked = order(report, "must_link", "SNHR/1", "SOHR/2")
    assert sizes(ledger_of([[one, other]])) == [1, 1]
    for batches in ([[one, other], [linked]], [[linked], [other], [one]], [[one, linked, other]]):
        assert sizes(ledger_of(batches)) == [2]


def test_others_join_what_is_linked(report: Make, ledger_of: Ledgers) -> None:
    one, other = report(), report(source="SOHR", report_id="2", place=RASTAN)
    ledger = ledger_of([[one, other, order(report, "must_link", "SNHR/1", "SOHR/2")], [report(source="MSF")]])
    assert sizes(ledger) == [3]


def test_pinned_reports_are_joined_by_nothing(report: Make, ledger_of: Ledgers) -> None:
    one, other = report(), report(source="SOHR", report_id="2")
    pinned = order(report, "pin", "SNHR/1", "SOHR/2")
    assert sizes(ledger_of([[one, other, report(source="MSF")]])) == [3]
    assert sizes(ledger_of([[one, other, report(source="MSF")], [pinned]])) == [1, 2]
    province = report(source="UN OCHA", place={"text": "Homs province"})
    assert sizes(ledger_of([[one, other, province], [pinned]])) == [1, 2]


def test_cannot_link_parts_what_fusion_joined_and_names_the_order_as_cause(report: Make, ledger_of: Ledgers) -> None:
    one, other = report(), report(source="SOHR", report_id="2")
    parted = order(report, "cannot_link", "SNHR/1", "SOHR/2")
    for batches in ([[one, other], [parted]], [[parted], [other], [one]]):
        assert sizes(ledger_of(batches)) == [1, 1]


def test_a_wide_claim_and_a_denial_obey(report: Make, ledger_of: Ledgers) -> None:
    province = report(source="SOHR", report_id="2", place={"text": "Homs province"})
    parted = order(report, "cannot_link", "SNHR/1", "SOHR/2")
    assert sizes(ledger_of([[report(), province]])) == [2]
    assert sizes(ledger_of([[report(), province], [parted]])) == [1, 1]
    denial = report(source="SANA", report_id="d", kind="denial", place=RASTAN, perpetrator={"candidates": ["gov.saa"]})
    assert not [one for one in ledger_of([[report(), denial]]).incidents.values() if one.attribution.denied_by]
    linked = order(report, "must_link", "SNHR/1", "SANA/d")
    for batches in ([[report(), denial], [linked]], [[linked], [denial], [report()], [report(source="MSF")]]):
        (incident,) = ledger_of(batches).incidents.values()
        assert incident.attribution.denied_by == ("gov.saa",)


def test_the_latest_word_holds_and_the_contradiction_is_flagged(report: Make, ledger_of: Ledgers) -> None:
    one, other = report(), report(source="SOHR", report_id="2")
    first = order(report, "must_link", "SNHR/1", "SOHR/2", published_at="2016-03-03T00:00:00Z")
    second = order(report, "cannot_link", "SNHR/1", "SOHR/2", report_id="o2", published_at="2016-03-04T00:00:00Z")
    for batches in ([[one, other], [first], [second]], [[second], [first], [one, other]]):
        ledger = ledger_of(batches)
        assert sizes(ledger) == [1, 1]
        assert all(incident.conflicting for incident in ledger.incidents.values())
    withdrawn = order(report, "cannot_link", "SNHR/1", "SOHR/2", report_id="o2", revision=1, retracts=True)
    ledger = ledger_of([[one, other], [first], [second], [withdrawn]])
    assert sizes(ledger) == [2]
    assert not any(incident.conflicting for incident in ledger.incidents.values())


def test_an_order_acts_in_its_area_and_about_its_day(report: Make, ledger_of: Ledgers) -> None:
    one, other = report(), report(source="SOHR", report_id="2", place=RASTAN)
    elsewhere = order(report, "must_link", "SNHR/1", "SOHR/2", place={"text": "Azaz"})
    later = {"start": "2016-03-09T00:00:00+02:00", "precision": "day"}
    for given in (elsewhere, order(report, "must_link", "SNHR/1", "SOHR/2", occurred=later)):
        assert sizes(ledger_of([[one, other], [given]])) == [1, 1]


def test_a_source_that_says_so_joins_its_own_reports(report: Make, ledger_of: Ledgers) -> None:
    own = order(report, "must_link", "SNHR/1", "SNHR/2", source="SNHR")
    assert sizes(ledger_of([[report(), report(report_id="2")], [own]])) == [2]
