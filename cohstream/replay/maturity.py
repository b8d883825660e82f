"""Maturity: how the count of an event day grew as reports came in, and what share of it is known after so many days.

Pure. Counts may fall as well: a curve shows what was counted then, not what had arrived.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from cohstream.domain.assessment import Findings
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import UNDETERMINED, Policy, Verdict
from cohstream.engine.batch import Batch
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger, Moves
from cohstream.law import Agreement
from cohstream.publish.belief import POSSIBLE
from cohstream.publish.ranges import NONE, Range
from cohstream.replay.received import Received

LAGS = (0, 1, 2, 3, 7, 14, 30, 90, 365)
"""Days after the event day at whose end its count is read."""

ANY = "any"
"""Stands for all parties together: an incident counts once, whoever is found on."""


@dataclass(frozen=True)
class Share:
    """Of ``days`` that are old enough: what was counted after so many days, and what is counted now."""

    days: int
    then: Range
    now: Range

    @property
    def percent(self) -> float | None:
        """Of violations. More than 100 where counts fell since; ``None`` where nothing is counted."""
        return 100 * self.then.least / self.now.least if self.now.least else None

    @property
    def possible_percent(self) -> float | None:
        """The same of the possible maximum."""
        return 100 * self.then.greatest / self.now.greatest if self.now.greatest else None


class Curve:
    """The counts of one event day: a new one for each day of receipt on which it moved."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._moved: list[date] = []
        self._counts: list[Range] = []

    def move(self, received: date, least: int, greatest: int) -> None:
        """Note that reports of the day ``received`` moved the count by so much."""
        now = self.now
        self._moved.append(received)
        self._counts.append(Range(now.least + least, now.greatest + greatest))

    @property
    def now(self) -> Range:
        """The count as it is known last."""
        return self._counts[-1] if self._counts else NONE

    def after(self, lag: int) -> Range:
        """The count as it was known at the end of the day ``lag`` days after the event day."""
        place = bisect_right(self._moved, self.day.toordinal() + lag, key=date.toordinal)
        return self._counts[place - 1] if place else NONE


@dataclass(frozen=True)
class Maturity:
    """The curves under one agreement and its default policy, by party (:data:`ANY` for all together) and event day.

    ``last`` is the last day of receipt. A day is over once a report of a later one is there, so a count after ``lag``
    days is known of event days whose ``lag``-th day after lies before ``last``. ``undated`` incidents are violations
    of no one day, and in no curve.
    """

    agreement: str
    policy: Policy
    last: date
    curves: Mapping[str, Mapping[date, Curve]]
    undated: int

    @property
    def lags(self) -> tuple[int, ...]:
        """Those of :data:`LAGS` for which some event day is old enough."""
        days = self.curves.get(ANY, {})
        return tuple(lag for lag in LAGS if any(self.is_over(day, lag) for day in days))

    def headline(self, party: str) -> str:
        """What a monitor needs to read recent days, in one sentence."""
        told = [(lag, self.share(party, lag)) for lag in self.lags if lag in (0, 2, 7)]
        parts = [f"{_within(lag)} {share.percent:.0f} %" for lag, share in told if share.percent is not None]
        if not parts:
            return "No event day is old enough to say what share of its count is known when."
        return f"Of the violations that are counted now, as many were counted {', '.join(parts)}."

    def is_over(self, day: date, lag: int) -> bool:
        """Whether reports of a later day are there than the one ``lag`` days after ``day``."""
        return day.toordinal() + lag < self.last.toordinal()

    def after(self, party: str, day: date, lag: int) -> Range | None:
        """The count of ``day`` after ``lag`` days; ``None`` while it is too young for that."""
        if not self.is_over(day, lag):
            return None
        curve = self.curves.get(party, {}).get(day)
        return NONE if curve is None else curve.after(lag)

    def share(self, party: str, lag: int) -> Share:
        """How much of what is counted now had been counted after ``lag`` days, over all days old enough for it."""
        old = [curve for day, curve in self.curves.get(party, {}).items() if self.is_over(day, lag)]
        return Share(len(old), _sum(one.after(lag) for one in old), _sum(one.now for one in old))


def maturities(
    received: Sequence[Received], context: Context, agreements: Mapping[str, Agreement]
) -> dict[str, Maturity]:
    """The maturity of counts under each agreement; ``received`` is in order of receipt, and not empty."""
    ledger = Ledger()
    batch = Batch(ledger, context)
    growing = {name: _Growing(name, one.default_policy) for name, one in agreements.items()}
    last = date.min
    for day, together in groupby(received, key=lambda one: context.day_of(one.moment)):
        moves = ledger.moves = Moves()
        for one in together:
            batch.take(one.raw)
        batch.settle()
        last = date.fromisoformat(day)
        for curves in growing.values():
            curves.add(last, moves.counts)
    return {name: curves.grown(last) for name, curves in growing.items()}


class _Growing:
    """The curves under one agreement, as days of receipt are added."""

    def __init__(self, agreement: str, policy: Policy) -> None:
        self._agreement = agreement
        self._policy = policy
        self._curves: dict[str, dict[date, Curve]] = {}
        self._undated = 0

    def add(self, received: date, moved: Mapping[Contribution, int]) -> None:
        """Add what the reports of one day moved."""
        steps: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for one, step in moved.items():
            for party, proven in self._counted(one.judgement.by_agreement.get(self._agreement, ())).items():
                counts = steps[party, one.event_day]
                counts[0] += step if proven else 0
                counts[1] += step
        for (party, event_day), (least, greatest) in steps.items():
            if event_day == UNDETERMINED:
                self._undated += least if party == ANY else 0
            elif least or greatest:
                day = date.fromisoformat(event_day)
                curves = self._curves.setdefault(party, {})
                curves.setdefault(day, Curve(day)).move(received, least, greatest)

    def _counted(self, findings: Findings) -> dict[str, bool]:
        """Who is possibly in violation, and whether that is proven; all together under :data:`ANY`."""
        found = {
            one.party: one.verdict is Verdict.VIOLATION
            for one in findings
            if one.policy is self._policy and one.verdict in POSSIBLE
        }
        return {**found, ANY: any(found.values())} if found else {}

    def grown(self, last: date) -> Maturity:
        curves = {party: dict(sorted(of.items())) for party, of in self._curves.items()}
        return Maturity(self._agreement, self._policy, last, curves, self._undated)


def _sum(counts: Iterable[Range]) -> Range:
    all_of = list(counts)
    return Range(sum(one.least for one in all_of), sum(one.greatest for one in all_of))


def _within(lag: int) -> str:
    return "at the end of the day itself" if lag == 0 else f"{lag} days after it"
