"""The topics, declared by us and never created by accident: partitions, copies, how long what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from cohstream.errors import ConfigError
from cohstream.live.connection import admin_of
from cohstream.live.settings import LiveSettings

FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
CURRENT = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "3600000",
    "delete.retention.ms": "604800000",
}
"""State of the world: the last value of each key stays, a reader has seven days to see that one is gone."""
CHANGELOG = {"cleanup.policy": "compact", "segment.bytes": str(64 << 20)}
"""State of the workers; small segments, because only closed ones are compacted and recovery reads them all."""

REPORTS, CLAIMS, REJECTED, CHANGES = "reports", "claims", "rejected", "changes"
INCIDENTS, ASSESSMENTS, TALLIES = "incidents", "assessments", "tallies"
RULESET, WATERMARKS = "ruleset", "watermarks"
SETTINGS: Mapping[str, Mapping[str, str]] = {
    REPORTS: FOR_EVER,
    CLAIMS: FOR_EVER,
    REJECTED: FOR_EVER,
    CHANGES: FOR_EVER,
    INCIDENTS: CURRENT,
    ASSESSMENTS: CURRENT,
    TALLIES: CURRENT,
}
TABLES = ("intake", "claims")

MAX_RECORD_BYTES = 8 << 20
"""The largest record that is taken in; a report beyond 1 MiB is a dead letter, and kept whole."""
HEADERS_BYTES = 1 << 20
"""What a dead letter may have beyond its record: the headers of its error."""

SERVED_SECONDS = 60.0


@dataclass(frozen=True)
class Declared:
    """A topic as it has to be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


class Difference(NamedTuple):
    """Where the broker's topic is not as declared. ``what`` is ``topic``, ``partitions``, ``copies`` or a setting."""

    topic: str
    what: str
    found: str
    declared: str

    def __str__(self) -> str:
        if self.what == "topic":
            return f"{self.topic}: is missing; run `cohstream topics create`"
        return f"{self.topic}: {self.what} is {self.found}, {self.declared} is declared"


def declared(settings: LiveSettings) -> list[Declared]:
    """Every topic of a deployment, the changelogs of its tables included.

    A write is acknowledged by all copies but one at least, so that one broker may be lost.
    """

    def one(name: str, partitions: int, config: Mapping[str, str], extra_bytes: int = 0) -> Declared:
        sizes = {"max.message.bytes": str(MAX_RECORD_BYTES + extra_bytes)}
        copies = {"min.insync.replicas": str(max(1, settings.replication - 1))}
        return Declared(name, partitions, settings.replication, {**config, **sizes, **copies})

    return [
        *[
            one(settings.topic(noun), settings.partitions, config, HEADERS_BYTES if noun == REJECTED else 0)
            for noun, config in SETTINGS.items()
        ],
        *[one(changelog(settings, table), settings.partitions, CHANGELOG) for table in TABLES],
        one(settings.topic(RULESET), 1, FOR_EVER),
        one(settings.topic(WATERMARKS), 1, CHANGELOG),
    ]


def changelog(settings: LiveSettings, table: str) -> str:
    """The changelog topic of a table of the worker."""
    return f"{settings.group_id}-{table}-changelog"


async def create(settings: LiveSettings, nouns: Collection[str] = ()) -> list[str]:
    """Create what is missing, of all topics or of those of ``nouns``; returns the names created.

    Raises :class:`ConfigError` if the broker refuses.
    """
    wanted = {settings.topic(noun) for noun in nouns}
    async with admin_of(settings) as admin:
        existing = set(await admin.list_topics())
        missing = [one for one in declared(settings) if one.name not in existing and (not wanted or one.name in wanted)]
        made = [NewTopic(one.name, one.partitions, one.replication, topic_configs=dict(one.config)) for one in missing]
        if made:
            answer = await admin.create_topics(made)
            for name, code, *message in answer.topic_errors:
                if code and not issubclass(for_code(code), TopicAlreadyExistsError):
                    told = next(filter(None, message), for_code(code).__name__)
                    raise ConfigError(f"the broker does not create topic {name}: {told}")
            await _until_served(admin, missing)
        return [one.name for one in missing]


async def _until_served(admin: AIOKafkaAdminClient, made: list[Declared]) -> None:
    """Wait until the brokers know of the topics just ``made``: they answer before they do."""
    async with asyncio.timeout(SERVED_SECONDS):
        while True:
            parts = {one["topic"]: one["partitions"] for one in await admin.describe_topics([one.name for one in made])}
            led = {name: sum(part["leader"] >= 0 for part in described) for name, described in parts.items()}
            if all(led.get(one.name, 0) >= one.partitions for one in made):
                return
            await asyncio.sleep(0.1)


async def drift(settings: LiveSettings) -> list[Difference]:
    """How the broker's topics differ from what is declared; empty if they do not. Raises :class:`ConfigError`."""
    async with admin_of(settings) as admin:
        wanted = declared(settings)
        existing = set(await admin.list_topics())
        there = [one for one in wanted if one.name in existing]
        differences = [Difference(one.name, "topic", "missing", "there") for one in wanted if one.name not in existing]
        if not there:
            return differences
        described = {
            one["topic"]: one["partitions"] for one in await admin.describe_topics([one.name for one in there])
        }
        configs = await _configs(admin, [one.name for one in there])
        for one in there:
            parts = described[one.name]
            copies = ", ".join(map(str, sorted({len(part["replicas"]) for part in parts})))
            values = [
                ("partitions", str(len(parts)), str(one.partitions)),
                ("copies", copies, str(one.replication)),
                *[(name, configs[one.name].get(name, "unknown"), value) for name, value in one.config.items()],
            ]
            differences += [Difference(one.name, *each) for each in values if each[1] != each[2]]
        return differences


async def verify(settings: LiveSettings) -> None:
    """Raises :class:`ConfigError` if a worker cannot run on the broker's topics: they are missing, or cut otherwise."""
    differences = await drift(settings)
    missing = [one.topic for one in differences if one.what == "topic"]
    if missing:
        raise ConfigError(
            f"{len(missing)} of {len(declared(settings))} topics are missing, {missing[0]} among them; "
            "run `cohstream topics create`"
        )
    for one in differences:
        if one.what == "partitions":
            raise ConfigError(
                f"topic {one.topic} has {one.found} partitions, COHSTREAM_PARTITIONS is {one.declared}; set it to the "
                "number that the topics have, or replay into another COHSTREAM_PREFIX"
            )


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for answer in await admin.describe_configs(resources):
        for _code, _message, _kind, name, entries in answer.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found
