"""Record batches through Faust: an agent gets one event per fetched partition batch, not one per message.

Why (ADR 0009): Faust's cost is per message. What else changes against Faust's aiokafka driver:

- Nothing is acknowledged by accident: leaving the loop body by an exception, a skipped event or a decode error does
  not move the committed offset. Only :meth:`RecordBatchConsumer.done` does, and the driver calls it once the
  batch's state and outputs are durably sent.
- Nothing fetched during a rebalance is lost: sources are read only after it, from the committed offset on.
- Reports of aborted transactions are not read.
- A batch is acknowledged as a whole, so gaps in its offsets (compaction, transaction markers) need no bookkeeping.
- Changelog partitions keep Faust's message by message path: recovery reads them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import faust
from aiokafka.structs import ConsumerRecord, TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP, Message
from mode.utils.futures import notify

REBALANCE_POLL_SECONDS = 0.02


class RecordBatch(NamedTuple):
    """The records of one partition that were fetched together, in order of offset, under one group generation."""

    topic: str
    partition: int
    generation: int
    records: list[ConsumerRecord]


class RecordBatchSchema(faust.Schema[Any, Any]):
    """Hands the batch over as it is."""

    def compile(self, app: Any, **_: Any) -> Any:
        async def decode(message: Message, *, propagate: bool = False) -> Any:  # noqa: ARG001 (Faust's signature)
            return app.create_event(None, message.value, None, message)

        return decode


class CommittedThread(AIOKafkaConsumerThread):
    """Faust's consumer thread; what a producer took back by aborting its transaction is not read."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer: Any = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        return consumer


class RecordBatchConsumer(Consumer):
    """Faust's consumer, a batch at a time."""

    def _new_consumer_thread(self) -> CommittedThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109 (Faust's signature)
        """Fetched records: one message per partition of a source, one per record of a changelog."""
        generation = self.app.consumer_generation_id
        records, active = await self._wait_next_records(timeout)
        if not records or active is None or self.should_stop:
            return
        if not self.flow_active or self.app.consumer_generation_id != generation:
            await self.perform_seek()
            return
        for tp, fetched in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if not fetched or (tp not in active and tp not in self._buffered_partitions):
                continue
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            if self._is_changelog_tp(tp):
                for record in fetched:
                    yield tp, self._to_message(tp, record)
            else:
                message = self._to_message(tp, fetched[-1])
                message.value = RecordBatch(tp.topic, tp.partition, generation, fetched)  # type: ignore[assignment]
                yield tp, message

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        """Fetch; until a rebalance is over only changelogs, since Faust clears its queues at the end of it."""
        if self.app.rebalancing:
            active_partitions = {tp for tp in active_partitions or () if self._is_changelog_tp(tp)}
            if not active_partitions:
                await self.sleep(REBALANCE_POLL_SECONDS)
                return {}
        return await super()._getmany(active_partitions, timeout)

    async def perform_seek(self) -> None:
        """Seek to what is committed; where nothing is, to the beginning (Faust stays wherever it had read to)."""
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
        """Mark ``batch`` as done, so that the next commit goes past it; ``False`` if it is no longer ours."""
        if not self.owns(batch):
            return False
        self._acked[TP(batch.topic, batch.partition)].append(batch.records[-1].offset)
        self._n_acked += 1
        return True

    def owns(self, batch: RecordBatch) -> bool:
        """Whether the partition is still assigned to us under the generation that the batch was fetched in."""
        ours = batch.generation == self.app.consumer_generation_id
        return ours and TP(batch.topic, batch.partition) in self.assignment()

    def _new_offset(self, tp: TP) -> int | None:
        done = self._acked[tp]
        if not done:
            return None
        offset = max(done) + 1
        done.clear()
        return offset


class RecordBatchTransport(Transport):
    """Faust's aiokafka transport with :class:`RecordBatchConsumer`."""

    Consumer = RecordBatchConsumer
