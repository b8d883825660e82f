"""Evaluation: facts against one agreement, step by step (domain reference §3.3), for every policy.

1 time in force, 2 area, 3 perpetrator, 4 conduct regulated, 5 who was aimed at and hit, 6 exceptions claimed,
7 coverage policy, 8 attribution and verification. The first step that decides ends the matter; what was
disputed on the way stays in the reasons.
"""

from __future__ import annotations

from typing import NamedTuple

from cohstream.domain.assessment import Finding
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Verdict, Verification, is_within
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import NON_PARTY, Agreement
from cohstream.law.case import MARBLED, Case, case_of, in_zone, protects, regulates
from cohstream.law.coverage import COVERED, UNKNOWN, protection
from cohstream.law.facts import Facts
from cohstream.law.parties import combine
from cohstream.law.ruling import REASON_VERDICT, Ruling, rule
from cohstream.law.standing import Standing, standing_of
from cohstream.law.text import ClauseText, Modality, Reading

PROVEN = frozenset({AttributionConfidence.CONFIRMED_ADMITTED, AttributionConfidence.CONFIRMED_EVIDENCE})
POLICIES = tuple(Policy)
MISSING_FOR = {
    "U-TARGET": ("target",),
    "U-CONTROL-UNKNOWN": ("presence of an excluded group",),
    "C-COVERAGE-AREA": ("agreed delineation",),
}
NONHOSTILE_FLIGHT = frozenset({"medevac_flight"})
FLIGHT_EXCUSES = frozenset({"medevac", "humanitarian_flight", "personnel_recovery"})
WHO_FIRED_FIRST = frozenset({"self_defence", "return_fire"})


def evaluate(agreement: Agreement, facts: Facts, actors: ActorRegistry) -> tuple[Finding, ...]:
    """What ``agreement`` says of ``facts``: one finding per party and policy, in order of party and policy."""
    case = case_of(agreement, facts, actors)
    candidates = [standing_of(actor, facts.start, agreement, actors) for actor in facts.perpetrators]
    used = facts_used(case, candidates)
    flags = flags_of(case, candidates)
    early = _time(case) or _place(case) or _hostile(case)
    matters: list[Ruling | Breach] = [early or _matter(case, one) for one in candidates]
    nobody = None if candidates else early or _nobody(case)
    findings = []
    for policy in POLICIES:
        rulings = [
            (one, matter if isinstance(matter, Ruling) else _disputes(case, one, _covered(case, matter, policy)))
            for one, matter in zip(candidates, matters, strict=True)
        ]
        for party, ruling in combine(case, rulings, nobody):
            findings.append(
                Finding(
                    party=party,
                    policy=policy,
                    verdict=ruling.verdict,
                    reasons=ruling.reasons,
                    clauses=ruling.clauses,
                    flags=tuple(sorted({*flags, *ruling.flags})),
                    used=used,
                    missing=ruling.missing,
                    trace=ruling.trace,
                )
            )
    return tuple(findings)


class Breach(NamedTuple):
    """A clause that is breached unless the coverage policy takes the protection away."""

    clause: ClauseText
    code: str


def _matter(case: Case, candidate: Standing) -> Ruling | Breach:
    """The ruling on one candidate, or the breach that only the policy can decide."""
    if candidate.excluded == "yes":
        return rule("N-EXCLUDED-PERPETRATOR", step=f"3 perpetrator: {candidate.actor_id} is {candidate.why}")
    if candidate.party == NON_PARTY and candidate.excluded != "disputed":
        return rule("N-NOT-PARTY", step=f"3 perpetrator: {candidate.actor_id} {candidate.why}")
    matter = _conduct(case, candidate)
    return _disputes(case, candidate, matter) if isinstance(matter, Ruling) else matter


def _time(case: Case) -> Ruling | None:
    """Step 1: was the agreement in force?"""
    name = case.agreement.agreement_id
    if case.spans:
        return rule(
            "U-TIME-TOO-COARSE",
            missing=("time of the event",),
            step=f"1 time: the event's interval crosses a boundary of {name}",
        )
    if case.term.word in ("before", "after"):
        return rule("N-OUT-OF-TIME", step=f"1 time: {case.term.word} {name} was in force")
    if case.term.word == "disputed":
        who = ", ".join(case.term.claimed_by)
        return rule(
            "C-TIME-OF-EFFECT",
            missing=("whether the agreement still held",),
            step=f"1 time: {who} claims that {name} had ended",
        )
    return None


def _place(case: Case) -> Ruling | None:
    """Step 2: was it inside the agreement's area? An unknown place is a missing fact, not an outside one."""
    if case.where == "outside":
        return rule("N-OUT-OF-AREA", step="2 area: outside the agreement's area")
    return None


def _hostile(case: Case) -> Ruling | None:
    """Exercises, accidents and reports that their own sources withdrew are no hostile acts."""
    if case.facts.verification is Verification.DISCOUNTED:
        return rule("N-DISCOUNTED", step="8 verification: every source discounts the event")
    if case.family == "nonhostile" and case.facts.conduct not in NONHOSTILE_FLIGHT:
        return rule("N-NONHOSTILE", step=f"4 conduct: {case.facts.conduct} is no hostile act")
    if {"exercise", "demining"} & set(case.facts.circumstances):
        return rule("N-NONHOSTILE", step="6 exception: claimed as an exercise or demining")
    return None


def _nobody(case: Case) -> Ruling:
    """Nobody is named. What holds whoever did it still holds; else the perpetrator is the missing fact."""
    regulated = [
        clause for clause in case.agreement.rules if any(regulates(clause, case, role) for role in clause.bound)
    ]
    if not regulated:
        return rule("N-NO-CLAUSE", step=f"4 conduct: no clause regulates {case.facts.conduct} by anyone")
    if case.target_excluded and all(clause.marbling for clause in regulated):
        return rule("N-EXCLUDED-TARGET", clauses=_ids(regulated), step="5 target: known to be an excluded group")
    return rule(
        "U-PERPETRATOR", clauses=_ids(regulated), missing=("perpetrator",), step="3 perpetrator: no source names one"
    )


def _conduct(case: Case, candidate: Standing) -> Ruling | Breach:
    """Steps 4 to 6 for a candidate that the agreement may bind."""
    regulated = [clause for clause in case.agreement.rules if regulates(clause, case, candidate.role)]
    if not regulated:
        what = f"{case.facts.conduct} with {case.facts.weapon} by {candidate.role}"
        return rule("N-NO-CLAUSE", step=f"4 conduct: no clause regulates {what}")
    permitted = _permitted(case, candidate, regulated)
    if permitted is not None:
        return permitted
    prohibiting = [clause for clause in regulated if clause.modality is not Modality.PERMIT]
    if case.target_excluded and all(clause.marbling for clause in prohibiting):
        return rule("N-EXCLUDED-TARGET", clauses=_ids(prohibiting), step="5 target: known to be an excluded group")
    answers = [(clause, protects(clause, case, candidate)) for clause in prohibiting]
    named = [clause for clause, answer in answers if answer == "yes"]
    if not named and any(answer == "unknown" for _, answer in answers):
        named = [clause for clause, answer in answers if answer == "unknown"]
    if not named:
        return _not_covered(case, prohibiting)
    plain = [clause for clause in named if clause.reading is Reading.PLAIN] or named
    return _apply(case, plain[0])


def _permitted(case: Case, candidate: Standing, regulated: list[ClauseText]) -> Ruling | None:
    """Step 6, first part: conduct that the text itself allows."""
    for clause in regulated:
        if clause.modality is Modality.PERMIT and protects(clause, case, candidate) == "yes":
            return rule("N-PERMITTED", clauses=(clause.id,), step=f"6 exception: {clause.id} permits it")
    circumstances = set(case.facts.circumstances)
    if case.facts.conduct in NONHOSTILE_FLIGHT:
        circumstances.add("medevac")
    for clause in regulated:
        excuse = sorted(circumstances & set(clause.exceptions) - WHO_FIRED_FIRST)
        if excuse:
            return rule(
                "N-PERMITTED", clauses=(clause.id,), step=f"6 exception: {excuse[0]} is excepted by {clause.id}"
            )
    if case.facts.conduct in NONHOSTILE_FLIGHT:
        return rule("N-NONHOSTILE", step="4 conduct: a medical flight is no hostile act")
    return None


def _not_covered(case: Case, regulated: list[ClauseText]) -> Ruling:
    if not case.aimed_at and case.target_family == "undetermined":
        return rule("U-TARGET", clauses=_ids(regulated), missing=("target",), step="5 target: unknown")
    if any(one.coverage == "disputed" for one in case.aimed_at):
        return rule(
            "C-COVERAGE-ACTOR",
            clauses=_ids(regulated),
            missing=("whether the target is covered",),
            step="5 target: its coverage is disputed",
        )
    if case.hits_civilians or not case.aimed_at:
        step = f"4 conduct: no clause regulates {case.facts.conduct} against {case.facts.target} by this party"
        return rule("N-NO-CLAUSE", step=step)
    return rule("N-TARGET-NOT-COVERED", clauses=_ids(regulated), step="5 target: no clause protects it from this party")


def _apply(case: Case, clause: ClauseText) -> Ruling | Breach:
    """Steps 5 and 6 under the clause that fits."""
    if clause.zone is not None:
        zoned = _zone(case, clause)
        if zoned is not None:
            return zoned
    if _is_mistake(case):
        ruling = rule(
            "V-MISTAKE",
            clauses=(clause.id,),
            step=f"6 exception: a mistake was admitted, the effect breaches {clause.id}",
        )
        return ruling._replace(flags=("ADMITTED",))
    if clause.reading is Reading.AMBIGUOUS:
        return rule(
            "C-RULE-TEXT",
            clauses=(clause.id,),
            missing=("an agreed reading",),
            step=f"5 target: whether {clause.id} speaks of it is disputed",
        )
    if WHO_FIRED_FIRST & set(case.facts.circumstances):
        return rule(
            "C-WHO-FIRED-FIRST",
            clauses=(clause.id,),
            missing=("the preceding attack",),
            step="6 exception: self-defence is claimed, the first shot is not shown",
        )
    code = _violation(case, clause)
    if not clause.marbling or _is_own_side_known(case):
        return rule(code, clauses=(clause.id,), step=f"5 target: {clause.id} is breached")
    return Breach(clause, code)


def _covered(case: Case, breach: Breach, policy: Policy) -> Ruling:
    """Step 7: what the coverage policy makes of a breach."""
    clauses = (breach.clause.id,)
    step = f"5 target: {breach.clause.id} is breached"
    answer = protection(policy, case.facts.presence, case.facts.delineated, case.target_known)
    if answer == COVERED:
        return Ruling(Verdict.VIOLATION, (breach.code,), clauses, (), (step, f"7 coverage: covered under {policy}"))
    codes = (answer, "U-LOCATION-TOO-COARSE") if answer == UNKNOWN and case.coarse else (answer,)
    why = f"7 coverage: {answer} under {policy}, presence {case.facts.presence}"
    return Ruling(REASON_VERDICT[answer[0]], codes, clauses, MISSING_FOR.get(answer, ()), (step, why))


def _zone(case: Case, clause: ClauseText) -> Ruling | None:
    """Step 2 for a clause that holds in a zone only; ``None`` if the place lies in it."""
    assert clause.zone is not None
    answer = in_zone(case.agreement.zones[clause.zone], case.facts)
    if answer == "inside":
        return None
    if answer == "outside":
        return rule("N-OUT-OF-AREA", clauses=(clause.id,), step=f"2 area: outside the zone {clause.zone}")
    if answer == "disputed":
        return rule(
            "C-COVERAGE-AREA",
            clauses=(clause.id,),
            missing=("agreed delineation",),
            step=f"2 area: whether it lies in {clause.zone} is disputed",
        )
    return rule(
        "U-CONTROL-UNKNOWN",
        clauses=(clause.id,),
        missing=("presence of an excluded group",),
        step=f"2 area: unknown whether it lies in {clause.zone}",
    )


def _violation(case: Case, clause: ClauseText) -> str:
    by_air = case.facts.conduct in ("air_strike", "air_assault") or is_within(case.facts.weapon, ("air_delivered",))
    code = clause.air_violation if by_air and clause.air_violation else clause.violation
    assert code is not None
    if any(one.excluded == "yes" for one in case.aimed_at):
        return "V-EFFECT-ON-COVERED"
    return code


def _is_mistake(case: Case) -> bool:
    return "mistake_admitted" in case.facts.circumstances or (
        case.facts.confidence is AttributionConfidence.CONFIRMED_ADMITTED and case.facts.target == "covered_party_force"
    )


def _is_own_side_known(case: Case) -> bool:
    """Whether the target is a known force that no excluded group is mixed with by its nature (a state's army)."""
    return bool(case.aimed_at) and all(
        one.coverage != "none" and one.actor_id.split(".", 1)[0] in ("gov", "ally", "ext") for one in case.aimed_at
    )


def _disputes(case: Case, candidate: Standing, ruling: Ruling) -> Ruling:
    """Step 8: an otherwise adverse ruling on a candidate whose part or whose being bound is disputed is contested."""
    if ruling.verdict is Verdict.NOT_A_VIOLATION:
        return ruling
    reasons, steps = [], []
    if candidate.coverage == "disputed":
        reasons.append("C-COVERAGE-ACTOR")
        steps.append(f"3 perpetrator: {candidate.why}")
    elif any(one.coverage == "disputed" for one in case.aimed_at) and not case.hits_civilians:
        reasons.append("C-COVERAGE-ACTOR")
        steps.append("5 target: " + next(one.why for one in case.aimed_at if one.coverage == "disputed"))
    denied = candidate.actor_id in case.facts.denied_by and case.facts.confidence not in PROVEN
    if case.facts.confidence is AttributionConfidence.CONTESTED or denied:
        reasons.append("C-ATTRIBUTION")
        steps.append("8 attribution: disputed or denied")
    if not reasons:
        return ruling
    kept = tuple(code for code in ruling.reasons if code.startswith("C-") and code not in reasons)
    return ruling._replace(
        verdict=Verdict.CONTESTED,
        reasons=(*reasons, *kept),
        missing=(*ruling.missing, *(("perpetrator",) if "C-ATTRIBUTION" in reasons else ())),
        trace=(*ruling.trace, *steps),
    )


def flags_of(case: Case, candidates: list[Standing]) -> tuple[str, ...]:
    """Marks beside the verdict: they never change it."""
    flags = []
    if case.hits_civilians and case.family == "attack":
        flags.append("IHL-CONCERN")
    if case.facts.presence in MARBLED:
        flags.append("MARBLED")
    parties = case.agreement.parties
    if any(one.party in parties and parties[one.party].guarantor for one in candidates):
        flags.append("GUARANTOR-INVOLVED")
    if case.facts.confidence is AttributionConfidence.JOINT:
        flags.append("JOINT-OPERATION")
    if case.facts.confidence is AttributionConfidence.CONFIRMED_ADMITTED:
        flags.append("ADMITTED")
    return tuple(flags)


def facts_used(case: Case, candidates: list[Standing]) -> tuple[str, ...]:
    """The facts that the decision rests on, as ``name=value``."""
    facts = case.facts
    return (
        f"time={case.term.word}",
        f"area={case.where}",
        *(f"perpetrator={one.actor_id} ({one.why})" for one in candidates),
        f"attribution={facts.confidence}",
        f"conduct={facts.conduct}",
        f"weapon={facts.weapon}",
        f"target={facts.target}",
        *(f"target_actor={one.actor_id} ({one.why})" for one in case.aimed_at),
        f"excluded_presence={facts.presence}",
        f"delineated={'yes' if facts.delineated else 'no'}",
        *(f"circumstance={word}" for word in facts.circumstances),
    )


def _ids(clauses: list[ClauseText]) -> tuple[str, ...]:
    return tuple(clause.id for clause in clauses)
