"""Possible answers to a missing fact: what is asked, each as a case that the evaluator can be given.

An answer changes the facts, how the agreement sees them, or how its text is read; nothing else, and no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from cohstream.domain.assessment import Findings
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence, FirstShot, Presence
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import NON_PARTY, Agreement, Term
from cohstream.law.case import View, case_of, in_zone, view_of, where_is
from cohstream.law.evaluation import findings_on
from cohstream.law.facts import ANY_AGREEMENT, Facts
from cohstream.law.first_shot import WHO_FIRED_FIRST
from cohstream.law.standing import Standing, standing_of
from cohstream.law.steps import HARMLESS, MAY_BE_ANSWERED, NOTICE, NOTICED, PRECEDING_ATTACK
from cohstream.law.text import ClauseText, Reading

GRADES = (Presence.NONE, Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.SOLE)


class Answer(NamedTuple):
    """One possible answer, in words, and the case as it would then stand."""

    value: str
    agreement: Agreement
    facts: Facts
    view: View

    @property
    def findings(self) -> Findings:
        """What the evaluator says then."""
        return findings_on(case_of(self.agreement, self.facts, self.view))


class Asked(NamedTuple):
    """A case in which a fact is missing.

    ``clauses`` are those that its findings speak of, ``of_each_role`` what :func:`one_of_each_role` gives.
    """

    agreement: Agreement
    facts: Facts
    view: View
    actors: ActorRegistry
    clauses: tuple[str, ...]
    of_each_role: tuple[str, ...]

    def given(self, value: str, **changes: object) -> Answer:
        """The answer that changes these facts."""
        facts = self.facts._replace(**changes)  # type: ignore[arg-type]
        return Answer(value, self.agreement, facts, view_of(self.agreement, facts, self.actors))

    def seen(self, value: str, **changes: object) -> Answer:
        """The answer that changes how the agreement sees the facts."""
        return Answer(value, self.agreement, self.facts, self.view._replace(**changes))  # type: ignore[arg-type]


def answers(fact: str, asked: Asked) -> tuple[Answer, ...]:
    """The possible answers to a fact that findings name as missing; none if nobody can try them."""
    possible = _POSSIBLE.get(fact)
    return () if possible is None else tuple(possible(asked))


def _perpetrator(asked: Asked) -> Iterator[Answer]:
    """Each candidate alone where there are rivals, else any party, as evidence might show."""
    named = asked.facts.perpetrators
    for actor in named if len(named) > 1 else dict.fromkeys((*named, *asked.of_each_role, *_excluded(asked))):
        yield asked.given(
            actor, perpetrators=(actor,), confidence=AttributionConfidence.CONFIRMED_EVIDENCE, denied_by=()
        )


def _target(asked: Asked) -> Iterator[Answer]:
    yield asked.given("civilians", target="civilian_persons", target_actors=())
    for actor in asked.of_each_role:
        yield asked.given(actor, target="covered_party_force", target_actors=(actor,))
    for actor in _excluded(asked):
        yield asked.given(actor, target="excluded_org_force", target_actors=(actor,))


def _presence(asked: Asked) -> Iterator[Answer]:
    for grade in GRADES:
        yield asked.given(grade.value, presence=grade)


def _delineation(asked: Asked) -> Iterator[Answer]:
    yield asked.given("delineated as the excluded group's", presence=Presence.SOLE, delineated=True)
    yield asked.given("held jointly", presence=Presence.JOINT, delineated=False)
    yield asked.given("not the excluded group's", presence=Presence.NONE, delineated=False)


def _time(asked: Asked) -> Iterator[Answer]:
    """An instant in each part of the event's interval."""
    start, end = asked.facts.start, asked.facts.end
    told = set()
    for instant in (start, *(one for one in asked.agreement.boundaries() if start < one < end)):
        word = asked.agreement.term_at(instant).word
        if word not in told:
            told.add(word)
            yield asked.given({"in_force": "while it held"}.get(word, f"{word} its time"), start=instant, end=instant)


def _still_held(asked: Asked) -> Iterator[Answer]:
    yield asked.seen("it still held", term=Term("in_force"), spans=False)
    yield asked.seen("it had ended", term=Term("after", asked.view.term.claimed_by), spans=False)


def _begun(asked: Asked) -> Iterator[Answer]:
    yield asked.seen("it had begun", term=Term("in_force"), spans=False)
    yield asked.seen("it had not begun", term=Term("before", asked.view.term.claimed_by), spans=False)


def _area(asked: Asked) -> Iterator[Answer]:
    yield asked.seen("it lies inside", where="inside")
    yield asked.seen("it lies outside", where="outside")


def _perpetrator_bound(asked: Asked) -> Iterator[Answer]:
    yield asked.seen("bound", candidates=tuple(map(_bound, asked.view.candidates)))
    yield asked.seen("not bound", candidates=tuple(map(_unbound, asked.view.candidates)))


def _target_covered(asked: Asked) -> Iterator[Answer]:
    yield asked.seen("covered", aimed_at=tuple(map(_bound, asked.view.aimed_at)))
    yield asked.seen("not covered", aimed_at=tuple(map(_unbound, asked.view.aimed_at)))


def _reading(asked: Asked) -> Iterator[Answer]:
    disputed = tuple(clause.id for clause in _ambiguous(asked))
    if disputed:
        for value, speaks in (("it speaks of this", True), ("it does not speak of this", False)):
            yield Answer(value, _read_as(asked.agreement, disputed, speaks), asked.facts, asked.view)


def _first_shot(asked: Asked) -> Iterator[Answer]:
    """That there was one, and whether the answer was in proportion; or that there was none."""
    found, exceeded = ((ANY_AGREEMENT, FirstShot.FOUND),), ((ANY_AGREEMENT, FirstShot.DISPROPORTIONATE),)
    yield asked.given("there was one, and the answer no greater", first_shots=found)
    yield asked.given("there was one, and the answer greater", first_shots=exceeded)
    yield asked.given("there was none", circumstances=_without(asked.facts, WHO_FIRED_FIRST))


def _may_be_answered(asked: Asked) -> Iterator[Answer]:
    excepted = [
        one.model_copy(update={"exceptions": [*one.exceptions, "self_defence"]}) if one.id in asked.clauses else one
        for one in asked.agreement.text.clauses
    ]
    so_read = Agreement(asked.agreement.text.model_copy(update={"clauses": excepted}), asked.agreement.digest)
    yield Answer("it may", so_read, asked.facts, asked.view)
    yield asked.given("it may not", circumstances=_without(asked.facts, WHO_FIRED_FIRST))


def _notice(asked: Asked) -> Iterator[Answer]:
    yield asked.given("it was given", noticed=True)
    yield asked.given("there was none", circumstances=_without(asked.facts, NOTICED))


def _happened(asked: Asked) -> Iterator[Answer]:
    yield asked.given("an attack", circumstances=_without(asked.facts, HARMLESS))
    claimed = sorted(HARMLESS & set(asked.facts.circumstances))
    for word in claimed:
        yield asked.given(f"as claimed: {word}", conduct=word)


def _place(asked: Asked) -> Iterator[Answer]:
    """One spot of each kind that the agreement tells apart: outside its area, in no zone of it, in these zones."""
    agreement = asked.agreement
    told = set()
    for spot in _spots(agreement):
        there = asked.facts._replace(place=spot)
        inside = [zone.id for zone in agreement.zones.values() if in_zone(zone, there) == "inside"]
        value = f"in {', '.join(inside)}" if inside else "in no zone"
        if where_is(agreement, there) == "outside":
            value = "outside the agreement's area"
        if value not in told:
            told.add(value)
            yield asked.given(value, place=spot)


def _spots(agreement: Agreement) -> Iterator[Place]:
    """A spot in every unit that the agreement names, and one beyond all of them."""
    zoned = [unit for zone in agreement.text.zones for unit in zone.admin1]
    for unit in dict.fromkeys([*zoned, *agreement.text.area.admin1]):
        yield Place("", "", None, None, 0.0, unit, "", unit)
    yield Place("", "", None, None, 0.0, "", "", "foreign:elsewhere")


_POSSIBLE: Mapping[str, Callable[[Asked], Iterator[Answer]]] = {
    "perpetrator": _perpetrator,
    "target": _target,
    "presence of an excluded group": _presence,
    "agreed delineation": _delineation,
    "time of the event": _time,
    "place of the event": _place,
    "whether the agreement still held": _still_held,
    "whether the agreement had begun": _begun,
    "an agreed area": _area,
    "whether the perpetrator is bound": _perpetrator_bound,
    "whether the target is covered": _target_covered,
    "an agreed reading": _reading,
    PRECEDING_ATTACK: _first_shot,
    MAY_BE_ANSWERED: _may_be_answered,
    NOTICE: _notice,
    "what happened": _happened,
}
"""By the words in which findings name what is missing."""


def about(fact: str, asked: Asked) -> tuple[str, ...]:
    """What a question is about: ``incident``, ``place``, ``agreement``, or ``actor`` or ``clause`` and their ids.

    Incidents that share it share the question: one answer serves them all.
    """
    if fact in ("presence of an excluded group", "agreed delineation", "an agreed area"):
        return ("place",)
    if fact in ("whether the agreement still held", "whether the agreement had begun", MAY_BE_ANSWERED):
        return ("agreement",)
    if fact == "an agreed reading":
        return ("clause", *(clause.id for clause in _ambiguous(asked)))
    if fact == "whether the perpetrator is bound":
        return ("actor", *_disputed(asked.view.candidates))
    if fact == "whether the target is covered":
        return ("actor", *_disputed(asked.view.aimed_at))
    return ("incident",)


def one_of_each_role(agreement: Agreement, actors: ActorRegistry, instant: datetime) -> tuple[str, ...]:
    """One actor of each role of each party at ``instant``: one that the text names, and that is covered if any is."""
    chosen: dict[tuple[str, str], Standing] = {}
    patterns = list(agreement.members)

    def rank(actor: str) -> tuple[int, str]:
        bloc = actor.split(".", 1)[0] + ".*"
        return min((patterns.index(one) for one in (actor, bloc) if one in patterns), default=len(patterns)), actor

    for actor in sorted(actors.ids(), key=rank):
        one = standing_of(actor, instant, agreement, actors)
        if one.party == NON_PARTY or one.excluded != "no":
            continue
        known = chosen.get((one.party, one.role))
        if known is None or (known.coverage != "covered" and one.coverage == "covered"):
            chosen[one.party, one.role] = one
    return tuple(chosen[key].actor_id for key in sorted(chosen))


def _excluded(asked: Asked) -> tuple[str, ...]:
    known = set(asked.actors.ids())
    return tuple(one for one in asked.agreement.text.exclusion.named if one in known)[:1]


def _disputed(standings: tuple[Standing, ...]) -> tuple[str, ...]:
    return tuple(one.actor_id for one in standings if one.coverage == "disputed")


def _bound(one: Standing) -> Standing:
    return one._replace(coverage="covered", excluded="no") if one.coverage == "disputed" else one


def _unbound(one: Standing) -> Standing:
    """As an excluded actor if its listing is what is disputed, else as no party."""
    if one.coverage != "disputed":
        return one
    excluded = "yes" if one.excluded == "disputed" else "no"
    return one._replace(party=NON_PARTY, role="", coverage="none", excluded=excluded)


def _ambiguous(asked: Asked) -> list[ClauseText]:
    return [one for one in asked.agreement.rules if one.reading is Reading.AMBIGUOUS and one.id in asked.clauses]


def _read_as(agreement: Agreement, disputed: tuple[str, ...], speaks: bool) -> Agreement:
    """``agreement`` with ``disputed`` clauses read plainly, or left out."""
    clauses = [
        one.model_copy(update={"reading": Reading.PLAIN}) if one.id in disputed else one
        for one in agreement.text.clauses
        if speaks or one.id not in disputed
    ]
    return Agreement(agreement.text.model_copy(update={"clauses": clauses}), agreement.digest)


def _without(facts: Facts, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(one for one in facts.circumstances if one not in words)
