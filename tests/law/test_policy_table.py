"""The default reading of the domain reference §3.4, cell by cell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cohstream.domain.vocabulary import Policy, Presence
from cohstream.law.facts import Facts

V, N, C, U = "V", "N-EXCLUDED-TARGET", "C-COVERAGE-AREA", "U-CONTROL-UNKNOWN"
GRADES = [
    Presence.NONE,
    Presence.MINOR,
    Presence.JOINT,
    Presence.DOMINANT,
    Presence.SOLE,
    Presence.DISPUTED,
    Presence.UNKNOWN,
]
TABLE = {
    Policy.STRICT_EXCLUSION: [V, N, N, N, N, C, U],
    Policy.DOMINANCE: [V, V, V, N, N, C, U],
    Policy.DELINEATED_ONLY: [V, V, V, V, V, V, V],
    Policy.JOINT_IS_COVERED: [V, V, V, V, N, C, U],
    Policy.TARGET_BASED: [V, V, V, V, V, V, V],
    Policy.PRECAUTION: [V, V, V, V, V, V, V],
}
CELLS = [
    pytest.param(policy, grade, reason, id=f"{policy}-{grade}")
    for policy, row in TABLE.items()
    for grade, reason in zip(GRADES, row, strict=True)
]
TARGETS = {
    "covered force": {"target": "covered_party_force", "target_actors": ()},
    "committed group": {"target": "covered_party_force", "target_actors": ("opp.rahman",)},
    "civilians": {"target": "civilian_persons", "target_actors": ()},
    "protected site": {"target": "medical", "target_actors": ()},
}


@pytest.mark.parametrize(("policy", "grade", "reason"), CELLS)
@pytest.mark.parametrize("hit", TARGETS)
def test_a_covered_target(policy: Policy, grade: Presence, reason: str, hit: str, facts, judged) -> None:
    finding = judged(facts(presence=grade, **TARGETS[hit]), policy=policy)
    assert finding.party == "government"
    assert finding.reasons[0] == ("V-ATTACK-COVERED" if reason == V else reason)
    assert ("IHL-CONCERN" in finding.flags) == (hit in ("civilians", "protected site"))


@pytest.mark.parametrize(("policy", "grade", "reason"), CELLS)
@pytest.mark.parametrize("target", ["undetermined", "military_position", "open_land"])
def test_an_unknown_target(policy: Policy, grade: Presence, reason: str, target: str, facts, judged) -> None:
    """Who was hit matters to the last two policies only."""
    finding = judged(facts(presence=grade, target=target, target_actors=()), policy=policy)
    by_target = policy in (Policy.TARGET_BASED, Policy.PRECAUTION)
    assert finding.reasons[0] == ("U-TARGET" if by_target else "V-ATTACK-COVERED" if reason == V else reason)


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize(
    "hit",
    [
        {"target": "excluded_org_force", "target_actors": ()},
        {"target": "covered_party_force", "target_actors": ("exc.nusra",)},
        {"target": "undetermined", "target_actors": ("exc.isil", "exc.nusra")},
    ],
)
def test_a_known_excluded_target_is_no_violation_under_any_policy(
    grade: Presence, hit: dict[str, object], facts: Callable[..., Facts], verdicts
) -> None:
    assert verdicts(facts(presence=grade, **hit)) == [N] * 6


@pytest.mark.parametrize("presence", GRADES)
def test_precaution_asks_whom_the_effect_reached(presence: Presence, facts, verdicts) -> None:
    struck = facts(target="excluded_org_force", target_actors=("exc.nusra",), civilians_harmed=True, presence=presence)
    assert verdicts(struck) == [N] * 5 + ["V-EFFECT-ON-COVERED"]


def test_precaution_needs_a_weapon_that_reaches_beyond_its_aim(facts, verdicts) -> None:
    shot = {"conduct": "sniping", "weapon": "direct_fire.sniper"}
    assert verdicts(facts(target="excluded_org_force", target_actors=(), civilians_harmed=True, **shot)) == [N] * 6


def test_an_excluded_group_hit_among_covered_ones(facts, verdicts) -> None:
    mixed = facts(target_actors=("exc.nusra", "opp.rahman"), presence=Presence.JOINT)
    reached = "V-EFFECT-ON-COVERED"
    assert verdicts(mixed) == [N, reached, reached, reached, reached, reached]


@pytest.mark.parametrize("presence", [Presence.NONE, Presence.MINOR, Presence.SOLE, Presence.UNKNOWN])
def test_a_delineated_area_is_excluded_under_delineation(presence: Presence, facts, judged) -> None:
    finding = judged(facts(presence=presence, delineated=True), policy=Policy.DELINEATED_ONLY)
    assert finding.reasons == (N,)


@pytest.mark.parametrize("radius", [25.0, 40.0, None])
def test_a_coarse_place_says_why_control_is_unknown(radius: float | None, facts, judged) -> None:
    where = facts().place._replace(radius_km=radius)
    unknown = judged(facts(presence=Presence.UNKNOWN, place=where), policy=Policy.DOMINANCE)
    assert unknown.reasons == (U, "U-LOCATION-TOO-COARSE")
    stated = judged(facts(presence=Presence.NONE, place=where), policy=Policy.DOMINANCE)
    assert stated.reasons == ("V-ATTACK-COVERED",)


def test_a_state_army_is_no_cover_for_excluded_groups(facts, verdicts) -> None:
    """Nusra's presence near by takes no protection from the Syrian army that its enemies shell."""
    shelled = facts(perpetrators=("opp.rahman",), target_actors=("gov.saa",), presence=Presence.JOINT)
    assert verdicts(shelled) == ["V-ATTACK-COVERED"] * 6
