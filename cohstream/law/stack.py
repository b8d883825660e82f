"""A text alone, or on top of the texts it presupposes: what the stack of them says of an incident.

Prohibitions add up: what any text of the stack forbids is forbidden. Only what the text on top itself permits stays
permitted, though a text below forbids it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from cohstream.domain.assessment import Finding, Findings
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.errors import ConfigError
from cohstream.law.agreement import Agreement

NO_CLAUSE, NOT_PARTY, PERMITTED, OUT_OF_TIME = "N-NO-CLAUSE", "N-NOT-PARTY", "N-PERMITTED", "N-OUT-OF-TIME"
NOT_REACHED = frozenset({NOT_PARTY, OUT_OF_TIME, "N-OUT-OF-AREA"})
"""Reasons by which a text does not come to speak of an incident at all."""

STRENGTH = (Verdict.VIOLATION, Verdict.CONTESTED, Verdict.UNDETERMINED, Verdict.NOT_A_VIOLATION, Verdict.NOT_ASSESSED)
"""Which of several verdicts on one incident is told of it: the first of these."""


class Gap(StrEnum):
    """Why a stack leaves an incident unregulated: no clause speaks of it, or its perpetrator is not bound."""

    NONE = "regulated"
    NO_CLAUSE = "no_clause"
    NOT_BOUND = "not_bound"


class Held(NamedTuple):
    """What a stack of texts holds of one incident under one policy; ``agreement`` is the text that decides."""

    agreement: str
    party: str
    verdict: Verdict
    reasons: tuple[str, ...]
    gap: Gap


class Stack(NamedTuple):
    """Texts that apply together, by id, the one on top first. ``timeless``: that one has no validity of its own.

    A timeless text (a draft) on top of others holds while they do; alone it is read as if it always held.
    """

    names: tuple[str, ...]
    timeless: bool

    @property
    def label(self) -> str:
        """``SY-JIG-2016-07 on top of SY-COH-2016-02``, or the one name."""
        top, *below = self.names
        return f"{top} on top of {', '.join(below)}" if below else top


def alone(name: str, agreements: Mapping[str, Agreement]) -> Stack:
    """The stack of ``name`` alone. Raises :class:`ConfigError` if it is not loaded."""
    return with_parents(name, agreements)._replace(names=(name,))


def with_parents(name: str, agreements: Mapping[str, Agreement]) -> Stack:
    """``name`` and all that it presupposes, each once. Raises :class:`ConfigError` for a text that is not loaded."""
    stack = _lineage(name, agreements)
    for one in stack:
        if one not in agreements:
            asked = "" if one == name else f", which {name} presupposes"
            raise ConfigError(f"there is no agreement {one!r}{asked}; known are: {', '.join(sorted(agreements))}")
    own = agreements[name]
    return Stack(tuple(stack), timeless=own.start is None and not own.ends)


def parents_of(agreement: Agreement, agreements: Mapping[str, Agreement]) -> tuple[Agreement, ...]:
    """The texts that ``agreement`` presupposes, and those that they presuppose. Raises :class:`ConfigError`."""
    name = agreement.agreement_id
    _, *parents = _lineage(name, {**agreements, name: agreement})
    for parent in parents:
        if parent not in agreements:
            raise ConfigError(f"{name} presupposes {parent}, which is not loaded; add its directory")
    return tuple(agreements[parent] for parent in parents)


def _lineage(name: str, agreements: Mapping[str, Agreement]) -> list[str]:
    """``name`` and all that it presupposes, each once, the nearest first; of what is not loaded the name alone."""
    lineage: list[str] = []
    waiting = [name]
    while waiting:
        one = waiting.pop(0)
        if one not in lineage:
            lineage.append(one)
            waiting += agreements[one].parents if one in agreements else ()
    return lineage


def held_by(stack: Stack, findings: Mapping[str, Findings], policy: Policy) -> Held:
    """What ``stack`` holds of the incident of which each text found what ``findings`` say by agreement."""
    said = [(name, _under(findings[name], policy)) for name in stack.names]
    below = said[1:]
    if stack.timeless and below and all(OUT_OF_TIME in finding.reasons for _, finding in below):
        name, decisive = below[0]
        return Held(name, decisive.party, decisive.verdict, decisive.reasons, Gap.NONE)
    name, decisive = said[0]
    if PERMITTED not in decisive.reasons:
        name, decisive = min(said, key=lambda one: STRENGTH.index(one[1].verdict))
    gap = _gap([finding for _, finding in said])
    if gap is Gap.NO_CLAUSE:
        name, decisive = next(one for one in said if NO_CLAUSE in one[1].reasons)
    return Held(name, decisive.party, decisive.verdict, decisive.reasons, gap)


def _under(findings: Findings, policy: Policy) -> Finding:
    return next(one for one in findings if one.policy is policy)


def _gap(said: Sequence[Finding]) -> Gap:
    silent = [NO_CLAUSE in one.reasons for one in said]
    beyond = [not NOT_REACHED.isdisjoint(one.reasons) for one in said]
    if any(silent) and all(one or other for one, other in zip(silent, beyond, strict=True)):
        return Gap.NO_CLAUSE
    if all(beyond) and any(NOT_PARTY in one.reasons for one in said):
        return Gap.NOT_BOUND
    return Gap.NONE
