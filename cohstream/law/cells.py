"""Cells: all that a text could be asked, as representative facts put to the real evaluation.

A cell is who does what by which means to whom on what ground. Actors whom every text in hand sees alike are one side;
conducts and weapons that the same clauses regulate are asked once; places that every text sees alike are one ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from cohstream.domain.place import UNKNOWN_PLACE
from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    WEAPON_CODES,
    WEAPONS,
    AttributionConfidence,
    Policy,
    Presence,
    Verdict,
    Verification,
    is_within,
)
from cohstream.knowledge.actors import UNIDENTIFIED, ActorRegistry
from cohstream.law.agreement import NON_PARTY, Agreement
from cohstream.law.case import AREA_CONDUCTS, AREA_WEAPONS, POINT_WEAPONS, Case, case_of, view_of
from cohstream.law.evaluation import evaluate
from cohstream.law.facts import Facts
from cohstream.law.grounds import ANY_TIME, Ground
from cohstream.law.standing import Standing, standing_of
from cohstream.law.text import Validity

NO_WEAPON = ("non_kinetic",)
MEANS_OF: dict[str, tuple[str, ...]] = {
    "air_strike": ("air_delivered",),
    "air_assault": ("air_delivered.strafing",),
    "shelling": (
        "indirect_fire.mortar",
        "indirect_fire.artillery",
        "indirect_fire.improvised",
        "indirect_fire.mlrs",
        "indirect_fire.iram",
        "direct_fire.tank",
        "naval_gunfire",
    ),
    "missile_strike": ("indirect_fire.ground_to_ground_missile", "air_delivered.cruise_missile"),
    "direct_fire": ("direct_fire",),
    "sniping": ("direct_fire.sniper",),
    "bombing": ("explosive_other",),
    "raid": ("direct_fire.small_arms",),
    "assassination": ("direct_fire.small_arms", "explosive_other.ied"),
    "chemical_attack": ("chemical",),
    "shootdown": ("direct_fire.manpads", "direct_fire.hmg_aa"),
    "attack_on_aid": ("air_delivered", "indirect_fire", "direct_fire.small_arms"),
    "attack_on_monitor": ("indirect_fire", "direct_fire.small_arms"),
    "ground_assault": ("direct_fire.small_arms", "direct_fire.tank"),
    "weapon_in_zone": ("indirect_fire", "direct_fire.tank", "direct_fire.hmg_aa"),
    "mine_laying": ("explosive_other.landmine_uxo",),
}
"""The weapons that a conduct is committed with, families standing for their members; other conducts need none."""

TARGETED = frozenset({"attack", "territory"})
"""Families of conduct that have a target; the others are asked of nobody in particular."""
SITE_OF = {"attack_on_aid": "aid_convoy", "attack_on_monitor": "monitor_un"}
SITES = ("civilian_persons", "medical")
NOBODY = "nobody in particular"
EXCLUDED = "excluded"
FEW = 3
"""Actors up to this number are named in the label of a side."""


class Word(StrEnum):
    """What a text says of a cell."""

    PROHIBITED = "prohibited"
    CONTESTED = "contested"
    UNDETERMINED = "undetermined"
    PERMITTED = "permitted"
    UNREGULATED = "not regulated"


WORDS = {
    Verdict.VIOLATION: Word.PROHIBITED,
    Verdict.CONTESTED: Word.CONTESTED,
    Verdict.UNDETERMINED: Word.UNDETERMINED,
    Verdict.NOT_ASSESSED: Word.UNDETERMINED,
}
WHY = {
    "N-NO-CLAUSE": "no clause",
    "N-TARGET-NOT-COVERED": "target not protected",
    "N-EXCLUDED-TARGET": "target excluded",
    "N-NOT-PARTY": "not bound",
    "N-EXCLUDED-PERPETRATOR": "not bound",
    "N-OUT-OF-AREA": "outside the area",
    "N-OUT-OF-TIME": "not in force",
    "N-NONHOSTILE": "no hostile act",
}


class Outcome(NamedTuple):
    """A text's word on a cell, why where it says nothing, and the clauses read."""

    word: Word
    why: str
    clauses: tuple[str, ...]

    @property
    def regulated(self) -> bool:
        return self.word is not Word.UNREGULATED


class Side(NamedTuple):
    """Actors whom every text in hand sees alike; ``parties`` and ``roles`` are one for each text."""

    key: tuple[object, ...]
    label: str
    parties: tuple[str, ...]
    roles: tuple[str, ...]
    actors: tuple[str, ...]
    excluded: bool


UNNAMED = Side((), "", (), (), (), False)
"""Nobody: for questions that hang on no actor."""


class Means(NamedTuple):
    """What is done, and with which weapon."""

    conduct: str
    weapon: str


class Aim(NamedTuple):
    """Who or what is hit; ``side`` if it is a force."""

    label: str
    target: str
    side: Side | None = None


class Cell(NamedTuple):
    side: Side
    means: Means
    aim: Aim
    ground: Ground

    def facts(self, instant: datetime) -> Facts:
        """Facts at ``instant`` that stand for the whole cell."""
        return Facts(
            start=instant,
            end=instant,
            place=self.ground.place,
            verification=Verification.VERIFIED,
            conduct=self.means.conduct,
            weapon=self.means.weapon,
            target=self.aim.target,
            target_actors=self.aim.side.actors[:1] if self.aim.side else (),
            perpetrators=self.side.actors[:1],
            confidence=AttributionConfidence.PROBABLE,
            denied_by=(),
            presence=self.ground.presence,
            delineated=False,
            circumstances=(),
        )


def as_if_in_force(agreement: Agreement) -> Agreement:
    """``agreement`` without bounds of time: what its text says, whenever."""
    validity = Validity(source=agreement.text.validity.source)
    return Agreement(agreement.text.model_copy(update={"validity": validity}), agreement.digest)


def outcome_of(agreement: Agreement, facts: Facts, actors: ActorRegistry, policy: Policy | None = None) -> Outcome:
    """What ``agreement`` says of ``facts`` under ``policy``, by default its own."""
    wanted = policy or agreement.default_policy
    finding = next(one for one in evaluate(agreement, facts, actors) if one.policy is wanted)
    reason = finding.reasons[0]
    if finding.verdict is Verdict.NOT_A_VIOLATION:
        word = Word.PERMITTED if reason == "N-PERMITTED" else Word.UNREGULATED
        return Outcome(word, WHY.get(reason, ""), finding.clauses if word is Word.PERMITTED else ())
    return Outcome(WORDS[finding.verdict], "", finding.clauses)


def sides_at(agreements: Sequence[Agreement], actors: ActorRegistry, instant: datetime) -> list[Side]:
    """All registered actors at ``instant``, sorted into sides."""
    named = {word for one in agreements for clause in one.text.clauses for word in clause.target}
    groups: dict[tuple[object, ...], list[tuple[str, tuple[Standing, ...]]]] = {}
    for actor in actors.ids():
        if actor == UNIDENTIFIED:
            continue
        seen = tuple(standing_of(actor, instant, one, actors) for one in agreements)
        by_name = tuple(sorted({name for one in seen for name in (one.actor_id, one.identity)} & named))
        as_what = tuple((one.party, one.role, one.excluded, one.coverage) for one in seen)
        groups.setdefault((as_what, by_name), []).append((actor, seen))
    sides: dict[str, Side] = {}
    for key, found in groups.items():
        seen, members = found[0][1], tuple(actor for actor, _ in found)
        label = _label(seen, key[1] or members, agreements, sides)
        parties = tuple(one.party for one in seen)
        roles = tuple(one.role for one in seen)
        sides[label] = Side(key, label, parties, roles, members, any(one.excluded == "yes" for one in seen))
    return list(sides.values())


def means_of(agreements: Sequence[Agreement], *, also_harmless: bool = False) -> list[Means]:
    """Every conduct with each weapon that it is committed with, as finely as the texts speak of weapons.

    Exercises, accidents and the like are left out unless ``also_harmless``: no text makes them a violation.
    """
    fine = {word for one in agreements for clause in one.text.clauses for word in clause.weapon if word.count(".") > 1}
    found = []
    for conduct, family in CONDUCT_FAMILY.items():
        harmless = family in ("nonhostile", "other") and conduct != "medevac_flight"
        if conduct == family or (harmless and not also_harmless):
            continue
        weapons = [code for word in MEANS_OF.get(conduct, NO_WEAPON) for code in _members(word)]
        finer = sorted(code for code in fine if is_within(code, weapons))
        found += [Means(conduct, weapon) for weapon in (*weapons, *finer)]
    return found


def alike(means: Iterable[Means], agreements: Sequence[Agreement], actors: ActorRegistry) -> list[list[Means]]:
    """``means`` in groups that no text in hand tells apart; each group is asked by its first."""
    groups: dict[object, list[Means]] = {}
    for one in means:
        features = tuple(_features(agreement, one, actors) for agreement in agreements)
        groups.setdefault((features, SITE_OF.get(one.conduct), _targeted(one)), []).append(one)
    return list(groups.values())


def aims_of(means: Means, sides: Sequence[Side], agreements: Sequence[Agreement]) -> list[Aim]:
    """Whom ``means`` may hit: every side, civilians, a protected site, and each kind of target that a text names."""
    if not _targeted(means):
        return [Aim(NOBODY, "undetermined")]
    if means.conduct in SITE_OF:
        return [Aim(SITE_OF[means.conduct], SITE_OF[means.conduct])]
    named = {word for one in agreements for clause in one.text.clauses for word in clause.target}
    leaves = [word for word in TARGET_FAMILY if word in named and TARGET_FAMILY[word] not in (word, "force")]
    sites = [Aim(word, word) for word in dict.fromkeys((*SITES, *leaves))]
    forces = [Aim(one.label, "excluded_org_force" if one.excluded else "covered_party_force", one) for one in sides]
    return [*forces, *sites]


def cells_of(
    sides: Sequence[Side], means: Sequence[Means], grounds: Sequence[Ground], agreements: Sequence[Agreement]
) -> Iterator[Cell]:
    """Every cell in which a side that some text binds may hit somebody else."""
    for one in means:
        aims = aims_of(one, sides, agreements)
        for side in sides:
            if all(party == NON_PARTY for party in side.parties):
                continue
            for aim in aims:
                if aim.side is None or not _of_one_party(side, aim.side):
                    yield from (Cell(side, one, aim, ground) for ground in grounds)


def _of_one_party(side: Side, other: Side) -> bool:
    return all(a in (b, NON_PARTY) for a, b in zip(side.parties, other.parties, strict=True))


def _targeted(means: Means) -> bool:
    return CONDUCT_FAMILY[means.conduct] in TARGETED


def _members(word: str) -> list[str]:
    """A code of the second level as it is, one of the first by its second level, where it has any."""
    below = [f"{word}.{branch}" for branch in WEAPONS.get(word, ()) if "." not in branch]
    return below or [word]


def _features(agreement: Agreement, means: Means, actors: ActorRegistry) -> tuple[object, ...]:
    """All by which ``agreement`` may tell conducts and weapons apart."""
    case = _case(agreement, means, actors)
    clauses = frozenset(
        clause.id
        for clause in agreement.rules
        if any(word == "any" or word in case.conducts for word in clause.conduct)
        and ("any" in clause.weapon or is_within(means.weapon, clause.weapon))
    )
    wide = is_within(means.weapon, AREA_WEAPONS) or means.conduct in AREA_CONDUCTS
    point = is_within(means.weapon, POINT_WEAPONS)
    return clauses, case.by_air, case.family == "nonhostile", means.conduct == "medevac_flight", wide, point


def _case(agreement: Agreement, means: Means, actors: ActorRegistry) -> Case:
    ground = Ground("", UNKNOWN_PLACE, Presence.NONE)
    facts = Cell(UNNAMED, means, Aim(NOBODY, "undetermined"), ground).facts(ANY_TIME)
    return case_of(agreement, facts, view_of(agreement, facts, actors))


def _label(seen: Sequence[Standing], names: object, agreements: Sequence[Agreement], taken: Mapping[str, Side]) -> str:
    """How a side is called: as the first text that binds it sees it, with more where another is called so."""
    words = [_seen_as(one, agreement) for one, agreement in zip(seen, agreements, strict=True)]
    bound = [word for word, one in zip(words, seen, strict=True) if one.party != NON_PARTY]
    assert isinstance(names, tuple)
    called = f" ({', '.join(names[:FEW])}{', ...' if len(names) > FEW else ''})"
    label = bound[0] if bound else words[0] + (called if words[0] == EXCLUDED else "")
    if label in taken and len(bound) < len(words):
        label = " / ".join(dict.fromkeys(words))
    return label + called if label in taken else label


def _seen_as(one: Standing, agreement: Agreement) -> str:
    if one.excluded == "yes":
        return EXCLUDED
    if one.party == NON_PARTY:
        return "no party"
    roles = next(party.roles for party in agreement.text.parties if party.id == one.party)
    role = f"/{one.role}" if len(roles) > 1 else ""
    return f"{one.party}{role}" + (" (coverage disputed)" if one.coverage == "disputed" else "")


assert set(MEANS_OF) <= set(CONDUCT_FAMILY)
assert {code for words in MEANS_OF.values() for code in words} <= WEAPON_CODES
