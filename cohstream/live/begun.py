"""The bounds of a batch that was begun: after a crash the very same records are taken together once more.

A batch tells its outputs before its state is kept (ADR 0010). Cut otherwise after a crash, it could pass over an
incident or a count that it told the first time, and leave it standing. So the bounds of a batch are kept before
its outputs leave; a successor cuts there. The epoch grows with every owner of the partition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord

MAX_BATCH_BYTES = 4 << 20
"""Bounds a batch so that its rows are one batch of the changelog too, which is kept whole or not at all."""
RECORD_OVERHEAD_BYTES = 400

NO_AREA = b"\0"
"""How keys of rows begin that are of no area."""

BEGUN_KEY = NO_AREA + b"begun"


class Begun(NamedTuple):
    """A batch from offset ``first`` to ``last``, begun by the owner of ``epoch``."""

    epoch: int
    first: int
    last: int

    @property
    def revision(self) -> bytes:
        """Greater for every later batch of a partition, whoever owns it."""
        return f"{self.epoch:010d}.{self.last:020d}".encode()

    def row(self) -> bytes:
        """The state row; like every row of claims it begins with its order."""
        return self.revision + f"\n{self.first}".encode()


NOTHING_BEGUN = Begun(0, 0, -1)


def begun_of(row: bytes | None) -> Begun:
    """Read a state row; without one nothing was ever begun."""
    if row is None:
        return NOTHING_BEGUN
    order, first = row.split(b"\n")
    epoch, last = order.split(b".")
    return Begun(int(epoch), int(first), int(last))


class Cutter:
    """Cuts records into batches of bounded size, one of which has the bounds of the batch ``begun`` before."""

    def __init__(self, begun: Begun) -> None:
        self._begun = begun
        self._held: list[ConsumerRecord] = []

    def cut(self, records: Sequence[ConsumerRecord]) -> list[list[ConsumerRecord]]:
        """The batches that are complete now; records of the one begun before are held until all are there."""
        records = [*self._held, *records]
        first, last = self._begun.first, self._begun.last
        if records[-1].offset < last:
            self._held = records
            return []
        self._held = []
        again = [record for record in records if first <= record.offset <= last]
        return [
            *_by_size([record for record in records if record.offset < first]),
            *([again] if again else []),
            *_by_size([record for record in records if record.offset > last]),
        ]


def _by_size(records: Sequence[ConsumerRecord]) -> list[list[ConsumerRecord]]:
    batches: list[list[ConsumerRecord]] = []
    room = 0
    for record in records:
        size = len(record.value or b"") + RECORD_OVERHEAD_BYTES
        if size > room:
            batches.append([])
            room = MAX_BATCH_BYTES
        batches[-1].append(record)
        room -= size
    return batches
