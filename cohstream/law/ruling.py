"""A ruling: what one agreement says of one candidate under one policy, with all that led there."""

from __future__ import annotations

from typing import NamedTuple

from cohstream.domain.vocabulary import Verdict
from cohstream.law.text import ClauseText

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


class Dispute(NamedTuple):
    """Something that people disagree on, or that nobody knows (its code says which): no adverse ruling stands so."""

    code: str
    missing: str
    step: str


class Breach(NamedTuple):
    """A clause that is breached unless the coverage policy takes the protection away.

    ``against_excluded``: the target is known to be an excluded group, so only an effect on others can breach it.
    """

    clause: ClauseText
    code: str
    disputes: tuple[Dispute, ...] = ()
    against_excluded: bool = False


def rule(*reasons: str, clauses: tuple[str, ...] = (), missing: tuple[str, ...] = (), step: str) -> Ruling:
    """A ruling for ``reasons``; the first letter of the first code says the verdict."""
    return Ruling(REASON_VERDICT[reasons[0][0]], reasons, clauses, missing, (step,))


def contested(ruling: Ruling, disputes: tuple[Dispute, ...]) -> Ruling:
    """``ruling`` in the light of ``disputes``. One that finds no violation stands: nobody is accused by it.

    It is contested if anything is disputed, else undetermined; what is only unknown is then among the missing facts.
    """
    if ruling.verdict is Verdict.NOT_A_VIOLATION or not disputes:
        return ruling
    codes = [*[dispute.code for dispute in disputes], *ruling.reasons]
    letter = "C-" if any([code.startswith("C-") for code in codes]) else "U-"
    return ruling._replace(
        verdict=REASON_VERDICT[letter[0]],
        reasons=tuple(dict.fromkeys([code for code in codes if code.startswith(letter)])),
        missing=tuple(dict.fromkeys((*ruling.missing, *(dispute.missing for dispute in disputes)))),
        trace=(*ruling.trace, *(dispute.step for dispute in disputes)),
    )
