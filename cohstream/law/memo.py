"""Evaluation remembered: verdicts depend on few discrete features, so alike incidents share one answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cohstream.domain.assessment import Findings, Judgement
from cohstream.domain.incident import Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import Presence, Verification
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement, Term
from cohstream.law.case import View, case_of, in_zone, is_coarse, spot_in_zone, where_is
from cohstream.law.evaluation import findings_on
from cohstream.law.facts import Facts
from cohstream.law.first_shot import FirstShots, PartyOf, first_shot
from cohstream.law.standing import Standing, standing_of

Question = TypeVar("Question")
Answer = TypeVar("Answer")

DISCOUNTED = Verification.DISCOUNTED

ENTRIES = 200_000
"""Answers kept of each kind, unless said otherwise; beyond this the memory starts afresh."""


Zones = tuple[tuple[str, ...], bool]
"""Where an event was against each zone of an agreement, and whether its place is coarse."""


class Evaluator:
    """Evaluates facts under several agreements. Equal features give the *same* judgement.

    Time enters as the segment between two instants at which law or knowledge changes, and under one agreement as its
    term and the standing of each actor there; a place as inside or outside the area and the zones, and whether it is
    coarse; verification as whether everyone discounts the event. Everything else is discrete as it is.
    """

    def __init__(self, agreements: Sequence[Agreement], actors: ActorRegistry, entries: int = ENTRIES) -> None:
        self._entries = entries
        self._agreements = {one.agreement_id: one for one in agreements}
        self._actors = actors
        boundaries = {instant.timestamp() for one in agreements for instant in one.boundaries()}
        self._boundaries = sorted(boundaries | {instant.timestamp() for instant in actors.boundaries()})
        self._terms: dict[tuple[str, int], Term] = {}
        self._standings: dict[tuple[str, str, int], Standing] = {}
        self._spots: dict[tuple[Place, Presence], int] = {}
        self._grounds: dict[tuple[tuple[str, Zones], ...], int] = {}
        self._answers: dict[tuple[object, ...], Findings] = {}
        self._judgements: dict[tuple[object, ...], Judgement] = {}
        self.look_back = max((one.text.self_defence.within for one in agreements), default=timedelta(0))

    def judge(self, facts: Facts) -> Judgement:
        """What every agreement says of ``facts``: one question of the memory, however many agreements there are."""
        spot = (facts.place, facts.presence)
        ground = self._spots.get(spot)
        if ground is None:
            ground = _remember(self._spots, spot, self._number_of_ground(facts), self._entries)
        alike = (ground, *self._segments(facts), facts.verification is DISCOUNTED, facts.discrete)
        judgement = self._judgements.get(alike)
        if judgement is None:
            said = {name: self.findings(name, facts) for name in self._agreements}
            judgement = _remember(self._judgements, alike, Judgement(said), self._entries)
        return judgement

    def first_shots(self, answer: Incident, others: Sequence[Incident]) -> FirstShots:
        """What each agreement finds among ``others`` of the attack that ``answer`` claims to answer.

        None of them looks back beyond ``look_back`` before it begins.
        """
        return tuple([first_shot(one, answer, others, self._party_of(name)) for name, one in self._agreements.items()])

    def _party_of(self, agreement_id: str) -> PartyOf:
        def party_of(actor: str, instant: datetime) -> str:
            segment = bisect_right(self._boundaries, instant.timestamp())
            return self._standing(agreement_id, actor, segment, instant).party

        return party_of

    def findings(self, agreement_id: str, facts: Facts) -> Findings:
        """What the agreement says of ``facts``; equals :func:`evaluate`."""
        agreement = self._agreements[agreement_id]
        view = self._view(agreement, facts)
        key = (
            agreement_id,
            view,
            _zones(agreement, facts),
            facts.verification is DISCOUNTED,
            facts.discrete,
        )
        found = self._answers.get(key)
        if found is None:
            found = _remember(self._answers, key, findings_on(case_of(agreement, facts, view)), self._entries)
        return found

    def _segments(self, facts: Facts) -> tuple[int, int]:
        """The segments between boundaries in which the event begins and ends."""
        begin = facts.start
        first = bisect_right(self._boundaries, begin.timestamp())
        if facts.end == begin:
            return first, first
        return first, max(first, bisect_left(self._boundaries, facts.end.timestamp()))

    def _view(self, agreement: Agreement, facts: Facts) -> View:
        """:func:`view_of`, put together from what is remembered of each segment."""
        begin = facts.start
        first, last = self._segments(facts)
        name = agreement.agreement_id
        term = self._term(name, first, begin)
        return View(
            term,
            last != first and self._term(name, last, facts.end).word != term.word,
            where_is(agreement, facts),
            tuple([self._standing(name, actor, first, begin) for actor in facts.target_actors]),
            tuple([self._standing(name, actor, first, begin) for actor in facts.perpetrators]),
        )

    def _number_of_ground(self, facts: Facts) -> int:
        """A number for what all agreements see of a place; places that they see alike share it."""
        agreements = self._agreements.values()
        ground = tuple([(where_is(one, facts), _spots(one, facts)) for one in agreements])
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


def _spots(agreement: Agreement, facts: Facts) -> Zones:
    zones = tuple([spot_in_zone(zone, facts) for zone in agreement.zones.values()])
    return zones, is_coarse(facts.place)


def _zones(agreement: Agreement, facts: Facts) -> Zones:
    zones = tuple([in_zone(zone, facts) for zone in agreement.zones.values()])
    return zones, is_coarse(facts.place)


def _remember(memory: dict[Question, Answer], question: Question, answer: Answer, entries: int) -> Answer:
    if len(memory) >= entries:
        memory.clear()
    memory[question] = answer
    return answer
