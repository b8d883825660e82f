"""A live deployment for tests: topics of its own on a real Kafka, workers as processes, and what the topics say.

Nothing here knows how the worker works: reports go in by a plain producer, belief is read off the topics.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import murmur2

from cohstream.engine.batch import Batch
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.live import topics
from cohstream.live.intake import report_key
from cohstream.live.reader import topics_digest
from cohstream.live.settings import LiveSettings
from cohstream.live.writer import Outbox, Outgoing, Writer
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.digest import digest
from tools.kafka import free_port

SESSION_SECONDS = 3.0
PATIENCE_SECONDS = 60.0
SHIPPED = Settings()
_numbers = count(1)


@dataclass
class WorkerProcess:
    """A ``cohstream worker`` of its own; ``number`` names its state directory and group instance."""

    number: int
    http: str
    process: subprocess.Popen[bytes]
    log: Path

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 30.0) -> int:
        """Ask it to end, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of one of its pages; status 0 while it does not answer."""
        try:
            with urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except URLError as error:
            return getattr(error, "code", 0), ""
        except OSError:
            return 0, ""

    def ready(self) -> bool:
        return self.get("/ready")[0] == 200

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")


class ServeProcess(WorkerProcess):
    """A ``cohstream serve`` of its own."""

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def up(self) -> bool:
        """Whether it answers, caught up or not."""
        return self.get("/healthz")[0] == 200


@dataclass
class Deployment:
    """Topics under a prefix of their own. Use as a context: at its end every worker is killed."""

    brokers: str
    directory: Path
    partitions: int = 4
    replication: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: list[WorkerProcess] = field(default_factory=list)
    fronts: list[ServeProcess] = field(default_factory=list)
    prefix: str = field(default_factory=lambda: f"t{os.getpid()}-{next(_numbers)}")

    def __enter__(self) -> Deployment:
        asyncio.run(topics.create(self.settings))
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self.workers, *self.fronts):
            one.kill()

    @property
    def settings(self) -> LiveSettings:
        return LiveSettings(
            brokers=self.brokers,
            prefix=self.prefix,
            partitions=self.partitions,
            replication=self.replication,
            session_timeout=SESSION_SECONDS,
        )

    def worker(self, number: int = 1, hold: str = "", **environment: str) -> WorkerProcess:
        """Start worker ``number``; ``hold`` is Python code that is run before it, to break it on purpose."""
        http = f"127.0.0.1:{free_port()}"
        log = self.directory / f"worker-{number}-{len(self.workers)}.log"
        variables = {
            "COHSTREAM_STATE_DIR": str(self.directory / f"state-{number}"),
            "COHSTREAM_INSTANCE": f"worker-{number}",
            "COHSTREAM_SESSION_TIMEOUT": str(SESSION_SECONDS),
            "COHSTREAM_COMMIT_INTERVAL": "0.2",
        }
        process = self._start("worker", http, log, hold, {**variables, **self.environment, **environment})
        made = WorkerProcess(number, http, process, log)
        self.workers.append(made)
        return made

    def serve(self, hold: str = "", http: str = "", **environment: str) -> ServeProcess:
        """Start ``cohstream serve``, at ``http`` if it is named; ``hold`` as for a worker."""
        http = http or f"127.0.0.1:{free_port()}"
        log = self.directory / f"serve-{len(self.fronts)}.log"
        process = self._start("serve", http, log, hold, {**self.environment, **environment})
        made = ServeProcess(len(self.fronts), http, process, log)
        self.fronts.append(made)
        return made

    def _start(
        self, command: str, http: str, log: Path, hold: str, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        variables = {
            "COHSTREAM_BROKERS": self.brokers,
            "COHSTREAM_PREFIX": self.prefix,
            "COHSTREAM_PARTITIONS": str(self.partitions),
            "COHSTREAM_REPLICATION": str(self.replication),
            "COHSTREAM_HTTP": http,
            **environment,
        }
        code = f"{hold}\nfrom cohstream.cli import main\nmain()"
        with log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-c", code, command],
                env={**os.environ, **variables},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def restart_what_ended(self) -> None:
        """Start workers again that ended by themselves, as whatever supervises them would."""
        for one in [one for one in self.workers if not one.alive]:
            self.workers.remove(one)
            self.worker(one.number)

    def ready(self, *workers: WorkerProcess) -> None:
        """Wait until the workers are ready."""
        for one in workers:
            wait_until(lambda one=one: not one.alive or one.ready(), "a worker is ready", one.said)  # type: ignore[misc]
            assert one.alive, one.said()

    def feed(self, lines: Iterable[bytes], batch: int = 500, by_key: bool = True) -> None:
        """Send reports to the ``reports`` topic, keyed by identity; or, if not ``by_key``, one by one in turn."""
        asyncio.run(self.feed_async(lines, batch, by_key))

    async def feed_async(self, lines: Iterable[bytes], batch: int = 500, by_key: bool = True) -> None:
        writer = Writer(self.settings)
        await writer.start()
        try:
            outbox, waiting = Outbox(), 0
            for number, line in enumerate(lines):
                key = key_of(line) if by_key else None
                partition = number if key is None else murmur2(key) & 0x7FFFFFFF
                outbox.add(self.settings.topic("reports"), partition % self.partitions, Outgoing(key, line))
                waiting += 1
                if waiting == batch:
                    await writer.write(outbox)
                    outbox, waiting = Outbox(), 0
            await writer.write(outbox)
        finally:
            await writer.stop()

    def settled(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the group has committed all reports and claims that there are."""
        wait_until(lambda: not self.lag(), "all is processed", self.told, seconds)

    def lag(self) -> int:
        """Records of reports and claims that the group has not committed yet."""
        return asyncio.run(lag_of(self.settings))

    def digest(self) -> str:
        return asyncio.run(topics_digest(self.settings))

    def told(self) -> str:
        """What the workers printed, for a failing test."""
        return "\n".join(
            f"--- {one.log.stem}, alive: {one.alive}\n{one.said()[-3000:]}" for one in (*self.workers, *self.fronts)
        )


def oracle(lines: Iterable[bytes], under: Settings = SHIPPED) -> Ledger:
    """What an in-memory run believes of the same reports: the truth that every driver is held to."""
    ledger = Ledger()
    batch = Batch(ledger, Context.of(load_knowledge(), chosen_agreements(under)))
    for line in lines:
        batch.take(line)
    batch.settle()
    return ledger


def oracle_digest(lines: Iterable[bytes]) -> str:
    return digest(oracle(lines))


def key_of(line: bytes) -> bytes | None:
    """The key of a report's bytes, or none where it cannot be read."""
    with suppress(ValueError, KeyError, TypeError):
        report = orjson.loads(line)
        return report_key(report["source"], report["report_id"])
    return None


async def lag_of(settings: LiveSettings) -> int:
    """Records that the group has not committed yet; what follows them may be nothing but a transaction's end."""
    admin = AIOKafkaAdminClient(**settings.client())
    consumer = AIOKafkaConsumer(**settings.client(), enable_auto_commit=False, isolation_level="read_committed")
    await admin.start()
    await consumer.start()
    try:
        names = {settings.topic(noun) for noun in (topics.REPORTS, topics.CLAIMS)}
        parts = [TopicPartition(name, number) for name in names for number in range(settings.partitions)]
        ends = await consumer.end_offsets(parts)
        committed = await admin.list_consumer_group_offsets(settings.group_id)
        done = {part: max(committed[part].offset, 0) if part in committed else 0 for part in parts}
        behind = [part for part in parts if ends[part] > done[part]]
        if not behind:
            return 0
        consumer.assign(behind)
        for part in behind:
            consumer.seek(part, done[part])
        return sum(len(records) for records in (await consumer.getmany(timeout_ms=500)).values())
    finally:
        await consumer.stop()
        await admin.close()


def wait_until(
    done: Callable[[], bool],
    what: str,
    context: Callable[[], str] = lambda: "",
    seconds: float = PATIENCE_SECONDS,
) -> None:
    """Wait for ``done``. Raises ``AssertionError`` after ``seconds``, with what ``context`` tells."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise AssertionError(f"not in {seconds:.0f} s: {what}\n{context()}")
        time.sleep(0.2)
