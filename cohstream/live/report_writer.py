"""Reports that were posted by HTTP, on their way to Kafka: many requests are written together.

A request waits until all in-sync replicas have its records. While one write is under way the next requests gather;
so what is waiting is written at once, and nothing grows without bound: beyond :data:`MAX_WAITING_BYTES`, or after
:data:`ANSWER_SECONDS`, a request is told to come again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from cohstream.engine.batch import Outcome
from cohstream.engine.intake import content_of, read_report
from cohstream.errors import CohstreamError, NotKeptError, StateError
from cohstream.importers import Row
from cohstream.live.dead_letters import posted_letter
from cohstream.live.intake import report_key
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import REJECTED, REPORTS
from cohstream.live.writer import Headers, Outbox, Outgoing, Writer, partition_of

MAX_WAITING_BYTES = 64 << 20
WRITE_BYTES = 4 << 20
"""Requests are written together up to this size."""
ANSWER_SECONDS = 10.0
BASE: Headers = (
    ("ce_specversion", b"1.0"),
    ("ce_type", b"cohstream.report.v1"),
    ("ce_source", b"/cohstream/serve"),
    ("content-type", b"application/json"),
)
log = logging.getLogger("cohstream.serve")


@dataclass(eq=False)
class _Waiting:
    """The records of one request, and whoever waits for them; cancelled once nobody does."""

    outbox: Outbox
    size: int
    written: asyncio.Future[None]


class ReportWriter:
    """Writes posted reports to ``reports`` and rejected records to ``rejected``; ``law`` is told in dead letters."""

    def __init__(self, settings: LiveSettings, law: str) -> None:
        self._settings = settings
        self._law = law
        self._writer: Writer | None = None
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._called = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect. Raises :class:`cohstream.errors.ConfigError` if no broker lets us in."""
        self._writer = await self._connected()
        self._writing = asyncio.create_task(self._write_on())

    async def stop(self) -> None:
        """Stop; whoever still waits is told that nothing is certain."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        while self._waiting:
            self._over(self._waiting.popleft(), NotKeptError("this server is stopping; send it again"))
        await self._disconnect()

    async def take(self, rows: Sequence[Row]) -> Sequence[Outcome]:
        """Write ``rows``; returns once all in-sync replicas have them. Raises :class:`NotKeptError`."""
        size = sum(len(row.raw) for row in rows)
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            raise NotKeptError("the brokers do not keep up; send it again later")
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(self._outbox(rows), size, written))
        self._waiting_bytes += size
        self._called.set()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await written
        except TimeoutError:
            raise NotKeptError(
                f"no broker acknowledged it in {ANSWER_SECONDS:.0f} s; perhaps it was kept: send it again later"
            ) from None
        return [Outcome.REJECTED if row.report is None else Outcome.ACCEPTED for row in rows]

    def _outbox(self, rows: Sequence[Row]) -> Outbox:
        outbox, reports = Outbox(), self._settings.topic(REPORTS)
        for row in rows:
            if row.report is None:
                partition = self._partition_of(row.raw)
                letter = posted_letter(row, reports, partition, self._law)
                outbox.add(self._settings.topic(REJECTED), partition, letter)
                continue
            report = read_report(row.report)
            key = report_key(report.source, report.report_id)
            event_id = content_of(row.report).hex()[:32].encode()
            headers = [*BASE, ("ce_subject", key), ("ce_id", event_id)]
            outbox.add(reports, self._partition_of(key), Outgoing(key, row.report, headers))
        return outbox

    async def _write_on(self) -> None:
        """Write whatever waits, without end."""
        while True:
            await self._called.wait()
            self._called.clear()
            while together := self._next():
                error = await self._write(together)
                if error is not None and len(together) > 1 and isinstance(error.__cause__, StateError):
                    for one in together:  # one of them is too large for its topic: the others are not to suffer
                        self._over(one, await self._write([one]))
                else:
                    for one in together:
                        self._over(one, error)

    def _next(self) -> list[_Waiting]:
        """The requests to write together; those for which nobody waits any more are let go."""
        together: list[_Waiting] = []
        size = 0
        while self._waiting and size < WRITE_BYTES:
            one = self._waiting.popleft()
            if one.written.done():
                self._waiting_bytes -= one.size
                continue
            together.append(one)
            size += one.size
        return together

    async def _write(self, together: Sequence[_Waiting]) -> NotKeptError | None:
        whole = Outbox()
        for one in together:
            for (topic, partition), records in one.outbox.records.items():
                whole.extend(topic, partition, records)
        try:
            if self._writer is None:
                self._writer = await self._connected()
            await self._writer.write(whole)
        except (KafkaError, CohstreamError, OSError) as error:
            log.warning("posted reports could not be written: %s", error if str(error) else repr(error))
            await self._disconnect()  # a producer that lost a batch may not go on: the next one is a new one
            refused = NotKeptError(f"the brokers did not take it ({error!r}); send it again later")
            refused.__cause__ = error
            return refused
        return None

    def _over(self, one: _Waiting, error: NotKeptError | None) -> None:
        self._waiting_bytes -= one.size
        if one.written.done():
            return
        if error is None:
            one.written.set_result(None)
        else:
            one.written.set_exception(error)

    async def _connected(self) -> Writer:
        writer = Writer(self._settings)
        await writer.start()
        return writer

    async def _disconnect(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.abandon()

    def _partition_of(self, key: bytes) -> int:
        return partition_of(key, self._settings.partitions)
