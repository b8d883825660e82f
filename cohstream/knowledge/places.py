"""The gazetteer: from what a source wrote, and the point it gave, to a place.

What it promises:

* A point decides where. A name beside it only gives the identity, if it lies there.
* A name alone is looked up by keys (``place_names``): same letters, else same sounds, else same consonants, and only
  if the answer is unique. There is no edit distance and no popularity: what stays ambiguous is the unit all
  candidates share, or unknown. The few names that do have a usual meaning (*Aleppo* is the city, *Sinjar* the one in
  Iraq) are marked as such in the data, and a qualifier always wins over the mark.
* Beside a place that is known, what is unknown widens it by a few km; of homonyms listed together, the nearest to the
  clear ones are meant. A hospital goes by its neighbourhood or town, so that accounts of one strike meet there.
* Administrative codes are the OCHA P-codes of the *nearest known* subdistrict centroid or settlement, not of a
  boundary: boundaries whose licence allows shipping are not at hand. Near a border the code may be the neighbour's.
* Nothing is read after ``load``: ``resolve`` is a pure function of its arguments and the data.

Notices (``word:text``): ``unknown_place``, ``ambiguous_place``, ``several_places``, ``usual_meaning`` (of homonyms,
the marked one), ``place_within`` (only the surrounding unit is known), ``place_near`` (only a neighbour or a direction
is known), ``point_and_name_differ`` (more than 25 km apart), ``half_a_point`` (a latitude or a longitude alone).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from cohstream.domain.place import UNKNOWN_PLACE, Place
from cohstream.knowledge.place_choice import (
    SITES,
    UNITS,
    GazetteerEntry,
    choose,
    circle,
    common_unit,
    is_within,
    km_apart,
    same_place,
    within_or_at_the_city,
)
from cohstream.knowledge.place_names import exact_key, place_keys
from cohstream.knowledge.place_points import Nearest, distance_km, geohash
from cohstream.knowledge.place_text import Hint, Relation, Segment, read_place

COARSE_KM = 25.0
NEAREST_SETTLEMENT_KM = 2.5
ANCHOR_KM = 35.0
FOREIGN_KM = 60.0
SLACK_KM = 3.0
POINT_RADIUS_KM = 2.0
NEAR_KM = 8.0
OFF_KM = 20.0
MISSING_KM = 5.0
TOGETHER_KM = 30.0
ONE_SPOT_KM = 5.0
BORDER_KM = 12.0
_SYRIA = (32.2, 37.4, 35.6, 42.5)
_CACHE_SIZE = 1 << 16


class _Answer(NamedTuple):
    """What a text means: one entry, or several in a circle; ``wider_km`` is added to the radius."""

    entries: tuple[GazetteerEntry, ...]
    notices: tuple[str, ...] = ()
    wider_km: float = 0.0
    exactly: bool = True


_NOTHING = _Answer(())


def _unknown(text: str) -> _Answer:
    return _Answer((), (f"unknown_place:{text}",))


def _ambiguous(text: str, candidates: Sequence[GazetteerEntry]) -> _Answer:
    shared, _ = common_unit(candidates)
    return _Answer(tuple(candidates) if shared else (), (f"ambiguous_place:{text}",), exactly=False)


def _reach(answer: _Answer) -> float:
    if len(answer.entries) != 1:
        return float("inf")
    return (answer.entries[0].radius_km or 0.0) + answer.wider_km


class Gazetteer:
    """Named places with positions and administrative codes; see the module's promises."""

    def __init__(self, entries: Iterable[GazetteerEntry]) -> None:
        self._entries = tuple(entries)
        self._by_id = {entry.place_id: entry for entry in self._entries}
        self._tiers: tuple[dict[str, list[GazetteerEntry]], ...] = ({}, {}, {})
        for entry in self._entries:
            self._index(entry)
        at_home = [e for e in self._entries if e.country == "SY" and e.lat is not None]
        abroad = [e for e in self._entries if e.country != "SY" and e.level == "settlement"]
        self._settlements = Nearest([e for e in at_home if e.level in ("settlement", "neighbourhood")] + abroad)
        self._anchors = Nearest(e for e in at_home if e.admin2 and e.level not in ("district", "feature"))
        self._foreign = Nearest(abroad)
        self._small_towns: dict[str, list[GazetteerEntry]] = {}
        for entry in at_home:
            if entry.level == "settlement" and (entry.radius_km or 0.0) <= ONE_SPOT_KM:
                self._small_towns.setdefault(entry.admin2, []).append(entry)
        self._governorates = {
            unit: Nearest(e for e in at_home if e.admin1 == unit and e.level == "settlement")
            for unit in {e.admin1 for e in at_home}
        }
        self._read = lru_cache(maxsize=_CACHE_SIZE)(self._read_uncached)
        self._candidates = lru_cache(maxsize=_CACHE_SIZE)(self._candidates_uncached)

    @classmethod
    def load(cls) -> Gazetteer:
        """The gazetteer that ships with the package."""
        table = resources.files("cohstream").joinpath("knowledge/data/places.csv").read_text(encoding="utf-8")
        return cls(_entry(row) for row in csv.DictReader(table.splitlines()))

    def places(self) -> Iterable[GazetteerEntry]:
        """Every entry, in the file's order."""
        return self._entries

    def names_of(self, place_id: str) -> tuple[str, ...]:
        """Name, Arabic name and other spellings of a place; empty for an id that is not in the gazetteer."""
        entry = self._by_id.get(place_id)
        return () if entry is None else tuple(n for n in (entry.name, entry.name_ar, *entry.aliases) if n)

    def resolve(
        self, text: str | None, lat: float | None, lon: float | None, radius_km: float | None
    ) -> tuple[Place, tuple[str, ...]]:
        """The place meant by a text, a point (degrees WGS-84, with its radius in km), or both; and the notices.

        Never raises: what cannot be resolved is unknown, keeps the text as its name, and says so.
        """
        text = text.strip() if text else ""
        if lat is None or lon is None:
            half = () if lat is None and lon is None else (f"half_a_point:{lat if lon is None else lon}",)
            if not text:
                return UNKNOWN_PLACE, half
            answer = self._read(text)
            return self._named(text, answer, radius_km), answer.notices + half
        return self._pointed(text, self._read(text) if text else _NOTHING, lat, lon, radius_km)

    # --- a point ---

    def _pointed(
        self, text: str, answer: _Answer, lat: float, lon: float, radius_km: float | None
    ) -> tuple[Place, tuple[str, ...]]:
        stated = POINT_RADIUS_KM if radius_km is None else radius_km
        named = answer.entries[0] if len(answer.entries) == 1 and answer.exactly else None
        notices: tuple[str, ...] = ()
        radius, here = radius_km, None
        if named is not None and named.lat is not None and named.lon is not None and named.radius_km is not None:
            apart = distance_km(lat, lon, named.lat, named.lon)
            reach = stated + named.radius_km + answer.wider_km + SLACK_KM
            if apart > max(reach, COARSE_KM) and not self._also_a_unit_there(named, lat, lon):
                notices = (f"point_and_name_differ:{text}",)
            if apart <= reach and named.level in UNITS and radius is None:
                radius = named.radius_km
            if apart <= reach and (named.level in SITES or (radius or 0.0) >= COARSE_KM):
                here = named
        if here is None and text and (here := self._namesake_at(text, lat, lon, stated)) is not None:
            notices = ()
        if radius is None and here is not None and here.level in SITES:
            radius = here.radius_km
        if here is None and (found := self._settlements.find(lat, lon, NEAREST_SETTLEMENT_KM)) is not None:
            here = found[0]
        radius = POINT_RADIUS_KM if radius is None else radius
        admin1, admin2, area = (here.admin1, here.admin2, here.area) if here else self._units_at(lat, lon)
        if radius >= COARSE_KM and admin1:
            admin2 = ""
        identity, name = (here.place_id, here.name) if here else ("", text)
        return Place(identity, name, lat, lon, radius, admin1, admin2, area), notices

    def _namesake_at(self, text: str, lat: float, lon: float, radius_km: float) -> GazetteerEntry | None:
        """Of the sites a text may name first, the one at the point: a point settles which homonym is meant."""
        items = read_place(text)
        if len(items) != 1:
            return None
        near = []
        for entry in self._find(items[0][0]):
            if entry.level in SITES and entry.lat is not None and entry.lon is not None:
                apart = distance_km(lat, lon, entry.lat, entry.lon)
                if apart <= radius_km + (entry.radius_km or 0.0) + SLACK_KM:
                    near.append((apart, entry.place_id, entry))
        return min(near)[2] if near else None

    def _also_a_unit_there(self, named: GazetteerEntry, lat: float, lon: float) -> bool:
        """Whether the name is also that of the governorate or district the point lies in (*Aleppo*, say)."""
        admin1, admin2, _ = self._units_at(lat, lon)
        namesakes = self._tiers[0].get(exact_key(named.name), ())
        return any(e.place_id in (admin1, admin2) for e in namesakes if e.level in UNITS)

    def _units_at(self, lat: float, lon: float) -> tuple[str, str, str]:
        """Governorate, district and fusion area of a point, by the nearest known place (module docstring)."""
        south, north, west, east = _SYRIA
        anchor = self._anchors.find(lat, lon, ANCHOR_KM) if south <= lat <= north and west <= lon <= east else None
        foreign = self._foreign.find(lat, lon, FOREIGN_KM)
        if anchor is not None and (foreign is None or anchor[1] <= foreign[1]):
            return anchor[0].admin1, anchor[0].admin2, anchor[0].admin1
        if foreign is not None:
            return "", "", foreign[0].area
        return "", "", f"cell:{geohash(lat, lon)}"

    # --- a name ---

    def _named(self, text: str, answer: _Answer, radius_km: float | None) -> Place:
        if not answer.entries:
            return UNKNOWN_PLACE._replace(name=text)
        if len(answer.entries) > 1:
            return self._together(text, answer, radius_km)
        entry = answer.entries[0]
        radius = None if entry.radius_km is None else max(entry.radius_km + answer.wider_km, radius_km or 0.0)
        wide = bool(entry.admin1) and radius_km is not None and radius_km >= COARSE_KM
        admin2 = "" if wide else entry.admin2
        identity, name = (entry.place_id, entry.name) if answer.exactly else ("", text)
        return Place(identity, name, entry.lat, entry.lon, radius, entry.admin1, admin2, entry.area)

    def _together(self, text: str, answer: _Answer, radius_km: float | None) -> Place:
        """Several places as one: the unit they share, and the circle around them.

        What lies within a few km is one spot for our purpose, and goes by the town around it or the place named first.
        """
        round_them = circle(answer.entries)
        if round_them is None:
            return UNKNOWN_PLACE._replace(name=text)
        lat, lon, radius = round_them
        admin1, admin2 = common_unit(answer.entries)
        areas = {e.area for e in answer.entries}
        shared = areas.pop() if len(areas) == 1 else "unknown"
        area = admin1 or shared
        radius = max(radius + answer.wider_km, radius_km or 0.0)
        identity = admin2 or admin1
        if admin1 and radius <= ONE_SPOT_KM and answer.entries[0].level in SITES:
            identity = self._town_of(answer.entries).place_id
        return Place(identity, text, lat, lon, radius, admin1, admin2, area)

    def _town_of(self, entries: Sequence[GazetteerEntry]) -> GazetteerEntry:
        """The small town that all entries lie in, else the first of them."""
        first = entries[0]
        for town in self._small_towns.get(first.admin2, ()):
            if all(e is town or (e.level != "settlement" and is_within(e, town)) for e in entries):
                return town
        return first

    def _read_uncached(self, text: str) -> _Answer:
        namesakes = self._tiers[0].get(exact_key(text), ())
        if len(whole := choose(namesakes, Hint.NONE)) == 1:
            return self._one(text, whole[0], namesakes)
        items = read_place(text)
        if len(items) > 1:
            answers = [self._read_item(item[0].full, item) for item in items]
            found = self._by_the_others(
                [(answer.entries, self._find(item[0])) for item, answer in zip(items, answers, strict=True)]
            )
            again = [
                a if len(a.entries) == 1 or not f else _Answer(f, exactly=False)
                for a, f in zip(answers, found, strict=True)
            ]
            return self._list(text, [(item[0], answer) for item, answer in zip(items, again, strict=True)])
        return self._read_item(text, items[0]) if items else _unknown(text)

    def _read_item(self, text: str, item: tuple[Segment, ...]) -> _Answer:
        head = item[0] if item[0].relation is Relation.IS else None
        known = [(segment, found) for segment in item[1 if head else 0 :] if (found := self._find(segment))]
        if head is None:
            alone = self._qualified(known)
            listed = None if alone else self._several(text, [segment for segment, _ in known])
            return listed or self._beside(text, alone or known)
        for candidates in self._candidates(head):
            fitting = [c for c in candidates if all(_fits(c, segment, found) for segment, found in known)]
            picked = choose(fitting, self._hint(head))
            if len(picked) == 1:
                return _Answer(picked) if known else self._one(text, picked[0], candidates)
            if picked:
                return _ambiguous(text, picked)
        if (beyond := self._across_a_border(head, known)) is not None:
            return _Answer((beyond,))
        parts = [segment for segment in item if segment.relation is Relation.IS]
        return self._several(text, parts) or (self._beside(text, known, head) if known else _unknown(text))

    def _several(self, text: str, parts: Sequence[Segment]) -> _Answer | None:
        """The reading of "Anadan, Hayyan, Tamura" as a list, of "Raqqa: Rumaila" as the smaller; none if neither fits.

        What contains another place of the list is left out; so is a homonym outside the others' governorates.
        """
        if len(parts) < 2:
            return None
        found = [(segment, choose(self._find(segment), self._hint(segment))) for segment in parts]
        found = list(zip(parts, self._by_the_others([(picked, picked) for _, picked in found]), strict=True))
        units = {picked[0].admin1 for _, picked in found if len(picked) == 1}
        found = [(s, tuple(e for e in p if len(p) == 1 or e.admin1 in units)) for s, p in found]
        sites = [picked[0] for _, picked in found if len(picked) == 1]
        if any(e.level == "country" for e in sites):
            return None
        inner = [e for e in sites if not any(is_within(other, e) for other in sites if other is not e)]
        if len(inner) > 1:
            if parts[0].relation is Relation.IS and len({e.level in SITES for e in inner}) > 1:
                return None  # "Harasta, Idlib governorate" contradicts itself
            kept = [(s, _Answer(p) if len(p) == 1 else _NOTHING) for s, p in found if len(p) != 1 or p[0] in inner]
            return self._list(text, kept)
        return _Answer(tuple(inner)) if len(sites) == len(parts) and inner else None

    def _by_the_others(
        self, found: Sequence[tuple[Sequence[GazetteerEntry], Sequence[GazetteerEntry]]]
    ) -> list[tuple[GazetteerEntry, ...]]:
        """Of names listed together, each (as read, what it may mean) as the one nearest to the clear ones."""
        clear = [read[0] for read, _ in found if len(read) == 1 and read[0].level in SITES]
        chosen = []
        for read, possible in found:
            near = [
                (min(km_apart(e, other) for other in clear), e.place_id, e)
                for e in possible
                if clear and len(read) != 1 and e.level in SITES
            ]
            best = min(near, default=None)
            chosen.append((best[2],) if best is not None and best[0] <= TOGETHER_KM else tuple(read))
        return chosen

    def _qualified(
        self, known: Sequence[tuple[Segment, Sequence[GazetteerEntry]]]
    ) -> list[tuple[Segment, Sequence[GazetteerEntry]]]:
        """Of "near Babis, western Aleppo" the part that places it, if the rest only says where that is; else none."""
        if len(known) < 2 or known[0][0].relation is Relation.IS:
            return []
        (first, found), *rest = known
        fitting = [c for c in found if c.level in SITES and all(_fits(c, segment, others) for segment, others in rest)]
        picked = choose(fitting, self._hint(first))
        return [(first, picked)] if len(picked) == 1 else []

    def _across_a_border(
        self, head: Segment, known: Sequence[tuple[Segment, Sequence[GazetteerEntry]]]
    ) -> GazetteerEntry | None:
        """The one site of that name a few km outside the governorate named: sources and our codes err near borders."""
        found = [e for e in self._find(head) if e.level in SITES]
        if len(found) != 1 or not known or found[0].lat is None or found[0].lon is None:
            return None
        site, lat, lon = found[0], found[0].lat, found[0].lon
        for segment, others in known:
            units = {e.admin1 for e in others if e.level == "governorate"}
            if not _fits(site, segment, others) and not any(
                self._governorates[unit].find(lat, lon, BORDER_KM) for unit in units
            ):
                return None
        return site

    def _one(self, text: str, picked: GazetteerEntry, candidates: Sequence[GazetteerEntry]) -> _Answer:
        """A name that stands alone; says so if the data's mark decided between homonyms."""
        decided = picked.usual and any(not same_place(picked, other) for other in candidates if other is not picked)
        return _Answer((picked,), (f"usual_meaning:{text}",) if decided else ())

    def _list(self, text: str, answers: Sequence[tuple[Segment, _Answer]]) -> _Answer:
        """Several places in one text: together, and wider if not all of them are known; a building hardly widens."""
        found = {e.place_id: _wider(e, answer.wider_km) for _, answer in answers for e in answer.entries}
        missing = [segment for segment, answer in answers if not answer.entries]
        notices = (f"several_places:{text}", *(f"unknown_place:{segment.full}" for segment in missing))
        villages = [segment for segment in missing if segment.hint is not Hint.SITE]
        more = MISSING_KM if any(e.level in SITES for e in found.values()) else OFF_KM
        exactly = (
            len(found) == 1 and not villages and all(answer.exactly or not answer.entries for _, answer in answers)
        )
        return _Answer(tuple(found.values()), notices, more if villages else 0.0, exactly)

    def _beside(
        self, text: str, known: Sequence[tuple[Segment, Sequence[GazetteerEntry]]], head: Segment | None = None
    ) -> _Answer:
        """Only what surrounds the place is known, or what it is near to; the narrowest such reading counts.

        With an unknown head, "in Idlib" and ", Idlib" mean the governorate: the unknown may be any village of it.
        """
        best: _Answer | None = None
        for segment, found in known:
            around = segment.relation in (Relation.IS, Relation.IN)
            hint = self._hint(segment)
            if around and Hint.SITE in (hint, head.hint if head else Hint.NONE) and hint in (Hint.NONE, Hint.SITE):
                hint = within_or_at_the_city(found)
            elif head is not None and head.hint is not Hint.DISTRICT and around and hint is Hint.NONE:
                hint = Hint.WIDE
            picked = choose(found, hint)
            if len(picked) != 1:
                best = best or _ambiguous(text, picked)
                continue
            by_itself = head is None and segment.relation is not Relation.OFF
            wider = {Relation.NEAR: NEAR_KM, Relation.OFF: OFF_KM}.get(segment.relation, 0.0)
            notice = f"place_{'within' if around else 'near'}:{text}"
            answer = _Answer(picked, () if by_itself else (notice,), wider, by_itself or around)
            if best is None or _reach(answer) < _reach(best):
                best = answer
        return best or _unknown(text)

    # --- the index ---

    def _index(self, entry: GazetteerEntry) -> None:
        """Files an entry under its keys; abroad, only where our sources name many places, under the coarser ones."""
        for name in (entry.name, entry.name_ar, *entry.aliases):
            keys = place_keys(name) if name else ()
            for tier, key in zip(self._tiers, keys if entry.country in ("SY", "IQ") else keys[:1], strict=False):
                bucket = tier.setdefault(key, []) if key else []
                if entry not in bucket:
                    bucket.append(entry)

    def _candidates_uncached(self, segment: Segment) -> tuple[Sequence[GazetteerEntry], ...]:
        """What a segment may name, one reading after another, the strictest first."""
        names = (segment.full,) if segment.full == segment.bare else (segment.full, segment.bare)
        keys = [place_keys(name) for name in names]
        sure = self._tiers[: 2 if segment.hint is Hint.SITE else 3]  # a building's own name is no misspelt town
        return tuple(found for n, tier in enumerate(sure) for key in keys if (found := tier.get(key[n], ())))

    def _hint(self, segment: Segment) -> Hint:
        """What the words around a name say, unless they belong to it (*West Aleppo*)."""
        whole = segment.full != segment.bare and exact_key(segment.full) in self._tiers[0]
        return Hint.NONE if whole else segment.hint

    def _find(self, segment: Segment) -> Sequence[GazetteerEntry]:
        return next(iter(self._candidates(segment)), ())


def _wider(entry: GazetteerEntry, by_km: float) -> GazetteerEntry:
    return entry if entry.radius_km is None else entry._replace(radius_km=entry.radius_km + by_km)


def _fits(candidate: GazetteerEntry, segment: Segment, found: Sequence[GazetteerEntry]) -> bool:
    """Whether a candidate agrees with one qualifier, in any of the qualifier's readings."""
    near = {Relation.NEAR: 25.0, Relation.OFF: 70.0}.get(segment.relation)
    if near is not None:
        return any(km_apart(candidate, other) <= near or is_within(candidate, other) for other in found)
    return any(is_within(candidate, other) for other in found)


def _entry(row: dict[str, str]) -> GazetteerEntry:
    lat, lon, radius = (float(row[k]) if row[k] else None for k in ("lat", "lon", "radius_km"))
    aliases = tuple(row["aliases"].split("|")) if row["aliases"] else ()
    return GazetteerEntry(
        row["place_id"], row["name"], row["name_ar"], lat, lon, radius, row["level"], row["country"], row["admin1"],
        row["admin2"], bool(row["usual"]), aliases,
    )  # fmt: skip
