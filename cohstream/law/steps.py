"""Steps 1 to 6 of a decision (domain reference §3.3): all that no coverage policy touches.

1 time in force, 2 area, 3 perpetrator, 4 conduct regulated, 5 who was aimed at and hit, 6 exceptions claimed.
The first step that decides ends the matter.
"""

from __future__ import annotations

from cohstream.domain.vocabulary import AttributionConfidence, FirstShot, Verdict, Verification
from cohstream.law.agreement import NON_PARTY
from cohstream.law.case import Case, in_zone
from cohstream.law.clauses import Fit, choose, protects, regulates, regulates_the_deed
from cohstream.law.first_shot import WHO_FIRED_FIRST
from cohstream.law.ground import Whereabouts
from cohstream.law.ruling import Breach, Dispute, Ruling, rule
from cohstream.law.standing import Standing
from cohstream.law.text import ClauseText, Modality, Reading

PRECEDING_ATTACK = "the preceding attack"
MAY_BE_ANSWERED = "whether an attack may be answered"
NOTICE = "the notice beforehand"
NOTICED = frozenset({"agreed_strike", "notified"})
"""Claims that hang on a notice beforehand."""

HARMLESS = frozenset({"exercise", "demining"})
MEDICAL_FLIGHT = "medevac_flight"
STATE_BLOCS = frozenset({"gov", "ally", "ext"})


def before_all(case: Case) -> Ruling | None:
    """What ends the matter whoever did it: out of time or area, disputes about them, discounted, no hostile act."""
    return _outside(case) or _time(case) or _place(case) or _hostile(case)


def matter_of(case: Case, candidate: Standing) -> Ruling | Breach:
    """The ruling on one candidate, or the breach that only the policy can decide."""
    if candidate.excluded == "yes":
        return rule("N-EXCLUDED-PERPETRATOR", step=f"3 perpetrator: {candidate.actor_id} is {candidate.why}")
    if candidate.party == NON_PARTY:
        return rule("N-NOT-PARTY", step=f"3 perpetrator: {candidate.actor_id} {candidate.why}")
    regulated = [clause for clause in case.agreement.rules if regulates(clause, case, candidate.role)]
    if not regulated:
        return _unregulated(case, f"{case.facts.conduct} with {case.facts.weapon} by {candidate.role}")
    permitted = _permitted(case, candidate, regulated)
    if permitted is not None:
        return permitted
    prohibiting = _not_elsewhere(case, [clause for clause in regulated if clause.modality is not Modality.PERMIT])
    marbling = [clause for clause in prohibiting if clause.marbling]
    others = [clause for clause in prohibiting if not clause.marbling and regulates_the_deed(clause, case)]
    if case.target_excluded and marbling and all(protects(clause, case, candidate) is Fit.NO for clause in others):
        about_civilians = [clause for clause in marbling if "civilians" in clause.target]
        return Breach((about_civilians or marbling)[0], "V-EFFECT-ON-COVERED", against_excluded=True)
    chosen = choose(prohibiting, case, candidate)
    if isinstance(chosen, ClauseText):
        return _apply(case, chosen, candidate)
    if chosen is Fit.UNKNOWN:
        return rule("U-TARGET", clauses=_ids(prohibiting), missing=("target",), step="5 target: not known who was hit")
    return _not_covered(case, candidate, prohibiting)


def nobody_named(case: Case) -> Ruling:
    """Nobody is named. What holds whoever did it still holds; else the perpetrator is the missing fact."""
    regulated = [
        clause for clause in case.agreement.rules if any(regulates(clause, case, role) for role in clause.bound)
    ]
    if not regulated:
        return _unregulated(case, f"{case.facts.conduct} by anyone")
    zoned = [_zone(case, clause) for clause in regulated if clause.zone is not None]
    nowhere = [ruling for ruling in zoned if ruling is not None and ruling.verdict is Verdict.NOT_A_VIOLATION]
    if len(nowhere) == len(regulated):
        return nowhere[0]
    if case.target_excluded and all(clause.marbling for clause in regulated) and not case.effect_on_others:
        return rule("N-EXCLUDED-TARGET", clauses=_ids(regulated), step="5 target: known to be an excluded group")
    return rule(
        "U-PERPETRATOR", clauses=_ids(regulated), missing=("perpetrator",), step="3 perpetrator: no source names one"
    )


def _outside(case: Case) -> Ruling | None:
    """Steps 1 and 2: out of time or area. No dispute about the other of the two makes it a matter of the agreement."""
    name = case.agreement.agreement_id
    if not case.spans and case.term.word in ("before", "after"):
        return rule("N-OUT-OF-TIME", step=f"1 time: {case.term.word} {name} was in force")
    if not case.spans and case.term.word == "suspended":
        return rule("N-OUT-OF-TIME", step=f"1 time: {name} did not hold for the time being")
    if case.where == Whereabouts.OUTSIDE:
        return rule("N-OUT-OF-AREA", step="2 area: outside the agreement's area")
    return None


def _time(case: Case) -> Ruling | None:
    """Step 1: was the agreement in force?"""
    name = case.agreement.agreement_id
    if case.spans:
        return rule(
            "U-TIME-TOO-COARSE",
            missing=("time of the event",),
            step=f"1 time: the event's interval crosses a boundary of {name}",
        )
    if case.term.word == "disputed":
        who = ", ".join(case.term.claimed_by)
        begun = case.term.begun
        return rule(
            "C-TIME-OF-EFFECT",
            missing=("whether the agreement still held" if begun else "whether the agreement had begun",),
            step=f"1 time: {who} claims that {name} had {'ended' if begun else 'not begun'}",
        )
    return None


def _place(case: Case) -> Ruling | None:
    """Step 2: was it inside the agreement's area? An unknown place is a missing fact, not an outside one."""
    if case.where == Whereabouts.DISPUTED:
        who = ", ".join(claim.authority for claim in case.agreement.text.area.claims)
        return rule(
            "C-COVERAGE-AREA",
            missing=("an agreed area",),
            step=f"2 area: {who} draw the area of {case.agreement.agreement_id} differently",
        )
    return None


def _hostile(case: Case) -> Ruling | None:
    """Exercises, accidents and reports that their own sources withdrew are no hostile acts."""
    if case.facts.verification is Verification.DISCOUNTED:
        return rule("N-DISCOUNTED", step="8 verification: every source discounts the event")
    spoken_of = any(case.facts.conduct in clause.conduct for clause in case.agreement.rules)
    if case.family == "nonhostile" and case.facts.conduct != MEDICAL_FLIGHT and not spoken_of:
        return rule("N-NONHOSTILE", step=f"4 conduct: {case.facts.conduct} is no hostile act")
    claimed = sorted(word for word in HARMLESS & set(case.facts.circumstances) if not _is_barred(case, word))
    if claimed and not _somebody_was_hit(case):
        return rule("N-NONHOSTILE", step=f"6 exception: {claimed[0]}, and nobody is known to have been hit")
    return None


def _is_barred(case: Case, word: str) -> bool:
    """Whether a clause bars at this place the very thing that is claimed as harmless: an exercise in a zone."""
    zones = case.agreement.zones
    return any(
        word in clause.conduct
        and (clause.zone is None or in_zone(zones[clause.zone], case.facts) != Whereabouts.OUTSIDE)
        for clause in case.agreement.rules
    )


def _not_elsewhere(case: Case, clauses: list[ClauseText]) -> list[ClauseText]:
    """``clauses`` without those whose zone lies elsewhere, unless all do; those that surely hold here first."""
    zones = case.agreement.zones
    answers = {clause.id: in_zone(zones[clause.zone], case.facts) for clause in clauses if clause.zone is not None}
    if not answers:
        return clauses
    here = [clause for clause in clauses if answers.get(clause.id) != Whereabouts.OUTSIDE] or clauses
    return sorted(here, key=lambda clause: answers.get(clause.id, Whereabouts.INSIDE) != Whereabouts.INSIDE)


def _unregulated(case: Case, what: str) -> Ruling:
    if case.family == "nonhostile":
        return rule("N-NONHOSTILE", step=f"4 conduct: {case.facts.conduct} is no hostile act")
    return rule("N-NO-CLAUSE", step=f"4 conduct: no clause regulates {what}")


def _permitted(case: Case, candidate: Standing, regulated: list[ClauseText]) -> Ruling | None:
    """Step 6, first part: conduct that the text itself allows."""
    for clause in regulated:
        if clause.modality is Modality.PERMIT and protects(clause, case, candidate) is Fit.YES:
            return rule("N-PERMITTED", clauses=(clause.id,), step=f"6 exception: {clause.id} permits it")
    circumstances = set(case.facts.circumstances)
    if case.facts.conduct == MEDICAL_FLIGHT:
        circumstances.add("medevac")
    unshown = WHO_FIRED_FIRST | NOTICED if case.facts.noticed is False else WHO_FIRED_FIRST
    for clause in regulated:
        excuse = sorted(circumstances & set(clause.exceptions) - unshown)
        if excuse:
            step = f"6 exception: {excuse[0]} is excepted by {clause.id}"
            return rule("N-PERMITTED", clauses=(clause.id,), step=step)
    return None


def _not_covered(case: Case, candidate: Standing, regulated: list[ClauseText]) -> Ruling:
    """Step 5, where no clause protects what was hit from this candidate."""
    if any(one.coverage == "disputed" and one.party != candidate.party for one in case.aimed_at):
        return rule(
            "C-COVERAGE-ACTOR",
            clauses=_ids(regulated),
            missing=("whether the target is covered",),
            step="5 target: its coverage is disputed",
        )
    within_party = bool(case.aimed_at) and all(one.party == candidate.party for one in case.aimed_at)
    if case.hits_civilians or within_party:
        hit = f"a force of {candidate.party} itself" if within_party else case.target
        return rule("N-NO-CLAUSE", step=f"4 conduct: no clause regulates {case.facts.conduct} against {hit}")
    step = "5 target: no clause protects it from this party"
    return rule("N-TARGET-NOT-COVERED", clauses=_ids(regulated), step=step)


def _apply(case: Case, clause: ClauseText, candidate: Standing) -> Ruling | Breach:
    """Steps 5 and 6 under the clause that fits."""
    if clause.zone is not None:
        zoned = _zone(case, clause)
        if zoned is not None:
            return zoned
    if _is_mistake(case, candidate):
        step = f"6 exception: a mistake was admitted, the effect breaches {clause.id}"
        return rule("V-MISTAKE", clauses=(clause.id,), step=step)._replace(flags=("ADMITTED",))
    if case.first_shot is FirstShot.FOUND and _lets_answer(clause, case):
        step = f"6 exception: {clause.id} lets a proportionate answer pass, and the first shot is found"
        return rule("N-SELF-DEFENCE-PROPORTIONATE", clauses=(clause.id,), step=step)
    return Breach(clause, _violation(case, clause), _disputes(case, clause))


def _lets_answer(clause: ClauseText, case: Case) -> bool:
    """Whether ``clause`` knows the exception that is claimed. Who may defend himself may return fire."""
    claimed = WHO_FIRED_FIRST & set(case.facts.circumstances)
    return "self_defence" in clause.exceptions or not claimed.isdisjoint(clause.exceptions)


def _disputes(case: Case, clause: ClauseText) -> tuple[Dispute, ...]:
    """What people disagree on about the clause and its exceptions."""
    found = []
    if clause.reading is Reading.AMBIGUOUS:
        step = f"5 target: whether {clause.id} speaks of it is disputed"
        found.append(Dispute("C-RULE-TEXT", "an agreed reading", step))
    if case.first_shot is FirstShot.CONTESTED:
        step = "6 exception: self-defence is claimed, the first shot is not shown"
        found.append(Dispute("C-WHO-FIRED-FIRST", PRECEDING_ATTACK, step))
    elif case.first_shot is FirstShot.NOT_FOUND:
        step = "6 exception: self-defence is claimed, and no first shot is found"
        found.append(Dispute("U-WHO-FIRED-FIRST", PRECEDING_ATTACK, step))
    elif case.first_shot is FirstShot.FOUND:
        step = f"6 exception: the first shot is found, but {clause.id} says nothing of answering one"
        found.append(Dispute("C-RULE-TEXT", MAY_BE_ANSWERED, step))
    claimed = set(case.facts.circumstances)
    if case.facts.noticed is False and NOTICED & claimed & set(clause.exceptions):
        step = "6 exception: claimed as agreed or notified, and no notice is found"
        found.append(Dispute("C-FACTS", NOTICE, step))
    if HARMLESS & claimed:
        step = "6 exception: claimed as an exercise or demining, though somebody was hit, or it is barred here"
        found.append(Dispute("C-FACTS", "what happened", step))
    return tuple(found)


def _zone(case: Case, clause: ClauseText) -> Ruling | None:
    """Step 2 for a clause that holds in a zone only; ``None`` if the place lies in it."""
    assert clause.zone is not None
    zone = case.agreement.zones[clause.zone]
    answer = in_zone(zone, case.facts)
    if answer == Whereabouts.INSIDE:
        return None
    if answer == Whereabouts.OUTSIDE and case.family == "nonhostile":
        return rule("N-NONHOSTILE", step=f"4 conduct: {case.facts.conduct} outside {clause.zone} is no hostile act")
    if answer == Whereabouts.OUTSIDE:
        return rule("N-OUT-OF-AREA", clauses=(clause.id,), step=f"2 area: outside the zone {clause.zone}")
    if answer == Whereabouts.DISPUTED:
        step = f"2 area: whether it lies in {clause.zone} is disputed"
        return rule("C-COVERAGE-AREA", clauses=(clause.id,), missing=("agreed delineation",), step=step)
    if answer == "spans":
        step = f"1 time: the event's interval crosses a boundary of {clause.zone}"
        return rule("U-TIME-TOO-COARSE", clauses=(clause.id,), missing=("time of the event",), step=step)
    step = f"2 area: unknown whether it lies in {clause.zone}"
    told = {}
    if zone.text.presence:
        told["U-CONTROL-UNKNOWN"] = "presence of an excluded group"
    if not zone.text.presence or not case.facts.place.admin1:
        told["U-LOCATION-TOO-COARSE"] = "place of the event"
    return rule(*told, clauses=(clause.id,), missing=tuple(told.values()), step=step)


def _violation(case: Case, clause: ClauseText) -> str:
    if any(one.excluded == "yes" for one in case.aimed_at) and clause.marbling:
        return "V-EFFECT-ON-COVERED"
    if case.first_shot is FirstShot.DISPROPORTIONATE and _lets_answer(clause, case):
        return "V-DISPROPORTIONATE"
    code = clause.air_violation if case.by_air and clause.air_violation else clause.violation
    assert code is not None
    return code


def _is_mistake(case: Case, candidate: Standing) -> bool:
    """Whether an error is owned up to. A guarantor that admits to hitting a covered force speaks of an error."""
    if not case.target_known:
        return False
    if "mistake_admitted" in case.facts.circumstances:
        return True
    return (
        case.facts.confidence is AttributionConfidence.CONFIRMED_ADMITTED
        and case.agreement.parties[candidate.party].guarantor
        and not case.hits_civilians
    )


def _somebody_was_hit(case: Case) -> bool:
    return case.hits_civilians or case.facts.civilians_harmed or bool(case.aimed_at) or case.target_family == "force"


def is_state_force(case: Case) -> bool:
    """Whether the target is a covered state force, with which no excluded group is mixed."""
    return bool(case.aimed_at) and all(
        one.coverage != "none" and one.actor_id.split(".", 1)[0] in STATE_BLOCS for one in case.aimed_at
    )


def _ids(clauses: list[ClauseText]) -> tuple[str, ...]:
    return tuple(clause.id for clause in clauses)
