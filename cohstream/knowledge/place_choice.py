"""Choosing among places of one name, and what several places have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cohstream.knowledge.place_points import distance_km
from cohstream.knowledge.place_text import Hint

SITES = ("neighbourhood", "settlement", "feature", "unplaced")
UNITS = ("subdistrict", "district", "governorate", "country")
SAME_KM = 3.0
AREA_KM = 10.0
"""A site as large as this is an area whose edge nobody drew: a countryside, a plain, a mountain ..."""
AREA_SLACK_KM = 12.0
"""... so that a place this far outside may be said to lie in it."""
_SEAT_KM = 30.0
LARGE_CITY_KM = 5.0
_DAMASCUS = ("SY01", "SY03")
_LEVELS = ("settlement", "feature", "neighbourhood", "unplaced", "subdistrict", "district", "governorate", "country")
_PREFERRED = {
    Hint.DISTRICT: ("neighbourhood", "district"),
    Hint.SUBDISTRICT: ("subdistrict",),
    Hint.WIDE: ("country", "governorate", "district", "subdistrict"),
}
_NOT_MEANT = {Hint.DISTRICT: "settlement", Hint.TOWN: "neighbourhood"}
"""Of a neighbourhood and a town of one name, the one that "X district" or "X town" does not mean."""
_RANKS = {
    hint: {level: n for n, level in enumerate(dict.fromkeys((*_PREFERRED.get(hint, ()), *_LEVELS)))} for hint in Hint
}


class GazetteerEntry(NamedTuple):
    """One place of the gazetteer.

    ``level`` is neighbourhood, settlement, feature, subdistrict, district, governorate, country or ``unplaced``
    (known by name only; no position). ``admin1`` and ``admin2`` are P-codes, empty abroad. ``usual``: of several
    places of this name, the one that a bare mention means.
    """

    place_id: str
    name: str
    name_ar: str
    lat: float | None
    lon: float | None
    radius_km: float | None
    level: str
    country: str
    admin1: str
    admin2: str
    usual: bool
    aliases: tuple[str, ...]

    @property
    def area(self) -> str:
        """The fusion area: governorate, else ``foreign:XX`` or ``unknown``."""
        if self.country != "SY":
            return f"foreign:{self.country}"
        return self.admin1 or "unknown"


def sort_key(entry: GazetteerEntry) -> str:
    """Canonical order of entries."""
    return entry.place_id


def km_apart(a: GazetteerEntry, b: GazetteerEntry) -> float:
    """Distance of two entries' points in km; infinite if one has none."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return float("inf")
    return distance_km(a.lat, a.lon, b.lat, b.lon)


def is_within(inner: GazetteerEntry, outer: GazetteerEntry) -> bool:
    """Whether ``inner`` lies in ``outer``: by codes in a unit, by the circle in a larger site.

    *Damascus* as a qualifier also takes in Rif Dimashq: sources write "Douma, Damascus".
    """
    if outer.level == "country":
        return inner.country == outer.country
    if outer.level == "governorate" or (outer.level == "settlement" and outer.admin1 == "SY01"):
        damascus = outer.admin1 == "SY01" and inner.admin1 in _DAMASCUS
        if inner.admin1 == outer.admin1 or damascus:
            return inner.level != "governorate"
        return False
    if outer.level == "district":
        return inner.admin2 == outer.admin2 and inner.level not in ("district", "governorate")
    inner_km, outer_km = inner.radius_km or 0.0, outer.radius_km or 0.0
    if outer_km <= inner_km or inner.level in ("district", "governorate"):
        return False
    blurred = AREA_SLACK_KM if outer_km >= AREA_KM else 0.0
    return km_apart(inner, outer) <= outer_km + inner_km + blurred


def choose(candidates: Sequence[GazetteerEntry], hint: Hint) -> tuple[GazetteerEntry, ...]:
    """The one place meant, or all that may be meant, or none.

    A site stands for the units around it that bear its name (the town, not its district) unless the hint asks for the
    unit. Sites less than 3 km apart are one place. Of homonyms, a marked one is chosen.
    """
    if len(candidates) <= 1:
        return tuple(candidates)
    ranks = _RANKS[hint]
    if (other := _NOT_MEANT.get(hint)) and len({e.level for e in candidates} & {"neighbourhood", "settlement"}) == 2:
        candidates = [e for e in candidates if e.level != other]
    ranked = sorted(candidates, key=lambda e: (ranks[e.level], e.place_id))
    first = ranked[0]
    rivals = [e for e in ranked[1:] if not same_place(first, e)]
    if not rivals:
        return (first,)
    usual = [e for e in ranked if e.usual]
    if usual and hint in (Hint.NONE, Hint.TOWN, Hint.SITE) and len({e.place_id for e in usual}) == 1:
        return (usual[0],)
    return (first, *rivals)


def within_or_at_the_city(candidates: Sequence[GazetteerEntry]) -> Hint:
    """Of a building in a place with these readings: a large city is meant itself, a smaller seat as its governorate."""
    if any(e.level == "settlement" and (e.radius_km or 0.0) >= LARGE_CITY_KM for e in candidates):
        return Hint.TOWN
    return Hint.WIDE if any(e.level == "governorate" for e in candidates) else Hint.SITE


def same_place(a: GazetteerEntry, b: GazetteerEntry) -> bool:
    """Whether two entries of one name are one place for our purpose: twins, or a town and the unit named after it."""
    if a.level in SITES and b.level in SITES:
        return km_apart(a, b) <= SAME_KM
    if a.country != b.country or a.admin1 != b.admin1:
        return False
    if "governorate" in (a.level, b.level):
        return True
    return a.admin2 == b.admin2 or ("district" not in (a.level, b.level) and km_apart(a, b) <= _SEAT_KM)


def common_unit(entries: Sequence[GazetteerEntry]) -> tuple[str, str]:
    """(governorate, district) that all entries share; ``""`` for what they do not."""
    admin1 = {e.admin1 for e in entries}
    admin2 = {e.admin2 for e in entries}
    if len(admin1) > 1:
        return "", ""
    return admin1.pop(), admin2.pop() if len(admin2) == 1 else ""


def circle(entries: Sequence[GazetteerEntry]) -> tuple[float, float, float] | None:
    """A circle (lat, lon, radius in km) around the entries' mean that covers each with its radius.

    None if one of them has no position.
    """
    points = [(e.lat, e.lon, e.radius_km or 0.0) for e in entries if e.lat is not None and e.lon is not None]
    if len(points) < len(entries) or not points:
        return None
    lat = sum(p[0] for p in points) / len(points)
    lon = sum(p[1] for p in points) / len(points)
    return round(lat, 4), round(lon, 4), round(max(distance_km(lat, lon, p[0], p[1]) + p[2] for p in points), 1)
