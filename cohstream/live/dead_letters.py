"""Dead letters: what could not be read, with its original key, value and headers, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from cohstream.engine.intake import claimed_source
from cohstream.errors import ConfigError
from cohstream.importers import Row
from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import CLAIMS, MAX_RECORD_BYTES, REJECTED, REPORTS
from cohstream.live.writer import Headers, Outbox, Outgoing, Writer

PREFIX = "cohstream.error."
LEFT = "left"
"""The header ``cohstream.error.left`` has the size of a record that was too large to copy."""
HTTP = "http"
"""The stage of records that were posted, and are on no other topic."""
REDRIVE_BYTES = 16 << 20
"""Records that are sent back together; so much is held in memory."""


def dead_letter(record: ConsumerRecord, code: str, problem: str, stage: str, ruleset: str) -> Outgoing:
    """The dead letter of ``record``: untouched, with headers that say what, where and under which law.

    A record that unpacks to more than the topic can hold is left at its offset, where it is kept for ever.
    """
    about = {
        "code": code,
        "message": problem,
        "stage": stage,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "ruleset": ruleset,
    }
    original = _without_error(record.headers)
    size = _size(record.key, record.value, original)
    if size > MAX_RECORD_BYTES:
        return Outgoing(None, None, _told({**about, LEFT: str(size)}))
    return Outgoing(record.key, record.value, [*original, *_told(about)])


def posted_letter(row: Row, topic: str, partition: int, ruleset: str) -> Outgoing:
    """The dead letter of a rejected record that was posted by HTTP, meant for ``partition`` of ``topic``."""
    about = {
        "code": row.code or "",
        "message": row.problem or "",
        "stage": HTTP,
        "topic": topic,
        "partition": str(partition),
        "position": row.position,
        "ruleset": ruleset,
    }
    return Outgoing(None, row.raw, _told(about))


def _told(about: Mapping[str, str]) -> Headers:
    return [(PREFIX + name, text.encode("utf-8", "backslashreplace")) for name, text in about.items()]


@dataclass(frozen=True)
class DeadLetter:
    """A record of the ``rejected`` topic; ``number`` is its partition and offset there, ``1:42``."""

    number: str
    when: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers

    def about(self, name: str) -> str:
        """What a header ``cohstream.error.<name>`` says, empty if there is none."""
        return (dict(self.headers).get(PREFIX + name) or b"").decode("utf-8", "replace")

    @property
    def original(self) -> Outgoing:
        """The record as it came."""
        return Outgoing(self.key, self.value, _without_error(self.headers))


async def dead_letters(settings: LiveSettings) -> AsyncGenerator[DeadLetter, None]:
    """Every dead letter there is now, by partition and offset. Raises :class:`ConfigError`."""
    async for record in records_of(settings, REJECTED):
        when = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        yield DeadLetter(f"{record.partition}:{record.offset}", when, record.key, record.value, record.headers)


@dataclass
class Redriven:
    """What a redrive came to: records sent by topic, and letters that were not sent, with the reason."""

    sent: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[DeadLetter, str]] = field(default_factory=list)


async def redrive(settings: LiveSettings, wanted: Callable[[DeadLetter], bool]) -> Redriven:
    """Send the ``wanted`` letters to where they came from once more, as they came; equal records once.

    Harmless however often: what was taken in before is a duplicate, what is still wrong comes back as a new letter.
    Raises :class:`ConfigError`.
    """
    writer = Writer(settings)
    try:
        await writer.start()
        try:
            return await _redrive(settings, writer, wanted)
        finally:
            await writer.stop()
    except KafkaError as error:
        raise ConfigError(f"the brokers at {settings.brokers} did not take all records: {error!r}") from None


async def _redrive(settings: LiveSettings, writer: Writer, wanted: Callable[[DeadLetter], bool]) -> Redriven:
    redriven, outbox, waiting, seen = Redriven(), Outbox(), 0, set[bytes]()
    partitions = {topic: await writer.partitions(topic) for topic in map(settings.topic, (REPORTS, CLAIMS))}
    async for letter in dead_letters(settings):
        if not wanted(letter):
            continue
        obstacle = _obstacle(letter, partitions)
        if obstacle:
            redriven.kept.append((letter, obstacle))
            continue
        topic, record = letter.about("topic"), letter.original
        fingerprint = sha256(repr((topic, record)).encode()).digest()
        if fingerprint in seen:
            continue
        seen.add(fingerprint)
        outbox.add(topic, int(letter.about("partition")), record)
        redriven.sent[topic] += 1
        waiting += _size(*record)
        if waiting > REDRIVE_BYTES:
            await writer.write(outbox)
            outbox, waiting = Outbox(), 0
    await writer.write(outbox)
    return redriven


def _obstacle(letter: DeadLetter, partitions: dict[str, int]) -> str:
    """Why ``letter`` cannot be sent back, empty if it can."""
    topic, partition = letter.about("topic"), letter.about("partition")
    if letter.about(LEFT):
        return f"too large to have been copied: it lies at offset {letter.about('offset')} of {topic}"
    if letter.about("stage") == HTTP and claimed_source(letter.value or b"") is None:
        return "it was posted by HTTP and names no source, so nobody can say whether its sender may speak for it"
    if topic not in partitions:
        return f"it came from {topic or 'nowhere'}, which is no input of this deployment"
    if not partition.isdecimal() or int(partition) >= partitions[topic]:
        return f"{topic} has no partition {partition or '(none named)'}"
    return ""


def _without_error(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]


def _size(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    return len(key or b"") + len(value or b"") + sum(len(name) + len(text or b"") for name, text in headers)
