"""What a follower is told, one after the other."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct

from cohstream.errors import RecordError

V = TypeVar("V", bound=Struct)


class Update(NamedTuple, Generic[V]):
    """What ``key`` says from now on. ``value`` is ``None`` once it is gone from what is followed.

    It is gone when it vanished, and when it matches the filter no longer. ``previous`` is what was told of it before:
    ``None`` if nothing, if it was gone, or if that record was compacted away before following was taken up again.
    ``revision`` is the record's own, ``partition`` and ``offset`` where it lies.
    """

    key: str
    value: V | None
    previous: V | None
    revision: str
    partition: int
    offset: int


class CaughtUp(NamedTuple):
    """All that was on the topic when following began has been told; ``keys`` are followed now."""

    keys: int


class Unreadable(NamedTuple):
    """A record that is not what its topic holds; ``raw`` is its value. What was told of ``key`` before still stands."""

    key: bytes | None
    raw: bytes | None
    error: RecordError
    partition: int
    offset: int


Item: TypeAlias = Update[V] | CaughtUp | Unreadable
