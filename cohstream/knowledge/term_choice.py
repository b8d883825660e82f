"""Which code stands for a text that names several weapons or targets, and which spellings a code has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cohstream.domain.vocabulary import TARGET_FAMILY, UNDETERMINED, UNDETERMINED_WEAPON, is_within

EXPLOSION = "undetermined_explosion"
PROTECTION_ORDER = ("protected", "civilian")
"""Where one text names several targets that were hit, the one under the stronger protection stands for the report."""


class Named(NamedTuple):
    """What a target phrase means; a ``weak`` one counts only where the text names no other."""

    code: str
    weak: bool


def plain_code(code: str) -> str:
    return code.strip().casefold().replace("-", "_").replace(" ", "_")


def code_spellings(codes: Iterable[str], spellings: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Every legal code by itself, by its declared spellings, and by its leaf where only one code has that leaf."""
    known = {code: code for code in codes}
    known |= {plain_code(spelling): code for code, others in spellings.items() for spelling in others}
    leaves: dict[str, list[str]] = {}
    for code in known.values():
        leaves.setdefault(code.rsplit(".", 1)[-1], []).append(code)
    for leaf, owners in leaves.items():
        if len(set(owners)) == 1 and leaf != UNDETERMINED:
            known.setdefault(leaf, owners[0])
    return known


def common_ancestor(told: set[str], one_more: set[str]) -> tuple[str, bool]:
    """The one code that all of ``told`` agree on, and whether they were several rival ones.

    A general word gives way to a special one ("air strike with barrel bombs"), unless it is joined as ``one_more``
    ("air strikes and barrel bombs"); an explosion gives way to everything.
    """
    if UNDETERMINED_WEAPON in one_more:
        return UNDETERMINED_WEAPON, True
    codes = told - {EXPLOSION} or told
    general = {code.removesuffix(f".{UNDETERMINED}") for code in codes}
    leaves = {one for one in general if not any(other != one and is_within(other, (one,)) for other in general)}
    leaves |= {code.removesuffix(f".{UNDETERMINED}") for code in codes & one_more}
    if len(leaves) == 1:
        leaf = leaves.pop()
        return (leaf if leaf in codes else f"{leaf}.{UNDETERMINED}"), False
    if not leaves:
        return UNDETERMINED_WEAPON, False
    shared: list[str] = []
    for steps in zip(*(leaf.split(".") for leaf in leaves), strict=False):
        if len(set(steps)) > 1:
            break
        shared.append(steps[0])
    if not shared:
        return UNDETERMINED_WEAPON, True
    return (".".join(shared) if len(shared) > 1 else f"{shared[0]}.{UNDETERMINED}"), True


def most_protected(named: list[Named]) -> tuple[str, bool]:
    """The code that stands for all that is named, in text order, and whether they were several rival ones."""
    strong = [one.code for one in named if not one.weak]
    has_force = any(TARGET_FAMILY[code] == "force" for code in strong)
    weak = [
        one.code for one in named if one.weak and (not strong or (TARGET_FAMILY[one.code] == "force" and not has_force))
    ]
    codes = list(dict.fromkeys((*strong, *weak)))
    if len(codes) < 2:
        return (codes[0] if codes else UNDETERMINED), False
    families = {TARGET_FAMILY[code] for code in codes}
    if families == {"force"}:
        return "military_position", True
    for family in PROTECTION_ORDER:
        if families <= {*PROTECTION_ORDER, "terrain"} and family in families:
            return next(code for code in codes if TARGET_FAMILY[code] == family), True
    return UNDETERMINED, True
