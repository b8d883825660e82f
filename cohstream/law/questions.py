"""Questions: the facts that findings miss, each with what the verdicts would be for every possible answer.

The value of an answer is counted, not estimated: the evaluator itself is asked what it would then say.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from cohstream.domain.assessment import Findings
from cohstream.domain.vocabulary import Verification
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement
from cohstream.law.answers import Asked, about, answers, one_of_each_role
from cohstream.law.case import case_of, view_of
from cohstream.law.evaluation import findings_on
from cohstream.law.facts import Facts

ENTRIES = 50_000
"""Cases whose questions are remembered; beyond this the memory starts afresh."""


class Outcome(NamedTuple):
    """What an answer, in words, would lead to; ``changes``: how many of the present verdicts would be others."""

    value: str
    findings: Findings
    changes: int


class Question(NamedTuple):
    """A missing fact, as findings name it, under one agreement, and what each answer would lead to.

    ``about`` is as :func:`cohstream.law.answers.about` says. ``outcomes`` is empty if no answer can be tried.
    """

    agreement: str
    fact: str
    about: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def changes(self) -> int:
        """How many verdicts, one a policy, the answer that changes most would change; 0 = not worth asking."""
        return max((one.changes for one in self.outcomes), default=0)


Questions = tuple[Question, ...]


class Inquirer:
    """Asks about facts under several agreements; facts alike but for times between two boundaries share the answer."""

    def __init__(self, agreements: Mapping[str, Agreement], actors: ActorRegistry) -> None:
        self._agreements = agreements
        self._actors = actors
        boundaries = {instant.timestamp() for one in agreements.values() for instant in one.boundaries()}
        self._boundaries = sorted(boundaries | {instant.timestamp() for instant in actors.boundaries()})
        self._known: dict[tuple[object, ...], Questions] = {}
        self._roles: dict[tuple[str, int], tuple[str, ...]] = {}

    def questions(self, facts: Facts) -> Questions:
        """What is missing under any agreement, what would change most first."""
        first = bisect_right(self._boundaries, facts.start.timestamp())
        last = max(first, bisect_left(self._boundaries, facts.end.timestamp()))
        alike = (first, last, facts.place, facts.verification is Verification.DISCOUNTED, facts.discrete)
        known = self._known.get(alike)
        if known is None:
            if len(self._known) >= ENTRIES:
                self._known.clear()
            asked = [one for name in self._agreements for one in self._under(name, facts, first)]
            known = self._known[alike] = tuple(sorted(asked, key=lambda one: (-one.changes, one.agreement, one.fact)))
        return known

    def _under(self, name: str, facts: Facts, segment: int) -> Questions:
        agreement = self._agreements[name]
        view = view_of(agreement, facts, self._actors)
        now = findings_on(case_of(agreement, facts, view))
        missing = dict.fromkeys(fact for one in now for fact in one.missing)
        if not missing:
            return ()
        roles = self._roles.get((name, segment))
        if roles is None:
            roles = self._roles[name, segment] = one_of_each_role(agreement, self._actors, facts.start)
        clauses = tuple(dict.fromkeys(clause for one in now for clause in one.clauses))
        asked = Asked(agreement, facts, view, self._actors, clauses, roles)
        return tuple(
            Question(
                name,
                fact,
                about(fact, asked),
                tuple(Outcome(one.value, one.findings, changes(now, one.findings)) for one in answers(fact, asked)),
            )
            for fact in missing
        )


def changes(now: Findings, then: Findings) -> int:
    """Under how many policies party or verdict differ."""
    return sum((one.party, one.verdict) != (other.party, other.verdict) for one, other in zip(now, then, strict=True))
