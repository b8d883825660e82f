"""Alerts of Israel's Home Front Command: one row an alert for one or several localities.

Conventions:

* The table is github.com/dleshem/israel-alerts-data. ``date`` (D.M.YYYY) and ``time`` are local time of
  Asia/Jerusalem, to the second; ``alertDate`` is the same rounded to the minute and stays under ``extra``.
* An alert has a start and no end, and is its own publication. ``received_at`` is the column ``first_seen_utc``, when
  somebody saw the row first, where the table has it; else the start.
* An alert is not an attack, and says of no weapon that it was used: conduct ``other``; a drill is an ``exercise``.
  The published words of the category are the note.
* The place is the published list of localities. The gazetteer knows none of them and the table has no points, so the
  area is ``unknown``; no country is supplied.
* ``report_id`` is ``rid``, the row's number in the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BufferedIOBase
from zoneinfo import ZoneInfo

from cohstream.domain.vocabulary import TimePrecision
from cohstream.errors import ReportError
from cohstream.importers.cells import Cells
from cohstream.importers.moments import at, in_our_time, parse_time
from cohstream.importers.rows import Body, Row
from cohstream.importers.tables import Table, rows_of

SOURCE = "Home Front Command"
ZONE = ZoneInfo("Asia/Jerusalem")
NEEDED = ("data", "date", "time", "alertDate", "category", "category_desc", "matrix_id", "rid")
FIRST_SEEN = "first_seen_utc"
KEPT = ("alertDate", "category", "matrix_id")

ALERTS = {"1": "missiles", "2": "hostile aircraft", "4": "warning", "10": "infiltration"}
DRILLS = {"15": "missiles", "21": "earthquake", "26": "hazardous materials"}
"""Codes of ``category``; what they warn of is said in ``category_desc`` too, in Hebrew."""

_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)


def read(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """A row for each record of ``stream``. Raises :class:`InputError` as :class:`Table` does."""
    return rows_of(Table(stream, name, NEEDED), (*NEEDED, FIRST_SEEN), report_of)


def report_of(cells: Cells) -> tuple[Body, tuple[str, ...]]:
    """The report that one row makes, and notices. Raises :class:`ReportError` if it makes none."""
    occurred = at(_moment(cells), ZONE, TimePrecision.EXACT)
    start = occurred.start.isoformat()
    seen, category = cells.text(FIRST_SEEN), cells.needed("category")
    known = category in ALERTS or category in DRILLS
    notices = () if known else (f"unknown_word:category:{category[:60]}",)
    body: Body = {
        "source": SOURCE,
        "report_id": cells.needed("rid"),
        "kind": "observation",
        "published_at": start,
        "received_at": parse_time(seen, FIRST_SEEN).isoformat() if seen else start,
        "occurred": occurred.occurred(),
        "place": {"text": cells.needed("data")},
        "conduct": "exercise" if category in DRILLS else "other",
        "stake": "sensor",
        "note": cells.text("category_desc"),
        "extra": {"what": DRILLS.get(category) or ALERTS.get(category)} | cells.kept(KEPT) | cells.left(),
    }
    return body, (*occurred.notices, *notices)


def _moment(cells: Cells) -> datetime:
    """Day and clock time, naive. Raises :class:`ReportError` (``bad_time``)."""
    day, clock = cells.needed("date"), cells.needed("time")
    found = _DATE.fullmatch(day)
    try:
        if found is not None and _CLOCK.fullmatch(clock):
            said = date(int(found[3]), int(found[2]), int(found[1]))
            return datetime.combine(in_our_time(said, day, "date"), time.fromisoformat(clock))
    except ValueError:
        pass
    told = f"'date' and 'time' are {day[:40]!r} and {clock[:40]!r}"
    raise ReportError("bad_time", f"{told}; write day.month.year and hours:minutes:seconds, e.g. 24.07.2014 17:05:26")
