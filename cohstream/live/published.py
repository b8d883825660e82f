"""The log of changes on Kafka, with when each was told: the time that its record has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import CHANGES
from cohstream.publish.published import Told


async def published(settings: LiveSettings) -> AsyncIterator[Told]:
    """Every change on the topic, once, in the order of its partition. Raises :class:`ConfigError`."""
    known = set()
    async for record in records_of(settings, CHANGES):
        named = dict(record.headers)["ce_id"]
        if named not in known:  # what a crash told twice is one change
            known.add(named)
            yield Told.of(datetime.fromtimestamp(record.timestamp / 1000, UTC), record.value or b"null")
