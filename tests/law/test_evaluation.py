"""What the two agreements say of facts: the decision order, step by step."""

from __future__ import annotations

import pytest

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence as Sure
from cohstream.domain.vocabulary import Policy, Presence, Verdict, Verification
from cohstream.knowledge.actors import ActorFacts
from cohstream.law import evaluate
from cohstream.law.facts import Facts

JIG = "SY-JIG-2016-07"


def beyond(area: str) -> Place:
    return Place("", "", None, None, 2.0, "", "", area)


EXCLUDED = {"target": "excluded_org_force", "target_actors": ("exc.isil",)}


# 1 time


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2016-02-26T23:59:59+02:00", "N-OUT-OF-TIME"),
        ("2016-02-27T00:00:00+02:00", "V-ATTACK-COVERED"),
        ("2016-02-26T22:00:00+00:00", "V-ATTACK-COVERED"),
        ("2016-09-18T23:59:59+03:00", "V-ATTACK-COVERED"),
        ("2016-09-19T20:00:00+03:00", "C-TIME-OF-EFFECT"),
        ("2016-12-29T23:59:59+02:00", "C-TIME-OF-EFFECT"),
        ("2016-12-30T00:00:00+02:00", "N-OUT-OF-TIME"),
        ("2020-01-01T00:00:00+00:00", "N-OUT-OF-TIME"),
    ],
)
def test_validity_is_half_open_in_damascus_and_its_end_disputed(at: str, reason: str, facts, verdicts) -> None:
    assert verdicts(facts(at=at)) == [reason] * 6


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2016-02-26T20:00+02:00", "2016-02-27T04:00+02:00", "U-TIME-TOO-COARSE"),
        ("2016-02-26T20:00+02:00", "2016-02-27T00:00+02:00", "N-OUT-OF-TIME"),
        ("2016-02-27T00:00+02:00", "2016-02-28T00:00+02:00", "V-ATTACK-COVERED"),
        ("2016-09-18T12:00+03:00", "2016-09-20T00:00+03:00", "U-TIME-TOO-COARSE"),
        ("2016-12-29T00:00+02:00", "2016-12-31T00:00+02:00", "U-TIME-TOO-COARSE"),
    ],
)
def test_an_interval_across_a_boundary_is_too_coarse(start: str, end: str, reason: str, facts, judged) -> None:
    assert judged(facts(at=start, until=end)).reasons == (reason,)


def test_a_draft_holds_without_bound(facts, judged) -> None:
    flight = {"conduct": "military_flight", "weapon": "non_kinetic", "admin1": "SY07"}
    for at in ("2011-01-01T00:00+00:00", "2016-07-20T00:00+00:00", "2030-01-01T00:00+00:00"):
        assert judged(facts(at=at, **flight), JIG).reasons == ("V-ZONE-FLIGHT",)


# 2 area


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (beyond("foreign:TR"), "N-OUT-OF-AREA"),
        (beyond("cell:ubd"), "N-OUT-OF-AREA"),
        (beyond("unknown"), "V-ATTACK-COVERED"),
        (beyond("SY14")._replace(admin1="SY14"), "V-ATTACK-COVERED"),
    ],
)
def test_the_area_is_syria_and_an_unknown_place_is_not_outside(place, reason: str, facts, judged) -> None:
    assert judged(facts(place=place)).reasons == (reason,)


# 3 perpetrator


@pytest.mark.parametrize(
    ("actor", "party", "reason"),
    [
        ("gov.saa", "government", "V-ATTACK-COVERED"),
        ("gov.tiger", "government", "V-ATTACK-COVERED"),
        ("ally.hezbollah", "government", "V-ATTACK-COVERED"),
        ("ext.russia", "russia", "V-ATTACK-COVERED"),
        ("opp.ji", "opposition", "V-ATTACK-COVERED"),
        ("opp.ahrar", "opposition", "C-COVERAGE-ACTOR"),
        ("amb.jund_aqsa", "opposition", "C-COVERAGE-ACTOR"),
        ("amb.tip", "opposition", "C-COVERAGE-ACTOR"),
        ("coa.jaysh_fatah", "opposition", "C-COVERAGE-ACTOR"),
        ("kur.ypg", "kurdish", "V-ATTACK-COVERED"),
        ("ext.cjtf", "coalition", "V-ATTACK-COVERED"),
        ("ext.turkey", "turkey", "C-COVERAGE-ACTOR"),
        ("ext.israel", "non_party", "N-NOT-PARTY"),
        ("ext.jordan", "non_party", "N-NOT-PARTY"),
        ("exc.isil", "non_party", "N-EXCLUDED-PERPETRATOR"),
        ("exc.nusra", "non_party", "N-EXCLUDED-PERPETRATOR"),
        ("exc.ansar_islam", "non_party", "N-EXCLUDED-PERPETRATOR"),
        ("exc.yarmouk", "non_party", "N-NOT-PARTY"),
    ],
)
def test_who_is_bound(actor: str, party: str, reason: str, facts, judged) -> None:
    """Everybody shells a market; what that is called depends on who they are."""
    finding = judged(facts(perpetrators=(actor,), target="market", target_actors=()))
    assert (finding.party, finding.reasons) == (party, (reason,))
    assert "IHL-CONCERN" in finding.flags


@pytest.mark.parametrize(
    ("actor", "at", "reason"),
    [
        ("amb.sham_islam", "2016-02-28T12:00+02:00", "C-COVERAGE-ACTOR"),
        ("amb.sham_islam", "2016-02-29T12:00+02:00", "N-EXCLUDED-PERPETRATOR"),
        ("exc.nusra", "2016-07-29T12:00+03:00", "N-EXCLUDED-PERPETRATOR"),
    ],
)
def test_exclusion_is_tested_at_the_time_of_the_event(actor: str, at: str, reason: str, facts, judged) -> None:
    assert judged(facts(at=at, perpetrators=(actor,), target="market", target_actors=())).reasons == (reason,)


def test_nobody_named_is_a_fact_missing_never_a_default(facts, judged) -> None:
    finding = judged(facts(perpetrators=(), confidence=Sure.UNDETERMINED))
    assert (finding.party, finding.verdict, finding.reasons) == (
        "undetermined",
        Verdict.UNDETERMINED,
        ("U-PERPETRATOR",),
    )
    assert "perpetrator" in finding.missing


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"at": "2016-02-01T00:00+02:00"}, "N-OUT-OF-TIME"),
        ({"place": beyond("foreign:LB")}, "N-OUT-OF-AREA"),
        (EXCLUDED, "N-EXCLUDED-TARGET"),
        ({"conduct": "arrest_abduction"}, "N-NO-CLAUSE"),
        ({"conduct": "accident"}, "N-NONHOSTILE"),
        ({"verification": Verification.DISCOUNTED}, "N-DISCOUNTED"),
    ],
)
def test_what_holds_whoever_did_it_is_said_without_a_name(fields, reason: str, facts, judged) -> None:
    finding = judged(facts(perpetrators=(), **fields))
    assert (finding.party, finding.reasons) == ("undetermined", (reason,))


@pytest.mark.parametrize(
    ("who", "sure", "party", "verdict", "reasons"),
    [
        (("gov.rg", "gov.saa"), Sure.POSSIBLE, "government", Verdict.VIOLATION, ("V-ATTACK-COVERED",)),
        (("ext.russia", "gov.saa"), Sure.POSSIBLE, "undetermined", Verdict.UNDETERMINED, ("U-PERPETRATOR",)),
        (("ext.russia", "gov.saa"), Sure.CONTESTED, "undetermined", Verdict.CONTESTED, ("C-ATTRIBUTION",)),
        (("ext.russia", "gov.saa"), Sure.JOINT, "joint", Verdict.VIOLATION, ("V-ATTACK-COVERED",)),
        (("exc.nusra", "opp.ji"), Sure.POSSIBLE, "undetermined", Verdict.UNDETERMINED, ("U-PERPETRATOR",)),
        (("exc.nusra", "opp.ji"), Sure.JOINT, "joint", Verdict.UNDETERMINED, ("U-PERPETRATOR",)),
        (
            ("exc.isil", "exc.nusra"),
            Sure.POSSIBLE,
            "non_party",
            Verdict.NOT_A_VIOLATION,
            ("N-EXCLUDED-PERPETRATOR",),
        ),
        (
            ("exc.isil", "ext.israel"),
            Sure.POSSIBLE,
            "non_party",
            Verdict.NOT_A_VIOLATION,
            ("N-EXCLUDED-PERPETRATOR", "N-NOT-PARTY"),
        ),
        (("opp.ahrar", "opp.ji"), Sure.POSSIBLE, "opposition", Verdict.CONTESTED, ("C-COVERAGE-ACTOR",)),
        (("gov.saa",), Sure.CONTESTED, "government", Verdict.CONTESTED, ("C-ATTRIBUTION",)),
    ],
)
def test_rival_and_inseparable_candidates_count_once(who, sure, party, verdict, reasons, facts, judged) -> None:
    finding = judged(facts(perpetrators=who, confidence=sure, target="market", target_actors=()))
    assert (finding.party, finding.verdict, finding.reasons) == (party, verdict, reasons)


def test_candidates_that_agree_it_was_none_settle_it_unnamed(facts, judged) -> None:
    finding = judged(facts(perpetrators=("ext.russia", "gov.saa"), confidence=Sure.POSSIBLE, **EXCLUDED))
    assert (finding.party, finding.reasons) == ("undetermined", ("N-EXCLUDED-TARGET",))


def test_an_area_that_is_disputed_is_so_whoever_of_them_did_it(facts, judged) -> None:
    rivals = facts(perpetrators=("ext.russia", "gov.saa"), confidence=Sure.POSSIBLE, presence=Presence.DISPUTED)
    finding = judged(rivals, policy=Policy.DOMINANCE)
    assert (finding.party, finding.reasons) == ("undetermined", ("C-COVERAGE-AREA",))


def test_a_group_that_has_merged_answers_for_the_party_it_joined(facts, agreements) -> None:
    class Merged:
        def facts_at(self, actor_id: str, instant: object) -> ActorFacts:
            return ActorFacts("opp.ji" if actor_id == "kur.ypg" else actor_id, "opp", (), (), ())

    shelled = facts(perpetrators=("kur.ypg",), target_actors=("gov.saa",))
    findings = evaluate(agreements["SY-COH-2016-02"], shelled, Merged())
    assert {(one.party, one.clauses) for one in findings} == {("opposition", ("AX.1b",))}


def test_an_unknown_target_and_culprit_are_both_told(facts, judged) -> None:
    fields = {"perpetrators": ("ext.russia", "gov.saa"), "target": "undetermined", "target_actors": ()}
    finding = judged(facts(confidence=Sure.POSSIBLE, **fields), policy=Policy.TARGET_BASED)
    assert finding.reasons == ("U-TARGET", "U-PERPETRATOR")
    assert finding.missing == ("target", "perpetrator")


@pytest.mark.parametrize("sure", [Sure.POSSIBLE, Sure.PROBABLE])
def test_a_denial_contests_what_is_not_proven(sure, facts, judged) -> None:
    finding = judged(facts(confidence=sure, denied_by=("gov.saa",)))
    assert (finding.party, finding.reasons) == ("government", ("C-ATTRIBUTION",))
    assert judged(facts(confidence=sure, denied_by=("ext.russia",))).verdict is Verdict.VIOLATION


def test_a_denial_does_not_undo_evidence_nor_make_a_lawful_strike_contested(facts, judged) -> None:
    assert judged(facts(confidence=Sure.CONFIRMED_EVIDENCE, denied_by=("gov.saa",))).verdict is Verdict.VIOLATION
    assert judged(facts(denied_by=("gov.saa",), **EXCLUDED)).reasons == ("N-EXCLUDED-TARGET",)


# 4 conduct


@pytest.mark.parametrize(
    ("conduct", "reason"),
    [
        ("air_strike", "V-AIR-COVERED"),
        ("air_assault", "V-AIR-COVERED"),
        ("shelling", "V-ATTACK-COVERED"),
        ("missile_strike", "V-ATTACK-COVERED"),
        ("chemical_attack", "V-ATTACK-COVERED"),
        ("ground_assault", "V-ATTACK-COVERED"),
        ("territorial_gain", "V-TERRITORY"),
        ("territorial_attempt", "V-TERRITORY"),
        ("obstruct_humanitarian_access", "V-ACCESS"),
        ("siege_tightening", "N-NO-CLAUSE"),
        ("arrest_abduction", "N-NO-CLAUSE"),
        ("military_flight", "N-NO-CLAUSE"),
        ("overflight", "N-NO-CLAUSE"),
        ("troop_reinforcement", "N-NO-CLAUSE"),
        ("incitement", "N-NO-CLAUSE"),
        ("other", "N-NO-CLAUSE"),
        ("exercise", "N-NONHOSTILE"),
        ("accident", "N-NONHOSTILE"),
        ("celebratory_fire", "N-NONHOSTILE"),
        ("medevac_flight", "N-NONHOSTILE"),
    ],
)
def test_what_the_cessation_regulates(conduct: str, reason: str, facts, verdicts) -> None:
    assert verdicts(facts(conduct=conduct, weapon="undetermined_weapon")) == [reason] * 6


def test_barrel_bombs_are_an_attack_from_the_air_whatever_the_source_calls_it(facts, judged) -> None:
    bombs = {"conduct": "shelling", "weapon": "air_delivered.barrel_bomb"}
    assert judged(facts(**bombs)).reasons == ("V-AIR-COVERED",)
    assert judged(facts(admin1="SY02", **bombs), JIG).reasons == ("V-ZONE-FLIGHT",)


def test_an_attack_on_aid_hits_aid_even_where_no_target_is_named(facts, judged) -> None:
    finding = judged(facts(conduct="attack_on_aid", target="undetermined", target_actors=()))
    assert (finding.clauses, finding.flags) == (("AX.2a",), ("IHL-CONCERN",))


# 5 target


@pytest.mark.parametrize(
    ("attacker", "hit", "reason", "clause"),
    [
        ("gov.saa", "opp.ji", "V-ATTACK-COVERED", "AX.2b"),
        ("ext.russia", "opp.ji", "V-ATTACK-COVERED", "AX.2b"),
        ("opp.ji", "gov.saa", "V-ATTACK-COVERED", "AX.1b"),
        ("opp.ji", "ally.hezbollah", "V-ATTACK-COVERED", "AX.1b"),
        ("opp.ji", "kur.ypg", "C-RULE-TEXT", "AX.0"),
        ("kur.ypg", "opp.ji", "C-RULE-TEXT", "AX.0"),
        ("gov.saa", "kur.ypg", "C-RULE-TEXT", "AX.0"),
        ("ext.cjtf", "gov.saa", "C-RULE-TEXT", "AX.0"),
        ("gov.saa", "opp.ahrar", "C-COVERAGE-ACTOR", "AX.2b"),
        ("gov.saa", "amb.jund_aqsa", "C-COVERAGE-ACTOR", "AX.2b"),
        ("opp.ji", "opp.rahman", "N-NO-CLAUSE", None),
        ("gov.saa", "ext.israel", "N-TARGET-NOT-COVERED", None),
        ("gov.saa", "exc.nusra", "N-EXCLUDED-TARGET", None),
        ("ext.turkey", "exc.isil", "N-EXCLUDED-TARGET", None),
        ("kur.sdf", "exc.isil", "N-EXCLUDED-TARGET", None),
    ],
)
def test_the_text_names_dyads(attacker: str, hit: str, reason: str, clause: str | None, facts, judged) -> None:
    finding = judged(facts(perpetrators=(attacker,), target_actors=(hit,)))
    assert finding.reasons == (reason,)
    assert clause is None or finding.clauses == (clause,)


def test_a_third_state_is_not_covered(facts, judged) -> None:
    assert judged(facts(target="third_state_force", target_actors=())).reasons == ("N-TARGET-NOT-COVERED",)


@pytest.mark.parametrize("attacker", ["ext.cjtf", "kur.ypg"])
@pytest.mark.parametrize("target", ["undetermined", "military_position"])
def test_where_only_the_chapeau_may_bind_an_unknown_target_stays_unknown(attacker, target, facts, verdicts) -> None:
    unknown = facts(perpetrators=(attacker,), conduct="air_strike", target=target, target_actors=())
    assert verdicts(unknown) == ["U-TARGET"] * 6


def test_turkish_fire_on_the_ypg_is_contested_for_every_reason_that_applies(facts, judged) -> None:
    """Tell Abiad, 28 February 2016: Turkey denies, and says that the truce does not bind it."""
    finding = judged(facts(perpetrators=("ext.turkey",), target_actors=("kur.ypg",), denied_by=("ext.turkey",)))
    assert (finding.party, finding.verdict) == ("turkey", Verdict.CONTESTED)
    assert set(finding.reasons) == {"C-COVERAGE-ACTOR", "C-ATTRIBUTION", "C-RULE-TEXT"}


def test_civilians_killed_where_no_target_is_named_were_hit(facts, judged) -> None:
    unnamed = {"target": "undetermined", "target_actors": (), "civilians_harmed": True}
    finding = judged(facts(**unnamed), policy=Policy.TARGET_BASED)
    assert (finding.reasons, finding.clauses, finding.flags) == (("V-ATTACK-COVERED",), ("AX.2a",), ("IHL-CONCERN",))


# 6 exceptions


@pytest.mark.parametrize("claim", ["self_defence", "return_fire"])
def test_a_claim_of_self_defence_never_acquits(claim: str, facts, verdicts) -> None:
    assert verdicts(facts(circumstances=(claim,))) == ["C-WHO-FIRED-FIRST"] * 6


def test_a_claim_of_self_defence_does_not_contest_what_coverage_settles(facts, verdicts) -> None:
    claimed = facts(circumstances=("self_defence",), presence=Presence.SOLE)
    who = "C-WHO-FIRED-FIRST"
    assert verdicts(claimed) == ["N-EXCLUDED-TARGET", "N-EXCLUDED-TARGET", who, "N-EXCLUDED-TARGET", who, who]


def test_an_exercise_is_harmless_only_if_nobody_was_hit(facts, judged) -> None:
    nobody_hit = {"target": "open_land", "target_actors": (), "circumstances": ("exercise",)}
    assert judged(facts(**nobody_hit)).reasons == ("N-NONHOSTILE",)
    somebody_hit = {"target": "market", "target_actors": (), "circumstances": ("exercise",)}
    assert judged(facts(**somebody_hit)).reasons == ("C-FACTS",)


@pytest.mark.parametrize(
    "admission", [{"circumstances": ("mistake_admitted",)}, {"confidence": Sure.CONFIRMED_ADMITTED}]
)
def test_the_coalitions_admitted_mistake_breaches_in_effect(admission, facts, judged) -> None:
    """Deir ez-Zor, 17 September 2016."""
    struck = facts(
        at="2016-09-17T17:00+03:00",
        admin1="SY09",
        perpetrators=("ext.cjtf",),
        target_actors=("gov.saa",),
        conduct="air_strike",
        weapon="air_delivered",
        **admission,
    )
    finding = judged(struck)
    assert (finding.party, finding.verdict, finding.reasons) == ("coalition", Verdict.VIOLATION, ("V-MISTAKE",))
    assert {"ADMITTED", "GUARANTOR-INVOLVED"} <= set(finding.flags)


def test_a_party_that_owns_its_attack_made_no_mistake(facts, judged) -> None:
    finding = judged(facts(perpetrators=("opp.ji",), target_actors=("gov.saa",), confidence=Sure.CONFIRMED_ADMITTED))
    assert (finding.reasons, finding.flags) == (("V-ATTACK-COVERED",), ("ADMITTED",))


# the draft and its gap


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"conduct": "military_flight"}, "V-ZONE-FLIGHT"),
        ({"conduct": "overflight"}, "V-ZONE-FLIGHT"),
        ({"conduct": "air_strike", "weapon": "air_delivered"}, "V-ZONE-FLIGHT"),
        ({"conduct": "medevac_flight"}, "N-PERMITTED"),
        ({"conduct": "military_flight", "circumstances": ("humanitarian_flight",)}, "N-PERMITTED"),
        ({"conduct": "military_flight", "circumstances": ("personnel_recovery",)}, "N-PERMITTED"),
        ({"conduct": "military_flight", "perpetrators": ("ext.russia",)}, "N-NO-CLAUSE"),
        ({"conduct": "shelling"}, "N-NO-CLAUSE"),
        ({"conduct": "missile_strike", "weapon": "indirect_fire.ground_to_ground_missile"}, "N-NO-CLAUSE"),
        ({"conduct": "missile_strike", "weapon": "air_delivered.cruise_missile"}, "N-NO-CLAUSE"),
        ({"conduct": "shelling", "perpetrators": ("opp.ji",)}, "N-NOT-PARTY"),
    ],
)
def test_the_draft_grounds_the_air_force_and_leaves_artillery_out(fields, reason: str, facts, verdicts) -> None:
    assert verdicts(facts(admin1="SY02", weapon="non_kinetic")._replace(**fields), JIG) == [reason] * 6


@pytest.mark.parametrize(
    ("admin1", "presence", "reason"),
    [
        ("SY07", Presence.NONE, "V-ZONE-FLIGHT"),
        ("SY04", Presence.MINOR, "V-ZONE-FLIGHT"),
        ("SY04", Presence.JOINT, "V-ZONE-FLIGHT"),
        ("SY04", Presence.DOMINANT, "V-ZONE-FLIGHT"),
        ("SY04", Presence.SOLE, "V-ZONE-FLIGHT"),
        ("SY04", Presence.NONE, "N-OUT-OF-AREA"),
        ("SY04", Presence.UNKNOWN, "U-CONTROL-UNKNOWN"),
        ("SY04", Presence.DISPUTED, "C-COVERAGE-AREA"),
        ("", Presence.NONE, "U-CONTROL-UNKNOWN"),
    ],
)
def test_designated_areas(admin1: str, presence: Presence, reason: str, facts, judged) -> None:
    flight = facts(conduct="military_flight", admin1=admin1, presence=presence)
    assert judged(flight, JIG).reasons[0] == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"target_actors": ("exc.nusra",)}, "V-UNAGREED-STRIKE"),
        ({"target_actors": ("exc.nusra",), "circumstances": ("agreed_strike",)}, "N-PERMITTED"),
        ({"target_actors": ("exc.nusra",), "circumstances": ("imminent_threat",)}, "N-PERMITTED"),
        ({"target_actors": ("exc.isil",)}, "N-PERMITTED"),
        ({"target_actors": (), "target": "excluded_org_force"}, "U-TARGET"),
        ({"target_actors": (), "target": "undetermined"}, "U-TARGET"),
        ({"target_actors": (), "target": "market"}, "N-NO-CLAUSE"),
        ({"target_actors": ("opp.ji",)}, "N-TARGET-NOT-COVERED"),
    ],
)
@pytest.mark.parametrize("actor", ["ext.russia", "ext.cjtf"])
def test_strikes_of_the_two_under_the_draft(actor: str, fields, reason: str, facts, judged) -> None:
    strike = facts(perpetrators=(actor,), conduct="air_strike", weapon="air_delivered", admin1="SY07")
    assert judged(strike._replace(**fields), JIG).reasons == (reason,)


@pytest.mark.parametrize(
    ("actor", "at", "reason"),
    [
        ("amb.jund_aqsa", "2016-10-08T12:00+03:00", "N-TARGET-NOT-COVERED"),
        ("amb.jund_aqsa", "2016-10-10T12:00+03:00", "V-UNAGREED-STRIKE"),
        ("opp.zenki", "2017-01-27T12:00+02:00", "N-TARGET-NOT-COVERED"),
        ("opp.zenki", "2017-01-29T12:00+02:00", "V-UNAGREED-STRIKE"),
    ],
)
def test_who_merges_into_nusra_is_nusra_from_that_day(actor: str, at: str, reason: str, facts, judged) -> None:
    strike = {"perpetrators": ("ext.russia",), "conduct": "air_strike", "admin1": "SY07", "target_actors": (actor,)}
    assert judged(facts(at=at, **strike), JIG).reasons == (reason,)


def test_a_decision_tells_its_steps_in_order(facts, judged) -> None:
    finding = judged(facts())
    assert [step[0] for step in finding.trace] == ["1", "2", "3", "5", "7"]
    assert "perpetrator=gov.saa (syrian_armed_forces of government)" in finding.used


def test_marks_beside_the_verdict(facts, judged) -> None:
    finding: Facts = facts(perpetrators=("ext.russia", "gov.saa"), confidence=Sure.JOINT, presence=Presence.JOINT)
    assert judged(finding).flags == ("GUARANTOR-INVOLVED", "JOINT-OPERATION", "MARBLED")
