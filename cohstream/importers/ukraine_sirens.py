"""Air-raid alerts of Ukraine: one row an alert of one region, as the official channel or volunteers recorded it.

Conventions:

* Two tables of one dataset (github.com/Vadimkin/ukrainian-air-raid-sirens-dataset): the official one names oblast,
  raion and hromada, the one of volunteers (eTryvoga) the region alone. They are two sources of the same sirens.
* Times carry an offset (UTC). The alert is what is observed, from its start to its end. ``naive`` is true where the
  volunteers do not know the end and have put 30 minutes: then no end is given, told as ``end_not_known``.
* A row states the end of its alert, so it was whole at the end and not before: ``published_at`` and
  ``received_at`` are the end, or the start where that is all that is known.
* An alert is not an attack, and says of no weapon that it was used: conduct ``other``.
* The place is what the table names, smallest first. The gazetteer knows no place of Ukraine and the tables have no
  points, so the area is ``unknown``.
* ``report_id`` is a hash of region and start: another export of the same alert is another version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from io import BufferedIOBase

from cohstream.domain.vocabulary import TimePrecision
from cohstream.errors import ReportError
from cohstream.importers.cells import Cells
from cohstream.importers.moments import Span, between, parse_time
from cohstream.importers.rows import Body, Row
from cohstream.importers.tables import Table, rows_of

OFFICIAL = ("oblast", "raion", "hromada", "level", "started_at", "finished_at", "source")
VOLUNTEERS = ("region", "started_at", "finished_at", "naive")

SOURCES = {"official": "Air-raid alerts of Ukraine", "volunteer": "eTryvoga"}
"""By the word of the official table's ``source`` column."""

STAKES = {"official": "sensor", "volunteer": "ngo"}
KNOWN_END = {"true": False, "false": True}


def read_official(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """A row for each record of the official table. Raises :class:`InputError` as :class:`Table` does."""
    return rows_of(Table(stream, name, OFFICIAL), OFFICIAL, official_report)


def read_volunteers(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """A row for each record of the volunteers' table. Raises :class:`InputError` as :class:`Table` does."""
    return rows_of(Table(stream, name, VOLUNTEERS), VOLUNTEERS, volunteers_report)


def official_report(cells: Cells) -> tuple[Body, tuple[str, ...]]:
    """The report that one row makes, and notices. Raises :class:`ReportError` if it makes none."""
    observer = cells.needed("source")
    if observer not in SOURCES:
        raise ReportError("unknown_word", f"'source' is {observer[:40]!r}; write one of: {', '.join(SOURCES)}")
    oblast = cells.needed("oblast")
    units = (cells.text("hromada"), cells.text("raion"), oblast)
    return _report(cells, observer, units, ends=True)


def volunteers_report(cells: Cells) -> tuple[Body, tuple[str, ...]]:
    """The report that one row makes, and notices. Raises :class:`ReportError` if it makes none."""
    naive = cells.needed("naive").lower()
    if naive not in KNOWN_END:
        raise ReportError("unknown_word", f"'naive' is {naive[:40]!r}; write True or False")
    return _report(cells, "volunteer", (cells.needed("region"),), ends=KNOWN_END[naive])


def _report(cells: Cells, observer: str, units: tuple[str | None, ...], ends: bool) -> tuple[Body, tuple[str, ...]]:
    span = _span(cells, ends)
    place = ", ".join(unit for unit in units if unit)
    whole = (span.end or span.start).isoformat()
    stated_end = {} if ends else cells.kept(("finished_at",))
    body: Body = {
        "source": SOURCES[observer],
        "report_id": _id(place, span.start.astimezone(UTC).isoformat()),
        "kind": "observation",
        "published_at": whole,
        "received_at": whole,
        "occurred": span.occurred(),
        "place": {"text": place},
        "conduct": "other",
        "stake": STAKES[observer],
        "extra": {"what": "air-raid alert"} | cells.kept(("level", "naive")) | stated_end | cells.left(),
    }
    return body, () if ends else ("end_not_known",)


def _span(cells: Cells, ends: bool) -> Span:
    start = parse_time(cells.needed("started_at"), "started_at")
    end = parse_time(cells.needed("finished_at"), "finished_at")
    if not ends:
        return Span(start, None, TimePrecision.EXACT)
    return between(start, end, UTC, TimePrecision.EXACT)


def _id(*parts: str) -> str:
    return "alert-" + sha256("\n".join(parts).encode()).hexdigest()[:20]
