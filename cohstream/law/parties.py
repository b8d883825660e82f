"""From rulings on candidates to the finding on a party: rival or inseparable candidates count once."""

from __future__ import annotations

from collections.abc import Sequence

from cohstream.domain.vocabulary import AttributionConfidence, Verdict
from cohstream.law.case import Case
from cohstream.law.ruling import Ruling, rule
from cohstream.law.standing import Standing

UNDETERMINED_PARTY = "undetermined"
JOINT_PARTY = "joint"

Rulings = Sequence[tuple[Standing, Ruling]]


def combine(case: Case, rulings: Rulings, nobody: Ruling | None) -> tuple[str, Ruling]:
    """The party and ruling that stand for all candidates. ``nobody`` is the ruling when no one is named."""
    if nobody is not None:
        return UNDETERMINED_PARTY, nobody
    parties = {one.party for one, _ in rulings}
    merged = _merged(rulings)
    if len(parties) == 1:
        return parties.pop(), merged or _unlike(rulings, "the candidates of one party differ in standing")
    if case.facts.confidence is AttributionConfidence.JOINT:
        return JOINT_PARTY, merged or _unlike(rulings, "the joint actors differ in standing")
    alike = len({ruling.verdict for _, ruling in rulings}) == 1
    if merged is not None and alike and merged.verdict in (Verdict.NOT_A_VIOLATION, Verdict.CONTESTED):
        return UNDETERMINED_PARTY, merged
    if case.facts.confidence is AttributionConfidence.CONTESTED:
        return UNDETERMINED_PARTY, _rival(rulings)
    unlike = _unlike(rulings, "which of the candidates is unknown")
    if merged is not None and merged.verdict is Verdict.UNDETERMINED:
        return UNDETERMINED_PARTY, _with_reasons(merged, unlike)
    return UNDETERMINED_PARTY, unlike


def _merged(rulings: Rulings) -> Ruling | None:
    """The ruling that holds whichever candidate it was: all agree in verdict, or only a dispute divides them."""
    verdicts = {ruling.verdict for _, ruling in rulings}
    if verdicts == {Verdict.VIOLATION, Verdict.CONTESTED}:
        rulings = [(one, ruling) for one, ruling in rulings if ruling.verdict is Verdict.CONTESTED]
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


def _unlike(rulings: Rulings, why: str) -> Ruling:
    step = f"8 attribution: {_names(rulings)}: {why}"
    return rule("U-PERPETRATOR", clauses=_clauses(rulings), missing=("perpetrator",), step=step)


def _rival(rulings: Rulings) -> Ruling:
    step = f"8 attribution: {_names(rulings)}, rival accounts"
    return rule("C-ATTRIBUTION", clauses=_clauses(rulings), missing=("perpetrator",), step=step)


def _names(rulings: Rulings) -> str:
    return " or ".join(one.actor_id for one, _ in rulings)


def _clauses(rulings: Rulings) -> tuple[str, ...]:
    return tuple(sorted({clause for _, ruling in rulings for clause in ruling.clauses}))
