"""From rulings on candidates to findings on parties: rival or inseparable candidates count once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cohstream.domain.vocabulary import AttributionConfidence, Verdict
from cohstream.law.agreement import NON_PARTY
from cohstream.law.case import Case
from cohstream.law.ruling import Ruling, rule
from cohstream.law.standing import Standing

UNDETERMINED_PARTY = "undetermined"
JOINT_PARTY = "joint"


def combine(
    case: Case, rulings: Sequence[tuple[Standing, Ruling]], nobody: Ruling | None
) -> Iterator[tuple[str, Ruling]]:
    """The party and ruling that stand for all candidates. ``nobody`` is the ruling when no one is named."""
    if nobody is not None:
        yield UNDETERMINED_PARTY, nobody
        return
    parties = sorted({one.party for one, _ in rulings})
    alike = _alike([ruling for _, ruling in rulings])
    confidence = case.facts.confidence
    if len(parties) == 1:
        party = parties[0]
        yield party, alike or _unlike(rulings, "the candidates of one party differ in standing")
    elif confidence is AttributionConfidence.JOINT:
        yield JOINT_PARTY, alike or _unlike(rulings, "the joint actors differ in standing")
    elif alike is not None and alike.verdict is not Verdict.VIOLATION:
        yield UNDETERMINED_PARTY, alike
    elif confidence is AttributionConfidence.CONTESTED:
        names = " or ".join(one.actor_id for one, _ in rulings)
        yield (
            UNDETERMINED_PARTY,
            rule(
                "C-ATTRIBUTION",
                clauses=_clauses(rulings),
                missing=("perpetrator",),
                step=f"8 attribution: {names}, rival accounts",
            ),
        )
    else:
        yield UNDETERMINED_PARTY, _unlike(rulings, "which of the candidates is unknown")


def _alike(rulings: Sequence[Ruling]) -> Ruling | None:
    """The ruling on all candidates if they agree in verdict and reasons."""
    first = rulings[0]
    if any((one.verdict, one.reasons) != (first.verdict, first.reasons) for one in rulings):
        return None
    return first


def _unlike(rulings: Sequence[tuple[Standing, Ruling]], why: str) -> Ruling:
    names = " or ".join(one.actor_id for one, _ in rulings)
    return rule(
        "U-PERPETRATOR", clauses=_clauses(rulings), missing=("perpetrator",), step=f"8 attribution: {names}: {why}"
    )


def _clauses(rulings: Sequence[tuple[Standing, Ruling]]) -> tuple[str, ...]:
    return tuple(sorted({clause for _, ruling in rulings for clause in ruling.clauses}))


__all__ = ["JOINT_PARTY", "NON_PARTY", "UNDETERMINED_PARTY", "combine"]
