"""Questions: what is missing, and what each answer would make of the verdicts, as the evaluator itself says."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest
from hypothesis import given, settings
from test_evaluation_laws import AGREEMENT_IDS, AGREEMENTS, any_facts

from cohstream.domain.assessment import Findings
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Presence, Verdict
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Agreement, evaluate, read_agreement
from cohstream.law.answers import Asked, answers, one_of_each_role
from cohstream.law.case import view_of
from cohstream.law.facts import Facts
from cohstream.law.questions import Inquirer, Question

COH = "SY-COH-2016-02"
ACTORS = ActorRegistry.load()
INQUIRER = Inquirer(AGREEMENTS, ACTORS)


def told(findings: Findings) -> list[tuple[str, Verdict]]:
    return [(one.party, one.verdict) for one in findings]


@pytest.fixture
def ask() -> Callable[..., Question]:
    """``ask(facts, "target")``: the question about that fact under the cessation of hostilities."""

    def question(facts: Facts, fact: str, law: Inquirer = INQUIRER) -> Question:
        return next(one for one in law.questions(facts) if (one.agreement, one.fact) == (COH, fact))

    return question


@pytest.fixture
def changed() -> Callable[..., Agreement]:
    """``changed(old, new)``: the cessation of hostilities with one piece of its file written otherwise."""
    text = files("cohstream.law").joinpath("agreements", f"{COH}.yaml").read_text("utf-8")

    def read(old: str, new: str) -> Agreement:
        assert text.count(old) == 1
        return read_agreement(text.replace(old, new), "changed.yaml")

    return read


@settings(max_examples=200, deadline=None)
@given(any_facts())
def test_whatever_a_finding_misses_can_be_asked(facts: Facts) -> None:
    asked = {(one.agreement, one.fact): one for one in INQUIRER.questions(facts)}
    missing = {
        (name, fact)
        for name, one in AGREEMENTS.items()
        for found in evaluate(one, facts, ACTORS)
        for fact in found.missing
    }
    assert set(asked) == missing
    for one in asked.values():
        assert one.outcomes, f"no answer to {one.fact!r} is known; add it to cohstream/law/answers.py"
        assert len({outcome.value for outcome in one.outcomes}) == len(one.outcomes)


@settings(max_examples=200, deadline=None)
@given(any_facts(), AGREEMENT_IDS)
def test_answered_as_tried_the_verdict_is_exactly_the_predicted_one(facts: Facts, name: str) -> None:
    """A fresh evaluation of the facts with the answer in them says what the question foretold."""
    agreement = AGREEMENTS[name]
    now = evaluate(agreement, facts, ACTORS)
    clauses = tuple(dict.fromkeys(clause for one in now for clause in one.clauses))
    roles = one_of_each_role(agreement, ACTORS, facts.start)
    asked = Asked(agreement, facts, view_of(agreement, facts, ACTORS), ACTORS, clauses, roles)
    for question in INQUIRER.questions(facts):
        if question.agreement != name:
            continue
        tried = answers(question.fact, asked)
        assert [one.value for one in tried] == [one.value for one in question.outcomes]
        for answer, outcome in zip(tried, question.outcomes, strict=True):
            assert told(answer.findings) == told(outcome.findings)
            if answer.view == view_of(answer.agreement, answer.facts, ACTORS):
                assert evaluate(answer.agreement, answer.facts, ACTORS) == answer.findings


@settings(max_examples=200, deadline=None)
@given(any_facts())
def test_a_question_is_worth_the_verdicts_that_one_answer_changes_and_else_nothing(facts: Facts) -> None:
    for one in INQUIRER.questions(facts):
        now = told(evaluate(AGREEMENTS[one.agreement], facts, ACTORS))
        differing = [
            sum(before != after for before, after in zip(now, told(outcome.findings), strict=True))
            for outcome in one.outcomes
        ]
        assert [outcome.changes for outcome in one.outcomes] == differing
        assert one.changes == max(differing)
        assert (one.changes == 0) is all(told(outcome.findings) == now for outcome in one.outcomes)
    ranked = [one.changes for one in INQUIRER.questions(facts)]
    assert ranked == sorted(ranked, reverse=True)


@settings(max_examples=100, deadline=None)
@given(any_facts())
def test_remembered_questions_are_those_of_a_fresh_inquirer(facts: Facts) -> None:
    assert INQUIRER.questions(facts) == Inquirer(AGREEMENTS, ACTORS).questions(facts)


def test_where_all_is_known_nothing_is_asked(facts) -> None:
    assert [one for one in INQUIRER.questions(facts()) if one.agreement == COH] == []


def test_presence_decides_under_the_policies_that_ask_for_it(facts, ask) -> None:
    question = ask(facts(presence=Presence.UNKNOWN), "presence of an excluded group")
    outcomes = {one.value: dict(zip(Policy, told(one.findings), strict=True)) for one in question.outcomes}
    assert outcomes["none"][Policy.STRICT_EXCLUSION] == ("government", Verdict.VIOLATION)
    assert outcomes["minor"][Policy.STRICT_EXCLUSION] == ("government", Verdict.NOT_A_VIOLATION)
    assert question.changes == 3
    assert question.about == ("place",)


def test_rivals_are_tried_one_by_one_and_else_every_party(facts, ask) -> None:
    rivals = facts(perpetrators=("gov.saa", "opp.ji"), confidence=AttributionConfidence.CONTESTED, target="market")
    assert [one.value for one in ask(rivals, "perpetrator").outcomes] == ["gov.saa", "opp.ji"]
    unnamed = ask(facts(perpetrators=(), target="market"), "perpetrator")
    parties = {one.findings[0].party for one in unnamed.outcomes}
    assert parties >= {*AGREEMENTS[COH].parties, "non_party"}


def test_whether_an_actor_is_bound_answers_as_if_no_authority_disputed_it(facts, ask, changed) -> None:
    shelling = facts(perpetrators=("opp.ahrar",), target="residential", target_actors=())
    question = ask(shelling, "whether the perpetrator is bound")
    bound = next(one for one in question.outcomes if one.value == "bound")
    undisputed = changed("authorities: [US, RU]", "authorities: [US]")
    assert told(bound.findings) == told(evaluate(undisputed, shelling, ACTORS))
    assert question.about == ("actor", "opp.ahrar")


def test_whether_it_still_held_answers_as_if_nobody_had_claimed_its_end(facts, ask, changed) -> None:
    after = facts(at="2016-10-01T12:00+03:00")
    question = ask(after, "whether the agreement still held")
    held, ended = question.outcomes
    later = changed("      until: 2016-09-19T00:00:00\n", "      until: 2016-12-29T00:00:00\n")
    assert told(held.findings) == told(evaluate(later, after, ACTORS))
    assert {one.reasons for one in ended.findings} == {("N-OUT-OF-TIME",)}


def test_an_unknown_place_is_tried_inside_and_outside_of_the_zones(facts) -> None:
    draft = Inquirer({"SY-JIG-2016-07": AGREEMENTS["SY-JIG-2016-07"]}, ACTORS)
    flight = facts(conduct="military_flight", presence=Presence.UNKNOWN, admin1="")
    asked = {one.fact: one for one in draft.questions(flight)}
    outcomes = {one.value: one.findings[0].reasons for one in asked["place of the event"].outcomes}
    assert outcomes == {
        "in designated_areas": ("V-ZONE-FLIGHT",),
        "in no zone": ("U-CONTROL-UNKNOWN",),
        "outside the agreement's area": ("N-OUT-OF-AREA",),
    }


def test_a_reading_answers_as_if_the_clause_were_plain(facts, ask, changed) -> None:
    among = facts(perpetrators=("ext.cjtf",), target_actors=("opp.rahman",), conduct="air_strike")
    question = ask(among, "an agreed reading")
    assert question.about == ("clause", "AX.0")
    speaks = next(one for one in question.outcomes if one.value == "it speaks of this")
    plain = changed("    reading: ambiguous\n", "")
    assert told(speaks.findings) == told(evaluate(plain, among, ACTORS))
