"""Which format an input has: by the name of its file, else by its first line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from io import BufferedIOBase
from pathlib import PurePath
from typing import NamedTuple

from cohstream.errors import InputError
from cohstream.importers import airwars, centcom, israel_alerts, jsonl, own_csv, ukraine_sirens
from cohstream.importers.lines import UTF8_MARK, refuse_wide_text
from cohstream.importers.rows import Row

Reader = Callable[[BufferedIOBase, str], Iterator[Row]]

JSONL = "jsonl"
JSONL_SUFFIXES = frozenset({".jsonl", ".ndjson"})


class Tabular(NamedTuple):
    """A CSV format: the columns its header must name, its reader, and one that leaves out what compilers added."""

    needed: tuple[str, ...]
    read: Reader
    read_blind: Reader | None = None


TABLES: Mapping[str, Tabular] = {
    "csv": Tabular(own_csv.NEEDED, own_csv.read, own_csv.read_blind),
    "centcom": Tabular(centcom.NEEDED, centcom.read),
    "airwars": Tabular(airwars.NEEDED, airwars.read),
    "israel-alerts": Tabular(israel_alerts.NEEDED, israel_alerts.read),
    "ukraine-sirens": Tabular(ukraine_sirens.OFFICIAL, ukraine_sirens.read_official),
    "ukraine-sirens-volunteers": Tabular(ukraine_sirens.VOLUNTEERS, ukraine_sirens.read_volunteers),
}


def formats() -> Mapping[str, Reader]:
    """The reader of each format, by the name that ``--format`` takes."""
    return {JSONL: jsonl.read} | {name: table.read for name, table in TABLES.items()}


def reader_of(format_name: str, blind: bool = False) -> Reader:
    """The reader of a format; ``blind``: the one that leaves out what compilers added, if the format has such."""
    table = TABLES.get(format_name)
    if blind and table is not None and table.read_blind is not None:
        return table.read_blind
    return formats()[format_name]


def detect(head: bytes, name: str = "") -> str:
    """The format of an input that begins with ``head``. Raises :class:`InputError` if it is none we know."""
    refuse_wide_text(head, name)
    start = head.removeprefix(UTF8_MARK).lstrip()
    first = start.split(b"\n", 1)[0].rstrip()
    if not first or first.startswith(b"{"):
        return JSONL
    columns = _columns(first)
    for format_name, table in TABLES.items():
        if columns.issuperset(table.needed):
            return format_name
    if _suffix(name) in JSONL_SUFFIXES:
        return JSONL
    known = ", ".join(formats())
    if first.startswith(b"["):
        raise InputError(f"{name}: this is a JSON array; write one report a line (jq -c '.[]')")
    raise InputError(
        f"{name}: the format is not known; name it with --format (known are: {known}), or correct the header"
    )


def _columns(first: bytes) -> frozenset[str]:
    try:
        names = next(csv.reader([first.decode("utf-8", "replace")]), [])
    except csv.Error:
        return frozenset()
    return frozenset(name.strip() for name in names)


def _suffix(name: str) -> str:
    path = PurePath(name)
    return PurePath(path.stem).suffix if path.suffix == ".gz" else path.suffix
