"""CSV to records: the bytes of each kept exactly, the cells read by the csv module.

A record may span lines within quotes. A quote that opens and never properly closes would swallow the rows
after it, so then only the line on which it opens is rejected, and reading resumes on the next.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from io import BufferedIOBase
from typing import NamedTuple

from cohstream.engine.intake import MAX_RECORD_BYTES
from cohstream.errors import InputError, ReportError
from cohstream.importers.cells import Cells, unknown_columns
from cohstream.importers.lines import (
    Line,
    cut_off,
    lines,
    text_of,
    too_large,
    without_end,
)
from cohstream.importers.rows import Body, Row, accepted, rejected

MAX_LINES = 100
"""A record does not span more lines; else a quote has not been closed."""


class Record(NamedTuple):
    """One record: its bytes, where it starts, and its cells or why they cannot be read."""

    raw: bytes
    position: str
    cells: Cells | ReportError


class _NeverClosedError(Exception):
    """A quote opened on the first line of a record, and the record does not end within the limits."""


class Table:
    """The header of a CSV stream, and the records under it."""

    def __init__(
        self, stream: BufferedIOBase, name: str, needed: Iterable[str], left_out: Collection[str] = ()
    ) -> None:
        """Read the header. Raises :class:`InputError` if it lacks one of the columns ``needed``, or repeats one.

        The cells of columns ``left_out`` are read as if they were empty.
        """
        self._name = name
        self._left_out = frozenset(left_out)
        self._lines = lines(stream, name)
        self._waiting: deque[Line] = deque()
        self._broken: InputError | None = None
        self.columns = self._header(frozenset(needed))

    def records(self) -> Iterator[Record]:
        """Every record, good or bad; blank lines are none. Raises :class:`InputError` when the input breaks off."""
        while (record := self._next()) is not None:
            raw, position, cells = record
            if isinstance(cells, list):
                yield Record(raw, position, self._fitted(cells))
            else:
                yield Record(raw, position, cells)
        if self._broken is not None:
            raise self._broken

    def _fitted(self, values: list[str]) -> Cells | ReportError:
        if len(values) == len(self.columns):
            if self._left_out:
                named = zip(self.columns, values, strict=True)
                values = ["" if name in self._left_out else value for name, value in named]
            return Cells(self.columns, values)
        return ReportError(
            "bad_row",
            f"{len(values)} columns where the header has {len(self.columns)}; check commas and quotes",
        )

    def _header(self, needed: frozenset[str]) -> tuple[str, ...]:
        first = self._next()
        if self._broken is not None and first is None:
            raise self._broken
        if first is None:
            raise InputError(f"{self._name}: is empty; the first line must name the columns")
        if isinstance(first[2], ReportError):
            raise InputError(f"{first[1]}: the header cannot be read: {first[2]}")
        columns = tuple(value.strip() for value in first[2])
        if missing := sorted(needed - set(columns)):
            raise InputError(f"{first[1]}: the header lacks the columns {', '.join(missing)}; name them there")
        if twice := sorted({one for one in columns if columns.count(one) > 1}):
            raise InputError(f"{first[1]}: the header names {', '.join(map(repr, twice))} twice; rename one")
        return columns

    def _next(self) -> tuple[bytes, str, list[str] | ReportError] | None:
        """The next record that is not blank: bytes, position, and values or the problem."""
        while (first := self._line()) is not None:
            taken = [first]
            values = self._parse(first, taken)
            if values == []:
                continue
            raw = without_end(b"".join(line.raw for line in taken))
            return raw, f"{self._name}:{first.number}", values
        return None

    def _parse(self, first: Line, taken: list[Line]) -> list[str] | ReportError:
        """The values of the record that begins with ``first``; the lines it has are left in ``taken``."""
        if len(first.raw) > MAX_RECORD_BYTES:
            return cut_off() if first.cut else too_large(len(first.raw))
        try:
            values = next(csv.reader(self._feed(first, taken), strict=True), [])
        except (csv.Error, _NeverClosedError) as error:
            self._waiting.extendleft(reversed(taken[1:]))
            del taken[1:]
            return cut_off() if first.cut else _bad_row(error)
        if any(line.cut for line in taken):
            return cut_off()
        try:
            text_of(b"".join(line.raw for line in taken))
        except ReportError as error:
            return error
        return values

    def _feed(self, first: Line, taken: list[Line]) -> Iterator[str]:
        yield first.raw.decode("utf-8", "surrogateescape")
        size = len(first.raw)
        while (line := self._line()) is not None:
            taken.append(line)
            size += len(line.raw)
            if size > MAX_RECORD_BYTES or len(taken) > MAX_LINES:
                raise _NeverClosedError
            yield line.raw.decode("utf-8", "surrogateescape")

    def _line(self) -> Line | None:
        if self._waiting:
            return self._waiting.popleft()
        try:
            return next(self._lines, None)
        except InputError as error:
            self._broken = error
            return None


def rows_of(
    table: Table, known: Collection[str], report_of: Callable[[Cells], tuple[Body, tuple[str, ...]]]
) -> Iterator[Row]:
    """A row for each record: the report and notices that ``report_of`` makes of its cells, or why there is none.

    Columns that are not ``known`` are told once, with the first report.
    """
    notices = unknown_columns(table.columns, known)
    for raw, position, cells in table.records():
        try:
            if isinstance(cells, ReportError):
                raise cells
            body, odd = report_of(cells)
        except ReportError as error:
            yield rejected(raw, position, error)
        else:
            yield accepted(raw, position, body, (*notices, *odd))
            notices = ()


def _bad_row(error: Exception) -> ReportError:
    told = str(error)
    if "field larger than field limit" in told:
        return ReportError("too_large", f"one cell is too long ({told}); shorten it")
    if isinstance(error, _NeverClosedError) or "unexpected end of data" in told:
        return ReportError("bad_row", "a quote opens on this line and is never closed; close it, or double it")
    return ReportError("bad_row", f"this is not CSV: {told}; check the quotes, and double those within a cell")
