"""Comparison: which cells two texts judge differently, grouped into lines that a person can read.

Both texts are read as if in force, so that a draft or a later text can stand beside an earlier one; what changes with
knowledge (who was listed, who had committed) is told by periods within the time for which the texts were meant.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from cohstream.domain.canonical import utc_text
from cohstream.domain.vocabulary import Policy
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import NON_PARTY, Agreement
from cohstream.law.cells import (
    Cell,
    Means,
    Outcome,
    Word,
    alike,
    as_if_in_force,
    cells_of,
    means_of,
    outcome_of,
    sides_at,
)
from cohstream.law.grounds import ANY_TIME, grounds_of

Period = tuple[datetime | None, datetime | None]
"""Half-open; ``None`` is without bound."""


class Change(NamedTuple):
    """Cells that change alike: a box of sides, means, aims and grounds, with the periods in which they do.

    ``why`` says what leaves a cell unregulated; ``was_clauses`` and ``now_clauses`` are those read on either side.
    """

    was: Word
    was_why: str
    now: Word
    now_why: str
    parties: tuple[str, ...]
    sides: tuple[str, ...]
    means: tuple[Means, ...]
    aims: tuple[str, ...]
    grounds: tuple[str, ...]
    periods: tuple[Period, ...]
    was_clauses: tuple[str, ...]
    now_clauses: tuple[str, ...]

    @property
    def conducts(self) -> Mapping[str, tuple[str, ...]]:
        """Weapons by conduct."""
        found: dict[str, list[str]] = {}
        for one in self.means:
            found.setdefault(one.conduct, []).append(one.weapon)
        return {conduct: tuple(sorted(set(weapons))) for conduct, weapons in found.items()}

    def record(self) -> dict[str, object]:
        """The change for JSON."""
        return {
            "was": {"says": self.was, "why": self.was_why, "clauses": list(self.was_clauses)},
            "now": {"says": self.now, "why": self.now_why, "clauses": list(self.now_clauses)},
            "parties": list(self.parties),
            "actors": list(self.sides),
            "conducts": {conduct: list(weapons) for conduct, weapons in self.conducts.items()},
            "targets": list(self.aims),
            "where": list(self.grounds),
            "periods": [
                {"from": start and utc_text(start), "until": end and utc_text(end)} for start, end in self.periods
            ],
        }


@dataclass(frozen=True)
class Comparison:
    """All that differs between ``a`` and ``b``, within ``window``. ``all_*`` are what "any" means in the lines."""

    a: Agreement
    b: Agreement
    policies: tuple[Policy, Policy]
    window: Period
    changes: tuple[Change, ...]
    all_means: frozenset[Means]
    all_aims: frozenset[str]
    all_grounds: frozenset[str]

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that some change concerns."""
        return tuple(sorted({party for change in self.changes for party in change.parties}))

    def record(self) -> dict[str, object]:
        """The comparison for JSON."""
        start, end = self.window
        return {
            "a": self.a.agreement_id,
            "b": self.b.agreement_id,
            "policies": list(self.policies),
            "window": {"from": start and utc_text(start), "until": end and utc_text(end)},
            "parties": list(self.parties),
            "changes": [change.record() for change in self.changes],
        }


class _Spot(NamedTuple):
    """A cell of one segment's sides that changes, by its words."""

    says: tuple[Word, str, Word, str]
    side: str
    means: Means
    aim: str
    ground: str


class _Row(NamedTuple):
    """Cells that change alike, as sets that may be merged."""

    says: tuple[Word, str, Word, str]
    sides: frozenset[str]
    means: frozenset[Means]
    aims: frozenset[str]
    grounds: frozenset[str]
    segments: frozenset[int]
    was_clauses: frozenset[str]
    now_clauses: frozenset[str]


MERGED_OVER = ("segments", "aims", "grounds", "means", "sides")
"""The dimensions in the order in which rows are merged; what people compare least comes first."""


def compare(a: Agreement, b: Agreement, actors: ActorRegistry, policy: Policy | None = None) -> Comparison:
    """What ``b`` says otherwise than ``a``, under ``policy`` or the default of each."""
    policies = (policy or a.default_policy, policy or b.default_policy)
    texts = (as_if_in_force(a), as_if_in_force(b))
    window = _window((a, b))
    bounds = sorted({instant for text in texts for instant in text.boundaries()})
    segments = _segments(window, [*actors.boundaries(), *bounds])
    groups = {group[0]: frozenset(group) for group in alike(means_of(texts), texts, actors)}
    grounds = grounds_of(texts, policies)
    asked = _Asked(texts, policies, actors, bounds)
    changed: dict[_Spot, set[int]] = {}
    clauses: dict[_Spot, tuple[frozenset[str], frozenset[str]]] = {}
    party_of: dict[str, str] = {}
    aims: set[str] = set()
    for number, (start, _) in enumerate(segments):
        instant = start or ANY_TIME
        sides = sides_at(texts, actors, instant)
        party_of |= {one.label: next((word for word in one.parties if word != NON_PARTY), NON_PARTY) for one in sides}
        for cell in cells_of(sides, list(groups), grounds, texts):
            aims.add(cell.aim.label)
            was, now = asked.answers(cell, instant)
            if was.word is not now.word:
                says = (was.word, was.why, now.word, now.why)
                spot = _Spot(says, cell.side.label, cell.means, cell.aim.label, cell.ground.label)
                changed.setdefault(spot, set()).add(number)
                clauses[spot] = (frozenset(was.clauses), frozenset(now.clauses))
    rows = [
        _Row(
            spot.says,
            frozenset((spot.side,)),
            groups[spot.means],
            frozenset((spot.aim,)),
            frozenset((spot.ground,)),
            frozenset(numbers),
            *clauses[spot],
        )
        for spot, numbers in changed.items()
    ]
    return Comparison(
        a,
        b,
        policies,
        window,
        tuple(_change(row, segments, party_of) for row in sorted(_merged(rows), key=_order)),
        frozenset(one for group in groups.values() for one in group),
        frozenset(aims),
        frozenset(ground.label for ground in grounds),
    )


class _Asked:
    """What both texts say of cells; equal cells of several segments are asked once."""

    def __init__(
        self,
        texts: Sequence[Agreement],
        policies: Sequence[Policy],
        actors: ActorRegistry,
        bounds: Sequence[datetime],
    ) -> None:
        self._texts = tuple(zip(texts, policies, strict=True))
        self._actors = actors
        self._bounds = bounds
        self._answers: dict[object, tuple[Outcome, ...]] = {}

    def answers(self, cell: Cell, instant: datetime) -> tuple[Outcome, ...]:
        aimed_at = cell.aim.side.key if cell.aim.side else cell.aim.target
        question = (cell.side.key, cell.means, aimed_at, cell.ground, bisect_right(self._bounds, instant))
        answer = self._answers.get(question)
        if answer is None:
            facts = cell.facts(instant)
            answer = tuple(outcome_of(text, facts, self._actors, policy) for text, policy in self._texts)
            self._answers[question] = answer
        return answer


def _window(texts: Iterable[Agreement]) -> Period:
    """The time for which the texts were meant: from the first start to the last claimed end."""
    meant = [one for one in texts if one.start is not None]
    starts = [one.start for one in meant if one.start is not None]
    ends = [one.ends[-1][0] if one.ends else None for one in meant]
    known = [end for end in ends if end is not None]
    return min(starts, default=None), max(known) if known and len(known) == len(ends) else None


def _segments(window: Period, bounds: Iterable[datetime]) -> list[Period]:
    """``window`` cut at every instant at which an answer may change."""
    start, end = window
    cuts = sorted({one for one in bounds if (start is None or one > start) and (end is None or one < end)})
    return list(pairwise((start, *cuts, end)))


def _merged(rows: list[_Row]) -> list[_Row]:
    """``rows`` with those put together that differ in one dimension only."""
    for dimension in MERGED_OVER:
        together: dict[tuple[object, ...], _Row] = {}
        for row in rows:
            blank: dict[str, Any] = dict.fromkeys((dimension, "was_clauses", "now_clauses"), frozenset())
            key = row._replace(**blank)
            other = together.get(key)
            together[key] = row if other is None else _union(row, other, dimension)
        rows = list(together.values())
    return rows


def _union(row: _Row, other: _Row, dimension: str) -> _Row:
    both: dict[str, Any] = {dimension: getattr(row, dimension) | getattr(other, dimension)}
    return row._replace(
        **both,
        was_clauses=row.was_clauses | other.was_clauses,
        now_clauses=row.now_clauses | other.now_clauses,
    )


WORDS_IN_ORDER = tuple(Word)


def _order(row: _Row) -> tuple[object, ...]:
    """What was prohibited and is no longer comes first; then what concerns more."""
    was, _, now, why = row.says
    return (
        WORDS_IN_ORDER.index(was),
        -WORDS_IN_ORDER.index(now),
        why,
        -len(row.means) * len(row.aims),
        sorted(row.sides),
        sorted(row.means),
        sorted(row.aims),
    )


def _change(row: _Row, segments: Sequence[Period], party_of: Mapping[str, str]) -> Change:
    was, was_why, now, now_why = row.says
    return Change(
        was,
        was_why,
        now,
        now_why,
        tuple(sorted({party_of[side] for side in row.sides})),
        tuple(sorted(row.sides)),
        tuple(sorted(row.means)),
        tuple(sorted(row.aims)),
        tuple(sorted(row.grounds)),
        tuple(_joined([segments[number] for number in sorted(row.segments)])),
        tuple(sorted(row.was_clauses)),
        tuple(sorted(row.now_clauses)),
    )


def _joined(periods: Sequence[Period]) -> list[Period]:
    """Periods in order of time, those that touch as one."""
    joined: list[Period] = []
    for start, end in periods:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
