"""Takes apart what a source wrote as a place: lists, heads, qualifiers and the words around a name.

``read_place`` turns "Kamouna camp near Sarmada, Idlib province; Harasta" into two items, the first with the segments
Kamouna camp (the head), Sarmada (near) and Idlib (wide). Nothing is looked up here.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple


class Relation(Enum):
    """How a segment stands to the place meant."""

    IS = "is"
    """The place itself, or after a comma the unit it lies in."""
    IN = "in"
    NEAR = "near"
    OFF = "off"
    """In a direction from it ("south of Aleppo"), at an unstated distance."""


class Hint(Enum):
    """What the words around a name say about the kind of place."""

    NONE = ""
    WIDE = "wide"
    """A province, a countryside, "northern ...": the largest unit of that name."""
    DISTRICT = "district"
    """A district or a neighbourhood."""
    SUBDISTRICT = "subdistrict"
    TOWN = "town"


class Segment(NamedTuple):
    """One name: as written (``full``), without the words around it (``bare``), and what those words say."""

    relation: Relation
    full: str
    bare: str
    hint: Hint


_DIRECTION = r"(?:north|south|east|west)(?:[- ]?(?:north|south|east|west))?(?:ern)?"
_LIST = re.compile(r"\s*[;/&\n•|]\s*|\s+and\s+|\s+و\s+", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,،:]\s*|\s+[-–—]\s+")
_BRACKETED = re.compile(r"\[[^\]]*\]|\((?:sic|[^)]*location[^)]*)\)", re.IGNORECASE)
_ORIGIN = re.compile(r"(?<=\w)[,\s]+(?:seen\s+)?from\s+[^,;(]*", re.IGNORECASE)
_REMARK = re.compile(r"\s*\bsaid (?=in\b)", re.IGNORECASE)
_RELATION = re.compile(
    rf"(?P<off>\b(?:to the |in the |in )?{_DIRECTION} of\b|(?<!\w)(?:شمال|جنوب|شرق|غرب)(?!\w))"
    r"|(?P<near>\b(?:near(?: to)?|close to|next to|outside(?: of)?|around|overlooking"
    r"|(?:outskirts|surroundings|vicinity) of)\b|(?<!\w)(?:قرب|محيط|بالقرب من)(?!\w))"
    r"|(?P<in>\b(?:in|inside|within|of)\b(?: the\b)?|(?<!\w)في(?!\w))",
    re.IGNORECASE,
)
_HINT_WORDS = {
    Hint.WIDE: "province provinces governorate governorates countryside rural rif reef region suburbs mountains "
    "towns villages north south east west northern southern eastern western northeast northwest southeast southwest "
    "northeastern northwestern southeastern southwestern central محافظة ريف الشمالي الجنوبي الشرقي الغربي شمالي جنوبي",
    Hint.DISTRICT: "district districts neighbourhood neighbourhoods neighborhood neighborhoods quarter quarters "
    "حي منطقة",
    Hint.SUBDISTRICT: "subdistrict sub-district nahiya nahiyah ناحية",
    Hint.TOWN: "city town village hamlet مدينة بلدة قرية",
}
_HINTS = {word: hint for hint, listed in _HINT_WORDS.items() for word in listed.split()}
_FILLER_WORDS = (
    "the a several multiple various some many other others residential area areas popular market markets army military "
    "checkpoint convoy front axis surroundings farms centre center positions fighters rebel-held government-held "
    "besieged busy refugee main syrian parts part incl including one two three four five six locality camp base road "
    "highway between إلى الطريق بين"
)
_FILLER = frozenset(_FILLER_WORDS.split())
_PLURAL_WIDE = re.compile(r"\b(?:provinces|governorates|countryside)\s*$", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def read_place(text: str) -> tuple[tuple[Segment, ...], ...]:
    """The items of ``text``, each a tuple of segments; an item's head, if it has one, comes first."""
    text = _BRACKETED.sub(" ", _MARKS.sub("", text))
    text = _REMARK.sub("", _ORIGIN.sub("", text)).replace("(", ", ").replace(")", " ")
    pieces = [p for p in _LIST.split(_BARE_NUMBER.sub(" ", text)) if p.strip()]
    shared = Hint.WIDE if len(pieces) > 1 and _PLURAL_WIDE.search(pieces[-1]) else Hint.NONE
    items = (_read_item(piece, shared) for piece in pieces)
    return tuple(item for item in items if item)


def _read_item(piece: str, shared: Hint) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    vague = False
    for part in _PARTS.split(piece):
        relation, start = (Relation.IN if vague and not segments else Relation.IS), 0
        vague = vague and not segments
        for match in _RELATION.finditer(part):
            vague |= _add(segments, relation, part[start : match.start()], shared)
            relation, start = Relation(str(match.lastgroup)), match.end()
        vague |= _add(segments, relation, part[start:], Hint.WIDE if vague else shared) and not segments
    return tuple(segments)


def _add(segments: list[Segment], relation: Relation, text: str, shared: Hint) -> bool:
    """Adds a segment unless only general words are left; says whether they are, and of no single town."""
    full = text.strip(" .'\"")
    tokens = full.split()
    hint = shared
    while tokens and (word := _general(tokens[0])) is not None:
        hint = hint if word is Hint.NONE else word
        tokens = tokens[1:]
    while tokens and (word := _general(tokens[-1])) is not None:
        hint = hint if word is Hint.NONE or hint is Hint.WIDE else word
        tokens = tokens[:-1]
    if tokens:
        segments.append(Segment(relation, full, " ".join(tokens), hint))
        return False
    if full and relation is not Relation.IS:
        segments.append(Segment(relation, full, full, hint))
    return bool(full) and hint is not Hint.TOWN


def _general(word: str) -> Hint | None:
    lowered = word.lower().strip("'’.")
    if lowered in _FILLER:
        return Hint.NONE
    direction = lowered.replace("-", "")
    return _HINTS.get(lowered) or _HINTS.get(direction)
