"""Evaluation remembered: verdicts depend on few discrete features, so alike incidents share one answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime

from cohstream.domain.assessment import Finding
from cohstream.domain.vocabulary import Verification
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement, Term
from cohstream.law.case import COARSE_KM, in_zone, where_is
from cohstream.law.evaluation import evaluate
from cohstream.law.facts import Facts
from cohstream.law.standing import Standing, standing_of

ENTRIES = 200_000
"""Answers kept; beyond this the memory starts afresh."""


class Evaluator:
    """Evaluates facts under several agreements. Equal features give the *same* tuple of findings.

    Time enters as the term and the standing of each actor in the segment between two instants at which law or
    knowledge changes; a place as inside or outside the area and the zones, and whether it is coarse; verification
    as whether everyone discounts the event. Everything else is discrete as it is.
    """

    def __init__(self, agreements: Sequence[Agreement], actors: ActorRegistry) -> None:
        self._agreements = {one.agreement_id: one for one in agreements}
        self._actors = actors
        boundaries = {instant.timestamp() for one in agreements for instant in one.boundaries()}
        self._boundaries = sorted(boundaries | {instant.timestamp() for instant in actors.boundaries()})
        self._terms: dict[tuple[str, int], Term] = {}
        self._standings: dict[tuple[str, str, int], Standing] = {}
        self._grounds: dict[tuple[object, ...], tuple[object, ...]] = {}
        self._answers: dict[tuple[object, ...], tuple[Finding, ...]] = {}

    def findings(self, agreement_id: str, facts: Facts) -> tuple[Finding, ...]:
        """What the agreement says of ``facts``; equals :func:`evaluate`."""
        key = self._key(agreement_id, facts)
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) >= ENTRIES:
                self._answers.clear()
            found = self._answers[key] = evaluate(self._agreements[agreement_id], facts, self._actors)
        return found

    def _key(self, agreement_id: str, facts: Facts) -> tuple[object, ...]:
        """All that :func:`evaluate` looks at, and nothing else."""
        begin = facts.start
        first = bisect_right(self._boundaries, begin.timestamp())
        last = first
        if facts.end != begin:
            last = max(first, bisect_left(self._boundaries, facts.end.timestamp()))
        term = self._term(agreement_id, first, begin)
        ground = (agreement_id, facts.place, facts.presence)
        where = self._grounds.get(ground)
        if where is None:
            where = self._grounds[ground] = self._ground(agreement_id, facts)
        return (
            agreement_id,
            term,
            last != first and self._term(agreement_id, last, facts.end).word != term.word,
            where,
            tuple([self._standing(agreement_id, actor, first, begin) for actor in facts.perpetrators]),
            tuple([self._standing(agreement_id, actor, first, begin) for actor in facts.target_actors]),
            facts.conduct,
            facts.weapon,
            facts.target,
            facts.confidence,
            facts.denied_by,
            facts.presence,
            facts.delineated,
            facts.verification is Verification.DISCOUNTED,
            facts.circumstances,
            facts.civilians_harmed,
        )

    def _ground(self, agreement_id: str, facts: Facts) -> tuple[object, ...]:
        agreement = self._agreements[agreement_id]
        radius = facts.place.radius_km
        zones = tuple(in_zone(zone, facts) for zone in agreement.zones.values())
        return where_is(agreement, facts), zones, radius is None or radius >= COARSE_KM

    def _term(self, agreement_id: str, segment: int, instant: datetime) -> Term:
        term = self._terms.get((agreement_id, segment))
        if term is None:
            known = self._boundaries[segment - 1] if segment else None
            inside = instant if known is None else datetime.fromtimestamp(known, UTC)
            term = self._terms[(agreement_id, segment)] = self._agreements[agreement_id].term_at(inside)
        return term

    def _standing(self, agreement_id: str, actor: str, segment: int, instant: datetime) -> Standing:
        key = (agreement_id, actor, segment)
        standing = self._standings.get(key)
        if standing is None:
            standing = standing_of(actor, instant, self._agreements[agreement_id], self._actors)
            self._standings[key] = standing
        return standing
