"""Dead letters: what could not be read, with its original key, value and headers, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from cohstream.live.settings import LiveSettings
from cohstream.live.topics import REJECTED, REPORTS
from cohstream.live.writer import Headers, Outbox, Outgoing, Writer

PREFIX = "cohstream.error."


def dead_letter(record: ConsumerRecord, code: str, problem: str, stage: str, ruleset: str) -> Outgoing:
    """The dead letter of ``record``: untouched, with headers that say what, where and under which law."""
    about = {
        "code": code,
        "message": problem,
        "stage": stage,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "ruleset": ruleset,
    }
    headers: Headers = [
        *[(name, value) for name, value in record.headers if not name.startswith(PREFIX)],
        *[(PREFIX + name, text.encode()) for name, text in about.items()],
    ]
    return Outgoing(record.key, record.value, headers)


@dataclass(frozen=True)
class DeadLetter:
    """A record of the ``rejected`` topic; ``number`` is its partition and offset there, ``1:42``."""

    number: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    def about(self, name: str) -> str:
        """What a header ``cohstream.error.<name>`` says, empty if there is none."""
        return dict(self.headers).get(PREFIX + name, b"").decode("utf-8", "replace")


async def dead_letters(settings: LiveSettings) -> AsyncIterator[DeadLetter]:
    """Every dead letter there is now, by partition and offset."""
    consumer = AIOKafkaConsumer(**settings.client(), auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        topic = settings.topic(REJECTED)
        parts = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        ends = await consumer.end_offsets(parts)
        for part in parts:
            consumer.assign([part])
            await consumer.seek_to_beginning(part)
            while await consumer.position(part) < ends[part]:
                for record in (await consumer.getmany(part, timeout_ms=1000)).get(part, []):
                    yield DeadLetter(f"{part.partition}:{record.offset}", record.key, record.value, record.headers)
    finally:
        await consumer.stop()


async def redrive(settings: LiveSettings, letters: list[DeadLetter]) -> int:
    """Send ``letters`` to the ``reports`` topic once more, without the headers of their error; returns how many.

    Harmless however often: bytes that were taken in before are duplicates, bytes that are still wrong come back.
    """
    writer = Writer(settings)
    await writer.start()
    try:
        topic = settings.topic(REPORTS)
        partitions = await writer.partitions(topic)
        outbox = Outbox()
        for letter in letters:
            headers = [(name, value) for name, value in letter.headers if not name.startswith(PREFIX)]
            partition = int(letter.about("partition") or 0) % partitions
            outbox.add(topic, partition, Outgoing(letter.key, letter.value, headers))
        await writer.write(outbox)
        return len(letters)
    finally:
        await writer.stop()
