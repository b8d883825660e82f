"""A ruling: what one agreement says of one candidate under one policy, with all that led there."""

from __future__ import annotations

from typing import NamedTuple

from cohstream.domain.vocabulary import Verdict

REASON_VERDICT = {
    "V": Verdict.VIOLATION,
    "N": Verdict.NOT_A_VIOLATION,
    "C": Verdict.CONTESTED,
    "U": Verdict.UNDETERMINED,
}


class Ruling(NamedTuple):
    """A verdict with its reason codes, the clauses read, facts missing, and the steps taken."""

    verdict: Verdict
    reasons: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def rule(*reasons: str, clauses: tuple[str, ...] = (), missing: tuple[str, ...] = (), step: str) -> Ruling:
    """A ruling for ``reasons``; the first letter of the first code says the verdict."""
    return Ruling(REASON_VERDICT[reasons[0][0]], reasons, clauses, missing, (step,))
