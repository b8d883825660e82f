"""Reading what the topics say now: the last value of each key, and the digest over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from cohstream.domain.tally import TallyKey
from cohstream.live.events import REVISION
from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, INCIDENTS, TALLIES
from cohstream.publish.digest import digest_of_lines

SORT_KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    INCIDENTS: lambda record: record["incident_id"],
    ASSESSMENTS: lambda record: (record["incident_id"], record["agreement"]),
    TALLIES: lambda record: tuple(record[name] for name in TallyKey._fields),
}


async def current(settings: LiveSettings, noun: str) -> dict[bytes, bytes]:
    """The present value by key: that of the greatest revision; what vanished is not there."""
    latest: dict[bytes, tuple[bytes, bytes | None]] = {}
    async for record in records_of(settings, noun):
        revision = dict(record.headers).get(REVISION, b"")
        if record.key not in latest or revision >= latest[record.key][0]:
            latest[record.key] = revision, record.value
    return {key: value for key, (_, value) in latest.items() if value is not None}


async def topics_digest(settings: LiveSettings) -> str:
    """The digest of what the topics say: that of an in-memory run over the same reports, once all is processed."""
    lines: list[bytes] = []
    for noun, sort_key in SORT_KEYS.items():
        records = [(sort_key(orjson.loads(value)), value) for value in (await current(settings, noun)).values()]
        lines += [value for _, value in sorted(records)]
    return digest_of_lines(lines)
