"""A changed law on a live system: what is published is held against what is believed now, and what differs is told.

It is done partition by partition, before the worker is ready. Which law a partition was last told under is a state row
of its own; until that row is kept, the next owner begins again, and finds told what was told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Generic, NamedTuple, TypeVar

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from cohstream.domain.canonical import canonical_json
from cohstream.domain.tally import TallyKey
from cohstream.engine.ledger import Ledger
from cohstream.live.begun import NO_AREA
from cohstream.live.events import REVISION, event
from cohstream.live.scan import Stretch, records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, CHANGES, TALLIES
from cohstream.live.writer import Outgoing
from cohstream.publish.records import assessment_of, tally_record
from cohstream.publish.turn import Earlier, Key, Moved, Said, Step, Turn, said_in

TOLD_TOGETHER = 5_000
"""Records that wait to be written; more are not held while a partition is judged anew."""

LAW_KEY = NO_AREA + b"law"

Value = TypeVar("Value")


class ToldUnder(NamedTuple):
    """The law that a partition was last told under, and how often it was told under another one before."""

    turns: int
    law: str

    def row(self) -> bytes:
        """The state row; like every row of claims it begins with its order."""
        return f"{self.turns:010d}\n{self.law}".encode()


def told_under(row: bytes | None) -> ToldUnder | None:
    """Read a state row; ``None`` where there is none."""
    if row is None:
        return None
    turns, law = row.decode().split("\n")
    return ToldUnder(int(turns), law)


@dataclass
class Published:
    """What a partition of the topics says: assessments by area, incident and agreement, and counts by key."""

    assessments: dict[Key, Said] = field(default_factory=dict)
    tallies: dict[TallyKey, int] = field(default_factory=dict)


async def published(settings: LiveSettings, partitions: Collection[int]) -> dict[int, Published]:
    """What is published in ``partitions``. Raises :class:`cohstream.errors.ConfigError`."""
    found = {number: Published() for number in partitions}
    if not found:
        return found
    said: _Latest[Said] = _Latest()
    alike: dict[bytes | None, Said] = {}
    async for record in records_of(settings, ASSESSMENTS, _only(partitions)):
        known = said_in(orjson.loads(record.value)["findings"]) if record.value else None
        shared = known and alike.setdefault(known.mark, known)
        said.see(record.partition, record.key, dict(record.headers).get(REVISION, b""), shared)
    for number, key, one in said.now():
        area, incident_id, agreement = key.decode().rsplit("/", 2)
        found[number].assessments[area, incident_id, agreement] = one
    counts: _Latest[int] = _Latest()
    async for record in records_of(settings, TALLIES, _only(partitions)):
        count = orjson.loads(record.value)["count"] if record.value else None
        counts.see(record.partition, record.key, dict(record.headers).get(REVISION, b""), count)
    for number, key, counted in counts.now():
        found[number].tallies[TallyKey(*key.decode().split("|"))] = counted  # type: ignore[arg-type]
    return found


class _Latest(Generic[Value]):
    """Of the records of one key the one that holds: that of the greatest revision, of equal ones the later."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, bytes], tuple[bytes, Value | None]] = {}

    def see(self, partition: int, key: bytes, revision: bytes, value: Value | None) -> None:
        held = self._held.get((partition, key))
        if held is None or revision >= held[0]:
            self._held[partition, key] = revision, value

    def now(self) -> Iterator[tuple[int, bytes, Value]]:
        """Partition, key and value of what is there."""
        for (partition, key), (_, value) in self._held.items():
            if value is not None:
                yield partition, key, value


def _only(partitions: Collection[int]) -> Callable[[AIOKafkaConsumer, list[TopicPartition]], Awaitable[Stretch]]:
    """All that there is now in ``partitions``, and nothing of the others."""

    async def stretch(consumer: AIOKafkaConsumer, parts: list[TopicPartition]) -> Stretch:
        ends = await consumer.end_offsets(parts)
        begins = await consumer.beginning_offsets(parts)
        return Stretch({part: begins[part] if part.partition in partitions else ends[part] for part in parts}, ends)

    return stretch


class Retelling:
    """One partition, told anew under ``law``, area by area; ``changes`` and ``beliefs`` are records that wait, by noun.

    ``revision`` is greater than that of all that was told before. ``counted`` gives agreement and word of each change.
    """

    def __init__(self, partition: int, former: ToldUnder | None, law: str, said: Published, revision: bytes) -> None:
        self.partition = partition
        self.now = ToldUnder(former.turns + 1 if former else 1, law)
        self.changes: dict[str, list[Outgoing]] = {CHANGES: []}
        self.beliefs: dict[str, list[Outgoing]] = {ASSESSMENTS: [], TALLIES: []}
        self.counted: list[tuple[str, str]] = []
        self._turn = Turn(law=Step(former.law if former else None, law))
        self._earlier = Earlier(said.assessments)
        self._tallies = said.tallies
        self._revision = revision

    @property
    def is_full(self) -> bool:
        """Whether what waits should be written before more is told."""
        return len(self.changes[CHANGES]) + sum(map(len, self.beliefs.values())) >= TOLD_TOGETHER

    def tell(self, area: str, ledger: Ledger) -> None:
        """Tell what differs in one area."""
        for one in ledger.assessments():
            moved = self._earlier.move((area, one.incident_id, one.agreement), one.findings)
            if moved is not None:
                record = assessment_of(one.incident_id, one.agreement, one.findings)
                self._tell(moved, canonical_json(record))
        for key, count in sorted(ledger.tallies().items()):
            if self._tallies.pop(key, 0) != count:
                self._count(key, count)

    def finish(self) -> None:
        """Tell what is published, and no longer so."""
        for moved in self._earlier.gone():
            self._tell(moved, None)
        for key, count in sorted(self._tallies.items()):
            if count:
                self._count(key, 0)
            self.beliefs[TALLIES].append(event("tally", "|".join(key), None, self._revision))
        self._tallies.clear()

    def written(self) -> None:
        """All that waited is written."""
        self.counted.clear()
        for records in (*self.changes.values(), *self.beliefs.values()):
            records.clear()

    def _tell(self, moved: Moved, body: bytes | None) -> None:
        area, incident_id, agreement = moved.key
        change = canonical_json(moved.record(self._turn))
        where = f"{self.partition} told anew {self.now.turns}".encode()
        event_id = sha256(where + b"\0" + change).hexdigest()[:32]
        self.changes[CHANGES].append(event("change", incident_id, change, self._revision, event_id))
        self.beliefs[ASSESSMENTS].append(event("assessment", f"{area}/{incident_id}/{agreement}", body, self._revision))
        self.counted.append((agreement, moved.change))

    def _count(self, key: TallyKey, count: int) -> None:
        record = canonical_json(tally_record(key, count))
        self.beliefs[TALLIES].append(event("tally", "|".join(key), record, self._revision))
