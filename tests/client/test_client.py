"""The client on a real Kafka, over records that are put there one by one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.structs import TopicPartition

from cohstream.client import CaughtUp, ChangeValue, Client, Following, IncidentValue, Item, Position, TallyValue
from cohstream.client import following as following_module
from cohstream.client.items import Unreadable, Update
from cohstream.domain.canonical import canonical_json
from cohstream.errors import ConfigError, RecordError
from cohstream.publish.records import tally_record
from tests.client.test_memory import KEY
from tests.deployments import Deployment
from tools.kafka import free_port, kafka
from tools.schemas.examples import examples

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

PATIENCE_SECONDS = 60.0
Told = tuple[str, int | None] | int
"""A party and its count, or how many keys there were when all was told."""


class Topic:
    """Writes records of tallies, each in a partition that is named."""

    def __init__(self, live: Deployment, noun: str = "tallies", transaction: bool = False) -> None:
        self.live, self.name = live, live.settings.topic(noun)
        named = f"{live.prefix}-writer" if transaction else None
        self.producer = AIOKafkaProducer(bootstrap_servers=live.brokers, transactional_id=named)

    async def __aenter__(self) -> Topic:
        await self.producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.producer.stop()

    async def put(self, key: str, value: bytes | None, revision: str = "1", partition: int = 0, **more: str) -> None:
        headers = [("cohstream.revision", revision.encode()), *((name, text.encode()) for name, text in more.items())]
        await self.producer.send_and_wait(self.name, value, key.encode(), partition, headers=headers)

    async def count(self, party: str, count: int | None, revision: str = "1", partition: int = 0) -> None:
        key = KEY._replace(party=party)
        body = None if count is None else canonical_json(tally_record(key, count))
        await self.put("|".join(key), body, revision, partition)


def told(item: Item[TallyValue]) -> Told:
    match item:
        case Update(key, value):
            return key.split("|")[1], value and value.count
        case CaughtUp(keys):
            return keys
        case Unreadable():
            raise item.error


async def some(items: AsyncIterator[Item[TallyValue]], number: int) -> list[Told]:
    """The next ``number`` items."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [told(await anext(items)) for _ in range(number)]


def client(live: Deployment) -> Client:
    return Client(brokers=live.brokers, prefix=live.prefix)


async def test_it_tells_the_state_once_for_each_key_and_then_every_change(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with Topic(live) as topic, client(live) as reader:
        for number in range(1, 4):
            await topic.count("a", number, str(number), partition=number)
        await topic.count("gone", 1, partition=1)
        await topic.count("gone", None, "2", partition=1)
        await topic.count("b", 7, partition=2)
        tallies = reader.follow(TallyValue)
        state = await some(tallies, 3)
        assert sorted(state[:2], key=str) == [("a", 3), ("b", 7)]
        assert state[2] == 2
        await topic.count("a", 2, "4", partition=3)
        await topic.count("a", 9, "3", partition=3)  # a worker that was replaced writes late
        await topic.count("a", 0, "5", partition=3)
        await topic.count("a", None, "5", partition=3)
        assert await some(tallies, 3) == [("a", 2), ("a", 0), ("a", None)]
        assert {one.party: one.count for one in (await reader.current(TallyValue)).values()} == {"b": 7}


async def test_of_a_topic_without_records_it_has_caught_up_at_once(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with client(live) as reader:
        assert await some(reader.follow(TallyValue), 1) == [0]
        assert await reader.current(IncidentValue) == {}


async def test_it_goes_on_from_a_position(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with Topic(live) as topic, client(live) as reader:
        for party in "abc":
            await topic.count(party, 1)
        tallies = reader.follow(TallyValue)
        await some(tallies, 1)
        assert tallies.position.offsets == {}, "before it has caught up, the state is told from its beginning"
        await some(tallies, 3)
        await topic.count("a", 2, "2")
        await topic.count("b", 2, "2")
        assert await some(tallies, 1) == [("a", 2)]
        kept = str(tallies.position)  # the record of b was read, but not given yet
        await topic.count("c", None, "2")
        await topic.count("d", 4, "2", partition=3)
        again = reader.follow(TallyValue, since=kept)
        heard = await some(again, 4)
        assert [one for one in heard if one != ("d", 4)] == [("b", 2), ("c", None), 3]
        assert await some(reader.follow(TallyValue, since=again.position), 1) == [3]


async def test_a_record_of_lower_revision_is_stale_over_a_restart_too(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with Topic(live) as topic, client(live) as reader:
        await topic.count("a", 5, "5")
        tallies = reader.follow(TallyValue)
        await some(tallies, 2)
        await topic.count("a", 3, "3")
        await topic.count("a", 6, "6")
        resumed = reader.follow(TallyValue, since=tallies.position)
        async with asyncio.timeout(PATIENCE_SECONDS):
            first = await anext(resumed)
        assert isinstance(first, Update)
        assert (first.value and first.value.count, first.previous and first.previous.count) == (6, 5)


async def test_what_may_have_been_told_before_a_compaction_is_told_to_be_gone(
    deploy: Callable[..., Deployment],
) -> None:
    """A marker of a transaction leaves the same gap of offsets as a record that was compacted away."""
    live = await asyncio.to_thread(deploy, partitions=1)
    async with Topic(live, transaction=True) as topic, client(live) as reader:
        for party in "ab":
            async with topic.producer.transaction():
                await topic.count(party, 1)
        tallies = reader.follow(TallyValue)
        assert (await some(tallies, 3))[2] == 2
        async with topic.producer.transaction():
            await topic.count("vanished", None, "2")
        assert await some(reader.follow(TallyValue, since=tallies.position), 2) == [("vanished", None), 2]


async def test_it_ends_at_the_marker_of_a_transaction_and_passes_over_what_was_given_up(
    deploy: Callable[..., Deployment],
) -> None:
    live = await asyncio.to_thread(deploy, partitions=1)
    async with Topic(live, transaction=True) as topic, client(live) as reader:
        async with topic.producer.transaction():
            await topic.count("a", 1)
        await topic.producer.begin_transaction()
        await topic.count("b", 1)
        await topic.producer.abort_transaction()
        assert await some(reader.follow(TallyValue), 2) == [("a", 1), 1]


async def test_a_choice_is_followed_and_what_leaves_it_is_gone(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with Topic(live) as topic, client(live) as reader:
        for party, count in (("a", 1), ("b", 5), ("c", 9)):
            await topic.count(party, count)
        many = reader.follow(TallyValue, where=lambda one: one.count > 3, party=["a", "b"])
        assert await some(many, 2) == [("b", 5), 1]
        await topic.count("c", 10, "2")
        await topic.count("a", 4, "2")
        await topic.count("b", 2, "2")
        assert await some(many, 2) == [("a", 4), ("b", None)]


async def test_a_value_that_cannot_be_read_is_given_as_an_item(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy, partitions=1)
    async with Topic(live) as topic, client(live) as reader:
        await topic.put("poison", b'{"count": "many"}')
        await topic.count("a", 1)
        tallies = reader.follow(TallyValue)
        async with asyncio.timeout(PATIENCE_SECONDS):
            items = [await anext(tallies) for _ in range(3)]
        (poison,) = [one for one in items if isinstance(one, Unreadable)]
        assert (poison.key, poison.raw, poison.offset) == (b"poison", b'{"count": "many"}', 0)
        with pytest.raises(RecordError, match=r"offset 0 of partition 0 of t\S+tallies.v1 cannot be read: .*Expected"):
            await reader.current(TallyValue)
        await topic.put("poison", None, "2")
        assert list((await reader.current(TallyValue)).values()) != []


async def test_changes_are_told_in_order_once_each_and_over_a_restart(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy, partitions=1)
    body = canonical_json(examples()["changes"].value)
    async with Topic(live, "changes") as topic, client(live) as reader:
        for name in ("one", "two", "one", "three"):
            await topic.put(name, body, ce_id=name)
        changes = reader.follow(ChangeValue, change="new")
        async with asyncio.timeout(PATIENCE_SECONDS):
            keys = [one.key for one in [await anext(changes) for _ in range(2)] if isinstance(one, Update)]
            assert keys == ["one", "two"]
            await topic.put("two", body, "2", ce_id="two")  # a crash tells it again
            again = reader.follow(ChangeValue, change="new", since=str(changes.position))
            items: Sequence[object] = [await anext(again) for _ in range(2)]
        assert [one.key if isinstance(one, Update) else one for one in items] == ["three", CaughtUp(0)]
        with pytest.raises(ConfigError, match="ChangeValue has no present state"):
            await reader.current(ChangeValue)


async def test_partitions_that_are_added_are_followed_too(
    deploy: Callable[..., Deployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_module, "METADATA_MS", 1_000)
    live = await asyncio.to_thread(deploy, partitions=1)
    async with Topic(live) as topic, client(live) as reader:
        await topic.count("a", 1)
        tallies = reader.follow(TallyValue)
        await some(tallies, 2)
        admin = AIOKafkaAdminClient(bootstrap_servers=live.brokers)
        await admin.start()
        await admin.create_partitions({topic.name: NewPartitions(total_count=3)})
        await admin.close()
        async with Topic(live) as later:
            await later.count("b", 2, partition=2)
            assert await some(tallies, 1) == [("b", 2)]
            assert tallies.position.offsets == {0: 1, 2: 1}
            await later.count("a", 2, "2")
            assert await some(tallies, 1) == [("a", 2)]


async def test_records_that_were_deleted_before_they_were_read_are_missed_aloud(
    deploy: Callable[..., Deployment],
) -> None:
    live = await asyncio.to_thread(deploy, partitions=1)
    body = canonical_json(examples()["changes"].value)
    async with Topic(live, "changes") as topic, client(live) as reader:
        await topic.put("one", body, ce_id="one")
        changes = reader.follow(ChangeValue)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await anext(changes)
        for name in ("two", "three"):
            await topic.put(name, body, ce_id=name)
        admin = AIOKafkaAdminClient(bootstrap_servers=live.brokers)
        await admin.start()
        await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before_offset=2)})
        await admin.close()
        with pytest.raises(ConfigError, match="begins at 2: records between are gone; follow without a position"):
            await anext(reader.follow(ChangeValue, since=changes.position))


async def test_a_topic_made_anew_is_noticed(deploy: Callable[..., Deployment]) -> None:
    one, other = await asyncio.to_thread(deploy, partitions=1), await asyncio.to_thread(deploy, partitions=1)
    async with Topic(one) as topic, Topic(other) as anew, client(one) as reader, client(other) as later:
        await topic.count("a", 1)
        tallies = reader.follow(TallyValue)
        await some(tallies, 2)
        kept = json.loads(str(tallies.position)) | {"topic": anew.name}
        with pytest.raises(ConfigError, match="ends at 0: the topic was made anew"):
            await anext(later.follow(TallyValue, since=json.dumps(kept)))
        await asyncio.sleep(0.01)
        await anew.count("b", 1)
        with pytest.raises(ConfigError, match="is another record than the position knows"):
            await anext(later.follow(TallyValue, since=Position.of(json.dumps(kept))))


async def test_what_is_missing_is_told_with_the_remedy(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with Client(brokers=live.brokers, prefix="nobody") as reader:
        with pytest.raises(ConfigError, match=r"nobody.tallies.v1 is missing; run `cohstream topics create`"):
            await anext(reader.follow(TallyValue))
        with pytest.raises(ConfigError, match="no topic holds int; follow one of: ClaimValue, IncidentValue"):
            reader.follow(int)  # type: ignore[type-var]
    with pytest.raises(ConfigError, match="nothing listens at"):
        async with Client(brokers=f"127.0.0.1:{free_port()}"):
            pass


async def test_leaving_the_context_ends_what_is_followed(deploy: Callable[..., Deployment]) -> None:
    live = await asyncio.to_thread(deploy)
    async with client(live) as reader:
        tallies: Following[TallyValue] = reader.follow(TallyValue)
        await some(tallies, 1)
    with pytest.raises(StopAsyncIteration):
        await anext(tallies)


async def test_it_survives_a_restart_of_the_broker(tmp_path: object) -> None:
    with kafka() as cluster:
        live = Deployment(cluster.brokers, tmp_path, partitions=2)  # type: ignore[arg-type]
        await asyncio.to_thread(live.__enter__)
        async with client(live) as reader:
            async with Topic(live) as topic:
                await topic.count("a", 1)
                tallies = reader.follow(TallyValue)
                await some(tallies, 2)
            waiting = asyncio.create_task(some(tallies, 2))
            await asyncio.to_thread(cluster.nodes[0].kill)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 2)
            assert not waiting.done()
            await asyncio.to_thread(cluster.start)
            async with Topic(live) as topic:
                await topic.count("a", 2, "2")
                await topic.count("b", 3, "2", partition=1)
            assert sorted(await waiting, key=str) == [("a", 2), ("b", 3)]


def test_it_needs_no_faust() -> None:
    code = "import sys, cohstream.client; print({'faust', 'rocksdict', 'starlette'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
