"""What a follower has heard: which record of a key holds, and what was told of it. Pure: records in, items out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec
from aiokafka.structs import ConsumerRecord
from msgspec import Struct

from cohstream.client.items import Unreadable, Update
from cohstream.errors import RecordError
from cohstream.live.events import REVISION
from cohstream.live.statement import CLAIM_ID, ORDER
from cohstream.publish.values import ClaimValue

V = TypeVar("V", bound=Struct)

CHANGES_REMEMBERED = 50_000
"""Ids of changes kept for each partition: far more than a batch makes, which is what a crash tells twice."""


class Memory(Protocol[V]):
    """What is kept between records."""

    reaches_back: int | None
    """How many records before a position have to be heard again; ``None``: all."""

    def hear(self, record: ConsumerRecord, unsure: bool = False) -> Update[V] | Unreadable | None:
        """What is new by ``record``, if anything; ``unsure``: of its key something may have been told before."""

    def state(self) -> Iterator[Update[V] | Unreadable]:
        """All that holds now, once for each key."""

    def __len__(self) -> int:
        """How many keys are followed now."""


@dataclass(slots=True)
class _Held(Generic[V]):
    """The record that holds of one key; ``told`` is its value if it is followed and could be read."""

    revision: bytes
    partition: int
    offset: int
    told: V | None
    unreadable: Unreadable | None = None


class StateMemory(Generic[V]):
    """Of a topic that says what is believed now: of each key the record of the greatest revision holds.

    It keeps a revision for every key that was ever there, gone ones too, and the value of those that are followed.
    """

    reaches_back: int | None = None

    def __init__(self, model: type[V], wanted: Callable[[V], bool]) -> None:
        self._decode = msgspec.json.Decoder(model).decode
        self._wanted = wanted
        self._held: dict[str, _Held[V]] = {}
        self._several_a_key = model is ClaimValue

    def __len__(self) -> int:
        return sum(one.told is not None for one in self._held.values())

    def hear(self, record: ConsumerRecord, unsure: bool = False) -> Update[V] | Unreadable | None:
        try:
            key, revision = self._identity(record)
        except (AttributeError, KeyError, UnicodeDecodeError) as error:
            return unreadable(record, f"key or headers are not those of its topic ({error!r})")
        held = self._held.get(key)
        if held is not None and revision < held.revision:
            return None
        previous = held.told if held else None
        now = self._held[key] = _Held(revision, record.partition, record.offset, previous)
        try:
            value = self._decode(record.value) if record.value else None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            now.unreadable = unreadable(record, str(error))
            return now.unreadable
        now.told = value if value is not None and self._wanted(value) else None
        if now.told == previous and not (unsure and held is None):
            return None
        return Update(key, now.told, previous, revision.decode("utf-8", "replace"), record.partition, record.offset)

    def state(self) -> Iterator[Update[V] | Unreadable]:
        for key, one in self._held.items():
            if one.told is not None:
                revision = one.revision.decode("utf-8", "replace")
                yield Update(key, one.told, None, revision, one.partition, one.offset)
            if one.unreadable is not None:
                yield one.unreadable

    def _identity(self, record: ConsumerRecord) -> tuple[str, bytes]:
        headers = dict(record.headers)
        if self._several_a_key:  # the key is an area, and headers name the claim
            return f"{record.key.decode()}/{headers[CLAIM_ID].decode()}", headers[ORDER]
        return record.key.decode(), headers.get(REVISION, b"")


class LogMemory(Generic[V]):
    """Of a topic whose records each tell something that happened: one with the id of another is the same again."""

    reaches_back: int | None = CHANGES_REMEMBERED

    def __init__(self, model: type[V], wanted: Callable[[V], bool]) -> None:
        self._decode = msgspec.json.Decoder(model).decode
        self._wanted = wanted
        self._known: dict[int, dict[bytes, None]] = {}

    def __len__(self) -> int:
        return 0

    def hear(self, record: ConsumerRecord, unsure: bool = False) -> Update[V] | Unreadable | None:  # noqa: ARG002
        headers = dict(record.headers)
        if self._is_known(record.partition, headers.get("ce_id")):
            return None
        try:
            key, value = record.key.decode(), self._decode(record.value or b"")
        except (AttributeError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            return unreadable(record, str(error))
        if not self._wanted(value):
            return None
        revision = headers.get(REVISION, b"").decode("utf-8", "replace")
        return Update(key, value, None, revision, record.partition, record.offset)

    def state(self) -> Iterator[Update[V] | Unreadable]:
        return iter(())

    def _is_known(self, partition: int, named: bytes | None) -> bool:
        known = self._known.setdefault(partition, {})
        if named is None:
            return False
        if named in known:
            return True
        known[named] = None
        if len(known) > CHANGES_REMEMBERED:
            del known[next(iter(known))]
        return False


def unreadable(record: ConsumerRecord, problem: str) -> Unreadable:
    """The item that says so of ``record``."""
    error = RecordError(
        f"offset {record.offset} of partition {record.partition} of {record.topic} cannot be read: {problem}; see who "
        "wrote it, or update cohstream if its writers are newer"
    )
    return Unreadable(record.key, record.value, error, record.partition, record.offset)
