"""Laws of evaluation: what holds for any facts at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    WEAPON_CODES,
    AttributionConfidence,
    Policy,
    Presence,
    Verdict,
    Verification,
)
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Evaluator, evaluate, load_agreements, read_agreement
from cohstream.law.facts import Facts
from cohstream.law.ruling import REASON_VERDICT
from cohstream.law.text import CIRCUMSTANCES, VIOLATION_REASONS

ACTORS = ActorRegistry.load()
EVERYTHING = """\
agreement: XX-EVERYTHING
title: A text with all that a text may have
status: in_force
zone: Asia/Damascus
default_policy: dominance
legal_basis: [Invented]
parents: [SY-COH-2016-02]
validity:
  from_claims:
    - {authority: A, from: 2016-03-01T00:00:00, source: Invented}
    - {authority: B, from: 2016-03-03T00:00:00, source: Invented}
  until_claims:
    - {authority: A, until: 2016-11-01T00:00:00, source: Invented}
    - {authority: B, until: 2016-12-01T00:00:00, source: Invented}
  pauses:
    - {from: 2016-03-25T00:00:00, until: 2016-03-26T00:00:00, source: Invented}
  source: Invented
area:
  claims:
    - {authority: A, admin1: [SY02, SY03, SY07], source: Invented}
    - {authority: B, circles: [{lat: 36.2, lon: 37.13, radius_km: 300}], source: Invented}
  source: Invented
membership: Invented
authorities: [US, RU]
parties:
  - {id: government, label: G, roles: {army: [gov.*, ally.*]}, source: Invented}
  - {id: opposition, label: O, roles: {rebels: [opp.*, coa.*, amb.*]}, source: Invented}
exclusion: {named: [exc.isil], lists: [UNSC-1267], source: Invented}
zones:
  - id: dated
    circles: [{lat: 36.2, lon: 37.13, radius_km: 10}]
    from: 2016-04-01T00:00:00
    until: 2016-06-01T00:00:00
    source: Invented
    text_status: unverified
  - id: claimed
    admin1: [SY07]
    presence: [sole]
    claimed_by: [US]
    from: 2016-05-01T00:00:00
    source: Invented
    text_status: unverified
clauses:
  - id: E.1
    modality: prohibit
    paraphrase: No shells in the dated zone.
    source: Invented
    text_status: unverified
    bound: [army, rebels]
    conduct: [attack]
    target: [covered_force, civilians]
    marbling: true
    zone: dated
    violation: V-ATTACK-COVERED
  - id: E.2
    modality: prohibit
    paraphrase: No flights over the claimed zone.
    source: Invented
    text_status: unverified
    bound: [army]
    conduct: [flight, exercise]
    zone: claimed
    violation: V-ZONE-FLIGHT
"""
AGREEMENTS = load_agreements() | {"XX-EVERYTHING": read_agreement(EVERYTHING, "everything.yaml")}
IDS = ACTORS.ids()
LETTERS = {verdict: letter for letter, verdict in REASON_VERDICT.items()}

BOUNDARIES = [*ACTORS.boundaries(), *(i for one in AGREEMENTS.values() for i in one.boundaries())]
INSTANTS = st.one_of(
    st.datetimes(datetime(2016, 2, 1), datetime(2017, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(
        lambda boundary, delta: boundary.astimezone(UTC) + delta,
        st.sampled_from(BOUNDARIES),
        st.sampled_from([timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1), timedelta(hours=5)]),
    ),
    st.sampled_from([datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)]),
)
LENGTHS = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1, hours=3)])
POINTS = [
    (36.2, 37.13),
    (36.2, 37.25),
    (33.54, 36.4),
    (35.38, 36.7),
    (35.5, 36.8),
    (48.4, 38.2),
    (48.4, 37.9),
    (0.0, 0.0),
]
PLACES = st.builds(
    lambda unit, area, radius, point: Place("", "", point[0], point[1], radius, unit, "", unit or area),
    st.sampled_from(["", "SY02", "SY03", "SY04", "SY07", "SY09", "XX01"]),
    st.sampled_from(["unknown", "foreign:TR", "cell:ubd"]),
    st.sampled_from([None, 0.0, 2.0, 25.0, 200.0]),
    st.sampled_from([(None, None), *POINTS]),
)


def some_of(words: Any, most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(sorted(words)), max_size=most, unique=True).map(lambda some: tuple(sorted(some)))


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    start = draw(INSTANTS)
    who = draw(some_of(IDS))
    return Facts(
        start=start,
        end=start + draw(LENGTHS),
        place=draw(PLACES),
        conduct=draw(st.sampled_from([*sorted(CONDUCT_FAMILY), "air_strike", "shelling", "no such conduct"])),
        weapon=draw(st.sampled_from([*sorted(WEAPON_CODES), "no such weapon"])),
        target=draw(st.sampled_from([*sorted(TARGET_FAMILY), "no such target"])),
        target_actors=draw(some_of(IDS)),
        perpetrators=who,
        confidence=draw(st.sampled_from(AttributionConfidence)),
        denied_by=draw(st.just(()) | some_of(who)) if who else (),
        presence=draw(st.sampled_from(Presence)),
        delineated=draw(st.booleans()),
        verification=draw(st.sampled_from(Verification)),
        circumstances=draw(some_of(CIRCUMSTANCES, 2)),
        civilians_harmed=draw(st.booleans()),
    )


AGREEMENT_IDS = st.sampled_from(sorted(AGREEMENTS))


@settings(max_examples=150)
@given(any_facts(), AGREEMENT_IDS)
def test_every_case_has_one_sound_finding_per_policy(facts: Facts, name: str) -> None:
    agreement = AGREEMENTS[name]
    findings = evaluate(agreement, facts, ACTORS)
    assert [one.policy for one in findings] == list(Policy)
    clauses = {clause.id for clause in agreement.text.clauses}
    for one in findings:
        assert one.party in {*agreement.parties, "undetermined", "joint", "non_party"}
        assert one.reasons
        assert one.trace
        assert len(set(one.reasons)) == len(one.reasons)
        assert one.reasons[0].startswith(LETTERS[one.verdict])
        assert set(one.clauses) <= clauses
        if one.verdict is Verdict.VIOLATION:
            assert set(one.reasons) <= VIOLATION_REASONS
            assert one.clauses
        if one.verdict in (Verdict.UNDETERMINED, Verdict.CONTESTED):
            assert one.missing


@settings(max_examples=150)
@given(any_facts(), AGREEMENT_IDS)
def test_no_party_is_accused_that_no_source_named(facts: Facts, name: str) -> None:
    agreement = AGREEMENTS[name]
    identities = {ACTORS.facts_at(actor, facts.start).identity for actor in facts.perpetrators}
    members = (agreement.membership_of(actor) for actor in {*facts.perpetrators, *identities})
    accused = {member[0] for member in members if member}
    for one in evaluate(agreement, facts, ACTORS):
        assert one.party not in agreement.parties or one.party in accused
        if not facts.perpetrators:
            assert (one.party, one.verdict is Verdict.VIOLATION) == ("undetermined", False)


@settings(max_examples=150)
@given(any_facts(), AGREEMENT_IDS)
def test_several_parties_never_give_a_violation_unless_they_are_inseparable(facts: Facts, name: str) -> None:
    for one in evaluate(AGREEMENTS[name], facts, ACTORS):
        if one.party in ("undetermined", "non_party"):
            assert one.verdict is not Verdict.VIOLATION
        if one.party == "joint":
            assert facts.confidence is AttributionConfidence.JOINT


@settings(max_examples=150)
@given(any_facts(), some_of([one for one in IDS if one.split(".")[0] in ("gov", "ally", "opp")], 5))
def test_candidates_of_one_party_say_no_more_than_each_alone(facts: Facts, who: tuple[str, ...]) -> None:
    """What all of them agree on holds of the party; nothing is said of it that holds of none of them."""
    agreement = AGREEMENTS["SY-COH-2016-02"]
    facts = facts._replace(perpetrators=who)
    alone = [evaluate(agreement, facts._replace(perpetrators=(one,)), ACTORS) for one in who]
    for index, together in enumerate(evaluate(agreement, facts, ACTORS)):
        if together.party in agreement.parties:
            verdicts = {findings[index].verdict for findings in alone}
            assert together.verdict in verdicts | {Verdict.UNDETERMINED}
            assert len(verdicts) > 1 or {together.verdict} == verdicts


@settings(max_examples=150)
@given(any_facts(), st.sampled_from([timedelta(days=-3650), timedelta(days=3650)]))
def test_out_of_time_nothing_is_a_violation(facts: Facts, shift: timedelta) -> None:
    start = datetime(2016, 6, 1, tzinfo=UTC) + shift
    moved = facts._replace(start=start, end=start)
    for one in evaluate(AGREEMENTS["SY-COH-2016-02"], moved, ACTORS):
        assert one.reasons == ("N-OUT-OF-TIME",)


@settings(max_examples=150)
@given(any_facts(), AGREEMENT_IDS)
def test_less_presence_never_costs_protection(facts: Facts, name: str) -> None:
    """Along none, minor, joint, dominant, sole a presence policy only ever takes protection away."""
    if name != "SY-COH-2016-02":  # the draft's zone is itself made of presence
        return
    grades = [Presence.NONE, Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.SOLE]
    agreement = AGREEMENTS[name]
    for policy in Policy:
        free = [
            one.verdict is Verdict.NOT_A_VIOLATION
            for grade in grades
            for one in evaluate(agreement, facts._replace(presence=grade), ACTORS)
            if one.policy is policy
        ]
        assert free == sorted(free)


@settings(max_examples=150)
@given(st.lists(any_facts(), min_size=1, max_size=6), AGREEMENT_IDS)
def test_remembered_answers_equal_plain_ones(many: list[Facts], name: str) -> None:
    law = Evaluator(list(AGREEMENTS.values()), ACTORS)
    for facts in [*many, *many]:
        assert law.findings(name, facts) == evaluate(AGREEMENTS[name], facts, ACTORS)


def test_a_zone_that_only_some_claim_gives_a_dispute_and_a_dated_one_its_days(facts) -> None:
    law = Evaluator(list(AGREEMENTS.values()), ACTORS)

    def reasons(**fields: Any) -> set[tuple[str, ...]]:
        said = law.judge(facts(**fields)).by_agreement["XX-EVERYTHING"]
        return {one.reasons for one in said}

    over_idlib = facts().place._replace(admin1="SY07", area="SY07", lat=35.9, lon=36.6)
    flight = {"conduct": "military_flight", "weapon": "non_kinetic", "target": "undetermined", "place": over_idlib}
    assert reasons(at="2016-05-10T10:00+03:00", **flight) == {("C-COVERAGE-AREA",)}
    assert reasons(at="2016-04-10T10:00+03:00", **flight) == {("N-OUT-OF-AREA",)}
    assert reasons(at="2016-04-30T22:00+03:00", until="2016-05-01T02:00+03:00", **flight) == {("U-TIME-TOO-COARSE",)}
    in_town = {"place": facts().place._replace(admin1="SY02", area="SY0200", lat=36.2, lon=37.13)}
    assert reasons(at="2016-05-10T10:00+03:00", **in_town) == {("V-ATTACK-COVERED",)}
    assert reasons(at="2016-06-10T10:00+03:00", **in_town) == {("N-OUT-OF-AREA",)}


SHARED = Evaluator(list(AGREEMENTS.values()), ACTORS)


@settings(max_examples=150)
@given(any_facts(), AGREEMENT_IDS)
def test_a_long_memory_answers_as_plainly(facts: Facts, name: str) -> None:
    """One memory over all examples: alike facts meet answers that others have left there."""
    assert SHARED.judge(facts).by_agreement[name] == evaluate(AGREEMENTS[name], facts, ACTORS)


@pytest.mark.parametrize("name", sorted(AGREEMENTS))
def test_alike_incidents_share_one_answer(name: str, facts) -> None:
    law = Evaluator(list(AGREEMENTS.values()), ACTORS)
    here = facts().place._replace(lat=34.9, lon=36.72)
    one = law.findings(name, facts(place=here))
    other_day = facts(at="2016-03-11T10:00+02:00")
    elsewhere = here._replace(name="Talbiseh", lat=34.84, lon=36.73, admin2="SY0404", area="SY0404")
    assert law.findings(name, other_day._replace(place=elsewhere, verification=Verification.VERIFIED)) is one
    assert law.findings(name, facts(place=here, presence=Presence.JOINT)) is not one


@pytest.mark.parametrize("beyond", [timedelta(0), timedelta(microseconds=1)])
@pytest.mark.parametrize("first", [timedelta(0), timedelta(microseconds=1)])
def test_an_event_that_ends_on_a_boundary_is_not_remembered_as_one_across_it(first, beyond, facts) -> None:
    agreement = AGREEMENTS["SY-COH-2016-02"]
    assert agreement.start is not None
    night = [
        facts(start=agreement.start - timedelta(hours=4), end=agreement.start + more, conduct="air_strike")
        for more in (first, beyond)
    ]
    law = Evaluator(list(AGREEMENTS.values()), ACTORS)
    for one in night:
        assert law.findings("SY-COH-2016-02", one) == evaluate(agreement, one, ACTORS)


def test_a_full_memory_starts_afresh(facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cohstream.law.memo.ENTRIES", 2)
    law = Evaluator(list(AGREEMENTS.values()), ACTORS)
    grades = [*Presence, *Presence]
    answers = [law.findings("SY-COH-2016-02", facts(presence=grade)) for grade in grades]
    assert answers == [evaluate(AGREEMENTS["SY-COH-2016-02"], facts(presence=grade), ACTORS) for grade in grades]
