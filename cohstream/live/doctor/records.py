"""The latest records of each topic: whether they are what the topic is for, by cohstream's own models."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import get_type_hints

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from cohstream.engine.intake import read_report
from cohstream.errors import ReportError
from cohstream.live import topics
from cohstream.live.dead_letters import PREFIX
from cohstream.live.doctor.brokers import Topic
from cohstream.live.doctor.check import Check, fail, ok, some, warn
from cohstream.live.ruleset import Ruleset
from cohstream.live.settings import LiveSettings
from cohstream.live.statement import of_message
from cohstream.publish.values import AssessmentValue, ChangeValue, IncidentValue, TallyValue

LATEST = 20
"""Records looked at, of each partition."""
POLL_MS, PATIENCE_SECONDS = 500, 10.0

_ruleset = msgspec.json.Decoder(msgspec.defstruct("Ruleset", list(get_type_hints(Ruleset).items())))


def _rejected(record: ConsumerRecord) -> None:
    if PREFIX + "code" not in dict(record.headers):
        raise ValueError(f"the header {PREFIX}code is missing")


def _watermark(record: ConsumerRecord) -> None:
    int(record.key)
    datetime.fromisoformat(record.value.decode())


def _reads(value: type[msgspec.Struct]) -> Callable[[ConsumerRecord], object]:
    decoder = msgspec.json.Decoder(value)
    return lambda record: decoder.decode(record.value or b"")


READERS: Mapping[str, Callable[[ConsumerRecord], object]] = {
    topics.REPORTS: lambda record: read_report(record.value or b""),
    topics.CLAIMS: lambda record: of_message(record.key, record.value, record.headers),
    topics.REJECTED: _rejected,
    topics.CHANGES: _reads(ChangeValue),
    topics.INCIDENTS: _reads(IncidentValue),
    topics.ASSESSMENTS: _reads(AssessmentValue),
    topics.TALLIES: _reads(TallyValue),
    topics.RULESET: lambda record: _ruleset.decode(record.value or b""),
    topics.WATERMARKS: _watermark,
}
"""How a record of each topic is read; ``ValueError``, ``TypeError`` or :class:`ReportError` if it is none."""
MAY_BE_GONE = frozenset({topics.INCIDENTS, topics.ASSESSMENTS, topics.TALLIES, topics.WATERMARKS})
"""Topics on which a record without a value says that its subject is gone."""


async def latest_records(
    settings: LiveSettings, consumer: AIOKafkaConsumer, there: dict[str, Topic]
) -> dict[str, list[ConsumerRecord]]:
    """The latest records of each partition, by noun of the topic; nothing is committed."""
    latest: dict[str, list[ConsumerRecord]] = {}
    for noun in READERS:
        topic = there.get(settings.topic(noun))
        if topic is None:
            continue
        begins, ends = await consumer.beginning_offsets(topic.parts), await consumer.end_offsets(topic.parts)
        unread = [part for part in topic.parts if ends[part] > begins[part]]
        records = latest[noun] = []
        if not unread:
            continue  # a consumer that is left with nothing assigned cannot be stopped
        consumer.assign(unread)
        for part in unread:
            consumer.seek(part, max(begins[part], ends[part] - LATEST))
        until = time.monotonic() + PATIENCE_SECONDS
        while unread and time.monotonic() < until:
            for some_records in (await consumer.getmany(*unread, timeout_ms=POLL_MS)).values():
                records += some_records
            unread = [part for part in unread if await consumer.position(part) < ends[part]]
    return latest


def check_records(latest: Mapping[str, list[ConsumerRecord]]) -> list[Check]:
    """Whether each of the ``latest`` records can be read by the model of its topic."""
    checks = []
    for noun, records in latest.items():
        faults = [f"{_where(record)} ({fault})" for record in records if (fault := _fault(noun, record))]
        if not faults:
            continue
        found = f"{len(faults)} of the latest {len(records)} {noun} cannot be read: {some(faults, 1)}"
        if noun == topics.REPORTS:
            remedy = "they are dead letters: `cohstream deadletters list`; correct them at their source"
            checks.append(warn("records", found, remedy))
        else:
            remedy = "only workers write there: compare their releases, and find out what else writes"
            checks.append(fail("records", found, remedy))
    total = sum(map(len, latest.values()))
    return checks or [ok("records", f"the latest {total:,} records of {len(latest)} topics can be read")]


def _fault(noun: str, record: ConsumerRecord) -> str:
    """What is wrong with a record, if anything is."""
    if record.value is None and noun in MAY_BE_GONE:
        return ""
    try:
        READERS[noun](record)
    except ReportError as error:
        return error.code
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _where(record: ConsumerRecord) -> str:
    return f"offset {record.offset} of {record.topic}/{record.partition}"
