"""Record batches through Faust: an agent gets one event per fetched partition batch, not one per message.

Why (ADR 0009): Faust's cost is per message. What else changes against Faust's aiokafka driver:

- Nothing is acknowledged by accident: leaving the loop body by an exception, a skipped event or a decode error does
  not move the committed offset. Only :meth:`RecordBatchConsumer.done` does, and the driver calls it once the
  batch's state and outputs are durably sent.
- Nothing fetched during a rebalance is lost: sources are read only after it, from the committed offset on.
- What a producer wrote in a transaction that it gave up is not read.
- A batch is acknowledged as a whole, so gaps in its offsets (compaction, transaction markers) need no bookkeeping.
- The committed offset goes past a batch only when it and all before it are done, in whatever order they end.
- What is fetched while a batch of the same partition still waits for its agent joins that batch. So batches grow with
  the load, and a few records never queue up as many small batches that each wait for acknowledgements.
- Changelog partitions keep Faust's message by message path: recovery reads them.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import faust
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP, Message
from mode.utils.futures import notify

REBALANCE_POLL_SECONDS = 0.02
FETCH_MAX_WAIT_MS = 100
"""How long a broker may hold a fetch for want of records; 1,500 in Faust.

aiokafka has one fetch a broker, and leaves partitions out of it whose records wait to be taken: what comes in for
them meanwhile is seen when that fetch ends.
"""


class RecordBatch(NamedTuple):
    """The records of one partition that were fetched together, in order of offset, under one group generation."""

    topic: str
    partition: int
    generation: int
    records: list[ConsumerRecord]


@dataclass(slots=True)
class HandedOut:
    """A batch on its way through an agent; what is below ``done_to`` is done."""

    batch: RecordBatch
    done_to: int = -1

    @property
    def is_done(self) -> bool:
        return bool(self.done_to > self.batch.records[-1].offset)

    @property
    def left(self) -> int:
        """How many of its records are not done."""
        records = self.batch.records
        return len(records) - bisect_left(records, self.done_to, key=lambda record: record.offset)

    def finish(self, first: int, last: int) -> None:
        """Note that what lies between the offsets ``first`` and ``last`` is done."""
        if first <= self.batch.records[-1].offset and last >= self.batch.records[0].offset:
            self.done_to = min(last, self.batch.records[-1].offset) + 1


class RecordBatchSchema(faust.Schema[Any, Any]):
    """Hands the batch over as it is."""

    def compile(self, app: Any, **_: Any) -> Any:
        async def decode(message: Message, *, propagate: bool = False) -> Any:  # noqa: ARG001 (Faust's signature)
            return app.create_event(None, message.value, None, message)

        return decode


class RecordBatchThread(AIOKafkaConsumerThread):
    """Faust's consumer thread, with shorter fetches; what a producer took back with its transaction is not read."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer: AIOKafkaConsumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS
        if transport.linger:
            consumer._fetch_min_bytes = self.app.conf.consumer_max_fetch_size
            consumer._fetch_max_wait_ms = int(transport.linger * 1000)
        return consumer

    def assigned_state(self) -> Any:
        """What aiokafka knows of each partition assigned to us; ``None`` between assignments."""
        subscription = self._consumer._subscription.subscription if self._consumer else None
        return subscription.assignment if subscription else None


class RecordBatchConsumer(Consumer):
    """Faust's consumer, a batch at a time."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._handed_out: defaultdict[TP, deque[HandedOut]] = defaultdict(deque)
        """What the next commits have to go past, in order."""
        self._waiting: dict[TP, RecordBatch] = {}
        """The last batch of each partition that no agent has taken yet."""
        self._seek_again = False
        """Records were fetched while partitions moved, and passed over: once that is over they are fetched anew."""

    def _new_consumer_thread(self) -> RecordBatchThread:
        return RecordBatchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109 (Faust's signature)
        """Fetched records: one message per partition of a source, one per record of a changelog."""
        generation = self.app.consumer_generation_id
        records, active = await self._wait_next_records(timeout)
        if not records or active is None or self.should_stop:
            return
        across = self.app.consumer_generation_id != generation  # fetched while partitions moved
        generation = self.app.consumer_generation_id
        for tp, fetched in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            if not fetched or (tp not in active and tp not in self._buffered_partitions):
                continue
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            if self._is_changelog_tp(tp):
                for record in fetched:
                    yield tp, self._to_message(tp, record)
            elif across or fetched[-1].offset < (self._read_offset[tp] or 0):
                continue
            elif not self._joined(tp, generation, fetched):
                message = self._to_message(tp, fetched[-1])
                batch = self._waiting[tp] = RecordBatch(tp.topic, tp.partition, generation, fetched)
                self._handed_out[tp].append(HandedOut(batch))
                message.value = batch  # type: ignore[assignment]
                yield tp, message
        if across or not self.flow_active:
            self._seek_again = True

    def _joined(self, tp: TP, generation: int, fetched: list[ConsumerRecord]) -> bool:
        """Add what was ``fetched`` to the batch that waits, if there is one with room that it continues."""
        waiting = self._waiting.get(tp)
        if (
            waiting is None
            or waiting.generation != generation
            or len(waiting.records) + len(fetched) > self.app.conf.broker_max_poll_records
            or fetched[0].offset <= waiting.records[-1].offset
        ):
            return False
        waiting.records.extend(fetched)
        self._read_offset[tp] = fetched[-1].offset
        return True

    def stop_flow(self) -> None:
        """While partitions move, batches that wait are dropped from the queues: nothing joins them any more."""
        self._waiting.clear()
        super().stop_flow()

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        """Fetch; until a rebalance is over only changelogs, since Faust clears its queues at the end of it."""
        if self.app.rebalancing:
            active_partitions = {tp for tp in active_partitions or () if self._is_changelog_tp(tp)}
            if not active_partitions:
                await self.sleep(REBALANCE_POLL_SECONDS)
                return {}
        elif self._seek_again:
            self._seek_again = False
            await self.perform_seek()
        return await super()._getmany(active_partitions, timeout)

    async def perform_seek(self) -> None:
        """Seek to what is committed; where nothing is, to the beginning (Faust stays wherever it had read to)."""
        self._handed_out.clear()  # what was handed out before comes once more
        await super().perform_seek()
        fresh = [tp for tp in self.assignment() if not self._is_changelog_tp(tp) and not self._read_offset[tp]]
        if fresh:
            await self._thread.seek_to_beginning(*[TopicPartition(*tp) for tp in fresh])

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Gaps are of no concern: a batch is done as a whole, in order."""

    def ack(self, message: Message) -> bool:
        """Faust's own acknowledgement: the message is out of the way, but its offset is not done."""
        if not message.acked:
            message.acked = True
            self._unacked_messages.discard(message)
            notify(self._waiting_for_ack)
        return False

    def done(self, batch: RecordBatch) -> bool:
        """Mark ``batch`` as done, be it a part or several of those handed out; ``False`` if it is no longer ours.

        The next commit goes past it if all before it is done.
        """
        if not self.owns(batch):
            return False
        tp, last = TP(batch.topic, batch.partition), batch.records[-1].offset
        for one in self._handed_out[tp]:
            one.finish(batch.records[0].offset, last)
        self._acked[tp].append(last)
        self._n_acked += 1
        return True

    def owns(self, batch: RecordBatch) -> bool:
        """Whether the partition is still assigned to us under the generation that the batch was fetched in."""
        ours = batch.generation == self.app.consumer_generation_id
        return ours and TP(batch.topic, batch.partition) in self.assignment()

    def begin(self, batch: RecordBatch) -> bool:
        """Close ``batch``, so that nothing joins it any more, and say whether it is still ours."""
        tp = TP(batch.topic, batch.partition)
        if self._waiting.get(tp) is batch:
            del self._waiting[tp]
        return self.owns(batch)

    def lag(self, topics: Collection[str]) -> Iterator[tuple[TP, int]]:
        """Records of ``topics`` not done yet, by owned partition: those handed out, and those still to be fetched.

        The end of a partition is known from the first fetch on, and as new as the last one.
        """
        thread: Any = self._thread
        assignment = thread.assigned_state()
        for tp in self.assignment() if assignment else ():
            state = assignment.state_value(tp) if tp.topic in topics else None
            if state is None or state.lso is None or not state.has_valid_position:
                continue
            waiting = sum(one.left for one in self._handed_out.get(tp, ()))
            yield tp, waiting + max(0, state.lso - state.position)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks here for slow partitions by message; it fails where a position is not known yet."""

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit, unless the worker has crashed: the thread that commits may be gone then, and would be waited for
        without end. What is not committed is done once more, which harms nothing.
        """
        app: Any = self.app
        committing = asyncio.ensure_future(super()._commit(offsets))
        crashed = asyncio.ensure_future(app._crashed.wait())
        await asyncio.wait({committing, crashed}, return_when=asyncio.FIRST_COMPLETED)
        crashed.cancel()
        if committing.done():
            return bool(committing.result())
        committing.cancel()
        return False

    def _new_offset(self, tp: TP) -> int | None:
        """Where to go on after what is done without anything before it that is not."""
        offset, handed_out = None, self._handed_out[tp]
        while handed_out and handed_out[0].done_to > 0:
            offset = handed_out[0].done_to
            if not handed_out[0].is_done:
                break
            handed_out.popleft()
        self._acked[tp].clear()
        return offset


class RecordBatchTransport(Transport):
    """Faust's aiokafka transport with :class:`RecordBatchConsumer`.

    ``linger`` is for how many seconds the broker may wait for a fetch to fill.
    """

    Consumer = RecordBatchConsumer

    def __init__(self, *arguments: Any, linger: float = 0.0, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.linger = linger
