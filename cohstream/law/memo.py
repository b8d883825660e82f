"""Evaluation remembered: verdicts depend on few discrete features, so alike incidents share one answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cohstream.domain.assessment import Finding
from cohstream.domain.place import Place
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement
from cohstream.law.case import COARSE_KM
from cohstream.law.evaluation import evaluate
from cohstream.law.facts import Facts

ENTRIES = 200_000
"""Answers kept; beyond this the memory starts afresh."""


class Evaluator:
    """Evaluates facts under several agreements. Equal features give the *same* tuple of findings.

    Time enters as the segment between two instants at which law or knowledge changes; a place enters as its
    admin-1 unit, its area's kind and whether it is coarse. Everything else is discrete as it is.
    """

    def __init__(self, agreements: Sequence[Agreement], actors: ActorRegistry) -> None:
        self._agreements = {one.agreement_id: one for one in agreements}
        self._actors = actors
        boundaries = {instant.timestamp() for one in agreements for instant in one.boundaries()}
        self._boundaries = sorted(boundaries | {instant.timestamp() for instant in actors.boundaries()})
        self._answers: dict[tuple[object, ...], tuple[Finding, ...]] = {}

    def findings(self, agreement_id: str, facts: Facts) -> tuple[Finding, ...]:
        """What the agreement says of ``facts``; equals :func:`evaluate`."""
        start = facts.start.timestamp()
        first = bisect_right(self._boundaries, start)
        last = first if facts.end == facts.start else max(first, bisect_left(self._boundaries, facts.end.timestamp()))
        key = (agreement_id, first, last, _kind_of(facts.place), *facts[3:])
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) >= ENTRIES:
                self._answers.clear()
            found = self._answers[key] = evaluate(self._agreements[agreement_id], facts, self._actors)
        return found


def _kind_of(place: Place) -> tuple[str, str, bool]:
    radius = place.radius_km
    return place.admin1, "" if place.admin1 else place.area.partition(":")[0], radius is None or radius >= COARSE_KM
