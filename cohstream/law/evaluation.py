"""Evaluation: facts against one agreement, step by step (domain reference §3.3), for every policy.

Steps 1 to 6 are taken once (:mod:`cohstream.law.steps`), step 7 per policy (:mod:`cohstream.law.coverage`), step 8,
attribution, is here and in :mod:`cohstream.law.parties`. What was disputed on the way stays in the reasons.
"""

from __future__ import annotations

from cohstream.domain.assessment import Finding
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Presence
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement
from cohstream.law.case import Case, case_of, view_of
from cohstream.law.coverage import under_policy
from cohstream.law.facts import Facts
from cohstream.law.parties import UNDETERMINED_PARTY, combine
from cohstream.law.ruling import Breach, Dispute, Ruling, contested
from cohstream.law.standing import Standing
from cohstream.law.steps import before_all, matter_of, nobody_named

PROVEN = frozenset({AttributionConfidence.CONFIRMED_ADMITTED, AttributionConfidence.CONFIRMED_EVIDENCE})
POLICIES = tuple(Policy)
MARBLED = frozenset({Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.DISPUTED})
FEW = 3
"""Candidates up to this number are named one by one in a trace."""

Fate = tuple[str, Ruling | Breach, tuple[Dispute, ...]]
"""A party, what becomes of its candidates before the policies are asked, and what is disputed about them."""


def evaluate(agreement: Agreement, facts: Facts, actors: ActorRegistry) -> tuple[Finding, ...]:
    """What ``agreement`` says of ``facts``: one finding per party and policy, in order of policy.

    ``facts`` name registered actors only; anything else in them may be unknown, and never raises.
    """
    return findings_on(case_of(agreement, facts, view_of(agreement, facts, actors)))


def findings_on(case: Case) -> tuple[Finding, ...]:
    """:func:`evaluate`, once it is clear how the agreement sees the facts."""
    early = before_all(case)
    fates = _fates(case, early)
    nobody = None if fates else early or nobody_named(case)
    used, always = facts_used(case), flags_of(case)
    opening = () if early else _opening(case)
    hangs_on_policy = any([isinstance(matter, Breach) for _, matter, _ in fates])
    findings: list[Finding] = []
    for policy in POLICIES:
        if hangs_on_policy or not findings:
            party, ruling = (UNDETERMINED_PARTY, nobody) if nobody else _decide(case, fates, policy)
            flags, trace = tuple(sorted({*always, *ruling.flags})), (*opening, *ruling.trace)
        findings.append(
            Finding(party, policy, ruling.verdict, ruling.reasons, ruling.clauses, flags, used, ruling.missing, trace)
        )
    return tuple(findings)


def _fates(case: Case, early: Ruling | None) -> list[Fate]:
    """What awaits the candidates, each fate once: many actors of one party share theirs."""
    if early:
        return [(party, early, ()) for party in dict.fromkeys([one.party for one in case.candidates])]
    fates: dict[tuple[str, int, tuple[Dispute, ...]], Fate] = {}
    for one, matter in zip(case.candidates, _matters(case), strict=True):
        about = _disputes(case, one)
        fates.setdefault((one.party, id(matter), about), (one.party, matter, about))
    return list(fates.values())


def _decide(case: Case, fates: list[Fate], policy: Policy) -> tuple[str, Ruling]:
    """The party and the ruling on it under ``policy``."""
    rulings = []
    for party, matter, about in fates:
        ruling = matter if isinstance(matter, Ruling) else under_policy(case, matter, policy)
        rulings.append((party, contested(ruling, about)))
    return combine(case, rulings)


def _matters(case: Case) -> list[Ruling | Breach]:
    """Steps 3 to 6 for each candidate. Members of one party in one role share one matter: it hangs on no more."""
    shared: dict[tuple[str, str], Ruling | Breach] = {}
    matters = []
    for one in case.candidates:
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


def _opening(case: Case) -> tuple[str, ...]:
    """The steps passed without a decision."""
    candidates = case.candidates
    steps = [f"1 time: {case.agreement.agreement_id} was in force", f"2 area: {case.where}"]
    if len(candidates) > FEW:
        steps.append(f"3 perpetrator: {len(candidates)} candidates")
    else:
        steps += [f"3 perpetrator: {one.actor_id}, {one.role} of {one.party}" for one in candidates if one.role]
    return tuple(steps)


def flags_of(case: Case) -> tuple[str, ...]:
    """Marks beside the verdict: they never change it."""
    flags = []
    if case.family == "attack" and (case.hits_civilians or case.facts.civilians_harmed):
        flags.append("IHL-CONCERN")
    if case.facts.presence in MARBLED:
        flags.append("MARBLED")
    parties = case.agreement.parties
    if any([one.party in parties and parties[one.party].guarantor for one in case.candidates]):
        flags.append("GUARANTOR-INVOLVED")
    if case.facts.confidence is AttributionConfidence.JOINT:
        flags.append("JOINT-OPERATION")
    if case.facts.confidence is AttributionConfidence.CONFIRMED_ADMITTED:
        flags.append("ADMITTED")
    return tuple(flags)


def facts_used(case: Case) -> tuple[str, ...]:
    """The facts that the decision rests on, as ``name=value``."""
    facts = case.facts
    return (
        f"time={case.term.word}",
        f"area={case.where}",
        *[f"perpetrator={one.actor_id} ({one.why})" for one in case.candidates],
        f"attribution={facts.confidence}",
        *(f"denied_by={actor}" for actor in facts.denied_by),
        f"conduct={facts.conduct}",
        f"weapon={facts.weapon}",
        f"target={facts.target}",
        *[f"target_actor={one.actor_id} ({one.why})" for one in case.aimed_at],
        f"excluded_presence={facts.presence}",
        f"delineated={'yes' if facts.delineated else 'no'}",
        *(f"circumstance={word}" for word in facts.circumstances),
        *((f"first_shot={case.first_shot}",) if case.first_shot and facts.first_shots else ()),
        *(() if facts.noticed is None else (f"notice={'found' if facts.noticed else 'none'}",)),
        *(("civilians_harmed=yes",) if facts.civilians_harmed else ()),
    )
