"""cohstream's own JSON Lines: one report a line, passed on as it is; intake validates it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase

from cohstream.engine.intake import MAX_RECORD_BYTES
from cohstream.importers.lines import cut_off, lines, too_large, without_end
from cohstream.importers.rows import Row, rejected


def read(stream: BufferedIOBase, name: str) -> Iterator[Row]:
    """The reports of ``stream``; blank lines are no records. Raises :class:`InputError` as ``lines`` does."""
    for line in lines(stream, name):
        raw = without_end(line.raw)
        if not raw or raw.isspace():
            continue
        position = f"{name}:{line.number}"
        if line.cut:
            yield rejected(raw, position, cut_off())
        elif len(raw) > MAX_RECORD_BYTES:
            yield rejected(raw, position, too_large(len(raw)))
        else:
            yield Row(raw, position, raw)
