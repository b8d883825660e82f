"""A case: the facts of one incident, read through one agreement, before any policy is applied."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import CONDUCT_FAMILY, TARGET_FAMILY, UNDETERMINED, FirstShot, Presence, is_within
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement, Term, Zone
from cohstream.law.facts import Facts
from cohstream.law.first_shot import WHO_FIRED_FIRST
from cohstream.law.ground import Whereabouts, lies_in
from cohstream.law.standing import Standing, standing_of

COARSE_KM = 25.0
_INSTANT = timedelta(microseconds=1)
TARGET_OF_CONDUCT = {"attack_on_aid": "aid_convoy", "attack_on_monitor": "monitor_un"}
"""Conducts that say what was hit, where no source names the target."""
AIR_ATTACKS = ("air_strike", "air_assault")
FLIGHT = ("flight", "military_flight")
NOT_FLOWN = ("air_delivered.cruise_missile",)
AREA_CONDUCTS = frozenset({*AIR_ATTACKS, "shelling", "missile_strike", "bombing", "chemical_attack"})
AREA_WEAPONS = ("air_delivered", "indirect_fire", "explosive_other", "chemical", "naval_gunfire")
POINT_WEAPONS = ("air_delivered.strafing",)


class View(NamedTuple):
    """How an agreement sees the time, the place and the actors of some facts."""

    term: Term
    spans: bool
    where: str
    aimed_at: tuple[Standing, ...]
    candidates: tuple[Standing, ...]


def view_of(agreement: Agreement, facts: Facts, actors: ActorRegistry) -> View:
    """How ``agreement`` sees ``facts``."""
    term = agreement.term_at(facts.start)

    def standings(ids: tuple[str, ...]) -> tuple[Standing, ...]:
        return tuple([standing_of(actor, facts.start, agreement, actors) for actor in ids])

    return View(
        term,
        agreement.term_at(last_moment(facts)).word != term.word,
        where_is(agreement, facts),
        standings(facts.target_actors),
        standings(facts.perpetrators),
    )


def last_moment(facts: Facts) -> datetime:
    """The last instant of a half-open interval; that of an event without length is its own."""
    return facts.end if facts.end == facts.start else facts.end - _INSTANT


class Case(NamedTuple):
    """What every candidate and policy share.

    ``conducts`` are all words by which a clause may mean what was done: the conduct, its family, and what it
    implies (an attack from the air implies a military flight).
    """

    agreement: Agreement
    facts: Facts
    term: Term
    spans: bool
    where: str
    family: str
    conducts: frozenset[str]
    by_air: bool
    target: str
    target_family: str
    aimed_at: tuple[Standing, ...]
    candidates: tuple[Standing, ...]

    @property
    def hits_civilians(self) -> bool:
        """Whether civilians or a protected site were hit, as far as is known."""
        return self.target_family in ("civilian", "protected") or (
            self.facts.civilians_harmed and not self.aimed_at and self.target_family == UNDETERMINED
        )

    @property
    def target_excluded(self) -> bool:
        """Whether the target is known to be excluded, and nobody else."""
        if self.aimed_at:
            return all(one.excluded == "yes" for one in self.aimed_at)
        return self.target == "excluded_org_force"

    @property
    def effect_on_others(self) -> bool:
        """Whether a weapon that is no point weapon also reached civilians, whoever it was aimed at."""
        weapon = self.facts.weapon
        wide = is_within(weapon, AREA_WEAPONS) or self.facts.conduct in AREA_CONDUCTS
        reached = self.facts.civilians_harmed or self.target_family in ("civilian", "protected")
        return reached and wide and not is_within(weapon, POINT_WEAPONS)

    @property
    def target_known(self) -> bool:
        """Whether who was hit is known to be covered: a covered force, civilians or a protected site."""
        if any(one.coverage == "covered" for one in self.aimed_at):
            return True
        return self.hits_civilians or self.target in ("covered_party_force", "associated_force")

    @property
    def first_shot(self) -> FirstShot | None:
        """What is known of the attack that this one would answer; ``None`` if nobody claims that it answers one."""
        if WHO_FIRED_FIRST.isdisjoint(self.facts.circumstances):
            return None
        return self.facts.first_shot_under(self.agreement.agreement_id)

    @property
    def coarse(self) -> bool:
        return is_coarse(self.facts.place)


def is_coarse(place: Place) -> bool:
    """Whether ``place`` is too wide to say what was around it."""
    return place.radius_km is None or place.radius_km >= COARSE_KM


def case_of(agreement: Agreement, facts: Facts, view: View) -> Case:
    """The case that ``facts`` make under ``agreement``, which sees them as ``view`` says."""
    family = CONDUCT_FAMILY.get(facts.conduct, "other")
    target = facts.target
    if target == UNDETERMINED:
        target = TARGET_OF_CONDUCT.get(facts.conduct, target)
    by_air = family == "attack" and (facts.conduct in AIR_ATTACKS or is_within(facts.weapon, ("air_delivered",)))
    flown = by_air and not is_within(facts.weapon, NOT_FLOWN)
    return Case(
        agreement=agreement,
        facts=facts,
        term=view.term,
        spans=view.spans,
        where=view.where,
        family=family,
        conducts=frozenset({facts.conduct, family, *(("air_strike",) if by_air else ()), *(FLIGHT if flown else ())}),
        by_air=by_air,
        target=target,
        target_family=TARGET_FAMILY.get(target, UNDETERMINED),
        aimed_at=view.aimed_at,
        candidates=view.candidates,
    )


def where_is(agreement: Agreement, facts: Facts) -> str:
    """``inside``, ``outside``, ``unknown`` or ``disputed``: the place against the agreement's area.

    A point of which the gazetteer knows the country only is outside units of another country. Of units outside the
    gazetteer's own country no more can be said. Disputed: some authorities draw the area so that it lies inside.
    """
    area = agreement.text.area
    if not area.claims:
        return lies_in(area, facts.place)
    answers = {lies_in(claim, facts.place) for claim in area.claims}
    if len(answers) == 1:
        return answers.pop()
    return Whereabouts.DISPUTED if Whereabouts.INSIDE in answers else Whereabouts.UNKNOWN


def in_zone(zone: Zone, facts: Facts) -> str:
    """``inside``, ``outside``, ``unknown``, ``disputed`` or ``spans``: the event against a zone.

    Disputed: the presence that makes it one, or the zone itself. Spans: the event crosses its beginning or end.
    """
    there = {zone.is_there(facts.start), zone.is_there(last_moment(facts))}
    if there == {False}:
        return Whereabouts.OUTSIDE
    answer = spot_in_zone(zone, facts)
    if len(there) == 2 and answer != Whereabouts.OUTSIDE:
        return "spans"
    return answer


def spot_in_zone(zone: Zone, facts: Facts) -> str:
    """:func:`in_zone`, as if the zone were always there."""
    answer = _on_its_ground(zone, facts)
    return Whereabouts.DISPUTED if zone.text.claimed_by and answer == Whereabouts.INSIDE else answer


def _on_its_ground(zone: Zone, facts: Facts) -> str:
    text = zone.text
    if facts.presence in text.presence:
        return Whereabouts.INSIDE
    if not text.is_empty:
        ground = lies_in(text, facts.place)
        if ground is not Whereabouts.OUTSIDE:
            return ground
    if not text.presence or facts.presence is Presence.NONE:
        return Whereabouts.OUTSIDE
    return Whereabouts.DISPUTED if facts.presence is Presence.DISPUTED else Whereabouts.UNKNOWN
