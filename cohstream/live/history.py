"""A stretch of the ``reports`` topic, to be replayed: read without a group, so that nothing of the live one moves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from cohstream.errors import ConfigError
from cohstream.importers import Row
from cohstream.live.scan import Stretch, records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import REPORTS

TOGETHER = 5_000
OFFSETS = re.compile(r"\d+:\d+(,\d+:\d+)*")


class Mark(NamedTuple):
    """Where a stretch begins or ends: an end of the topic, offsets by partition, or the time that brokers stamped."""

    offsets: Mapping[int, int] | None = None
    time: datetime | None = None
    end: bool = False


def mark_of(text: str, option: str) -> Mark:
    """The mark that ``text`` names: ``earliest``, ``latest``, ``0:120,1:98``, or a time with its offset from UTC.

    Raises :class:`ConfigError`, naming ``option``.
    """
    if text in ("earliest", "latest"):
        return Mark(end=text == "latest")
    if OFFSETS.fullmatch(text):
        return Mark(offsets={int(part): int(at) for part, at in (one.split(":") for one in text.split(","))})
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ConfigError(
            f"{option} is {text!r}; write earliest, latest, offsets by partition as 0:120,1:98, "
            "or a time with its offset as 2016-03-01T00:00:00+02:00"
        )
    return Mark(time=time)


def rows_between(settings: LiveSettings, begin: Mark, end: Mark) -> Iterator[Row]:
    """The reports from ``begin`` up to ``end``, which is not in it, partition by partition.

    Raises :class:`ConfigError` if the topic cannot be read.
    """
    with asyncio.Runner() as runner:
        rows = _rows(settings, begin, end)
        try:
            while some := runner.run(_some(rows)):
                yield from some
        finally:
            runner.run(rows.aclose())


async def _some(rows: AsyncGenerator[Row]) -> list[Row]:
    """The next rows, none at the end: a turn of the loop for each of them would take longer than reading it."""
    some: list[Row] = []
    async for row in rows:
        some.append(row)
        if len(some) == TOGETHER:
            break
    return some


async def _rows(settings: LiveSettings, begin: Mark, end: Mark) -> AsyncGenerator[Row]:
    topic = settings.topic(REPORTS)

    async def stretch(consumer: AIOKafkaConsumer, parts: list[TopicPartition]) -> Stretch:
        return Stretch(await _offsets(consumer, parts, begin), await _offsets(consumer, parts, end))

    async for record in records_of(settings, REPORTS, stretch):
        raw = record.value or b""
        yield Row(raw, f"{topic}/{record.partition}:{record.offset}", raw)


async def _offsets(consumer: AIOKafkaConsumer, parts: list[TopicPartition], mark: Mark) -> dict[TopicPartition, int]:
    begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    if mark.offsets is not None:
        unknown = mark.offsets.keys() - {part.partition for part in parts}
        if unknown:
            raise ConfigError(f"there is no partition {min(unknown)}; there are 0 to {len(parts) - 1}")
        return {
            part: min(max(mark.offsets.get(part.partition, begins[part]), begins[part]), ends[part]) for part in parts
        }
    if mark.time is not None:
        at = await consumer.offsets_for_times({part: int(mark.time.timestamp() * 1000) for part in parts})
        return {part: ends[part] if at[part] is None else at[part].offset for part in parts}
    wanted: dict[TopicPartition, int] = ends if mark.end else begins
    return wanted
