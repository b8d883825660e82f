"""Evaluation remembered: verdicts depend on few discrete features, so alike incidents share one answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cohstream.domain.assessment import Findings, Judgement
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import Presence, Verification
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement, Term
from cohstream.law.case import COARSE_KM, in_zone, where_is
from cohstream.law.evaluation import evaluate
from cohstream.law.facts import Facts
from cohstream.law.standing import Standing, standing_of

Question = TypeVar("Question")
Answer = TypeVar("Answer")

ENTRIES = 200_000
"""Answers kept; beyond this the memory starts afresh."""


Ground = tuple[str, tuple[str, ...], bool]
"""Where an event was, as one agreement sees it: against its area, against each zone, and whether it is coarse."""


class Evaluator:
    """Evaluates facts under several agreements. Equal features give the *same* judgement.

    Time enters as the segment between two instants at which law or knowledge changes, and under one agreement as its
    term and the standing of each actor there; a place as inside or outside the area and the zones, and whether it is
    coarse; verification as whether everyone discounts the event. Everything else is discrete as it is.
    """

    def __init__(self, agreements: Sequence[Agreement], actors: ActorRegistry) -> None:
        self._agreements = {one.agreement_id: one for one in agreements}
        self._actors = actors
        boundaries = {instant.timestamp() for one in agreements for instant in one.boundaries()}
        self._boundaries = sorted(boundaries | {instant.timestamp() for instant in actors.boundaries()})
        self._terms: dict[tuple[str, int], Term] = {}
        self._standings: dict[tuple[str, str, int], Standing] = {}
        self._spots: dict[tuple[Place, Presence], int] = {}
        self._grounds: dict[tuple[Ground, ...], int] = {}
        self._answers: dict[tuple[object, ...], Findings] = {}
        self._judgements: dict[tuple[object, ...], Judgement] = {}

    def judge(self, facts: Facts) -> Judgement:
        """What every agreement says of ``facts``: one question of the memory, however many agreements there are."""
        spot = (facts.place, facts.presence)
        ground = self._spots.get(spot)
        if ground is None:
            ground = _remember(self._spots, spot, self._number_of_ground(facts))
        alike = (ground, *self._segments(facts), facts.perpetrators, facts.target_actors, *_discrete(facts))
        judgement = self._judgements.get(alike)
        if judgement is None:
            said = {name: self.findings(name, facts) for name in self._agreements}
            judgement = _remember(self._judgements, alike, Judgement(said))
        return judgement

    def findings(self, agreement_id: str, facts: Facts) -> Findings:
        """What the agreement says of ``facts``; equals :func:`evaluate`."""
        key = self._key(agreement_id, facts)
        found = self._answers.get(key)
        if found is None:
            found = _remember(self._answers, key, evaluate(self._agreements[agreement_id], facts, self._actors))
        return found

    def _segments(self, facts: Facts) -> tuple[int, int]:
        """The segments between boundaries in which the event begins and ends."""
        begin = facts.start
        first = bisect_right(self._boundaries, begin.timestamp())
        if facts.end == begin:
            return first, first
        return first, max(first, bisect_left(self._boundaries, facts.end.timestamp()))

    def _key(self, agreement_id: str, facts: Facts) -> tuple[object, ...]:
        """All that :func:`evaluate` looks at, and nothing else."""
        begin = facts.start
        first, last = self._segments(facts)
        term = self._term(agreement_id, first, begin)
        return (
            agreement_id,
            term,
            last != first and self._term(agreement_id, last, facts.end).word != term.word,
            _ground(self._agreements[agreement_id], facts),
            tuple([self._standing(agreement_id, actor, first, begin) for actor in facts.perpetrators]),
            tuple([self._standing(agreement_id, actor, first, begin) for actor in facts.target_actors]),
            *_discrete(facts),
        )

    def _number_of_ground(self, facts: Facts) -> int:
        """A number for what all agreements see of a place; places that they see alike share it."""
        ground = tuple([_ground(agreement, facts) for agreement in self._agreements.values()])
        return self._grounds.setdefault(ground, len(self._grounds))

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


def _discrete(facts: Facts) -> tuple[object, ...]:
    """The facts that are discrete as they are."""
    return (
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


def _ground(agreement: Agreement, facts: Facts) -> Ground:
    radius = facts.place.radius_km
    zones = tuple([in_zone(zone, facts) for zone in agreement.zones.values()])
    return where_is(agreement, facts), zones, radius is None or radius >= COARSE_KM


def _remember(memory: dict[Question, Answer], question: Question, answer: Answer) -> Answer:
    if len(memory) >= ENTRIES:
        memory.clear()
    memory[question] = answer
    return answer
