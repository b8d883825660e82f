"""An explanation leaves nothing out of a decision, says who says what, and tells no place that must not be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import lines, reports

from cohstream.cli.explain import tree_of
from cohstream.domain.vocabulary import Policy
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.evidence import incident_meant
from cohstream.engine.ledger import Ledger
from cohstream.engine.queue import open_questions
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.law.questions import Inquirer
from cohstream.publish.disclosure import is_shielded
from cohstream.publish.explanation import Decision, Explanation, explain
from cohstream.publish.queue_record import queued

KNOWLEDGE = load_knowledge()
AGREEMENTS = load_agreements()
CONTEXT = Context.of(KNOWLEDGE, AGREEMENTS)
INQUIRER = Inquirer(AGREEMENTS, KNOWLEDGE.actors)
COH = "SY-COH-2016-02"

STRIKE: dict[str, Any] = {
    "source": "SNHR",
    "report_id": "1",
    "kind": "allegation",
    "published_at": "2016-03-02T09:00:00+02:00",
    "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
    "place": {"text": "Talbiseh"},
    "conduct": "air_strike",
    "weapon": {"text": "barrel bombs"},
    "perpetrator": {"text": "government helicopters", "candidates": ["gov.saa"]},
    "target": {"text": "homes in the old town", "class": "residential"},
    "links": ["https://example.org/1", "javascript:alert(1)"],
}


def explained(ledger: Ledger, asked: str) -> Explanation:
    incident = ledger.incidents[incident_meant(ledger, asked)]
    return explain(asked, incident, ledger, AGREEMENTS, CONTEXT, INQUIRER)


@pytest.fixture
def told() -> Callable[..., Ledger]:
    """``told({...}, {...})``: a ledger of strikes, each with some fields changed."""

    def ledger(*changes: dict[str, Any]) -> Ledger:
        made = Ledger()
        apply(made, lines([{**STRIKE, **change} for change in changes]), CONTEXT)
        return made

    return ledger


def decision(found: Explanation, agreement: str = COH) -> Decision:
    return next(one for one in found.decisions if one.agreement == agreement)


def test_a_fact_is_told_with_the_reports_that_say_it_and_the_sources_of_the_law(told) -> None:
    ledger = told({}, {"source": "SOHR", "weapon": {"text": "air strike"}, "target": {"class": "market"}})
    one = decision(explained(ledger, "SNHR/1"))
    facts = {fact.name: fact for step in one.steps for fact in step.facts}
    assert facts["perpetrator"].said_by == ("SNHR/1", "SOHR/1")
    assert any("Syrian armed forces" in source for source in facts["perpetrator"].rests_on)
    assert any("says GoS" in source for source in facts["perpetrator"].rests_on)
    assert "Joint statement" in facts["time"].rests_on[0]
    target = facts["target"]
    assert target.said_by == (("SNHR/1",) if target.value == "residential" else ("SOHR/1",))


def test_an_exception_is_told_with_who_claims_it(told) -> None:
    ledger = told(
        {"circumstances": ["self_defence"], "target": {"class": "covered_party_force"}, "excluded_presence": "none"}
    )
    one = decision(explained(ledger, "SNHR/1"))
    claimed = {exception.name: exception.claimed_by for clause in one.clauses for exception in clause.exceptions}
    assert claimed == {"self_defence": ("SNHR/1",)}
    assert all(clause.paraphrase and clause.source for clause in one.clauses)


def test_what_is_said_of_presence_is_told_beside_the_members(told) -> None:
    presence = {"report_id": "p", "kind": "presence", "presence": {"actor": "exc.nusra", "grade": "joint"}}
    found = explained(told({}, presence), "SNHR/1")
    assert [(one.report_id, one.says["excluded_presence"]) for one in found.presence] == [("p", "joint")]
    facts = [fact for said in decision(found).policies for step in said.steps for fact in step.facts]
    assert {fact.said_by for fact in facts if fact.name == "excluded_presence"} == {("SNHR/p",)}


FIRE = {"conduct": "shelling", "weapon": {"class": "indirect_fire.mortar"}, "excluded_presence": "none"}
ATTACK = {
    **FIRE,
    "report_id": "attack",
    "occurred": {"start": "2016-03-01T08:00:00+02:00"},
    "perpetrator": {"candidates": ["opp.ji"]},
    "target": {"class": "covered_party_force", "candidates": ["gov.saa"]},
}
ANSWER = {
    **FIRE,
    "report_id": "answer",
    "target": {"class": "covered_party_force", "candidates": ["opp.ji"]},
    "circumstances": ["return_fire", "notified"],
}


def test_an_answer_and_the_attack_before_it_name_each_other(told) -> None:
    ledger = told(ATTACK, ANSWER)
    answer, attack = explained(ledger, "SNHR/answer"), explained(ledger, "SNHR/attack")
    (before,), (after,) = answer.answers, attack.answered_by
    assert (before.incident_id, after.incident_id) == (attack.incident["incident_id"], answer.incident["incident_id"])
    assert (before.conduct, before.event_day, before.agreements[COH]) == ("shelling", "2016-03-01", "found")
    assert (answer.answered_by, attack.answers) == ((), ())
    lines_of = "\n".join(str(one.label) for one in tree_of(answer, {}).children)
    assert f"answers: incident {before.incident_id}, shelling on 2016-03-01 (found under " in lines_of
    used = {fact.name: fact for step in decision(answer).steps for fact in step.facts}
    assert used["first_shot"].value == "found"


def test_a_notice_is_told_with_who_gave_it(told) -> None:
    notice = {"report_id": "n", "kind": "statement", "statement": "notification", "conduct": None, "perpetrator": {}}
    found = explained(told(ANSWER, notice), "SNHR/answer")
    assert [(one.report_id, one.says["statement"]) for one in found.notices] == [("n", "notification")]
    used = {fact.name: fact for step in decision(found).steps for fact in step.facts}
    assert (used["notice"].value, used["notice"].said_by) == ("found", ("SNHR/n",))


def test_missing_facts_are_ranked_and_say_what_each_answer_would_make(told) -> None:
    found = decision(explained(told({}), "SNHR/1"))
    assert [one.fact for one in found.missing] == ["presence of an excluded group"]
    grades = {answer.value: answer.verdicts for answer in found.missing[0].answers}
    assert grades["none"] == {"government VIOLATION": 6}
    assert grades["sole"] == {"government NOT_A_VIOLATION": 3, "government VIOLATION": 3}


SECRET = {
    "place": {"text": "Cave hospital in Talbiseh", "lat": 34.8412, "lon": 36.7321, "radius_km": 0.1},
    "target": {"text": "the hospital behind the mill", "class": "medical"},
}


def test_no_place_and_no_wording_tells_where_a_protected_site_is(told) -> None:
    ledger = told(SECRET, {**SECRET, "source": "SOHR"})
    found = explained(ledger, "SNHR/1")
    written = orjson.dumps(asdict(found)).decode()
    queue = [asdict(queued(one, ledger)) for one in open_questions(ledger, INQUIRER, is_shielded)]
    assert queue
    written += orjson.dumps(queue).decode()
    for secret in ("Cave", "mill", "34.84", "36.73", "Talbiseh"):
        assert secret not in written
    assert found.incident["place"]["coarsened"]
    assert found.members[0].withheld == ("place", "target")
    assert found.members[0].links == ("https://example.org/1",)


def test_a_member_tells_why_it_is_in_and_what_it_contributes(told) -> None:
    found = explained(told({}, {"source": "SOHR", "weapon": {"text": "air strike"}, "report_id": "2"}), "SNHR/1")
    founder, other = found.members
    assert founder.why
    assert founder.why.rule == "founder"
    assert other.why
    assert (other.why.rule, other.why.next_best, other.why.margin) == ("spot", "", None)
    assert other.why.weight == pytest.approx(sum(part.weight for part in other.why.parts))
    voices = next(one for one in other.contributes if one.field == "independent_voices")
    assert (voices.value, voices.alone, voices.without) == ("2", True, "1")


def test_incidents_nearby_tell_why_they_are_other_ones(told) -> None:
    ledger = told({}, {"source": "SOHR", "report_id": "2", "conduct": "shelling", "weapon": {"text": "mortar"}})
    (near,) = explained(ledger, "SNHR/1").kept_apart
    assert (near.conduct, near.place, near.km, near.reason) == ("shelling", "Talbiseh", 0, "other_means")
    assert near.incident_id == incident_meant(ledger, "SOHR/2")


def test_neighbours_and_weights_do_not_tell_where_a_protected_site_is(told) -> None:
    shelled = {"source": "SOHR", "report_id": "2", "conduct": "shelling", "weapon": {"text": "mortar"}}
    wide = {"source": "MSF", "place": {"text": "Homs province"}, "target": SECRET["target"]}
    ledger = told({**SECRET, "place": {"text": "Talbiseh"}}, shelled, wide)
    site, beside = explained(ledger, "SNHR/1"), explained(ledger, "SOHR/2")
    assert len(site.members) == 2
    for found, other in ((site, "SOHR/2"), (beside, "SNHR/1")):
        (near,) = found.kept_apart
        assert (near.incident_id, near.place, near.conduct, near.km) == ("", "", "", None)
        assert incident_meant(ledger, other) not in orjson.dumps(asdict(found)).decode()
    chose = next(one.why for one in site.members if one.source == "MSF")
    assert chose is not None
    assert chose.rule == "chose"
    assert chose.weight is None
    assert "place" not in {part.field for part in chose.parts}
    assert "Talbiseh" not in orjson.dumps(asdict(site)).decode()


def test_one_report_of_a_protected_site_withholds_the_wording_of_all(told) -> None:
    position = {"target": {"text": "an outpost", "class": "military_position"}}
    ledger = told({**SECRET, "stake": "party"}, {"source": "SOHR", **position}, {"source": "UN", **position})
    found = explained(ledger, "SNHR/1")
    assert len(found.members) > 1
    assert found.incident["target"] == "military_position"
    assert all("mill" not in text for one in found.members for text in one.wording.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(reports(), max_size=10))
def test_an_explanation_is_the_whole_decision(bodies) -> None:
    ledger = Ledger()
    apply(ledger, lines(bodies), CONTEXT)
    for incident_id in ledger.incidents:
        found = explained(ledger, incident_id)
        assert {one.claim_id for one in found.members} == set(ledger.incidents[incident_id].members)
        assert [one.agreement for one in found.decisions] == list(AGREEMENTS)
        for one in found.decisions:
            findings = {finding.policy: finding for finding in ledger.findings(incident_id, one.agreement)}
            assert sorted(policy for said in one.policies for policy in said.policies) == sorted(Policy)
            for said in one.policies:
                for policy in said.policies:
                    finding = findings[Policy(policy)]
                    assert (said.party, said.verdict) == (finding.party, finding.verdict)
                    assert tuple(reason.code for reason in said.reasons) == finding.reasons
                    assert len(one.steps) + len(said.steps) == len(finding.trace)
            asked = {fact for finding in findings.values() for fact in finding.missing}
            assert {missing.fact for missing in one.missing} == asked
            assert {clause.id for clause in one.clauses} == {
                clause for finding in findings.values() for clause in finding.clauses
            }
