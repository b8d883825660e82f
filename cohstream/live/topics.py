"""The topics, declared by us and never created by accident: partitions, copies, how long what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from cohstream.errors import ConfigError
from cohstream.live.settings import LiveSettings

FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1"}
CURRENT = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "3600000",
    "delete.retention.ms": "604800000",
}
"""State of the world: the last value of each key stays, a reader has seven days to see that one is gone."""
CHANGELOG = {"cleanup.policy": "compact"}

REPORTS, CLAIMS, REJECTED, CHANGES = "reports", "claims", "rejected", "changes"
RULESET, WATERMARKS = "ruleset", "watermarks"
INCIDENTS, ASSESSMENTS, TALLIES = "incidents", "assessments", "tallies"
SETTINGS: Mapping[str, Mapping[str, str]] = {
    REPORTS: FOR_EVER,
    CLAIMS: FOR_EVER,
    REJECTED: FOR_EVER,
    CHANGES: FOR_EVER,
    INCIDENTS: CURRENT,
    ASSESSMENTS: CURRENT,
    TALLIES: CURRENT,
}
MAX_MESSAGE = {"max.message.bytes": str(8 << 20)}


@dataclass(frozen=True)
class Declared:
    """A topic as it has to be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


def declared(settings: LiveSettings) -> list[Declared]:
    """Every topic of a deployment, the changelogs of its tables included.

    A write is acknowledged by all copies but one at least, so that one broker may be lost.
    """
    nouns = {settings.topic(noun): config for noun, config in SETTINGS.items()}
    logs = {changelog(settings, table): CHANGELOG for table in ("intake", "claims")}
    shared = {settings.topic(noun): CHANGELOG for noun in (RULESET, WATERMARKS)}
    always = {**MAX_MESSAGE, "min.insync.replicas": str(max(1, settings.replication - 1))}
    return [
        Declared(name, settings.partitions, settings.replication, {**config, **always})
        for name, config in (nouns | logs).items()
    ] + [Declared(name, 1, settings.replication, {**config, **always}) for name, config in shared.items()]


def changelog(settings: LiveSettings, table: str) -> str:
    """The changelog topic of a table of the worker."""
    return f"{settings.group_id}-{table}-changelog"


async def create(settings: LiveSettings) -> list[str]:
    """Create what is missing; returns the names created. Raises :class:`ConfigError` if the broker refuses."""
    admin = AIOKafkaAdminClient(**settings.client())
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        missing = [one for one in declared(settings) if one.name not in existing]
        made = [NewTopic(one.name, one.partitions, one.replication, topic_configs=dict(one.config)) for one in missing]
        if made:
            answer = await admin.create_topics(made)
            for name, code, *message in answer.topic_errors:
                if code and not issubclass(for_code(code), TopicAlreadyExistsError):
                    told = next(filter(None, message), for_code(code).__name__)
                    raise ConfigError(f"the broker does not create topic {name}: {told}")
        return [one.name for one in missing]
    except KafkaError as error:
        raise ConfigError(f"the brokers at {settings.brokers} cannot be used: {error!r}") from None
    finally:
        await admin.close()


async def drift(settings: LiveSettings) -> list[str]:
    """How the broker's topics differ from what is declared, one line each; empty if they do not."""
    admin = AIOKafkaAdminClient(**settings.client())
    try:
        await admin.start()
        wanted = declared(settings)
        existing = set(await admin.list_topics())
        lines = [f"{one.name}: is missing; run `cohstream topics create`" for one in wanted if one.name not in existing]
        there = [one for one in wanted if one.name in existing]
        if not there:
            return lines
        described = {one["topic"]: one for one in await admin.describe_topics([one.name for one in there])}
        configs = await _configs(admin, [one.name for one in there])
        for one in there:
            partitions = described[one.name]["partitions"]
            if len(partitions) != one.partitions:
                lines.append(f"{one.name}: has {len(partitions)} partitions, {one.partitions} are declared")
            copies = {len(part["replicas"]) for part in partitions}
            if copies != {one.replication}:
                lines.append(f"{one.name}: has {sorted(copies)} copies, {one.replication} are declared")
            for key, value in one.config.items():
                found = configs[one.name].get(key)
                if found != value:
                    lines.append(f"{one.name}: {key} is {found}, {value} is declared")
        return lines
    except KafkaError as error:
        raise ConfigError(f"the brokers at {settings.brokers} cannot be used: {error!r}") from None
    finally:
        await admin.close()


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for answer in await admin.describe_configs(resources):
        for _code, _message, _kind, name, entries in answer.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found
