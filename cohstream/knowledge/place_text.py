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
    SITE = "site"
    """A building or a part of a town: a hospital, a market, an entrance."""


class Segment(NamedTuple):
    """One name: as written (``full``), without the words around it (``bare``), and what those words say."""

    relation: Relation
    full: str
    bare: str
    hint: Hint


_DIRECTION = r"(?:north|south|east|west)(?:[- ]?(?:north|south|east|west))?(?:ern)?"
_LIST = re.compile(r"\s*[;/&\n•|]\s*|\s+and\s+|\s+و\s+", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,،:]\s*|\s+[-–—]\s+")
_BRACKETED = re.compile(r"\[[^\]]*\]|\((?:sic|said\b[^)]*|[^)]*location[^)]*)\)", re.IGNORECASE)
_MISTAKEN = re.compile(r"\s*\bin\s+[^,;()]*\(sic\)", re.IGNORECASE)
_STARTS_FROM = re.compile(r"^\s*from\s+(?!near\b)", re.IGNORECASE)
_ORIGIN = re.compile(r"(?<=\w)[,\s]+(?:seen\s+)?from\s+[^,;(]*", re.IGNORECASE)
_REMARK = re.compile(r"\s*\bsaid (?=in\b)", re.IGNORECASE)
_APPOSITION = re.compile(
    r"\b(?:town|village|city|neighbou?rhood|(?:towns|villages|cities|neighbou?rhoods)(?= of [^,;]+ and )) of\s+"
    r"(?:the\s+)?",
    re.IGNORECASE,
)
_AIR_BASE = re.compile(r"\bmilitary (?:airport|airfield|air ?base)\b|\bairbase\b|\bairfield\b", re.IGNORECASE)
_AIR_BASE_OF = re.compile(r"\bair base of\s+(?P<name>[\w' -]+)")
_SHARED_KIND = re.compile(
    r"^(?P<names>[^;(/\d]*?(?:,|\band\b)[^;(/\d]*?)(?<=\w)\s+(?P<kind>hospital|school|camp|mosque)s\b", re.IGNORECASE
)
_NAMES = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
_PART_OF_CITY = r"(?:sides?|parts?|areas?|districts?|neighbou?rhoods?|quarters?|sectors?|half)"
_SIDE_OF_ALEPPO = re.compile(
    r"\b(?:(?P<west>government|regime|army)|rebel|opposition|insurgent)"
    rf"(?:[- ](?:held|controlled|run)(?:\s+{_PART_OF_CITY})?|\s+{_PART_OF_CITY})(?:\s+(?:of|in)\s+|\s*,\s*|\s+)"
    r"(?:the city of\s+)?(?:(?:ea|we)st(?:ern)?\s+)?Aleppo\b(?:\s+city)?"
    r"(?!\s+(?:province|governorate|countryside|suburb|region))",
    re.IGNORECASE,
)
"""Before 2017 a side of Aleppo is as good as a name."""
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
    "northeastern northwestern southeastern southwestern محافظة ريف الشمالي الجنوبي الشرقي الغربي شمالي جنوبي",
    Hint.DISTRICT: "district districts neighbourhood neighbourhoods neighborhood neighborhoods quarter quarters "
    "hay hayy hai حي منطقة",
    Hint.SUBDISTRICT: "subdistrict sub-district nahiya nahiyah ناحية",
    Hint.TOWN: "city town village hamlet central downtown مدينة بلدة قرية",
    Hint.SITE: "hospital hospitals clinic clinics ward maternity paediatric pediatric children's childrens surgical "
    "medical health school schools mosque church market markets square roundabout street bakery building buildings "
    "house houses homes entrance exit residential centre center مشفى مستشفى مدرسة مسجد سوق شارع دوار ساحة",
}
_HINTS = {word: hint for hint, listed in _HINT_WORDS.items() for word in listed.split()}
_FILLER_WORDS = (
    "the a several multiple various some many other others area areas popular army military field civilian vegetable "
    "checkpoint convoy front frontline axis surroundings surrounding environs outskirts its their nearby neighbouring "
    "neighboring adjacent farms positions fighters kurdish besieged busy refugee main syrian parts part side incl "
    "including one two three four five six locality camp base road highway between إلى الطريق بين"
)
_FILLER = frozenset(_FILLER_WORDS.split())
_NAMED_AFTER = frozenset({"street", "square", "roundabout"})
"""What bears the name of a place that it is not in: Tal Abyad street is in Raqqa."""
_HELD = re.compile(r"\w+-(?:held|controlled|run|besieged)")
_SOME_VILLAGE = re.compile(r"\b(?:town|village|hamlet)\b|بلدة|قرية", re.IGNORECASE)
_PLURAL_WIDE = re.compile(r"\b(?:provinces|governorates|countryside)\s*$", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def read_place(text: str) -> tuple[tuple[Segment, ...], ...]:
    """The items of ``text``, each a tuple of segments; an item's head, if it has one, comes first."""
    text = _BRACKETED.sub(" ", _MISTAKEN.sub("", _MARKS.sub("", text)))
    text = _ORIGIN.sub("", _STARTS_FROM.sub("near ", _REMARK.sub("", text)))
    text = _SIDE_OF_ALEPPO.sub(lambda m: "West Aleppo" if m["west"] else "East Aleppo", _APPOSITION.sub("", text))
    text = _AIR_BASE_OF.sub(r"\g<name> air base", _AIR_BASE.sub("air base", text))
    text = _SHARED_KIND.sub(_each_of_the_kind, text).replace("(", ", ").replace(")", " ")
    pieces = [p for p in _LIST.split(_BARE_NUMBER.sub(" ", text)) if p.strip()]
    shared = Hint.WIDE if len(pieces) > 1 and _PLURAL_WIDE.search(pieces[-1]) else Hint.NONE
    items = (_read_item(piece, shared) for piece in pieces)
    return tuple(item for item in items if item)


def _each_of_the_kind(found: re.Match[str]) -> str:
    """Says the kind with each name: of "Bayan and Hakim hospitals", "Bayan hospital and Hakim hospital"."""
    return " and ".join(f"{name} {found['kind']}" for name in _NAMES.split(found["names"]) if name)


def _read_item(piece: str, shared: Hint) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    general = Hint.NONE
    for part in _PARTS.split(piece):
        if segments:
            general = Hint.NONE
        relation, start = (Relation.IS if general is Hint.NONE else Relation.IN), 0
        for match in _RELATION.finditer(part):
            said = _add(segments, relation, part[start : match.start()], shared)
            general = general if said is Hint.NONE else said
            relation, start = Relation(str(match.lastgroup)), match.end()
        carried = general if relation is Relation.IN and general is not Hint.NONE else shared
        said = _add(segments, relation, part[start:], carried)
        general = general if said is Hint.NONE else said
    return tuple(segments)


def _add(segments: list[Segment], relation: Relation, text: str, shared: Hint) -> Hint:
    """Adds a segment unless only general words are left; what those say of a name that follows.

    "Hospital in X" is in the town X if there is one (site), "village in X" is somewhere in the unit X (wide).
    """
    full = text.strip(" .'\"")
    tokens = full.split()
    hint = shared
    while tokens and (word := _general(tokens[0])) is not None:
        hint = hint if word is Hint.NONE else word
        tokens = tokens[1:]
    while len(tokens) > 1 and (word := _general(tokens[-1])) is not None:
        if tokens[-1].lower() in _NAMED_AFTER:
            hint = Hint.SITE
            break
        hint = hint if word is Hint.NONE or hint in (Hint.WIDE, Hint.TOWN) else word
        tokens = tokens[:-1]
    if tokens:
        segments.append(Segment(relation, full, " ".join(tokens), hint))
        return Hint.NONE
    if full and relation is not Relation.IS:
        segments.append(Segment(relation, full, full, hint))
    if not full or (hint is Hint.TOWN and not _SOME_VILLAGE.search(full)):
        return Hint.NONE
    return Hint.SITE if hint in (Hint.SITE, Hint.DISTRICT) else Hint.WIDE


def _general(word: str) -> Hint | None:
    lowered = word.lower().strip("'’.")
    if lowered in _FILLER or _HELD.fullmatch(lowered):
        return Hint.NONE
    direction = lowered.replace("-", "")
    return _HINTS.get(lowered) or _HINTS.get(direction)
