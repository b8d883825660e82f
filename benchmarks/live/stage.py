"""The stage: topics of a run's own, what is fed to them, and how far a contestant has come.

How a rate is measured, by one rule for every contestant (:func:`timed`): the process is started, joins its group, and
works off a warm-up; then it is stopped (SIGSTOP) while the input is loaded, and the clock runs from the moment it
may go on (SIGCONT) to its last output. So neither start-up nor the loading of the input is in the figure, and no
work that was done before the clock started is counted. The run holds once the group has committed all its input.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from benchmarks.live.process import BenchError, Contestant, Process
from cohstream.live import topics
from cohstream.live.settings import LiveSettings
from cohstream.live.writer import Outbox, Outgoing, Writer

PARTITIONS = 4
SESSION_SECONDS = 60.0
"""Longer than the pause in which the input is loaded."""
POLL_SECONDS = 0.02
STALLED_SECONDS = 60.0
CHUNK = 4_000
SMALL_IN, SMALL_OUT, SMALL_LOG = "small-in", "small-out", "small-log"
_numbers = count(1)


class Record(NamedTuple):
    """One record of the input, and the partition it belongs to."""

    partition: int
    key: bytes
    value: bytes


class Work(NamedTuple):
    """An input of ``warm`` and ``records``, the topics it is read from, and those that the outputs go to."""

    feed: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    warm: Sequence[Record]
    records: Sequence[Record]


@dataclass
class Stage:
    """Topics and a state directory of one run, and clients of the broker to watch it with."""

    settings: LiveSettings
    directory: Path
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer
    processes: list[Process] = field(default_factory=list)

    def start(self, contestant: Contestant, number: int = 1, **environment: str) -> Process:
        """Start a contestant on this stage; ``number`` names its state directory and group instance."""
        settings = self.settings
        variables = {
            "COHSTREAM_BROKERS": settings.brokers,
            "COHSTREAM_PREFIX": settings.prefix,
            "COHSTREAM_PARTITIONS": str(settings.partitions),
            "COHSTREAM_SESSION_TIMEOUT": str(settings.session_timeout),
            "COHSTREAM_STATE_DIR": str(self.state(number)),
            "COHSTREAM_INSTANCE": f"worker-{number}",
        }
        process = Process.start(contestant, {**variables, **environment}, self.directory / f"log-{len(self.processes)}")
        self.processes.append(process)
        return process

    def state(self, number: int) -> Path:
        return self.directory / f"state-{number}"

    async def load(self, noun: str, records: Iterable[Record]) -> None:
        """Write ``records`` to a topic, in order."""
        writer = Writer(self.settings)
        await writer.start()
        try:
            outbox, waiting, topic = Outbox(), 0, self.settings.topic(noun)
            for partition, key, value in records:
                outbox.add(topic, partition, Outgoing(key, value))
                waiting += 1
                if waiting == CHUNK:
                    await writer.write(outbox)
                    outbox, waiting = Outbox(), 0
            await writer.write(outbox)
        finally:
            await writer.stop()

    async def ends(self, nouns: Iterable[str]) -> int:
        """How many records were ever written to the topics of ``nouns``."""
        names = [self.settings.topic(noun) for noun in nouns]
        parts = [TopicPartition(name, number) for name in names for number in range(self.settings.partitions)]
        return sum((await self.consumer.end_offsets(parts)).values())

    async def committed(self, nouns: Iterable[str]) -> int:
        """How many records of the topics of ``nouns`` the group has committed."""
        names = {self.settings.topic(noun) for noun in nouns}
        try:
            offsets = await self.admin.list_consumer_group_offsets(self.settings.group_id)
        except KafkaError:  # no coordinator yet
            return 0
        return sum(max(one.offset, 0) for part, one in offsets.items() if part.topic in names)

    async def settled(self, process: Process, work: Work, fed: int, seconds: float) -> None:
        """Wait until the group has committed all ``fed`` records of the feed and all that came of them."""
        until, moved, former = time.monotonic() + seconds, time.monotonic(), (0, 0)
        while True:
            process.must_live()
            now = await self.committed(work.inputs), await self.ends(work.inputs)
            if await self.ends([work.feed]) >= fed and now[0] >= now[1]:
                return
            if now != former:
                moved, former = time.monotonic(), now
            if time.monotonic() > min(until, moved + STALLED_SECONDS):
                raise BenchError(
                    f"{process.name} has committed {now[0]:,} of {now[1]:,} records, then no more", process
                )
            await asyncio.sleep(0.1)


@asynccontextmanager
async def stage(brokers: str, session_seconds: float = SESSION_SECONDS) -> AsyncIterator[Stage]:
    """A stage with the declared topics and those of the small job; all is gone afterwards, processes included."""
    settings = LiveSettings(
        brokers=brokers,
        prefix=f"bench{next(_numbers)}",
        partitions=PARTITIONS,
        replication=1,
        session_timeout=session_seconds,
    )
    await topics.create(settings)
    admin, consumer = AIOKafkaAdminClient(**settings.client()), AIOKafkaConsumer(**settings.client())
    directory = Path(tempfile.mkdtemp(prefix="cohstream-bench-"))
    made = Stage(settings, directory, admin, consumer)
    try:
        await admin.start()
        await consumer.start()
        config = {"max.message.bytes": str(topics.MAX_RECORD_BYTES)}
        names = [settings.topic(noun) for noun in (SMALL_IN, SMALL_OUT, SMALL_LOG)]
        small = [NewTopic(name, PARTITIONS, 1, topic_configs=config) for name in names]
        await admin.create_topics(small)
        yield made
    finally:
        for process in made.processes:
            process.kill()
        try:
            ours = [name for name in await admin.list_topics() if settings.prefix in name]
            await admin.delete_topics(ours)
        except KafkaError:
            pass  # the broker goes with its data at the end
        await consumer.stop()
        await admin.close()
        shutil.rmtree(directory, ignore_errors=True)


async def timed(brokers: str, contestant: Contestant, work: Work, seconds: float) -> float:
    """Records per second of ``contestant`` on ``work``. Raises :class:`BenchError` if it fails or takes too long."""
    records = work.records[: contestant.most]
    async with stage(brokers) as made:
        process = made.start(contestant)
        await made.load(work.feed, work.warm)
        await made.settled(process, work, len(work.warm), seconds)
        process.pause()
        await made.load(work.feed, records)
        watch = Watch()
        watching = asyncio.ensure_future(watch.run(made, work.outputs))
        try:
            await asyncio.sleep(0.2)
            began = time.monotonic()
            process.go_on()
            await made.settled(process, work, len(work.warm) + len(records), seconds)
            await asyncio.sleep(5 * POLL_SECONDS)
        finally:
            watching.cancel()
        if watch.grew_at <= began:
            raise BenchError(f"{contestant.name} wrote nothing", process)
        return len(records) / (watch.grew_at - began)


@dataclass
class Watch:
    """Counts what is written to some topics, and notes when that last grew."""

    written: int = 0
    grew_at: float = 0.0

    async def run(self, made: Stage, nouns: Sequence[str]) -> None:
        while True:
            written = await made.ends(nouns)
            if written > self.written:
                self.written, self.grew_at = written, time.monotonic()
            await asyncio.sleep(POLL_SECONDS)
