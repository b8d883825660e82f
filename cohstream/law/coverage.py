"""Step 7: the six coverage policies, or what an excluded group's presence does to the protection of others.

Source: domain reference §3.4, default reading, for an attack by a bound party.
"""

from __future__ import annotations

from cohstream.domain.vocabulary import Policy, Presence, Verdict
from cohstream.law.case import Case
from cohstream.law.ruling import REASON_VERDICT, Breach, Ruling, contested
from cohstream.law.steps import is_state_force

COVERED, EXCLUDED = "covered", "N-EXCLUDED-TARGET"
DISPUTED, UNKNOWN = "C-COVERAGE-AREA", "U-CONTROL-UNKNOWN"
NO_TARGET = "U-TARGET"

STRIPPED_BY = {
    Policy.STRICT_EXCLUSION: frozenset({Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.SOLE}),
    Policy.DOMINANCE: frozenset({Presence.DOMINANT, Presence.SOLE}),
    Policy.JOINT_IS_COVERED: frozenset({Presence.SOLE}),
}
"""Grades of presence that strip a place of protection, for the policies that decide by presence."""
MISSING_FOR = {
    NO_TARGET: ("target",),
    UNKNOWN: ("presence of an excluded group",),
    DISPUTED: ("agreed delineation",),
}


def protection(policy: Policy, presence: Presence, delineated: bool, target_known: bool) -> str:
    """``covered``, or the reason code that stands against it.

    ``target_known`` says that who was hit is known to be covered: a covered force, civilians, a protected site.
    """
    if policy in (Policy.TARGET_BASED, Policy.PRECAUTION):
        return COVERED if target_known else NO_TARGET
    if policy is Policy.DELINEATED_ONLY:
        return EXCLUDED if delineated else COVERED
    if presence is Presence.DISPUTED:
        return DISPUTED
    if presence is Presence.UNKNOWN:
        return UNKNOWN
    return EXCLUDED if presence in STRIPPED_BY[policy] else COVERED


def under_policy(case: Case, breach: Breach, policy: Policy) -> Ruling:
    """What ``policy`` makes of a breach, and the disputes about it of the result."""
    if breach.against_excluded:
        return _against_excluded(case, breach, policy)
    clause = breach.clause
    clauses = (clause.id,)
    step = f"5 target: {clause.id} is breached"
    if not clause.marbling or is_state_force(case):
        return contested(Ruling(Verdict.VIOLATION, (breach.code,), clauses, (), (step,)), breach.disputes)
    presence = case.facts.presence
    answer = protection(policy, presence, case.facts.delineated, case.target_known)
    if answer == COVERED:
        steps = (step, f"7 coverage: covered under {policy}")
        ruling = Ruling(Verdict.VIOLATION, (breach.code,), clauses, (), steps)
    else:
        codes = (answer, "U-LOCATION-TOO-COARSE") if answer == UNKNOWN and case.coarse else (answer,)
        steps = (step, f"7 coverage: {answer} under {policy}, presence {presence}")
        ruling = Ruling(REASON_VERDICT[answer[0]], codes, clauses, MISSING_FOR.get(answer, ()), steps)
    return contested(ruling, breach.disputes)


def _against_excluded(case: Case, breach: Breach, policy: Policy) -> Ruling:
    """An excluded group is a lawful target under every policy, but precaution asks who else was reached."""
    clauses = (breach.clause.id,)
    step = "5 target: known to be an excluded group"
    if policy is Policy.PRECAUTION and case.effect_on_others:
        steps = (step, f"7 coverage: the effect reached civilians, under {policy}")
        return contested(Ruling(Verdict.VIOLATION, (breach.code,), clauses, (), steps), breach.disputes)
    return Ruling(Verdict.NOT_A_VIOLATION, (EXCLUDED,), clauses, (), (step,))
