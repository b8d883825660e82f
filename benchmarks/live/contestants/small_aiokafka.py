"""The small job on aiokafka alone, with a producer batch per partition: no durable state, so the ceiling.

It waits for all replicas to acknowledge a batch's outputs before it commits the batch, as often as a batch is done.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.live.contestants.settings import told
from benchmarks.live.contestants.small_job import party_of, told_bytes
from benchmarks.live.stage import SMALL_IN, SMALL_OUT
from cohstream.live.settings import LiveSettings


async def run(settings: LiveSettings) -> None:
    consumer = AIOKafkaConsumer(
        settings.topic(SMALL_IN),
        **settings.client(),
        group_id=settings.group_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=settings.batch_bytes,
        session_timeout_ms=int(settings.session_timeout * 1000),
    )
    producer = AIOKafkaProducer(
        **settings.client(), acks="all", enable_idempotence=True, max_batch_size=1 << 20, max_request_size=4 << 20
    )
    await consumer.start()
    await producer.start()
    out, counts = settings.topic(SMALL_OUT), Counter[str]()
    while True:
        sent = []
        for part, records in (await consumer.getmany(timeout_ms=1000, max_records=settings.batch_records)).items():
            batch = producer.create_batch()
            for record in records:
                report = orjson.loads(record.value)
                party = party_of(report)
                counts[party] += 1
                value = told_bytes(report, party, counts[party])
                while batch.append(key=record.key, value=value, timestamp=None) is None:
                    sent.append(await producer.send_batch(batch, out, partition=part.partition))
                    batch = producer.create_batch()
            sent.append(await producer.send_batch(batch, out, partition=part.partition))
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run(told()))
