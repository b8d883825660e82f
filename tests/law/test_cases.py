"""Every case beside the agreements that gives facts; and the reading of case files, faults included."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cohstream.domain.vocabulary import Policy, Presence, Verdict
from cohstream.errors import DataError
from cohstream.knowledge import load_knowledge
from cohstream.law import evaluate, load_agreements
from cohstream.law.cases import Case, faults_of_findings, load_cases, read_cases

LAW = load_agreements()
ACTORS = load_knowledge().actors
CASES = [case for case in load_cases(ACTORS) if case.facts is not None]
COH = "SY-COH-2016-02"

POLICIES_BY_PRESENCE = (Policy.STRICT_EXCLUSION, Policy.DOMINANCE, Policy.JOINT_IS_COVERED)
REASONS_OF_ENGINE_AND_LATER = {
    "N-DUPLICATE",
    "N-RETRACTED",
    "U-AFFILIATION-OF-VICTIMS",
    "U-SINGLE-SOURCE",
    "U-WEAPON",
}
"""Reason codes of the field that no rule of the agreements gives from the facts of one incident."""


def faults_of(case: Case) -> list[str]:
    assert case.facts is not None
    said = [(name, finding) for name in case.agreements for finding in evaluate(LAW[name], case.facts, ACTORS)]
    return faults_of_findings(case.expected, said)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file.removesuffix('.cases.yaml')}: {case.name}")
def test_case(case: Case) -> None:
    waiting = case.waits_for(LAW)
    if waiting:
        pytest.skip(f"waits for the agreement {', '.join(waiting)}")
    assert faults_of(case) == []


def is_quiet(case: Case) -> bool:
    return case.file.endswith(".quiet.cases.yaml")


@pytest.mark.parametrize("name", sorted(LAW))
def test_each_agreement_has_cases_and_a_quiet_corpus_of_many_reasons(name: str) -> None:
    own = [case for case in CASES if case.file.startswith(f"{name}.")]
    quiet = [case for case in own if is_quiet(case)]
    assert len(quiet) >= 6
    assert len(own) - len(quiet) >= 5
    assert len({reason for case in quiet for wish in case.expected for reason in wish.reasons}) >= 4


def test_the_quiet_corpora_give_no_violation_under_any_policy() -> None:
    for case in CASES:
        if is_quiet(case):
            assert case.facts is not None
            (name,) = case.agreements
            findings = evaluate(LAW[name], case.facts, ACTORS)
            assert {one.verdict for one in findings} == {Verdict.NOT_A_VIOLATION}, case.name


def test_there_are_many_cases_and_none_waits_for_an_agreement() -> None:
    every = load_cases(ACTORS)
    assert len(every) >= 350
    assert [case.name for case in every if case.waits_for(LAW)] == []


def test_the_policy_table_is_covered_cell_by_cell() -> None:
    cells = {
        (case.facts.presence, policy)
        for case in CASES
        for wish in case.expected
        for policy in wish.policies
        if case.facts is not None and wish.agreement == COH
    }
    assert cells == {(presence, policy) for presence in Presence for policy in Policy}


def test_every_reason_that_the_law_can_give_has_a_case() -> None:
    code = re.compile(r"\b[NVCU]-[A-Z][A-Z-]+[A-Z]\b")
    law = Path(__file__).parents[2] / "cohstream" / "law"
    texts = [path.read_text(encoding="utf-8") for path in (*law.glob("*.py"), *law.glob("agreements/*.yaml"))]
    given = set(code.findall("\n".join(texts)))
    expected = {reason for case in CASES for wish in case.expected for reason in wish.reasons}
    assert given - expected - REASONS_OF_ENGINE_AND_LATER - {"V-AIR-COVERED"} == set()


BASE = """
agreement: SY-COH-2016-02
facts:
  start: 2016-03-10T12:00:00+02:00
  place: {admin1: SY04, radius_km: 2}
  conduct: shelling
  perpetrators: [gov.saa]
  target: residential
  presence: none
cases:
  - name: one
    source: made up
    facts: {}
    expect:
      findings:
        - {party: government, verdict: VIOLATION, reasons: [V-ATTACK-COVERED]}
"""


@pytest.fixture
def problems_of() -> Callable[[str], list[str]]:
    """The problems that a case file has, each as its line of text."""

    def read(text: str) -> list[str]:
        with pytest.raises(DataError) as caught:
            read_cases(text, "some.cases.yaml", ACTORS)
        return [str(problem) for problem in caught.value.problems]

    return read


def test_facts_of_the_file_stand_under_those_of_the_case() -> None:
    text = BASE.replace("facts: {}", "facts: {presence: joint, place: {admin1: SY07}}")
    (case,) = read_cases(text, "some.cases.yaml", ACTORS)
    assert case.facts is not None
    assert case.facts.presence is Presence.JOINT
    assert case.facts.place.admin1 == "SY07"
    assert case.facts.place.radius_km is None
    assert case.facts.perpetrators == ("gov.saa",)
    assert case.line == 11


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("facts: {}", "facts: {presense: joint}", "some.cases.yaml:13: 'presense' is not a known key. Did you mean"),
        ("facts: {}", "facts: {conduct: bombardment}", "13: 'conduct': 'bombardment' is not a known conduct. Known:"),
        ("facts: {}", "facts: {perpetrators: [gov.sea]}", "13: 'gov.sea' is no registered actor. Write an id"),
        ("facts: {}", "facts: {start: 2016-03-10T12:00:00}", "13: 'start': this time has no offset. Append it"),
        ("facts: {}", "facts: {start: yesterday}", "13: 'start': this is no time. Write it with its offset"),
        ("facts: {}", "facts: {end: 2016-03-09T12:00:00+02:00}", "13: 'end' lies before 'start'. Swap or correct"),
        ("facts: {}", "facts: {delineated: perhaps}", "13: 'delineated': Input should be a valid boolean"),
        ("    facts: {}\n", "", "11: the case 'one' needs either facts or reports. Give one of the two"),
        ("facts: {}", "reports: []\n    facts: {}", "11: the case 'one' needs either facts or reports"),
        ("verdict: VIOLATION", "verdict: GUILTY", "16: 'cases.1.expect.findings.1.verdict' is 'GUILTY'"),
        ("agreement: SY-COH-2016-02\n", "", "a finding names no agreement. Add 'agreement'"),
        (
            "  - name: one",
            "  - name: one\n    sauce: x",
            "12: 'cases.1.sauce' is not a known key. Did you mean 'source'?",
        ),
        ("    source: made up\n", "", "11: 'cases.1.source' is missing. Add it"),
        ("    expect:\n", "    expect:\n      incidents: {min: 1}\n", "gives facts, which make no incidents"),
        ("      findings:\n", "      findings: []\n      x:\n", "is not a known key"),
    ],
)
def test_a_fault_of_a_case_is_told_with_line_and_remedy(
    problems_of: Callable[[str], list[str]], old: str, new: str, fault: str
) -> None:
    assert old in BASE
    assert any(fault in problem for problem in problems_of(BASE.replace(old, new, 1)))


REPORT = """
agreement: SY-COH-2016-02
cases:
  - name: one
    source: made up
    reports:
      - source: SNHR
        report_id: "1"
        kind: allegation
        occurred: {start: 2016-03-25T00:30:00+02:00}
        conduct: shelling
        place: {lat: 34.84, lon: 36.73}
        weapon: {count: {min: 3}}
        retracts: false
    expect: {incidents: {min: 1, max: 1}}
"""


def test_reports_become_json_with_numbers_truth_and_times_as_given() -> None:
    (case,) = read_cases(REPORT, "some.cases.yaml", ACTORS)
    assert case.reports == (
        b'{"conduct":"shelling","kind":"allegation","occurred":{"start":"2016-03-25T00:30:00+02:00"},'
        b'"place":{"lat":34.84,"lon":36.73},"report_id":"1","retracts":false,"source":"SNHR",'
        b'"weapon":{"count":{"min":3}}}',
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("conduct: shelling", "conduct: bombardment", "11: 'conduct'"),
        ("{min: 3}", "{min: three}", "13: 'weapon.count.min'"),
        ("{min: 3}", "{minimum: 3}", "13: 'weapon.count.minimum' is no field of a report"),
        ("report_id:", "report_identity:", "'report_id' is missing"),
        ("+02:00}", "}", "10: 'occurred.start': this time has no zone"),
        ("lat: 34.84", "lat: 134.84", "12: 'place.lat'"),
    ],
)
def test_a_fault_of_a_report_is_told_with_its_line(
    problems_of: Callable[[str], list[str]], old: str, new: str, fault: str
) -> None:
    told = problems_of(REPORT.replace(old, new, 1))
    assert any(fault in problem for problem in told), told


def test_faults_of_several_cases_and_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.cases.yaml").write_text(BASE.replace("facts: {}", "facts: {presence: some}"), encoding="utf-8")
    (tmp_path / "b.cases.yaml").write_text(REPORT.replace("shelling", "raining"), encoding="utf-8")
    (tmp_path / "ignored.yaml").write_text("no cases", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_cases(ACTORS, [tmp_path, tmp_path / "missing"])
    told = str(caught.value)
    for part in ("a.cases.yaml:13", "b.cases.yaml:11", "missing:1: this is no directory"):
        assert part in told
    assert "ignored" not in told


def test_names_of_cases_are_unique_in_a_file(problems_of: Callable[[str], list[str]]) -> None:
    twice = BASE + BASE[BASE.index("  - name: one") :]
    assert any("17: the case 'one' stands twice, first in line 11" in problem for problem in problems_of(twice))


def test_a_case_that_says_the_wrong_thing_is_told_in_words() -> None:
    text = BASE.replace("reasons: [V-ATTACK-COVERED]", "reasons: [V-TERRITORY], policy: dominance")
    (case,) = read_cases(text, "some.cases.yaml", ACTORS)
    key = f"{COH} / government / dominance"
    (wish, also) = faults_of(case)
    assert wish.startswith(f"{key}: expected VIOLATION V-TERRITORY; VIOLATION V-ATTACK-COVERED")
    assert also.startswith(f"{key}: nothing expects VIOLATION V-ATTACK-COVERED AX.2a")


def test_a_finding_on_a_party_that_is_not_expected_is_a_fault() -> None:
    (case,) = read_cases(BASE.replace("party: government", "party: russia"), "some.cases.yaml", ACTORS)
    assert f"{COH}: nothing expects a finding on government" in faults_of(case)
    assert f"{COH} / russia / dominance: expected VIOLATION V-ATTACK-COVERED; there is no finding on this party" in (
        faults_of(case)
    )
