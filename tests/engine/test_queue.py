"""The queue: a question that incidents share is asked once, and what would change most comes first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import lines, reports

from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.engine.queue import OpenQuestion, open_questions
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.law.questions import Inquirer

AGREEMENTS = {name: one for name, one in load_agreements().items() if not one.is_draft}
KNOWLEDGE = load_knowledge()
INQUIRER = Inquirer({"SY-COH-2016-02": AGREEMENTS["SY-COH-2016-02"]}, KNOWLEDGE.actors)


def place_of(question: OpenQuestion, ledger: Ledger) -> str:
    return ledger.incidents[question.incidents[0]].place.name


def test_one_place_is_asked_about_once_for_all_its_incidents(ledger_of, report) -> None:
    unknown = {"excluded_presence": None, "target": {"class": "residential"}}
    days = [
        report(report_id=str(day), occurred={"start": f"2016-03-0{day}T10:00:00+02:00", "precision": "hour"}, **unknown)
        for day in (1, 2, 3)
    ]
    ledger = ledger_of([[*days, report(report_id="4", place={"text": "Daraya"}, **unknown)]])
    first, second = open_questions(ledger, INQUIRER)
    assert first.fact == second.fact == "presence of an excluded group"
    assert (place_of(first, ledger), len(first.incidents), first.worth) == ("Talbiseh", 3, 9)
    assert (place_of(second, ledger), len(second.incidents), second.worth) == ("Daraya", 1, 3)
    assert first.parties == {"government"}
    apart = open_questions(ledger, INQUIRER, lambda incident: incident.place.name == "Talbiseh")
    assert [len(one.incidents) for one in apart] == [1, 1, 1, 1]


@pytest.mark.parametrize("field", ["perpetrator", "target"])
def test_what_is_missing_of_one_event_is_asked_of_that_event(ledger_of, report, field: str) -> None:
    ledger = ledger_of([[report(report_id=one, place={"text": one}, **{field: {}}) for one in ("Talbiseh", "Daraya")]])
    assert [len(one.incidents) for one in open_questions(ledger, INQUIRER) if one.fact == field] == [1, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(reports(), max_size=12))
def test_every_missing_fact_of_every_incident_is_in_the_queue(bodies) -> None:
    ledger = Ledger()
    apply(ledger, lines(bodies), Context.of(KNOWLEDGE, AGREEMENTS))
    queue = open_questions(ledger, Inquirer(AGREEMENTS, KNOWLEDGE.actors))
    queued = {(one.agreement, one.fact, incident) for one in queue for incident in one.incidents}
    missing = {
        (one.agreement, fact, one.incident_id)
        for one in ledger.assessments()
        for finding in one.findings
        for fact in finding.missing
    }
    assert queued == missing
    assert sum(len(one.incidents) for one in queue) == len(missing)
    assert [one.worth for one in queue] == sorted((one.worth for one in queue), reverse=True)
    for one in queue:
        assert one.worth <= 6 * len(one.incidents)
