"""A case: the facts of one incident, read through one agreement, before any policy is applied."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from cohstream.domain.vocabulary import CONDUCT_FAMILY, TARGET_FAMILY, UNDETERMINED, Presence, is_within
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement, Term
from cohstream.law.facts import Facts
from cohstream.law.standing import Standing, standing_of
from cohstream.law.text import ClauseText, ZoneText

COARSE_KM = 25.0
_INSTANT = timedelta(microseconds=1)

MARBLED = frozenset({Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.DISPUTED})


class Case(NamedTuple):
    """What every candidate and policy share."""

    agreement: Agreement
    facts: Facts
    term: Term
    spans: bool
    where: str
    family: str
    target_family: str
    aimed_at: tuple[Standing, ...]

    @property
    def hits_civilians(self) -> bool:
        return self.target_family in ("civilian", "protected")

    @property
    def target_excluded(self) -> bool:
        """Whether who was hit is known to be excluded, and nobody else."""
        if self.aimed_at:
            return all(one.excluded == "yes" for one in self.aimed_at)
        return self.facts.target == "excluded_org_force"

    @property
    def target_known(self) -> bool:
        """Whether who was hit is known to be covered: a covered force, civilians or a protected site."""
        if any(one.coverage == "covered" for one in self.aimed_at):
            return True
        return self.hits_civilians or self.facts.target in ("covered_party_force", "associated_force")

    @property
    def coarse(self) -> bool:
        """Whether the place is too wide to say what was around it."""
        radius = self.facts.place.radius_km
        return radius is None or radius >= COARSE_KM


def case_of(agreement: Agreement, facts: Facts, actors: ActorRegistry) -> Case:
    """The case that ``facts`` make under ``agreement``."""
    term = agreement.term_at(facts.start)
    last = facts.end if facts.end == facts.start else facts.end - _INSTANT
    return Case(
        agreement=agreement,
        facts=facts,
        term=term,
        spans=agreement.term_at(last).word != term.word,
        where=where_is(agreement, facts),
        family=CONDUCT_FAMILY.get(facts.conduct, "other"),
        target_family=TARGET_FAMILY.get(facts.target, UNDETERMINED),
        aimed_at=tuple(standing_of(actor, facts.start, agreement, actors) for actor in facts.target_actors),
    )


def where_is(agreement: Agreement, facts: Facts) -> str:
    """``inside``, ``outside`` or ``unknown``: the place against the agreement's area."""
    place = facts.place
    if place.admin1:
        return "inside" if place.admin1 in agreement.text.area.admin1 else "outside"
    if place.area.startswith(("foreign:", "cell:")):
        return "outside"
    return "unknown"


def in_zone(zone: ZoneText, facts: Facts) -> str:
    """``inside``, ``outside``, ``unknown`` or ``disputed``: the place against a zone of units and of presence."""
    if facts.presence in zone.presence or (facts.place.admin1 and facts.place.admin1 in zone.admin1):
        return "inside"
    if not zone.presence or facts.presence is Presence.NONE:
        return "outside"
    return "disputed" if facts.presence is Presence.DISPUTED else "unknown"


def regulates(clause: ClauseText, case: Case, role: str) -> bool:
    """Whether ``clause`` speaks of this conduct with this weapon by this role, whoever the target is."""
    facts = case.facts
    return (
        role in clause.bound
        and any(word in ("any", facts.conduct, case.family) for word in clause.conduct)
        and ("any" in clause.weapon or is_within(facts.weapon, clause.weapon))
    )


def protects(clause: ClauseText, case: Case, candidate: Standing | None) -> str:
    """``yes``, ``no`` or ``unknown``: whether ``clause`` speaks of this target."""
    if "any" in clause.target:
        return "yes"
    if case.hits_civilians and ("civilians" in clause.target or case.facts.target in clause.target):
        return "yes"
    if case.aimed_at:
        roles = {one.role for one in case.aimed_at} | {one.actor_id for one in case.aimed_at}
        if roles & set(clause.target):
            return "yes"
        other_covered = any(
            one.coverage != "none" and (candidate is None or one.party != candidate.party) for one in case.aimed_at
        )
        return "yes" if "covered_force" in clause.target and other_covered else "no"
    if case.target_family == "force":
        if case.facts.target in clause.target:
            return "yes"
        generic = case.facts.target in ("covered_party_force", "associated_force", "military_position")
        return "yes" if generic and not case.hits_civilians else "no"
    return "no" if case.hits_civilians else "unknown"
