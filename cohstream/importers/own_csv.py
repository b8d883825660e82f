"""cohstream's own CSV: one row a statement of one source, with the columns of the documented reports.

Conventions:

* Naive times are local time of Asia/Damascus; gap and fold as :mod:`cohstream.importers.moments` says.
  ``occurred_end`` as a date is the last day, included; as a time it is where the interval ends.
* ``published_date`` is mostly a day: ``published_at`` is then the start of that local day. ``received_at``
  takes it over, but never before the event began (save for a statement, which may announce one); without a
  publication it is the end of the event.
* ``revises`` makes a row a later version of its root row's report (:mod:`cohstream.importers.revisions`), which
  is why the whole input is read before the first row is given.
* Kind: a declaration is a statement; a role denied is a denial; a sensor observes; a row of conduct ``other``
  whose weapon column is only a list of figures ("15 violations") is a published count; all else is an allegation.
  A source that claims its own act is an allegation with basis ``admission``: kind ``admission`` founds no incident.
  What it says of why ("return fire", "admitted error") is a circumstance.
* Several candidates joined by ``|`` are *joint* only if the source states them and joins them in words ("and").
* ``incident_hint`` is the compiler's label. It is kept under ``extra`` for scoring and never read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from io import BufferedIOBase
from typing import TypeVar

from cohstream.domain.vocabulary import Kind, Statement, TimePrecision
from cohstream.errors import InputError, ReportError
from cohstream.importers.cells import Cells, unknown_columns
from cohstream.importers.moments import (
    DAMASCUS,
    Span,
    at,
    between,
    day_start,
    parse_moment,
    reading_of,
    whole_days,
)
from cohstream.importers.quantities import Bounds, bounds, exactly, read_count
from cohstream.importers.revisions import Chains
from cohstream.importers.rows import Body, Row, accepted, rejected
from cohstream.importers.tables import Record, Table

Value = TypeVar("Value")

NEEDED = ("row_id", "source", "occurred_start", "time_precision", "conduct")
MAPPED = (
    *NEEDED,
    "source_stake",
    "published_date",
    "occurred_end",
    "place_text",
    "lat",
    "lon",
    "radius_km",
    "perpetrator_claimed",
    "perpetrator_id",
    "perpetrator_certainty",
    "target_claimed",
    "target_class",
    "weapon_text",
    "weapon_class",
    "munition_count",
    "killed_min",
    "killed_max",
    "injured_min",
    "injured_max",
    "civilians_killed",
    "revises",
    "retracts",
    "excluded_presence",
    "url",
    "note",
)
KEPT = ("incident_hint", "place_std", "admin1", "certainty")
"""Columns without a field of their own: under ``extra``, by their names."""

COMPILED = ("lat", "lon", "radius_km", "perpetrator_id")
"""Mapped columns that no source stated: whoever compiled the table added them, as also all of ``KEPT``."""

STATEMENTS = {
    "truce_declaration": Statement.TRUCE,
    "truce_end_declaration": Statement.TRUCE_END,
    "coverage_declaration": Statement.COVERAGE,
    "compliance_statement": Statement.COMPLIANCE,
}
YES_NO: Mapping[str | None, bool] = {"yes": True, "no": False, None: False}
CIRCUMSTANCES = {"return fire": "return_fire", "admitted error": "mistake_admitted"}
"""Words of ``perpetrator_claimed`` in which a source says why its own side acted."""

PRECISIONS: Mapping[str | None, TimePrecision] = {word.value: word for word in TimePrecision}

_OWN_ACT = re.compile(r"^own\b|\bown statement\b|\bone of its own\b|\badmitted\b|\bclaimed by itself\b", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(and|with|joint|jointly)\b", re.IGNORECASE)
_RIVAL = re.compile(r"\b(or|either|contested|unclear|not|unknown|possibly)\b", re.IGNORECASE)
_FIGURE = re.compile(r"(\d{1,7}) ([a-z][a-z ]{2,40})", re.ASCII)


def read_blind(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """As :func:`read`, without what is the compiler's; ``left_out:<column>`` tells which columns that were."""
    return read(stream, name, COMPILED)


def read(stream: BufferedIOBase, name: str, left_out: Collection[str] = ()) -> Iterator[Row]:
    """A row for each record of ``stream``, as if the columns ``left_out`` were empty; they are told.

    Raises :class:`InputError` as :class:`Table` does.
    """
    table = Table(stream, name, NEEDED, left_out)
    records: list[Record] = []
    broken: InputError | None = None
    try:
        records.extend(table.records())
    except InputError as error:
        broken = error
    chains = Chains(_links(records))
    notices = unknown_columns(table.columns, (*MAPPED, *KEPT))
    notices += tuple(f"left_out:{column}" for column in left_out if column in table.columns)
    for raw, position, cells in records:
        try:
            if isinstance(cells, ReportError):
                raise cells
            body, odd = report_of(cells, chains)
        except ReportError as error:
            yield rejected(raw, position, error)
        else:
            yield accepted(raw, position, body, (*notices, *odd))
            notices = ()
    if broken is not None:
        raise broken


def _links(records: list[Record]) -> Iterator[tuple[str, str, str | None]]:
    for record in records:
        if isinstance(record.cells, Cells):
            source, row_id = record.cells.text("source"), record.cells.text("row_id")
            if source and row_id:
                yield source, row_id, record.cells.text("revises")


def report_of(cells: Cells, chains: Chains) -> tuple[Body, tuple[str, ...]]:
    """The report that one row makes, and notices. Raises :class:`ReportError` if it makes none."""
    source, row_id, conduct = cells.needed("source"), cells.needed("row_id"), cells.needed("conduct")
    retracts = _one_of(cells, "retracts", YES_NO)
    version = chains.place(source, row_id, cells.text("revises"), retracts)
    occurred = span_of(cells)
    published_at = _published(cells)
    statement = STATEMENTS.get(conduct)
    perpetrator, kind = _perpetrator(cells), _kind(cells, statement)
    weapon, weapon_notices = _weapon(cells)
    url = cells.text("url")
    links = [url] if url and url.startswith(("http://", "https://")) else []
    extra = cells.kept(KEPT) | {name: url for name in ("url",) if url and not links}
    if weapon_notices:
        extra |= cells.kept(("munition_count",))
    if version.report_id != row_id or cells.text("revises"):
        extra |= {"row_id": row_id} | cells.kept(("revises",))
    body: Body = {
        "source": source,
        "report_id": version.report_id,
        "revision": version.revision,
        "kind": kind,
        "published_at": published_at and published_at.isoformat(),
        "received_at": _received(published_at, occurred, statement).isoformat(),
        "occurred": occurred.occurred(),
        "place": {
            "text": cells.text("place_text"),
            "lat": cells.number("lat", -90, 90),
            "lon": cells.number("lon", -180, 180),
            "radius_km": cells.number("radius_km", 0, 20_000),
        },
        "conduct": None if statement else conduct,
        "statement": statement,
        "weapon": weapon,
        "perpetrator": perpetrator,
        "target": {"text": cells.text("target_claimed"), "class": cells.text("target_class")},
        "harm": _harm(cells),
        "circumstances": [word for said, word in CIRCUMSTANCES.items() if said in (perpetrator["text"] or "").lower()],
        "excluded_presence": cells.text("excluded_presence"),
        "stake": cells.text("source_stake"),
        "retracts": retracts or None,
        "count": _published_count(cells) if kind is Kind.COUNT else None,
        "links": links,
        "note": cells.text("note"),
        "extra": extra | cells.left(),
    }
    return body, (*version.notices, *occurred.notices, *weapon_notices)


def span_of(cells: Cells) -> Span:
    """When the row's event happened."""
    start = parse_moment(cells.needed("occurred_start"), "occurred_start")
    stated_end = cells.text("occurred_end")
    end = parse_moment(stated_end, "occurred_end") if stated_end else None
    precision = _one_of(cells, "time_precision", PRECISIONS)
    if end is not None:
        return between(start, end, DAMASCUS, precision)
    if isinstance(start, datetime):
        return at(start, DAMASCUS, precision)
    if precision in (TimePrecision.EXACT, TimePrecision.HOUR):
        raise ReportError(
            "contradiction", f"'occurred_start' is a day but 'time_precision' is {precision}; add the hour or write day"
        )
    return whole_days(start, start, DAMASCUS, precision)


def _published(cells: Cells) -> datetime | None:
    stated = cells.text("published_date")
    if stated is None:
        return None
    moment = parse_moment(stated, "published_date")
    return reading_of(moment, DAMASCUS).first if isinstance(moment, datetime) else day_start(moment, DAMASCUS)


def _received(published: datetime | None, occurred: Span, statement: Statement | None) -> datetime:
    if published is None:
        return occurred.end or occurred.start
    return published if statement else max(published, occurred.start)


def _kind(cells: Cells, statement: Statement | None) -> Kind:
    if statement is not None:
        return Kind.STATEMENT
    if cells.text("perpetrator_certainty") == "denied":
        return Kind.DENIAL
    if _published_count(cells) is not None:
        return Kind.COUNT
    return Kind.OBSERVATION if cells.text("source_stake") == "sensor" else Kind.ALLEGATION


def _published_count(cells: Cells) -> Body | None:
    """The figures of a row that is nothing but figures; of several units no sum is made, the total stays open."""
    text = cells.text("weapon_text")
    if cells.text("conduct") != "other" or text is None:
        return None
    figures = [_FIGURE.fullmatch(part.strip()) for part in text.split(",")]
    read = {figure[2].strip(): int(figure[1]) for figure in figures if figure is not None}
    if len(read) < len(figures):
        return None
    if len(read) == 1:
        ((unit, total),) = read.items()
        return {"unit": unit, "total": exactly(total)}
    return {"unit": "several units", "total": {"min": 0}, "breakdown": read}


def _perpetrator(cells: Cells) -> Body:
    text, ids = cells.text("perpetrator_claimed"), cells.text("perpetrator_id")
    certainty = cells.text("perpetrator_certainty")
    candidates = sorted({one.strip() for one in (ids or "").split("|")} - {""})
    own_act = certainty == "stated" and text is not None and _OWN_ACT.search(text) is not None
    joined = text is not None and _TOGETHER.search(text) is not None and _RIVAL.search(text) is None
    return {
        "text": text,
        "candidates": candidates,
        "certainty": certainty,
        "basis": ["admission"] if own_act else [],
        "joint": (len(candidates) > 1 and certainty == "stated" and joined) or None,
    }


def _weapon(cells: Cells) -> tuple[Body, tuple[str, ...]]:
    stated = cells.text("munition_count")
    count = read_count(stated) if stated else None
    weapon = {"text": cells.text("weapon_text"), "class": cells.text("weapon_class"), "count": count}
    return weapon, (f"count_not_read:{stated[:40]}",) if stated and count is None else ()


def _harm(cells: Cells) -> Body:
    killed = _figures(cells, "killed")
    return {
        "killed": killed,
        "injured": _figures(cells, "injured"),
        "civilians_killed": _civilians(cells.whole("civilians_killed"), killed),
    }


def _figures(cells: Cells, name: str) -> Bounds | None:
    low, high = cells.whole(f"{name}_min"), cells.whole(f"{name}_max")
    if low is not None and high is not None and high < low:
        raise ReportError("contradiction", f"'{name}_max' {high} is below '{name}_min' {low}; correct one of them")
    return bounds(low, high)


def _civilians(stated: int | None, killed: Bounds | None) -> Bounds | None:
    """The column gives one figure: the upper bound where the toll is a range, the least where that is open."""
    if stated is None or killed is None or stated == 0 or killed["min"] == killed["max"]:
        return None if stated is None else exactly(stated)
    if killed["max"] is None:
        return {"min": stated, "max": None}
    return {"min": killed["min"] if stated == killed["max"] else 0, "max": stated}


def _one_of(cells: Cells, name: str, words: Mapping[str | None, Value]) -> Value:
    stated = cells.text(name)
    key = stated.lower() if stated else None
    if key not in words:
        allowed = ", ".join(word for word in words if word)
        raise ReportError("unknown_word", f"'{name}' is {str(stated)[:40]!r}; write one of: {allowed}")
    return words[key]
