"""What if: the same stream under two texts, side by side. Pure: counts of incidents in, counts of changes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cohstream.domain.assessment import Findings
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.law import Agreement
from cohstream.law.agreement import NON_PARTY
from cohstream.law.stack import OUT_OF_TIME, Gap, Held, Stack, alone, held_by, with_parents

VIOLATION = Verdict.VIOLATION


class Period(StrEnum):
    """How long the periods are that incidents are counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Mode(StrEnum):
    """Whether each text is taken alone, or on top of the texts that it presupposes."""

    ALONE = "alone"
    WITH_PARENTS = "with_parents"


class Side(NamedTuple):
    """One text of the two: the stack that is applied, and the policy that it is read by."""

    stack: Stack
    policy: Policy

    @property
    def name(self) -> str:
        return self.stack.names[0]

    @property
    def label(self) -> str:
        return self.stack.label


class Cell(NamedTuple):
    """Incidents that are alike: who is alleged, what was done with what, and when. ``weapon`` at its top two levels."""

    party: str
    conduct: str
    weapon: str
    period: str


class Move(NamedTuple):
    """What A and B make of an incident; ``late``: it was before or after the text's time."""

    a: Verdict
    b: Verdict
    gap_a: Gap
    gap_b: Gap
    late_a: bool
    late_b: bool


@dataclass
class Effect:
    """How many incidents, and what becomes of them from text A to text B.

    ``newly_prohibited`` are violations of B only, ``no_longer_prohibited`` of A only; ``otherwise`` differ in verdict
    without being a violation of either. ``no_clause`` and ``not_bound`` say why a text leaves them unregulated,
    ``never_regulated`` are without a clause in both; ``out_of_time`` lie before or after the text's time.
    """

    incidents: int = 0
    violations_a: int = 0
    violations_b: int = 0
    newly_prohibited: int = 0
    no_longer_prohibited: int = 0
    otherwise: int = 0
    no_clause_a: int = 0
    no_clause_b: int = 0
    not_bound_a: int = 0
    not_bound_b: int = 0
    out_of_time_a: int = 0
    out_of_time_b: int = 0
    never_regulated: int = 0

    def add(self, move: Move, count: int) -> None:
        """Count ``count`` more incidents of which A and B say ``move``."""
        in_a, in_b = move.a is VIOLATION, move.b is VIOLATION
        self.incidents += count
        self.violations_a += count * in_a
        self.violations_b += count * in_b
        self.newly_prohibited += count * (in_b and not in_a)
        self.no_longer_prohibited += count * (in_a and not in_b)
        self.otherwise += count * (move.a is not move.b and not in_a and not in_b)
        self.no_clause_a += count * (move.gap_a is Gap.NO_CLAUSE)
        self.no_clause_b += count * (move.gap_b is Gap.NO_CLAUSE)
        self.not_bound_a += count * (move.gap_a is Gap.NOT_BOUND)
        self.not_bound_b += count * (move.gap_b is Gap.NOT_BOUND)
        self.out_of_time_a += count * move.late_a
        self.out_of_time_b += count * move.late_b
        self.never_regulated += count * (move.gap_a is Gap.NO_CLAUSE and move.gap_b is Gap.NO_CLAUSE)


@dataclass(frozen=True)
class Comparison:
    """The same incidents under A and under B: how many of each kind made which move."""

    mode: Mode
    a: Side
    b: Side
    moves: Mapping[tuple[Cell, Move], int]

    @property
    def total(self) -> Effect:
        return self.by(lambda _: "").get("", Effect())

    def by(self, group: Callable[[Cell], str]) -> dict[str, Effect]:
        """The effect in each group that ``group`` puts cells in, in order of the groups' names."""
        found: dict[str, Effect] = {}
        for (cell, move), count in self.moves.items():
            found.setdefault(group(cell), Effect()).add(move, count)
        return dict(sorted(found.items()))

    @property
    def headline(self) -> str:
        """What the comparison comes to, in sentences that say which texts were applied."""
        total, a, b = self.total, self.a.label, self.b.label
        classes = Counter[str]()
        for (weapon, _), gaps in self.gaps(of_b=True).items():
            classes[class_of(weapon)] += gaps[Gap.NO_CLAUSE]
        by_class = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in classes.most_common() if count)
        leaves = f"{b} leaves {total.no_clause_b:,} of {total.incidents:,} incidents without a clause" + (
            f", {by_class}" if by_class else ""
        )
        bound = f"; in {total.not_bound_b:,} more it binds nobody who is alleged" if total.not_bound_b else ""
        return (
            f"{'Each text alone' if self.mode is Mode.ALONE else 'Each text on top of its parents'}: "
            f"{leaves} ({a}: {total.no_clause_a:,}){bound}. {total.newly_prohibited:,} would be newly prohibited, "
            f"{total.no_longer_prohibited:,} no longer."
        )

    def matrix(self) -> dict[tuple[Verdict, Verdict], int]:
        """How many incidents have which verdict under A and under B."""
        found: Counter[tuple[Verdict, Verdict]] = Counter()
        for (_, move), count in self.moves.items():
            found[move.a, move.b] += count
        return dict(sorted(found.items()))

    def gaps(self, *, of_b: bool) -> dict[tuple[str, str], Counter[Gap]]:
        """What A, or B, leaves unregulated, by weapon and party; the class of weapons of most incidents comes first."""
        found: dict[tuple[str, str], Counter[Gap]] = {}
        classes: Counter[str] = Counter()
        for (cell, move), count in self.moves.items():
            gap = move.gap_b if of_b else move.gap_a
            if gap is not Gap.NONE:
                found.setdefault((cell.weapon, cell.party), Counter())[gap] += count
                classes[class_of(cell.weapon)] += count if gap is Gap.NO_CLAUSE else 0

        def rank(row: tuple[tuple[str, str], Counter[Gap]]) -> tuple[object, ...]:
            (weapon, party), gaps = row
            return -classes[class_of(weapon)], class_of(weapon), -gaps[Gap.NO_CLAUSE], weapon, party

        return dict(sorted(found.items(), key=rank))


GROUPS: Mapping[str, Callable[[Cell], str]] = {
    "party": lambda cell: cell.party,
    "conduct": lambda cell: cell.conduct,
    "weapon": lambda cell: cell.weapon,
    "period": lambda cell: cell.period,
}
"""What incidents are counted by."""


def class_of(weapon: str) -> str:
    """The class of a weapon, its code's first level: ``indirect_fire`` of ``indirect_fire.mortar``."""
    return weapon.split(".", 1)[0]


class WhatIf:
    """Texts A and B over the counts of one stream, which was held against both and all that they presuppose."""

    def __init__(
        self,
        agreements: Mapping[str, Agreement],
        a: str,
        b: str,
        counts: Mapping[Contribution, int],
        period: Period = Period.MONTH,
    ) -> None:
        self._agreements = agreements
        self._alone = [alone(name, agreements) for name in agreements]
        self.names = (a, b)
        self._counts = counts
        self._period = period
        self.presupposes = any(len(with_parents(name, agreements).names) > 1 for name in self.names)

    def comparisons(self, policy: Policy | None = None) -> list[Comparison]:
        """Each text alone, then on top of its parents if one of them has any; under their own policy, or ``policy``."""
        modes = [Mode.ALONE, *([Mode.WITH_PARENTS] if self.presupposes else [])]
        return [self.compare(mode, policy) for mode in modes]

    def compare(self, mode: Mode, policy: Policy | None = None) -> Comparison:
        """A and B in one ``mode``."""
        a, b = (self._side(name, mode, policy) for name in self.names)
        moves: Counter[tuple[Cell, Move]] = Counter()
        known: dict[int, tuple[str, Move]] = {}
        for one, count in self._counts.items():
            read = known.get(id(one.judgement))
            if read is None:
                read = known[id(one.judgement)] = self._read(one.judgement.by_agreement, a, b)
            party, move = read
            moves[Cell(party, one.conduct, one.weapon, period_of(one.event_day, self._period)), move] += count
        return Comparison(mode, a, b, dict(sorted(moves.items())))

    def _side(self, name: str, mode: Mode, policy: Policy | None) -> Side:
        stacked = with_parents if mode is Mode.WITH_PARENTS else alone
        return Side(stacked(name, self._agreements), policy or self._agreements[name].default_policy)

    def _read(self, findings: Mapping[str, Findings], a: Side, b: Side) -> tuple[str, Move]:
        one, other = (held_by(side.stack, findings, side.policy) for side in (a, b))
        # a text names only those it binds: who is alleged is known from whichever text binds him
        everywhere = [held_by(stack, findings, a.policy) for stack in self._alone]
        late = [OUT_OF_TIME in held.reasons for held in (one, other)]
        return _alleged((one, other, *everywhere)), Move(one.verdict, other.verdict, one.gap, other.gap, *late)


def _alleged(held: Iterable[Held]) -> str:
    """Whom the incident is put to: the first party that a text names, ``non_party`` if none binds him."""
    return next((one.party for one in held if one.party != NON_PARTY), NON_PARTY)


def period_of(event_day: str, period: Period) -> str:
    """The day, the ISO week (``2016-W09``) or the month of an event day; ``undetermined`` stays."""
    try:
        day = date.fromisoformat(event_day)
    except ValueError:
        return event_day
    if period is Period.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return event_day[:7] if period is Period.MONTH else event_day
