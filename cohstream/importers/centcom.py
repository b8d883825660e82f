"""CENTCOM releases on Operation Inherent Resolve, as tables: one row a sentence "Near X, N strikes ...".

Conventions:

* ``date`` (M/D/YYYY) is the day of the release. It speaks of "yesterday" or of the hours since the last
  release, without a cut-off: the strikes lie somewhere in the release day and the day before. Days are read in
  Asia/Damascus also for places in Iraq: the releases state no zone, and the zones differ by an hour at most.
* The source strikes and says so: an allegation (it founds an incident) with basis ``admission``. The series is
  one of air strikes; single later ones may have been rocket artillery, which the texts do not tell apart.
* ``number`` is the count of strikes. It is checked against the words of the sentence and kept as published.
* The target is the group that the text names. Where it names none (oil pumps, "inconclusive results"), it is
  ISIL by the title of the series, told as ``target_from_series``. The source says nothing of who else is
  there, so ``excluded_presence`` stays unsaid.
* ``report_id`` is a hash of date, number, description and sentence, so it does not depend on the row's place,
  nor on how a file spells location and country: a row repeated is a duplicate, one repeated under another
  country is a second version of the same report (and flagged ``conflicting`` by intake).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from io import BufferedIOBase

from cohstream.domain.vocabulary import TimePrecision
from cohstream.errors import ReportError
from cohstream.importers.cells import Cells
from cohstream.importers.moments import DAMASCUS, day_start, in_our_time, whole_days
from cohstream.importers.rows import Body, Row
from cohstream.importers.tables import Table, rows_of

SOURCE = "CENTCOM / CJTF-OIR"
NEEDED = ("date", "country", "location", "number", "description")
MAPPED = (*NEEDED, "line")
KEPT = ("manually_edited",)

COUNTRIES = frozenset({"Syria", "Iraq"})

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISIL = re.compile(r"\b(?:ISIL|ISIS|Da'?esh|Islamic State)\b", re.IGNORECASE)
_NUSRA = re.compile(r"\b(?:Khor[ao]san|Nusra|al[- ]?Qa'?[ie]da|AQAP)", re.IGNORECASE)
_OWN_EQUIPMENT = re.compile(r"\bcoalition (?:equipment|vehicles?|aircraft)\b", re.IGNORECASE)
_ROAD = re.compile(r"\b(?:supply routes?|roads?|bridges?)\b", re.IGNORECASE)
_STRIKE = r"(?:air\s?)?str?ikes?\b"
_NOUN = re.compile(_STRIKE, re.IGNORECASE)
_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
NUMBERS = {word: value for value, word in enumerate((*_ONES, *_TEENS, "twenty"))} | {"a": 1, "an": 1}
_COUNTED = re.compile(rf"\b(\d{{1,3}}|{'|'.join(NUMBERS)})\s+(?=(?:coalition\s+)?{_STRIKE})", re.IGNORECASE)


def read(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """A row for each record of ``stream``. Raises :class:`InputError` as :class:`Table` does."""
    return rows_of(Table(stream, name, NEEDED), (*MAPPED, *KEPT), report_of)


def report_of(cells: Cells) -> tuple[Body, tuple[str, ...]]:
    """The report that one row makes, and notices. Raises :class:`ReportError` if it makes none."""
    stated_date, description = cells.needed("date"), cells.needed("description")
    released = release_day(stated_date)
    sentence, number = cells.text("line"), cells.whole("number")
    place, place_notices = _place(cells)
    count, count_notices = counted(number, description, sentence)
    target, target_notices = _target(description)
    occurred = whole_days(released - timedelta(days=1), released, DAMASCUS, TimePrecision.RANGE)
    published_at = day_start(released, DAMASCUS).isoformat()
    noun = _NOUN.match(description)
    body: Body = {
        "source": SOURCE,
        "report_id": _id(released.isoformat(), str(number), description, sentence or place),
        "kind": "allegation",
        "published_at": published_at,
        "received_at": published_at,
        "occurred": occurred.occurred(),
        "place": {"text": place},
        "conduct": "air_strike",
        "weapon": {"text": noun and noun[0], "class": "air_delivered.undetermined", "count": count},
        "perpetrator": {"text": "coalition", "candidates": ["ext.cjtf"], "certainty": "stated", "basis": ["admission"]},
        "target": target,
        "stake": "party",
        "note": sentence,
        "extra": cells.kept(KEPT) | cells.left(),
    }
    return body, (*place_notices, *count_notices, *target_notices)


def release_day(text: str) -> date:
    """A date as the releases write it, month first. Raises :class:`ReportError` (``bad_time``)."""
    match = _DATE.fullmatch(text)
    try:
        if match is not None:
            return in_our_time(date(int(match[3]), int(match[1]), int(match[2])), text, "date")
    except ValueError:
        pass
    raise ReportError("bad_time", f"'date' is {text[:40]!r}; write month/day/year, e.g. 2/27/2016")


def _place(cells: Cells) -> tuple[str, tuple[str, ...]]:
    """Location and country as one text; the country is "Unknown" where a sentence speaks of a whole country."""
    country, location = cells.text("country"), cells.needed("location")
    told = () if country in COUNTRIES else (f"country_not_clear:{(country or '')[:40]}",)
    known = (country or "").rsplit(", ", 1)[-1]
    if known not in COUNTRIES or known == location:
        return location, told
    return f"{location}, {known}", told


def counted(number: int | None, description: str, sentence: str | None) -> tuple[Body | None, tuple[str, ...]]:
    """The count of strikes, and what its words say otherwise.

    The column counts the strikes that ``description`` begins with. If the sentence goes on with other
    places and their counts, the column is a least figure.
    """
    if number is None:
        return None, ("count_missing",)
    before, found, _ = (sentence or "").partition(description)
    said = list(_COUNTED.finditer(before + (description[:12] if found else "")))
    notices = []
    if said and said[-1].end() == len(before) and _value(said[-1][1]) != number:
        notices.append("count_mismatch")
    further = _COUNTED.search(description) is not None
    if further:
        notices.append("further_counts_in_text")
    return {"min": number, "max": None if further else number}, tuple(notices)


def _value(word: str) -> int:
    return NUMBERS[word.lower()] if word.lower() in NUMBERS else int(word)


def _target(description: str) -> tuple[Body, tuple[str, ...]]:
    """Whom the strikes were aimed at, by the text alone; else by the title of the series, and told."""
    named = [actor for actor, words in (("exc.isil", _ISIL), ("exc.nusra", _NUSRA)) if words.search(description)]
    if named:
        return {"text": description, "class": "excluded_org_force", "candidates": named}, ()
    if _OWN_EQUIPMENT.search(description):
        own = {"text": description, "class": "third_state_force", "candidates": ["ext.cjtf"]}
        return own, ("target_own_equipment",)
    what = "road" if _ROAD.search(description) else "undetermined"
    return {"text": description, "class": what, "candidates": ["exc.isil"]}, ("target_from_series",)


def _id(*parts: str) -> str:
    return "release-" + sha256("\n".join(parts).encode()).hexdigest()[:20]
