"""Who fired first: whether an attack that is called self-defence answers one before it (domain reference §3.3, step 6).

It does if an attack by the side that it hit, on its own side, in the same sector, came before it within a time that the
agreement's file sets, and it answers with no heavier weapon and no greater scale. Sides are parties of the agreement:
fire by an excluded group excuses no attack on others beside it. Each condition holds, does not, or is unknown. An
acquittal needs all of them, so what is vague or disputed only contests the matter. Whether the first shot was itself an
answer is not asked: it is a violation or none on its own, and what hangs on it never goes beyond one step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from cohstream.domain.claim import Span
from cohstream.domain.incident import Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    AttributionConfidence,
    FirstShot,
    Verification,
    is_within,
)
from cohstream.knowledge.place_points import distance_km
from cohstream.law.agreement import NON_PARTY, Agreement

WHO_FIRED_FIRST = frozenset({"self_defence", "return_fire"})
"""Claims that hang on an attack before."""

PROVEN = frozenset({AttributionConfidence.CONFIRMED_ADMITTED, AttributionConfidence.CONFIRMED_EVIDENCE})
HOSTILE = frozenset({"attack", "territory"})
HARMLESS_TARGETS = frozenset({"civilian", "protected"})
TENFOLD = 10
"""A greater scale is another order of magnitude; counts of war are not sharper."""

SMALL_ARMS, HEAVY_DIRECT, MORTAR, ARTILLERY, AIR, CHEMICAL = range(1, 7)
UNKNOWN_FORCE = (SMALL_ARMS, CHEMICAL)
FORCE_OF_WEAPON = {
    "direct_fire": (SMALL_ARMS, HEAVY_DIRECT),
    "direct_fire.small_arms": (SMALL_ARMS, SMALL_ARMS),
    "direct_fire.sniper": (SMALL_ARMS, SMALL_ARMS),
    "direct_fire.*": (HEAVY_DIRECT, HEAVY_DIRECT),
    "indirect_fire": (MORTAR, ARTILLERY),
    "indirect_fire.mortar": (MORTAR, MORTAR),
    "indirect_fire.improvised": (MORTAR, MORTAR),
    "indirect_fire.ground_to_ground_missile": (AIR, AIR),
    "indirect_fire.*": (ARTILLERY, ARTILLERY),
    "explosive_other": (MORTAR, MORTAR),
    "naval_gunfire": (ARTILLERY, ARTILLERY),
    "air_delivered": (AIR, AIR),
    "chemical": (CHEMICAL, CHEMICAL),
}
"""Least and greatest rank of weapons, by the first of their code, its branch, or its top; ``.*`` are other branches."""
FORCE_OF_CONDUCT = {
    "sniping": (SMALL_ARMS, SMALL_ARMS),
    "direct_fire": (SMALL_ARMS, HEAVY_DIRECT),
    "shelling": (MORTAR, ARTILLERY),
    "bombing": (MORTAR, MORTAR),
    "missile_strike": (ARTILLERY, AIR),
    "air_strike": (AIR, AIR),
    "air_assault": (AIR, AIR),
    "chemical_attack": (CHEMICAL, CHEMICAL),
}
"""The same, where no weapon is named."""

INSTANT = timedelta(microseconds=1)

Answer = bool | None
"""Whether something holds; ``None``: unknown."""


class Looked(NamedTuple):
    """What one agreement knows of the first shot, and the incidents that it knows it by, in order of their ids."""

    agreement: str
    word: FirstShot
    incidents: tuple[str, ...]


FirstShots = tuple[Looked, ...]
NOBODY_LOOKED: FirstShots = ()

PartyOf = Callable[[str, datetime], str]
"""The party of an actor at an instant."""


def first_shot(agreement: Agreement, answer: Incident, others: Iterable[Incident], party_of: PartyOf) -> Looked:
    """What ``others`` show of an attack that ``answer`` answers: the word that the best of them gives."""
    best, word, shown = 0, FirstShot.NOT_FOUND, list[str]()
    for shot in others:
        fits = _is_answered(agreement, shot, answer, party_of)
        if fits is False:
            continue
        rank, its_word = _rank(fits, is_proportionate(shot, answer))
        if rank > best:
            best, word, shown = rank, its_word, []
        if rank == best:
            shown.append(shot.incident_id)
    if word is FirstShot.NOT_FOUND and answer.circumstances_disputed:
        word = FirstShot.CONTESTED
    return Looked(agreement.agreement_id, word, tuple(sorted(shown)))


def could_precede(shot: Incident, answer: Incident, within: timedelta) -> Answer:
    """Whether ``shot`` came before ``answer`` began, by no more than ``within``; unknown where their times overlap."""
    earliest = answer.start - within
    if shot.start > _last_moment(answer) or _last_moment(shot) < earliest:
        return False
    return True if _last_moment(shot) < answer.start and shot.start >= earliest else None


def is_proportionate(shot: Incident, answer: Incident) -> Answer:
    """Whether ``answer`` used no heavier weapon than ``shot``, and is not known to be of a greater scale."""
    if _is_tenfold(answer.munitions, shot.munitions) or _is_tenfold(answer.killed, shot.killed):
        return False
    (least, most), (least_before, most_before) = force_of(answer), force_of(shot)
    if least > most_before:
        return False
    alike = (least, most) == (least_before, most_before) != UNKNOWN_FORCE
    return True if alike or most <= least_before else None


def force_of(incident: Incident) -> tuple[int, int]:
    """Least and greatest rank of the weapons that ``incident`` may have been committed with."""
    return _force(incident.weapon, incident.conduct)


@lru_cache
def _force(weapon: str, conduct: str) -> tuple[int, int]:
    top, _, rest = weapon.partition(".")
    branch = rest.split(".", 1)[0]
    named = FORCE_OF_WEAPON.get(f"{top}.{branch}")
    if named is None and branch not in ("", "undetermined"):
        named = FORCE_OF_WEAPON.get(f"{top}.*")
    return named or FORCE_OF_WEAPON.get(top) or FORCE_OF_CONDUCT.get(conduct, UNKNOWN_FORCE)


def _rank(fits: Answer, proportionate: Answer) -> tuple[int, FirstShot]:
    """How much a candidate weighs. One that is sure but too small gives way to any that may excuse the whole."""
    if fits and proportionate:
        return 4, FirstShot.FOUND
    if proportionate is not False:
        return 3, FirstShot.CONTESTED
    return (2, FirstShot.DISPROPORTIONATE) if fits else (1, FirstShot.CONTESTED)


def _is_answered(agreement: Agreement, shot: Incident, answer: Incident, party_of: PartyOf) -> Answer:
    if CONDUCT_FAMILY.get(shot.conduct) not in HOSTILE or shot.verification is Verification.DISCOUNTED:
        return False
    near = agreement.text.self_defence
    return _all_of(
        could_precede(shot, answer, near.within),
        in_one_sector(shot.place, answer.place, near.radius_km),
        _by_those_hit(shot, answer, party_of),
        _on_those_who_answer(shot, answer, party_of),
        _is_certain(shot),
    )


def _by_those_hit(shot: Incident, answer: Incident, party_of: PartyOf) -> Answer:
    """Whether whoever ``answer`` hit had fired ``shot``. Civilians fire no shots."""
    if TARGET_FAMILY.get(answer.target) in HARMLESS_TARGETS:
        return False
    shooters = _parties(shot.attribution.candidates, shot.start, party_of)
    if not answer.target_actors:
        own = _parties(answer.attribution.candidates, answer.start, party_of)
        return False if shooters and shooters <= own | {NON_PARTY} else None
    return _are_among(shooters, _parties(answer.target_actors, answer.start, party_of))


def _on_those_who_answer(shot: Incident, answer: Incident, party_of: PartyOf) -> Answer:
    """Whether ``shot`` hit the side of those who answer it; of joint actors one is enough."""
    own = _parties(answer.attribution.candidates, answer.start, party_of)
    if not shot.target_actors:
        return False if is_within(shot.target, ("excluded_org_force",)) else None
    hit = _parties(shot.target_actors, shot.start, party_of)
    if answer.attribution.confidence is AttributionConfidence.JOINT and own & hit - {NON_PARTY}:
        return True
    return _are_among(own, hit)


def _is_certain(shot: Incident) -> Answer:
    said = shot.attribution
    if said.confidence in PROVEN:
        return True
    denied = not set(said.denied_by).isdisjoint(said.candidates)
    return None if denied or said.confidence is AttributionConfidence.CONTESTED else True


def in_one_sector(one: Place, other: Place, radius_km: float) -> Answer:
    """Whether two places lie within ``radius_km`` of each other, wherever in their own radii they are."""
    if one.place_id and one.place_id == other.place_id:
        return True
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return bool(one.name) and one.name == other.name
    apart = distance_km(one.lat, one.lon, other.lat, other.lon)
    reach = (one.radius_km or 0.0) + (other.radius_km or 0.0)
    if apart - reach > radius_km:
        return False
    return True if apart + reach <= radius_km else None


def _parties(actors: Iterable[str], instant: datetime, party_of: PartyOf) -> set[str]:
    return {party_of(actor, instant) for actor in actors}


def _are_among(some: set[str], others: set[str]) -> Answer:
    """Whether all of ``some`` parties are among ``others``; who is no party is nobody's side."""
    common = some & others - {NON_PARTY}
    if not some:
        return None
    return True if common == some else None if common else False


def _is_tenfold(more: Span | None, less: Span | None) -> bool:
    """Whether a count surely is more than ten times another; one that is open or not told shows nothing."""
    return more is not None and less is not None and less[1] is not None and more[0] > TENFOLD * max(less[1], 1)


def _last_moment(incident: Incident) -> datetime:
    return incident.end if incident.end == incident.start else incident.end - INSTANT


def _all_of(*answers: Answer) -> Answer:
    if False in answers:
        return False
    return None if None in answers else True
