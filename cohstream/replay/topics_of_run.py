"""The topics of a run: what a finished replay came to, on Kafka under the run's id, as workers would tell it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import orjson
from aiokafka.errors import KafkaError

from cohstream.domain.canonical import canonical_json
from cohstream.errors import ConfigError
from cohstream.live import topics
from cohstream.live.events import event
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, CHANGES, INCIDENTS, TALLIES
from cohstream.live.writer import Outbox, Outgoing, Writer, partition_of
from cohstream.publish.records import tally_record
from cohstream.replay.results import Results

REVISION = b"0"
"""A run tells each thing once, as it came to be in the end."""
TOGETHER = 1_000


def settings_of_run(settings: LiveSettings, run_id: str) -> LiveSettings:
    """Settings by which the topics of a run are found: ``incidents`` is ``cohstream.RUN.incidents.v1``."""
    return settings.model_copy(update={"prefix": f"{settings.prefix}.{run_id}"})


async def publish(settings: LiveSettings, run_id: str, results: Results) -> int:
    """Make the topics of the run, if need be, and write all that it came to; returns how many records.

    Written again, it says the same again. Raises :class:`ConfigError` if the brokers do not take it.
    """
    ours = settings_of_run(settings, run_id)
    await topics.create(ours, (INCIDENTS, ASSESSMENTS, TALLIES, CHANGES))
    writer = Writer(ours)
    written = 0
    try:
        await writer.start()
        outbox, waiting = Outbox(), 0
        for noun, record in _records(results):
            outbox.add(ours.topic(noun), partition_of(record.key or b"", ours.partitions), record)
            waiting += 1
            if waiting == TOGETHER:
                await writer.write(outbox)
                written += waiting
                outbox, waiting = Outbox(), 0
        await writer.write(outbox)
        return written + waiting
    except KafkaError as error:
        raise ConfigError(f"the brokers at {settings.brokers} did not take all records: {error!r}") from None
    finally:
        await writer.stop()


def _records(results: Results) -> Iterator[tuple[str, Outgoing]]:
    for place, body in results.changes():
        about = sha256(f"{place}\0".encode() + body).hexdigest()[:32]
        yield CHANGES, event("change", str(orjson.loads(body)["incident_id"]), body, REVISION, about)
    areas = results.areas()
    for (incident_id, body), (_, area) in zip(results.incidents(), areas, strict=True):
        yield INCIDENTS, event("incident", f"{area}/{incident_id}", body, REVISION)
    areas = results.areas()
    known, area = next(areas, ("", ""))
    for incident_id, agreement, body in results.assessments():
        while known != incident_id:
            known, area = next(areas)
        yield ASSESSMENTS, event("assessment", f"{area}/{incident_id}/{agreement}", body, REVISION)
    for key, count in results.tallies():
        yield TALLIES, event("tally", "|".join(key), canonical_json(tally_record(key, count)), REVISION)
