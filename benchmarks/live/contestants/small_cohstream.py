"""The small job in our shell: one agent over record batches, with RowTable and Writer.

It does what ``cohstream worker`` does with a batch: outputs are acknowledged by all replicas, then the changelog, then
RocksDB is written, then the offsets may be committed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import faust
import orjson

from benchmarks.live.contestants.settings import run_faust, told
from benchmarks.live.contestants.small_job import party_of, told_bytes
from benchmarks.live.stage import SMALL_IN, SMALL_LOG, SMALL_OUT
from cohstream.live.record_batch import RecordBatch, RecordBatchConsumer, RecordBatchSchema, RecordBatchTransport
from cohstream.live.rows import RowTable
from cohstream.live.settings import LiveSettings
from cohstream.live.writer import Outbox, Outgoing, Writer


class ShellApp(faust.App):
    """A Faust app over record batches, as the worker's."""

    writer: Writer

    def _new_transport(self) -> RecordBatchTransport:
        return RecordBatchTransport(self.conf.broker_consumer, self)

    @property
    def batches(self) -> RecordBatchConsumer:
        consumer: Any = self.consumer
        return consumer  # type: ignore[no-any-return]

    async def on_first_start(self) -> None:
        await self.writer.start()
        await super().on_first_start()


def make(settings: LiveSettings) -> ShellApp:
    app = ShellApp(
        settings.group_id,
        broker=f"kafka://{settings.brokers}",
        store="rocksdb://",
        datadir=str(settings.state_dir),
        autodiscover=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=settings.batch_bytes,
        broker_max_poll_records=settings.batch_records,
        broker_session_timeout=settings.session_timeout,
        broker_request_timeout=90.0,
        broker_commit_interval=1.0,
        stream_buffer_maxsize=16,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        web_enabled=False,
        value_serializer="raw",
        key_serializer="raw",
    )
    app.writer = Writer(settings)
    table = RowTable(app, "counts", max, settings.topic(SMALL_LOG), settings.partitions)
    app.tables.add(table)
    schema = RecordBatchSchema(key_serializer="raw", value_serializer="raw")
    out = settings.topic(SMALL_OUT)

    async def take(batch: RecordBatch) -> None:
        partition = batch.partition
        counts: Counter[str] = Counter()
        records = []
        for record in batch.records:
            report = orjson.loads(record.value)
            party = party_of(report)
            if party not in counts:
                counts[party] = int(table.get_row(partition, party.encode()) or 0)
            counts[party] += 1
            records.append(Outgoing(record.key, told_bytes(report, party, counts[party])))
        outbox = Outbox()
        outbox.extend(out, partition, records)
        await app.writer.write(outbox)
        rows = {party.encode(): b"%020d" % number for party, number in counts.items()}
        where = table.changelog_partition(partition)
        log = Outbox()
        log.extend(where.topic, where.partition, [Outgoing(key, row) for key, row in rows.items()])
        offsets = await app.writer.write(log)
        table.put_rows(partition, rows, offsets[where.topic, where.partition])
        app.batches.done(batch)

    @app.agent(app.topic(settings.topic(SMALL_IN), schema=schema, internal=False), concurrency=1)
    async def count(stream: Any) -> None:
        async for event in stream.noack().events():
            try:
                if app.batches.begin(event.value):
                    await take(event.value)
            finally:
                event.ack()

    return app


if __name__ == "__main__":
    run_faust(make(told()))
