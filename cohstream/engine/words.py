"""The words that an incident goes by: by standing, specificity and protection, never by how many say so.

The rules and where they come from stand in ``docs/evidence.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from cohstream.domain.claim import Claim
from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    UNDETERMINED,
    UNDETERMINED_WEAPON,
    Basis,
    Stake,
    Verification,
)
from cohstream.engine.fuse import SHARPNESS

DISINTERESTED = frozenset({Stake.NEUTRAL_MONITOR, Stake.UN, Stake.SENSOR})
"""Stakes without a side, whose trade is to see or to verify."""

INTERESTED = frozenset({Stake.PARTY, Stake.GUARANTOR, Stake.ALIGNED_MEDIA})
"""Stakes whose own cause gains by what is said."""

STANDING = {
    **dict.fromkeys(DISINTERESTED, 0),
    **dict.fromkeys((Stake.NGO, Stake.NEWS_AGENCY), 1),
    Stake.UNKNOWN: 2,
    **dict.fromkeys(INTERESTED, 2),
}
OF_DISCOUNTED = 3
CHEMICAL = "chemical"

MORE_PROTECTED = {"protected": 0, "civilian": 1, "force": 2, "terrain": 3, UNDETERMINED: 4}
CIVILIAN = frozenset({"protected", "civilian"})
VAGUE_WEAPONS = frozenset({UNDETERMINED_WEAPON, "undetermined_explosion", "non_kinetic"})
OTHER = "other"
EARNED_BY_OTHERS = frozenset({Verification.CORROBORATED, Verification.VERIFIED, Verification.INVESTIGATED})
VERIFYING = frozenset({Stake.SENSOR})
UNGRADED = {None}


def standing(claim: Claim) -> int:
    """How far a claim is heard before others, the least first: by stake; last if it is discounted.

    Who owns up is heard no sooner: that one did it speaks against one's interest, with what and at whom need not.
    """
    return OF_DISCOUNTED if claim.verification is Verification.DISCOUNTED else STANDING[claim.stake]


def conduct_of(members: Sequence[Claim]) -> str:
    """The most specific conduct that those of best standing name, of several that of the most precise account."""
    if len({claim.conduct for claim in members}) == 1:
        return members[0].conduct or OTHER
    named = [(claim, word) for claim in members if (word := claim.conduct or OTHER) != OTHER]
    best = min([standing(claim) for claim, _ in named])
    first = [(claim, word) for claim, word in named if standing(claim) == best]
    families = {word for _, word in first if CONDUCT_FAMILY[word] == word}
    kinds = [one for one in first if one[1] not in families]
    if not kinds:
        kinds = [one for one in named if one[1] not in families and CONDUCT_FAMILY[one[1]] in families]
    return min(kinds or first, key=lambda one: SHARPNESS[one[0].precision])[1]


def target_of(members: Sequence[Claim]) -> str:
    """What was hit: civilian if anybody without an interest says so, then the most protected that anybody names.

    In doubt it was civilian: what is dedicated to civilian purposes is presumed to be no military objective. A hospital
    in a residential area is both, so the one who names it is believed, whoever it is. Who has an interest is heard on
    whether it was military only where nobody else speaks of it.
    """
    if len({claim.target for claim in members}) == 1:
        return members[0].target
    named = [claim for claim in members if claim.target != UNDETERMINED]
    if not named:
        return UNDETERMINED
    best = min([_interest(claim) for claim in named])
    heard = [claim for claim in named if _interest(claim) == best]
    if any([_is_civilian(claim) for claim in heard]):
        heard = [claim for claim in named if _is_civilian(claim) and standing(claim) < OF_DISCOUNTED] or heard
    return min(heard, key=_target_order).target


def _interest(claim: Claim) -> int:
    """The standing of a claim on what was hit: all that have no interest are heard alike."""
    return max(standing(claim), STANDING[Stake.NGO])


def _is_civilian(claim: Claim) -> bool:
    return TARGET_FAMILY[claim.target] in CIVILIAN


def _target_order(claim: Claim) -> tuple[int, bool, int, int]:
    family = TARGET_FAMILY[claim.target]
    return MORE_PROTECTED[family], claim.target == family, standing(claim), SHARPNESS[claim.precision]


def weapon_of(members: Sequence[Claim]) -> str:
    """What those of best standing agree on of the weapon, filled by what others know of it more precisely.

    Of codes that contradict each other what they share is kept, down to nothing. Who names a chemical agent says more
    than who names what carried it.
    """
    if len({claim.weapon for claim in members}) == 1:
        return members[0].weapon
    said = [(standing(claim), claim.weapon.removesuffix("." + UNDETERMINED)) for claim in members]
    named = [(rank, code) for rank, code in said if code not in VAGUE_WEAPONS]
    if not named:
        return min([claim.weapon for claim in members])
    known = ""
    for rank in sorted({rank for rank, _ in named}):
        told = {code for heard, code in named if heard == rank and _is_kind_of(code, known)}
        told = {code for code in told if _is_kind_of(code, CHEMICAL)} or told
        deepest = max(sorted(told), key=lambda code: code.count("."), default=known)
        if not all(_is_kind_of(deepest, code) for code in told):
            known = _shared(sorted(told))
            break
        known = deepest
    return UNDETERMINED_WEAPON if not known else known if "." in known else f"{known}.{UNDETERMINED}"


def _is_kind_of(one: str, other: str) -> bool:
    """Whether a code is another, or a kind of it; every code is a kind of none."""
    return not other or one == other or one.startswith(other + ".")


def _shared(codes: Sequence[str]) -> str:
    """The deepest code that all of ``codes`` are kinds of; empty if there is none."""
    levels = list(zip(*[code.split(".") for code in codes], strict=False))
    return ".".join([parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, levels)])


def verification_of(members: Sequence[Claim], voices: int) -> Verification:
    """The status that the members earn together: their own grades, sensors, independent voices.

    A better grade than alleged that a party, a guarantor or their media give themselves counts only if they own up.
    """
    stated = {_grade(claim) for claim in members}
    sensed = not VERIFYING.isdisjoint([claim.stake for claim in members])
    if stated == UNGRADED and not sensed:
        return Verification.CORROBORATED if voices > 1 else Verification.ALLEGED
    for word in (Verification.INVESTIGATED, Verification.VERIFIED):
        if word in stated:
            return word
    if sensed:
        return Verification.VERIFIED
    if stated == {Verification.DISCOUNTED}:
        return Verification.DISCOUNTED
    if voices > 1 or Verification.CORROBORATED in stated:
        return Verification.CORROBORATED
    return Verification.UNDER_REVIEW if Verification.UNDER_REVIEW in stated else Verification.ALLEGED


def _grade(claim: Claim) -> Verification | None:
    own = claim.verification
    owns_up = Basis.ADMISSION in claim.basis
    return None if own in EARNED_BY_OTHERS and claim.stake in INTERESTED and not owns_up else own
