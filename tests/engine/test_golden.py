"""The golden scenarios: every case with reports, through the engine, under the agreements it names."""

from __future__ import annotations

import pytest

from cohstream.engine.casework import Casework
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.law.cases import Case, load_cases, read_cases

LAW = load_agreements()
CASEWORK = Casework(load_knowledge(), LAW)
CASES = [case for case in load_cases(load_knowledge().actors) if case.reports]


def faults_of(case: Case) -> list[str]:
    """What speaks against ``case``; nothing if it holds."""
    return CASEWORK.faults_of(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.scenario}: {case.name}")
def test_golden(case: Case) -> None:
    waiting = case.waits_for(LAW)
    if waiting:
        pytest.skip(f"waits for the agreement {', '.join(waiting)}")
    assert faults_of(case) == []


def test_all_twenty_scenarios_stand() -> None:
    assert {case.scenario for case in CASES if case.scenario} == set(range(1, 21))


def test_of_every_scenario_some_case_needs_no_agreement_to_come() -> None:
    ready = {case.scenario for case in CASES if case.scenario and not case.waits_for(LAW)}
    assert ready == set(range(1, 21))


FAILING = """
agreement: SY-COH-2016-02
cases:
  - name: a case that says the opposite of the law
    source: made up
    reports:
      - source: SNHR
        report_id: x1
        kind: allegation
        occurred: {start: 2016-03-10T10:00:00+02:00, precision: hour}
        place: {text: Talbiseh}
        conduct: air_strike
        perpetrator: {candidates: [gov.saa]}
        target: {class: residential}
        excluded_presence: none
    expect:
      incidents: {min: 2, max: 2}
      described:
        - {event_day: 2016-03-11}
      findings:
        - {party: government, policy: dominance, verdict: NOT_A_VIOLATION, reasons: [N-EXCLUDED-TARGET]}
        - {party: russia, verdict: VIOLATION}
"""


def test_a_wrong_case_is_told_in_words() -> None:
    (case,) = read_cases(FAILING, "wrong.cases.yaml", load_knowledge().actors)
    told = "\n".join(faults_of(case))
    for part in (
        "1 incidents, expected 2 to 2",
        "no incident is {'event_day': '2016-03-11'}",
        "government / dominance: expected NOT_A_VIOLATION N-EXCLUDED-TARGET; VIOLATION V-AIR-COVERED AX.2a",
        "government / dominance: nothing expects VIOLATION",
        "russia / dominance: expected VIOLATION; there is no finding on this party",
    ):
        assert part in told


def test_a_case_without_its_agreement_waits() -> None:
    text = FAILING.replace("agreement: SY-COH-2016-02", "agreement: SY-NONE-2099-01")
    (case,) = read_cases(text, "waiting.cases.yaml", load_knowledge().actors)
    assert case.waits_for(LAW) == ("SY-NONE-2099-01",)


def test_a_report_that_counts_for_nothing_is_a_fault() -> None:
    report = FAILING[FAILING.index("      - source: SNHR") : FAILING.index("    expect:")]
    (case,) = read_cases(
        FAILING.replace("    expect:", report + "    expect:"), "twice.cases.yaml", load_knowledge().actors
    )
    assert "report 2: duplicate" in "\n".join(faults_of(case))
