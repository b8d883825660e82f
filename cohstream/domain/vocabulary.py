"""The closed vocabularies of the field, as trees and words.

Source: the project's domain reference §2.3 (taxonomy A-H), after the coding practice of OSCE SMM,
SNHR, Airwars and ACLED. A code is a dotted path; every prefix of a legal code is legal, and so is
``<prefix>.undetermined``: what a source did not say stays undetermined at that level.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

Tree = dict[str, tuple[str, ...]]

WEAPONS: Tree = {
    "air_delivered": (
        "fixed_wing_bomb",
        "fixed_wing_bomb.general_purpose",
        "fixed_wing_bomb.thermobaric",
        "fixed_wing_bomb.bunker",
        "barrel_bomb",
        "naval_mine_air_dropped",
        "cluster_munition",
        "cluster_munition.high_explosive",
        "cluster_munition.incendiary",
        "incendiary",
        "asm",
        "strafing",
        "cruise_missile",
        "armed_uav",
    ),
    "indirect_fire": (
        "mortar",
        "mortar.60mm",
        "mortar.82mm",
        "mortar.120mm",
        "mortar.160mm",
        "mortar.240mm",
        "artillery",
        "artillery.122mm",
        "artillery.130mm",
        "artillery.152mm",
        "improvised",
        "mlrs",
        "mlrs.107mm",
        "mlrs.122mm",
        "mlrs.220mm",
        "mlrs.300mm",
        "iram",
        "ground_to_ground_missile",
        "ground_to_ground_missile.tochka",
        "ground_to_ground_missile.scud",
        "ground_to_ground_missile.fateh",
    ),
    "direct_fire": (
        "small_arms",
        "sniper",
        "hmg_aa",
        "agl",
        "ifv_cannon",
        "recoilless",
        "rpg",
        "atgm",
        "tank",
        "manpads",
    ),
    "explosive_other": ("ied", "svbied", "suicide", "landmine_uxo", "tunnel_bomb"),
    "chemical": ("toxic_gas", "toxic_gas.chlorine", "nerve_agent"),
    "naval_gunfire": (),
    "non_kinetic": (),
    "undetermined_explosion": (),
    "undetermined_weapon": (),
}

CONDUCTS: Tree = {
    "attack": (
        "air_strike",
        "air_assault",
        "shelling",
        "missile_strike",
        "direct_fire",
        "sniping",
        "bombing",
        "raid",
        "assassination",
        "chemical_attack",
        "shootdown",
        "attack_on_aid",
        "attack_on_monitor",
        "ground_assault",
    ),
    "territory": ("territorial_gain", "territorial_attempt"),
    "flight": ("military_flight", "overflight", "drone_flight"),
    "deployment": (
        "presence_in_zone",
        "weapon_in_zone",
        "fortification",
        "troop_reinforcement",
        "mine_laying",
    ),
    "obstruction": (
        "obstruct_humanitarian_access",
        "siege_tightening",
        "obstruct_monitor",
        "jam_uav",
    ),
    "persons": ("forced_displacement", "arrest_abduction", "failure_to_release_detainees"),
    "speech": ("incitement",),
    "nonhostile": ("exercise", "demining", "accident", "celebratory_fire", "medevac_flight"),
    "other": (),
}
"""Conducts by family. A report names the leaf (``air_strike``); the family (``attack``) is derived."""

TARGETS: Tree = {
    "force": (
        "covered_party_force",
        "associated_force",
        "excluded_org_force",
        "third_state_force",
        "military_position",
    ),
    "civilian": (
        "civilian_persons",
        "residential",
        "market",
        "school",
        "idp_camp",
        "civil_defence",
        "media",
    ),
    "protected": (
        "medical",
        "place_of_worship",
        "water_power_food",
        "aid_convoy",
        "monitor_un",
        "cultural",
    ),
    "terrain": ("road", "open_land"),
    "undetermined": (),
}
"""Targets by family. A report names the leaf (``market``); the family (``civilian``) is derived."""


class Kind(StrEnum):
    """What a report is. Only allegations and observations found an incident."""

    ALLEGATION = "allegation"
    OBSERVATION = "observation"
    ADMISSION = "admission"
    DENIAL = "denial"
    STATEMENT = "statement"
    COUNT = "count"
    PRESENCE = "presence"
    OVERRIDE = "override"


FOUNDING_KINDS = frozenset({Kind.ALLEGATION, Kind.OBSERVATION})


class Statement(StrEnum):
    """What a report of kind ``statement`` declares."""

    COMMITMENT = "commitment"
    COVERAGE = "coverage"
    TRUCE = "truce"
    TRUCE_END = "truce_end"
    NOTIFICATION = "notification"
    COMPLIANCE = "compliance"


class OverrideAction(StrEnum):
    """What an analyst's override orders about report identities."""

    MUST_LINK = "must_link"
    CANNOT_LINK = "cannot_link"
    PIN = "pin"


class TimePrecision(StrEnum):
    EXACT = "exact"
    HOUR = "hour"
    PART_OF_DAY = "part_of_day"
    DAY = "day"
    RANGE = "range"


class Stake(StrEnum):
    """The interest of a source in what it reports (taxonomy D)."""

    PARTY = "party"
    GUARANTOR = "guarantor"
    ALIGNED_MEDIA = "aligned_media"
    NGO = "ngo"
    NEUTRAL_MONITOR = "neutral_monitor"
    NEWS_AGENCY = "news_agency"
    UN = "un"
    SENSOR = "sensor"
    UNKNOWN = "unknown"


class Reliability(StrEnum):
    """Admiralty grade of a source."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class Credibility(StrEnum):
    """Admiralty grade of a piece of information, rated independently of its source."""

    CONFIRMED = "1"
    PROBABLY_TRUE = "2"
    POSSIBLY_TRUE = "3"
    DOUBTFUL = "4"
    IMPROBABLE = "5"
    CANNOT_BE_JUDGED = "6"


class Certainty(StrEnum):
    """How a source speaks of the perpetrator it names."""

    STATED = "stated"
    ALLEGED = "alleged"
    SUSPECTED = "suspected"
    UNDETERMINED = "undetermined"
    DENIED = "denied"


class AttributionConfidence(StrEnum):
    """How sure an incident's attribution is (taxonomy E)."""

    CONFIRMED_ADMITTED = "confirmed_admitted"
    CONFIRMED_EVIDENCE = "confirmed_evidence"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    CONTESTED = "contested"
    JOINT = "joint_unseparable"
    UNDETERMINED = "undetermined"
    NO_ATTRIBUTION_BY_POLICY = "no_attribution_by_policy"


class Basis(StrEnum):
    """What an attribution rests on (taxonomy E)."""

    ADMISSION = "admission"
    CAPABILITY_EXCLUSION = "capability_exclusion"
    PLATFORM_ID = "platform_id"
    LAUNCH_BEARING = "launch_bearing"
    MUNITION = "munition"
    RADIO_SPOTTER = "radio_spotter"
    PATTERN = "pattern"
    WITNESS = "witness"


class Verification(StrEnum):
    """Verification status of an incident: the six words that metrics and tallies use (taxonomy F)."""

    ALLEGED = "alleged"
    UNDER_REVIEW = "under_review"
    CORROBORATED = "corroborated"
    VERIFIED = "verified"
    INVESTIGATED = "investigated"
    DISCOUNTED = "discounted"


class Presence(StrEnum):
    """Grade of an excluded group's presence at a place and time (domain reference §3.4)."""

    NONE = "none"
    MINOR = "minor"
    JOINT = "joint"
    DOMINANT = "dominant"
    SOLE = "sole"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


class FirstShot(StrEnum):
    """What is known of the attack that one in self-defence would answer (domain reference §3.3, step 6).

    ``disproportionate``: it is found, and was answered with more. ``contested``: something may be it, or nothing is
    and another account knows of none. ``not_found``: nothing is it, and no other account contradicts the claim.
    """

    FOUND = "found"
    DISPROPORTIONATE = "disproportionate"
    CONTESTED = "contested"
    NOT_FOUND = "not_found"


class Verdict(StrEnum):
    VIOLATION = "VIOLATION"
    NOT_A_VIOLATION = "NOT_A_VIOLATION"
    CONTESTED = "CONTESTED"
    UNDETERMINED = "UNDETERMINED"
    NOT_ASSESSED = "NOT_ASSESSED"


class Policy(StrEnum):
    """The six coverage policies of domain reference §3.4, all evaluated for every incident."""

    STRICT_EXCLUSION = "strict_exclusion"
    DOMINANCE = "dominance"
    DELINEATED_ONLY = "delineated_only"
    JOINT_IS_COVERED = "joint_is_covered"
    TARGET_BASED = "target_based"
    PRECAUTION = "precaution"


UNDETERMINED_WEAPON = "undetermined_weapon"
UNDETERMINED = "undetermined"


def codes_of(tree: Tree) -> frozenset[str]:
    """Every full dotted code of a tree, with the ``undetermined`` leaf that each level allows."""
    codes: set[str] = set()
    for top, branches in tree.items():
        codes.add(top)
        if branches:
            codes.add(f"{top}.{UNDETERMINED}")
        for branch in branches:
            codes.add(f"{top}.{branch}")
            codes.add(f"{top}.{branch}.{UNDETERMINED}")
    return frozenset(codes)


def families_of(tree: Tree) -> dict[str, str]:
    """Map each leaf word of a two-level tree, and each family itself, to its family."""
    return {leaf: family for family, leaves in tree.items() for leaf in (family, *leaves)}


WEAPON_CODES = codes_of(WEAPONS)
CONDUCT_FAMILY = families_of(CONDUCTS)
TARGET_FAMILY = families_of(TARGETS)


def is_within(code: str, ancestors: Iterable[str]) -> bool:
    """Whether a dotted code equals one of ``ancestors`` or lies below it."""
    return any(code == ancestor or code.startswith(ancestor + ".") for ancestor in ancestors)


@lru_cache(len(WEAPON_CODES))
def top_two_levels(code: str) -> str:
    """A weapon code cut to the two levels that metrics and tallies carry."""
    return ".".join(code.split(".", 2)[:2])
