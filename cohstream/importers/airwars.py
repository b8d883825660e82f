"""Airwars' incident table (``incidents.csv``): one row an incident as Airwars assessed it from many sources.

Conventions:

* Dates and clock times are local time of Asia/Damascus. Words for parts of a day are hours by ``PARTS_OF_DAY``. A row
  without a date, or with the stand-in date 1970-01-01, is rejected as ``no_event_date``.
* ``report_id`` is ``airwars_id`` (the codes changed over time), revision 0: another export of the same id is
  another version, and the later ``modified`` wins. ``published_at`` and ``received_at`` are the start of the
  day of ``modified``, else of ``published``.
* The table covers foreign forces only. A *contested* row with a single belligerent therefore has a rival who
  is not in it: the report is marked ``contested``, so its attribution never stands, and no rival is supplied.
* An empty strike type is read from the cause of harm; else it is an air strike within the early air series
  (``AIR_SERIES``, told as ``conduct_from_series``); else an attack of unsaid kind (``conduct_not_stated``).
  Several types keep what they share.
* Casualties are civilians; of all persons killed or injured they are the least. Figures whose least is above their
  greatest stay as published under ``extra``, are told, and enter no count.
* The published words of mapped columns stay under ``extra`` too, because the mapping loses detail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from io import BufferedIOBase

from cohstream.domain.vocabulary import TimePrecision
from cohstream.errors import ReportError
from cohstream.importers.airwars_words import (
    AIR_SERIES,
    AIR_SERIES_LAST_YEAR,
    AIR_STRIKE,
    ANY_ATTACK,
    BELLIGERENTS,
    CAUSES,
    CONTESTED_STATUS,
    GRADE_ORDER,
    GRADES,
    PARTS_OF_DAY,
    RADIUS_KM,
    STRIKE_TYPES,
    TARGET_ORDER,
    TARGETS,
    Means,
)
from cohstream.importers.cells import Cells
from cohstream.importers.moments import DAMASCUS, ONE_DAY, Span, at, between, day_start, parse_day, whole_days
from cohstream.importers.quantities import Bounds, bounds
from cohstream.importers.rows import Body, Row
from cohstream.importers.tables import Table, rows_of

SOURCE = "Airwars"
NEEDED = ("airwars_id", "incident_date", "belligerents")
MAPPED = (*NEEDED, "url", "modified", "location_en", "lat", "lon", "date_end")
KEPT = (
    "code",
    "date_type",
    "local_time",
    "time_start",
    "time_end",
    "published",
    "first_report_date",
    "location_ar",
    "region",
    "governorate",
    "country",
    "geo_precision",
    "strike_type",
    "strike_status",
    "civ_harm_reported",
    "evidence_grade",
    "incident_status",
    "cause_of_harm",
    "infrastructure",
    "total_strikes",
    "civ_killed_min",
    "civ_killed_max",
    "civ_injured_min",
    "civ_injured_max",
    "children_killed_min",
    "children_killed_max",
    "mil_killed_min",
    "mil_killed_max",
    "identification",
)
IGNORED = ("n_source_rows",)
"""A count of rows in a companion file of this export: about the file, not about the incident."""

NO_DATE = date(1970, 1, 1)


def read(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """A row for each record of ``stream``. Raises :class:`InputError` as :class:`Table` does."""
    return rows_of(Table(stream, name, NEEDED), (*MAPPED, *KEPT, *IGNORED), report_of)


def report_of(cells: Cells) -> tuple[Body, tuple[str, ...]]:
    """The report that one row makes, and notices. Raises :class:`ReportError` if it makes none."""
    notices: list[str] = []
    report_id = cells.needed("airwars_id")
    occurred = span_of(cells, notices)
    published = cells.text("modified") or cells.text("published")
    published_at = day_start(parse_day(published, "modified"), DAMASCUS) if published else None
    received_at = published_at or occurred.end or occurred.start
    means, weapon_text = means_of(cells, occurred.start.year, notices)
    grade = _grade(cells, notices)
    cells.kept(IGNORED)
    url = cells.text("url")
    body: Body = {
        "source": SOURCE,
        "report_id": report_id,
        "kind": "allegation",
        "published_at": published_at and published_at.isoformat(),
        "received_at": received_at.isoformat(),
        "occurred": occurred.occurred(),
        "place": _place(cells, notices),
        "conduct": means.conduct,
        "weapon": {"text": weapon_text, "class": means.weapon, "count": _strikes(cells)},
        "perpetrator": _perpetrator(cells, grade, notices),
        "target": _target(cells, notices),
        "harm": _harm(cells, notices),
        "stake": "neutral_monitor",
        "verification": GRADES.get(grade) if grade else None,
        "links": [url] if url else [],
        "extra": cells.kept(KEPT) | cells.left(),
    }
    return body, (*occurred.notices, *notices)


def span_of(cells: Cells, notices: list[str]) -> Span:
    """When the incident happened. Raises :class:`ReportError` (``no_event_date``, ``bad_time``, ``contradiction``)."""
    stated, last_day = cells.text("incident_date"), cells.text("date_end")
    day = parse_day(stated, "incident_date") if stated else NO_DATE
    if day == NO_DATE:
        raise ReportError("no_event_date", f"'incident_date' is {stated or 'empty'}; give the day of the incident")
    last = parse_day(last_day, "date_end") if last_day else day
    opens, closes = _clock(cells, "time_start"), _clock(cells, "time_end")
    if opens is not None and closes is not None:
        crosses = last == day and closes < opens
        end = datetime.combine(last + ONE_DAY if crosses else last, closes)
        return between(datetime.combine(day, opens), end, DAMASCUS, TimePrecision.RANGE)
    if last != day:
        return between(day, last, DAMASCUS, TimePrecision.RANGE)
    if cells.text("date_type") == "date_range" and not last_day:
        notices.append("range_without_end")
    return _within_day(day, opens, cells.text("local_time"), notices)


def _within_day(day: date, opens: time | None, said: str | None, notices: list[str]) -> Span:
    if said in PARTS_OF_DAY:
        start, end = (datetime.combine(day, hour) for hour in PARTS_OF_DAY[said])
        if end <= start:
            end += timedelta(days=1)
        return between(start, end, DAMASCUS, TimePrecision.PART_OF_DAY)
    clock = opens or (_time_of(said) if said else None)
    if clock is not None:
        return at(datetime.combine(day, clock), DAMASCUS, TimePrecision.EXACT)
    if said is not None:
        notices.append(f"local_time_not_read:{said[:40]}")
    return whole_days(day, day, DAMASCUS, TimePrecision.DAY)


def _clock(cells: Cells, name: str) -> time | None:
    stated = cells.text(name)
    read = _time_of(stated) if stated else None
    if stated and read is None:
        raise ReportError("bad_time", f"'{name}' is {stated[:40]!r}; write hours and minutes, e.g. 18:30:00")
    return read


def _time_of(text: str) -> time | None:
    try:
        read = time.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo is None and ":" in text else None


def means_of(cells: Cells, year: int, notices: list[str]) -> tuple[Means, str | None]:
    """Conduct and weapon of the row, and the words they were read from."""
    for name, words in (("strike_type", STRIKE_TYPES), ("cause_of_harm", CAUSES)):
        if text := cells.text(name):
            said = [words[one] for one in _listed(text, words, name, notices) if one in words]
            if len(set(said)) > 1:
                notices.append(f"several_of:{name}")
            return (_shared(said) if said else ANY_ATTACK), text
    if (cells.text("code") or "").startswith(AIR_SERIES) and year <= AIR_SERIES_LAST_YEAR:
        notices.append("conduct_from_series")
        return AIR_STRIKE, None
    notices.append("conduct_not_stated")
    return ANY_ATTACK, None


def _shared(said: list[Means]) -> Means:
    """What several words have in common: the same conduct, the same class of weapon; else unsaid."""
    conducts, weapons = {one.conduct for one in said}, {one.weapon for one in said}
    classes = {weapon.split(".")[0] for weapon in weapons}
    weapon = weapons.pop() if len(weapons) == 1 else ANY_ATTACK.weapon
    if weapon == ANY_ATTACK.weapon and len(classes) == 1 and classes != {weapon}:
        weapon = f"{classes.pop()}.undetermined"
    return Means(conducts.pop() if len(conducts) == 1 else ANY_ATTACK.conduct, weapon)


def _listed(text: str, words: Collection[str], name: str, notices: list[str]) -> list[str]:
    """The items of a comma list; an item may contain commas if ``words`` knows it. Unknown ones are told."""
    items: list[str] = []
    rest = text
    while rest := rest.strip(", "):
        known = max((word for word in words if f"{rest}, ".startswith(f"{word}, ")), key=len, default=None)
        item = known if known is not None else rest.split(", ", 1)[0]
        if known is None:
            notices.append(f"unknown_word:{name}:{item[:60]}")
        items.append(item)
        rest = rest[len(item) :]
    return items


def _grade(cells: Cells, notices: list[str]) -> str | None:
    text = cells.text("evidence_grade")
    stated = {one.strip() for one in text.split(",")} if text else set()
    notices += [f"unknown_word:evidence_grade:{one[:60]}" for one in sorted(stated - set(GRADES))]
    return next((grade for grade in GRADE_ORDER if grade in stated), None)


def _perpetrator(cells: Cells, grade: str | None, notices: list[str]) -> Body:
    text = cells.text("belligerents")
    if text is None:
        return {"certainty": "undetermined"}
    names = _listed(text, BELLIGERENTS, "belligerents", notices)
    candidates = {actor for name in names for actor in BELLIGERENTS.get(name, (name,))}
    contested = grade == "Contested" or cells.text("strike_status") == CONTESTED_STATUS
    if contested:
        notices.append("contested_attribution")
    confirmed = grade == "Confirmed" and not contested
    return {
        "text": f"{text}, contested" if contested else text,
        "candidates": sorted(candidates),
        "certainty": "stated" if confirmed else "alleged",
        "contested": contested,
        "basis": ["admission"] if confirmed and len(names) == 1 else [],
    }


def _place(cells: Cells, notices: list[str]) -> Body:
    place = cells.text("location_en") or cells.text("location_ar")
    unit = cells.text("governorate") or cells.text("region")
    text = ", ".join(part for part in (place, unit if unit != place else None) if part)
    precision = cells.text("geo_precision")
    if precision and precision not in RADIUS_KM:
        notices.append(f"unknown_word:geo_precision:{precision[:60]}")
    lat, lon = cells.number("lat", -90, 90), cells.number("lon", -180, 180)
    radius = RADIUS_KM.get(precision or "") if lat is not None else None
    return {"text": text, "lat": lat, "lon": lon, "radius_km": radius}


def _target(cells: Cells, notices: list[str]) -> Body:
    text = cells.text("infrastructure")
    kinds = _listed(text, TARGETS, "infrastructure", notices) if text else []
    found = {TARGETS[kind] for kind in kinds if kind in TARGETS}
    if cells.text("civ_harm_reported") == "Yes":
        found = found - {"undetermined"} or {"civilian_persons"}
    return {"text": text, "class": min(found, key=TARGET_ORDER.index, default="undetermined")}


def _strikes(cells: Cells) -> Bounds | None:
    """The count of strikes. A published 0 is no count of an incident that was recorded; it stays under ``extra``."""
    total = cells.whole("total_strikes")
    return {"min": total, "max": total} if total else None


def _harm(cells: Cells, notices: list[str]) -> Body:
    civilians, injured = _figures(cells, "civ_killed", notices), _figures(cells, "civ_injured", notices)
    fighters = _figures(cells, "mil_killed", notices)
    _figures(cells, "children_killed", notices)
    return {"killed": _all_killed(civilians, fighters), "injured": _at_least(injured), "civilians_killed": civilians}


def _figures(cells: Cells, name: str, notices: list[str]) -> Bounds | None:
    low, high = cells.whole(f"{name}_min"), cells.whole(f"{name}_max")
    if low is not None and high is not None and high < low:
        notices.append(f"min_above_max:{name}")
        return None
    return bounds(low, high)


def _all_killed(civilians: Bounds | None, fighters: Bounds | None) -> Bounds | None:
    if civilians is None or fighters is None:
        return _at_least(civilians or fighters)
    least = (civilians["min"] or 0) + (fighters["min"] or 0)
    both = civilians["max"] is not None and fighters["max"] is not None
    return {"min": least, "max": (civilians["max"] or 0) + (fighters["max"] or 0) if both else None}


def _at_least(figures: Bounds | None) -> Bounds | None:
    return None if figures is None else {"min": figures["min"], "max": None}
