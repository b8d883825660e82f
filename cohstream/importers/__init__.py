"""Foreign formats to reports: one module a format, each ``read(stream, name) -> rows``.

Strict interpretation: every column of a foreign table is mapped, kept under the report's ``extra``, or ignored by
name with a reason; every word of a closed column has an entry in a table. What is not foreseen is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike, fspath

from cohstream.errors import InputError
from cohstream.importers.detect import Reader, detect, formats, reader_of
from cohstream.importers.reading import Progress, opened
from cohstream.importers.rows import Row

__all__ = ["Reader", "Row", "detect", "formats", "open_input"]


def open_input(
    path: str | PathLike[str],
    format_name: str | None = None,
    progress: Progress | None = None,
    blind: bool = False,
) -> Iterator[Row]:
    """The rows of one input, a file or ``-`` for standard input; gzip is unpacked.

    The format is detected unless ``format_name`` names it. ``progress`` is told how many bytes of the input have
    been read so far. ``blind`` leaves out what no source stated but a compiler added, in formats with such columns,
    and tells it as notices ``left_out:<column>``.

    Raises :class:`InputError`: at once if the input or its format cannot be used, and after the
    readable rows if it breaks off.
    """
    name = fspath(path)
    if format_name is not None and format_name not in formats():
        raise InputError(f"the format {format_name!r} is not known; known are: {', '.join(formats())}")
    shown = "stdin" if name == "-" else name
    with opened(name, progress) as stream:
        chosen = format_name or detect(stream.head, shown)
        yield from reader_of(chosen, blind)(stream, shown)
