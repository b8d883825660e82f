"""Evaluation: facts against one agreement, step by step (domain reference §3.3), for every policy.

Steps 1 to 6 are taken once (:mod:`cohstream.law.steps`), step 7 per policy (:mod:`cohstream.law.coverage`), step 8,
attribution, is here and in :mod:`cohstream.law.parties`. What was disputed on the way stays in the reasons.
"""

from __future__ import annotations

from cohstream.domain.assessment import Finding
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Presence
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement
from cohstream.law.case import Case, case_of
from cohstream.law.coverage import under_policy
from cohstream.law.facts import Facts
from cohstream.law.parties import combine
from cohstream.law.ruling import Breach, Dispute, Ruling, contested
from cohstream.law.standing import Standing, standing_of
from cohstream.law.steps import before_all, matter_of, nobody_named

PROVEN = frozenset({AttributionConfidence.CONFIRMED_ADMITTED, AttributionConfidence.CONFIRMED_EVIDENCE})
POLICIES = tuple(Policy)
MARBLED = frozenset({Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.DISPUTED})
FEW = 3
"""Candidates up to this number are named one by one in a trace."""


def evaluate(agreement: Agreement, facts: Facts, actors: ActorRegistry) -> tuple[Finding, ...]:
    """What ``agreement`` says of ``facts``: one finding per party and policy, in order of policy.

    ``facts`` name registered actors only; anything else in them may be unknown, and never raises.
    """
    case = case_of(agreement, facts, actors)
    candidates = [standing_of(actor, facts.start, agreement, actors) for actor in facts.perpetrators]
    used = facts_used(case, candidates)
    flags = flags_of(case, candidates)
    early = before_all(case)
    opening = () if early else _opening(case, candidates)
    matters = [early] * len(candidates) if early else _matters(case, candidates)
    disputes = [() if early else _disputes(case, one) for one in candidates]
    nobody = None if candidates else early or nobody_named(case)
    findings = []
    for policy in POLICIES:
        answers: dict[tuple[int, tuple[Dispute, ...]], Ruling] = {}
        rulings = []
        for one, matter, about in zip(candidates, matters, disputes, strict=True):
            ruling = answers.get((id(matter), about))
            if ruling is None:
                ruling = matter if isinstance(matter, Ruling) else under_policy(case, matter, policy)
                ruling = answers[id(matter), about] = contested(ruling, about)
            rulings.append((one, ruling))
        party, ruling = combine(case, rulings, nobody)
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
                trace=(*opening, *ruling.trace),
            )
        )
    return tuple(findings)


def _matters(case: Case, candidates: list[Standing]) -> list[Ruling | Breach]:
    """Steps 3 to 6 for each candidate. Members of one party in one role share one matter: it hangs on no more."""
    shared: dict[tuple[str, str], Ruling | Breach] = {}
    matters = []
    for one in candidates:
        matter = shared.get((one.party, one.role)) if one.role else None
        if matter is None:
            matter = matter_of(case, one)
            if one.role:
                shared[one.party, one.role] = matter
        matters.append(matter)
    return matters


def _disputes(case: Case, candidate: Standing) -> tuple[Dispute, ...]:
    """Step 8: whether it is disputed that the candidate or its target is bound and covered, or who did it."""
    found = []
    if candidate.coverage == "disputed":
        found.append(Dispute("C-COVERAGE-ACTOR", "whether the perpetrator is bound", f"3 perpetrator: {candidate.why}"))
    elif _covered_by_some_only(case, candidate):
        why = next(one.why for one in case.aimed_at if one.coverage == "disputed")
        found.append(Dispute("C-COVERAGE-ACTOR", "whether the target is covered", f"5 target: {why}"))
    facts = case.facts
    denied = candidate.actor_id in facts.denied_by and facts.confidence not in PROVEN
    if facts.confidence is AttributionConfidence.CONTESTED or denied:
        found.append(Dispute("C-ATTRIBUTION", "perpetrator", "8 attribution: disputed or denied"))
    return tuple(found)


def _covered_by_some_only(case: Case, candidate: Standing) -> bool:
    """Whether a force was hit whose coverage is disputed; civilians are covered whoever is beside them."""
    others = [one for one in case.aimed_at if one.party != candidate.party]
    return any(one.coverage == "disputed" for one in others) and not case.hits_civilians


def _opening(case: Case, candidates: list[Standing]) -> tuple[str, ...]:
    """The steps passed without a decision."""
    steps = [f"1 time: {case.agreement.agreement_id} was in force", f"2 area: {case.where}"]
    if len(candidates) > FEW:
        steps.append(f"3 perpetrator: {len(candidates)} candidates")
    else:
        steps += [f"3 perpetrator: {one.actor_id}, {one.role} of {one.party}" for one in candidates if one.role]
    return tuple(steps)


def flags_of(case: Case, candidates: list[Standing]) -> tuple[str, ...]:
    """Marks beside the verdict: they never change it."""
    flags = []
    if case.family == "attack" and (case.hits_civilians or case.facts.civilians_harmed):
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
        *(f"denied_by={actor}" for actor in facts.denied_by),
        f"conduct={facts.conduct}",
        f"weapon={facts.weapon}",
        f"target={facts.target}",
        *(f"target_actor={one.actor_id} ({one.why})" for one in case.aimed_at),
        f"excluded_presence={facts.presence}",
        f"delineated={'yes' if facts.delineated else 'no'}",
        *(f"circumstance={word}" for word in facts.circumstances),
        *(("civilians_harmed=yes",) if facts.civilians_harmed else ()),
    )
