"""What the doctor asks the brokers: whether they are enough, the topics, the law on record, the group and its lag."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from cohstream.knowledge import load_knowledge
from cohstream.law import law_digest
from cohstream.live import topics
from cohstream.live.doctor.check import Check, fail, ok, some, warn
from cohstream.live.ruleset import Ruleset, recorded, refuse_other
from cohstream.live.settings import LiveSettings
from cohstream.local.session import Settings, chosen_agreements

COMMITS_WAITED = 3
"""How many commit intervals a group may stand still with records before it before that is a fault."""
READ_MS = 1000


class Topic(NamedTuple):
    """A topic of the deployment as the broker has it."""

    name: str
    partitions: tuple[dict[str, Any], ...]

    @property
    def parts(self) -> list[TopicPartition]:
        return [TopicPartition(self.name, part["partition"]) for part in self.partitions]


async def topics_of(settings: LiveSettings, admin: AIOKafkaAdminClient) -> dict[str, Topic]:
    """The topics of the deployment that are there, by name."""
    existing = set(await admin.list_topics())
    names = [one.name for one in topics.declared(settings) if one.name in existing]
    described = await admin.describe_topics(names) if names else []
    return {one["topic"]: Topic(one["topic"], tuple(one["partitions"])) for one in described}


async def check_brokers(settings: LiveSettings, admin: AIOKafkaAdminClient) -> list[Check]:
    """Whether there are as many brokers as copies are to be kept."""
    brokers = (await admin.describe_cluster())["brokers"]
    found = f"{settings.brokers} lets us in; {len(brokers)} in the cluster"
    if len(brokers) < settings.replication:
        remedy = f"start more brokers, or set COHSTREAM_REPLICATION to at most {len(brokers)}"
        return [fail("brokers", f"{found}, but each topic is to have {settings.replication} copies", remedy)]
    if settings.replication == 1:
        return [ok("brokers", f"{found}; one copy of everything (COHSTREAM_REPLICATION)")]
    return [ok("brokers", found)]


async def check_topics(settings: LiveSettings, there: dict[str, Topic]) -> list[Check]:
    """Whether the topics are as declared, and served."""
    differences = await topics.drift(settings)
    missing = [one.topic for one in differences if one.what == "topic"]
    cut = [one for one in differences if one.what == "partitions"]
    drifted = [one for one in differences if one.what not in ("topic", "partitions")]
    checks = []
    if missing:
        checks.append(fail("topics", f"missing: {some(missing)}", "run `cohstream topics create`"))
    if cut:
        remedy = "set COHSTREAM_PARTITIONS to what the topics have, or rebuild under another COHSTREAM_PREFIX"
        checks.append(fail("topics", some(cut), remedy))
    if drifted:
        first = drifted[0]
        remedy = (
            "set COHSTREAM_REPLICATION to the copies there are, or add copies by kafka-reassign-partitions.sh"
            if first.what == "copies"
            else "unless it is meant: kafka-configs.sh --alter --entity-type topics "
            f"--entity-name {first.topic} --add-config {first.what}={first.declared}"
        )
        checks.append(warn("topics", some(drifted), remedy))
    parts = [(f"{one.name}/{part['partition']}", part) for one in there.values() for part in one.partitions]
    led_by_none = [name for name, part in parts if part["leader"] < 0]
    behind = [name for name, part in parts if part["leader"] >= 0 and len(part["isr"]) < len(part["replicas"])]
    if led_by_none:
        remedy = "start the brokers that are down; until then nothing is read or written there"
        checks.append(fail("topics", f"partitions without a leader: {some(led_by_none)}", remedy))
    if behind:
        remedy = "look for a broker that is down or slow; one more loss, and nothing is acknowledged"
        checks.append(warn("topics", f"copies are missing or behind: {some(behind)}", remedy))
    return checks or [ok("topics", f"{len(there)} as declared, every partition has a leader and all its copies")]


async def check_ruleset(settings: LiveSettings) -> list[Check]:
    """Whether the group's state was made under our law, knowledge and partitions; ConfigError says that it was not."""
    agreements = chosen_agreements(Settings(settings.agreement, settings.agreements))
    ours = Ruleset(law_digest(agreements), load_knowledge().digest, settings.partitions)
    theirs = await recorded(settings)
    if theirs is None:
        remedy = "start a worker: the first one records its law"
        return [warn("ruleset", f"the group {settings.group_id} has none on record yet", remedy)]
    refuse_other(settings, theirs, ours)
    return [ok("ruleset", f"the group's is ours: {', '.join(agreements)}; law {ours.law}")]


async def check_group(settings: LiveSettings, admin: AIOKafkaAdminClient) -> list[Check]:
    """Whether workers are in the group, and share its partitions."""
    (answer,) = await admin.describe_consumer_groups([settings.group_id])
    (group,) = answer.to_object()["groups"]
    state, members = group["state"], len(group["members"])
    if not members:
        remedy = "start a worker; if one runs, compare its COHSTREAM_BROKERS, _PREFIX and _GROUP with these"
        return [fail("group", f"no worker is in the group {settings.group_id}", remedy)]
    if state != "Stable":
        remedy = "wait a moment; if it stays so, look for a worker that comes and goes"
        return [warn("group", f"the group {settings.group_id} is moving partitions ({state})", remedy)]
    if members > settings.partitions:
        remedy = "stop those that are too many; more partitions need a rebuild"
        return [warn("group", f"{members} workers share {settings.partitions} partitions: some are idle", remedy)]
    return [ok("group", f"{members} {'worker shares' if members == 1 else 'workers share'} it, no partition moves")]


async def check_lag(
    settings: LiveSettings, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, there: dict[str, Topic]
) -> list[Check]:
    """Whether the group gets on with the reports and claims that wait, if any do."""
    names = [settings.topic(noun) for noun in (topics.REPORTS, topics.CLAIMS)]
    parts = [part for name in names if name in there for part in there[name].parts]
    before = await _waiting(settings, admin, consumer, parts)
    if not before:
        return [ok("lag", "all reports and claims are processed")]
    seconds = COMMITS_WAITED * settings.commit_interval
    await asyncio.sleep(seconds)
    after = await _waiting(settings, admin, consumer, parts)
    told = f"{sum(one.records for one in before.values()):,} records wait in {some(_names(before))}"
    if any(part not in after or after[part].committed > one.committed for part, one in before.items()):
        return [ok("lag", f"{told}; they are being processed")]
    if not await _read(consumer, before):
        return [ok("lag", "all reports and claims are processed; what follows are marks of transactions")]
    remedy = "look at the workers' logs; if there is no worker in the group, start one"
    return [fail("lag", f"{told}, and nothing was committed in {seconds:.0f} s", remedy)]


class _Waiting(NamedTuple):
    committed: int
    end: int

    @property
    def records(self) -> int:
        return self.end - self.committed


async def _waiting(
    settings: LiveSettings, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, parts: list[TopicPartition]
) -> dict[TopicPartition, _Waiting]:
    """Partitions with records that the group has not committed."""
    if not parts:
        return {}
    begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    committed = await admin.list_consumer_group_offsets(settings.group_id)
    done = {part: max(begins[part], committed[part].offset if part in committed else 0) for part in parts}
    return {part: _Waiting(done[part], ends[part]) for part in parts if ends[part] > done[part]}


async def _read(consumer: AIOKafkaConsumer, waiting: dict[TopicPartition, _Waiting]) -> bool:
    """Whether there is a record at all among what waits."""
    consumer.assign(list(waiting))
    for part, one in waiting.items():
        consumer.seek(part, one.committed)
    return any((await consumer.getmany(timeout_ms=READ_MS)).values())


def _names(parts: dict[TopicPartition, _Waiting]) -> list[str]:
    return [f"{part.topic}/{part.partition}" for part in parts]
