"""Opening an input: a file or standard input, gzip by its first bytes, with a meter of the bytes read."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cohstream.errors import InputError
from cohstream.importers.lines import BREAKS, CHUNK, UTF8_MARK

GZIP_MARK = b"\x1f\x8b"
HEAD_BYTES = 1 << 16

Progress = Callable[[int], None]


class Peeked(io.RawIOBase):
    """A stream whose first bytes can be looked at before they are read; counts what it has taken."""

    def __init__(self, stream: BinaryIO | io.BufferedIOBase, progress: Progress | None = None) -> None:
        self._stream = stream
        self._head = b""
        self._taken = 0
        self._break: Exception | None = None
        self._progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, target: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._head:
            piece, self._head = self._head[: len(target)], self._head[len(target) :]
        elif self._break is not None:
            raise self._break
        else:
            piece = self._take(len(target))
        target[: len(piece)] = piece
        return len(piece)

    def look(self, size: int, enough: Callable[[bytes], bool] = lambda _: False) -> bytes:
        """The next bytes: up to ``size`` of them, fewer at the end or once they are ``enough``.

        A break in the stream is kept for the reader to meet after what came before it.
        """
        while len(self._head) < size and not enough(self._head):
            try:
                piece = self._take(size - len(self._head))
            except BREAKS as error:
                self._break = error
                break
            if not piece:
                break
            self._head += piece
        return self._head

    def _take(self, size: int) -> bytes:
        piece: bytes = self._stream.read1(size)  # type: ignore[union-attr]
        self._taken += len(piece)
        if self._progress is not None and piece:
            self._progress(self._taken)
        return piece


class Opened(io.BufferedReader):
    """The text of an input, unpacked; ``head`` is its beginning, still to be read."""

    head: bytes


@contextmanager
def opened(name: str, progress: Progress | None = None) -> Iterator[Opened]:
    """The input ``name`` (``-`` is standard input), unpacked if it is gzip.

    ``progress`` is told the bytes taken from the file so far. Raises :class:`InputError` if there is no such
    file, it is a directory, or it may not be read.
    """
    stream = _standard_input() if name == "-" else _file(name)
    try:
        packed = Peeked(stream, progress)
        text = packed
        if packed.look(len(GZIP_MARK)).startswith(GZIP_MARK):
            unpacked = gzip.GzipFile(fileobj=io.BufferedReader(packed, CHUNK))
            text = Peeked(unpacked)
        reader = Opened(text, CHUNK)
        reader.head = text.look(HEAD_BYTES, _has_a_line)
        yield reader
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None
    finally:
        if name != "-":
            stream.close()


def _has_a_line(head: bytes) -> bool:
    return b"\n" in head.removeprefix(UTF8_MARK).lstrip()


def _standard_input() -> BinaryIO:
    return sys.stdin.buffer


def _file(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; check the name") from None
    except IsADirectoryError:
        raise InputError(f"{name}: this is a directory; name the files in it, e.g. {name}/*.jsonl") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be opened: {error.strerror or error}") from None
    except ValueError as error:
        raise InputError(f"{name!r}: this is no file name: {error}") from None
