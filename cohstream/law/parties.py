"""From rulings on candidates to the finding on a party: rival or inseparable candidates count once."""

from __future__ import annotations

from collections.abc import Sequence

from cohstream.domain.vocabulary import AttributionConfidence, Verdict
from cohstream.law.case import Case
from cohstream.law.ruling import Ruling, rule

UNDETERMINED_PARTY = "undetermined"
JOINT_PARTY = "joint"

Rulings = Sequence[tuple[str, Ruling]]
"""Parties with the rulings on their candidates, those that differ."""


def combine(case: Case, rulings: Rulings) -> tuple[str, Ruling]:
    """The party and ruling that stand for all candidates of ``case``, of whom there is at least one."""
    party, ruling = rulings[0]
    if len(rulings) == 1:
        return party, ruling
    parties = {party for party, _ in rulings}
    merged = _merged(rulings)
    if len(parties) == 1:
        return party, merged or _unlike(case, rulings, "the candidates of one party differ in standing")
    if case.facts.confidence is AttributionConfidence.JOINT:
        return JOINT_PARTY, merged or _unlike(case, rulings, "the joint actors differ in standing")
    alike = len({ruling.verdict for _, ruling in rulings}) == 1
    if merged is not None and alike and merged.verdict in (Verdict.NOT_A_VIOLATION, Verdict.CONTESTED):
        return UNDETERMINED_PARTY, merged
    if case.facts.confidence is AttributionConfidence.CONTESTED:
        return UNDETERMINED_PARTY, _rival(case, rulings)
    unlike = _unlike(case, rulings, "which of the candidates is unknown")
    if merged is not None and merged.verdict is Verdict.UNDETERMINED:
        return UNDETERMINED_PARTY, _with_reasons(merged, unlike)
    return UNDETERMINED_PARTY, unlike


def _merged(rulings: Rulings) -> Ruling | None:
    """The ruling that holds whichever candidate it was: all agree in verdict, or only a dispute divides them."""
    verdicts = {ruling.verdict for _, ruling in rulings}
    if verdicts == {Verdict.VIOLATION, Verdict.CONTESTED}:
        rulings = [(party, ruling) for party, ruling in rulings if ruling.verdict is Verdict.CONTESTED]
    elif len(verdicts) > 1:
        return None
    merged = rulings[0][1]
    for _, ruling in rulings[1:]:
        merged = _with_reasons(merged, ruling)
    return merged


def _with_reasons(one: Ruling, other: Ruling) -> Ruling:
    """``one`` with the reasons, clauses, missing facts and steps of ``other`` added, each once."""
    if one is other:
        return one
    return Ruling(
        one.verdict,
        tuple(dict.fromkeys(one.reasons + other.reasons)),
        tuple(dict.fromkeys(one.clauses + other.clauses)),
        tuple(dict.fromkeys(one.missing + other.missing)),
        tuple(dict.fromkeys(one.trace + other.trace)),
        tuple(dict.fromkeys(one.flags + other.flags)),
    )


def _unlike(case: Case, rulings: Rulings, why: str) -> Ruling:
    step = f"8 attribution: {_names(case)}: {why}"
    return rule("U-PERPETRATOR", clauses=_clauses(rulings), missing=("perpetrator",), step=step)


def _rival(case: Case, rulings: Rulings) -> Ruling:
    step = f"8 attribution: {_names(case)}, rival accounts"
    return rule("C-ATTRIBUTION", clauses=_clauses(rulings), missing=("perpetrator",), step=step)


def _names(case: Case) -> str:
    return " or ".join([one.actor_id for one in case.candidates])


def _clauses(rulings: Rulings) -> tuple[str, ...]:
    return tuple(sorted({clause for _, ruling in rulings for clause in ruling.clauses}))
