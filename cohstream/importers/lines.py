"""Bytes to physical lines, whatever the input does: any length, any chunks, breaking off in the middle."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from typing import NamedTuple

from cohstream.engine.intake import MAX_RECORD_BYTES
from cohstream.errors import InputError, ReportError

CHUNK = 1 << 18
MAX_HELD_BYTES = 1 << 28
"""A line longer than this is not held in memory: the input is no text, and reading it ends."""

UTF8_MARK = b"\xef\xbb\xbf"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
BREAKS = (EOFError, OSError, zlib.error)


class Line(NamedTuple):
    """A physical line with its line end. ``cut``: the input broke off within it."""

    number: int
    raw: bytes
    cut: bool = False


def lines(stream: BufferedIOBase, name: str) -> Iterator[Line]:
    """The lines of ``stream``; a UTF-8 mark at its start is passed over.

    Raises :class:`InputError` for UTF-16 or UTF-32, for a line beyond :data:`MAX_HELD_BYTES`, and, after every
    line that could be read, for an input that breaks off (a truncated gzip, a failing disk).
    """
    pending: list[bytes] = []
    held = number = 0
    at_start = True
    try:
        while chunk := stream.read1(CHUNK):
            if at_start:
                refuse_wide_text(chunk, name)
                chunk = chunk.removeprefix(UTF8_MARK)
                at_start = False
            first, *others = chunk.split(b"\n")
            pending.append(first)
            held += len(first)
            if held > MAX_HELD_BYTES:
                raise InputError(
                    f"{name}:{number + 1}: this line has more than {MAX_HELD_BYTES >> 20} MiB; "
                    "an input is text with one record a line"
                )
            if not others:
                continue
            number += 1
            yield Line(number, b"".join(pending) + b"\n")
            for whole in others[:-1]:
                number += 1
                yield Line(number, whole + b"\n")
            pending, held = [others[-1]], len(others[-1])
    except BREAKS as error:
        if held:
            yield Line(number + 1, b"".join(pending), cut=True)
        what = "the gzip is truncated" if isinstance(error, EOFError) else f"reading failed ({error})"
        raise InputError(
            f"{name}: {what} after {number:,} whole lines; these were read, fetch the input again for the rest"
        ) from None
    if held:
        yield Line(number + 1, b"".join(pending))


def refuse_wide_text(head: bytes, name: str) -> None:
    """Raises :class:`InputError` if ``head``, the start of an input, is UTF-16 or UTF-32."""
    nulls = [byte == 0 for byte in head[:4]]
    alternating = nulls in ([True, False, True, False], [False, True, False, True])
    if alternating or nulls[:3] == [True] * 3 or head.startswith(WIDE_MARKS):
        raise InputError(f"{name}: this is UTF-16 or UTF-32; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)")


def without_end(raw: bytes) -> bytes:
    """``raw`` without its line end."""
    return raw.removesuffix(b"\n").removesuffix(b"\r")


def too_large(size: int) -> ReportError:
    return ReportError(
        "too_large",
        f"the record has {size:,} bytes, more than {MAX_RECORD_BYTES:,}; shorten its texts or split it",
    )


def cut_off() -> ReportError:
    return ReportError("truncated", "the input breaks off within this record; fetch the input again")


def text_of(raw: bytes) -> str:
    """``raw`` as text. Raises :class:`ReportError` (``bad_encoding``) if it is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReportError(
            "bad_encoding",
            f"byte {error.start + 1} is not UTF-8 (0x{raw[error.start]:02x}); save the input as UTF-8",
        ) from None
