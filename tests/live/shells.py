"""Two shells for one agent, each run as a process of its own: Faust as it comes, and Faust on our transport.

``python -m tests.live.shells plain|ours SCENARIO BROKERS GROUP TOPIC`` plays a scenario on a topic of one partition and
prints what came of it as JSON. Faust keeps much in globals and threads, hence the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiokafka.client
import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.produce import ProduceRequest

from cohstream.live.record_batch import RecordBatchSchema, RecordBatchTransport
from cohstream.live.settings import LiveSettings
from cohstream.live.writer import Outbox, Outgoing, Writer

PATIENCE_SECONDS = 45.0

Work = Callable[[int, bytes], Awaitable[None]]
"""What an agent does with the record at an offset."""


def play(shell: str, scenario: str, brokers: str, group: str, topic: str) -> dict[str, Any]:
    """Play ``scenario`` in a process of its own; returns what it prints."""
    command = [sys.executable, "-m", "tests.live.shells", shell, scenario, brokers, group, topic]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS + 15)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return said


class OurApp(faust.App):
    def _new_transport(self) -> Any:
        return RecordBatchTransport(self.conf.broker_consumer, self)


@dataclass
class Shell:
    """A Faust app, plain or ours, and what a scenario learns in it."""

    name: str
    brokers: str
    group: str
    topic: str
    poll_records: int = 1

    def __post_init__(self) -> None:
        kind = faust.App if self.name == "plain" else OurApp
        self.app = kind(
            self.group,
            broker=f"kafka://{self.brokers}",
            store="memory://",
            autodiscover=False,
            broker_max_poll_records=self.poll_records,
            consumer_auto_offset_reset="earliest",
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_partitions=1,
            value_serializer="raw",
            web_enabled=False,
        )
        self.outcome: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def agent(self, work: Work, concurrency: int = 1) -> None:
        """An agent that does ``work`` record by record, as Faust's examples and our workers do it."""
        if self.name == "plain":

            async def take(stream: Any) -> None:
                async for event in stream.events():
                    await work(event.message.offset, event.message.value)

            self.app.agent(self.app.topic(self.topic), concurrency=concurrency, name="take")(take)
        else:

            async def take_batches(stream: Any) -> None:
                async for event in stream.noack().events():
                    try:
                        for record in event.value.records:
                            await work(record.offset, record.value)
                        self.app.consumer.done(event.value)  # type: ignore[attr-defined]
                    finally:
                        event.ack()

            schema = RecordBatchSchema(key_serializer="raw", value_serializer="raw")
            self.app.agent(self.app.topic(self.topic, schema=schema), concurrency=concurrency, name="take")(
                take_batches
            )

    async def committed(self) -> int:
        """Commit what may be committed; returns the offset from which a successor would go on."""
        await self.app.consumer.commit()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.brokers)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(self.group)
        finally:
            await admin.close()
        found = offsets.get(TopicPartition(self.topic, 0))
        return max(0, found.offset) if found else 0

    def table(self) -> Any:
        """A table in memory, with the changelog ``<group>-counts-changelog``."""
        return self.app.Table("counts", value_type=int, partitions=1)

    async def end(self, topic: str) -> int:
        """How many offsets of partition 0 are taken."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.brokers)
        await consumer.start()
        try:
            part = TopicPartition(topic, 0)
            offsets = await consumer.end_offsets([part])
            return int(offsets[part])
        finally:
            await consumer.stop()


async def slow(shell: Shell) -> None:
    """Of two instances of an agent one is at the slow record, while the other has done with all that come after."""
    passed = asyncio.Event()

    async def work(offset: int, value: bytes) -> None:
        if value == b"last":
            passed.set()
        if value == b"slow":
            while await shell.committed() < offset - 1:  # noqa: ASYNC110 (nothing tells of a commit)
                await asyncio.sleep(0.05)
            await passed.wait()
            shell.outcome.set_result({"slow": offset, "committed": await shell.committed()})

    shell.agent(work, concurrency=2)
    await shell.app.start()


async def fault(shell: Shell) -> None:
    """The agent raises at one record, and goes on with the next."""

    async def work(offset: int, value: bytes) -> None:
        if value == b"bad":
            bad.append(offset)
            raise RuntimeError("a fault in the body of the agent")
        if value == b"last":
            shell.outcome.set_result({"bad": bad[0], "committed": await shell.committed()})

    bad: list[int] = []
    shell.agent(work)
    await shell.app.start()


async def all_there_is(shell: Shell) -> None:
    """What the agent sees, up to the last record; plain only."""
    seen: list[str] = []

    async def work(offset: int, value: bytes) -> None:
        seen.append(value.decode())
        if value == b"last":
            shell.outcome.set_result({"seen": seen})

    shell.agent(work)
    await shell.app.start()


async def undecodable(shell: Shell) -> None:
    """One record is no JSON, which the agent wants; plain only, since ours hands out bytes."""
    seen: list[Any] = []

    async def take(stream: Any) -> None:
        async for event in stream.events():
            seen.append(event.value)
            if event.value == "last":
                shell.outcome.set_result({"seen": seen, "committed": await shell.committed()})

    shell.app.agent(shell.app.topic(shell.topic, value_serializer="json"), name="take")(take)
    await shell.app.start()


async def lost_answer(shell: Shell) -> None:
    """The broker writes a record, and its answer is lost on the way."""
    send, lost = aiokafka.client.AIOKafkaClient.send, []

    async def lose_the_first(self: Any, node_id: int, request: Any, **options: Any) -> Any:
        answer = await send(self, node_id, request, **options)
        if isinstance(request, ProduceRequest) and not lost:
            lost.append(answer)
            raise KafkaConnectionError("the answer is lost")
        return answer

    aiokafka.client.AIOKafkaClient.send = lose_the_first
    if shell.name == "plain":
        producer = shell.app.producer
        await producer.start()
        await producer.send_and_wait(shell.topic, None, b"once", None, None, {})
    else:
        writer = Writer(LiveSettings(brokers=shell.brokers))
        await writer.start()
        outbox = Outbox()
        outbox.add(shell.topic, 0, Outgoing(None, b"once"))
        await writer.write(outbox)
    shell.outcome.set_result({"lost": len(lost), "written": await shell.end(shell.topic)})


async def no_answers(shell: Shell) -> None:
    """The agent counts what it takes in a table, and no write to the table's changelog is answered; plain only."""
    counts = shell.table()
    send = aiokafka.client.AIOKafkaClient.send

    async def withhold(self: Any, node_id: int, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            await asyncio.Event().wait()
        return await send(self, node_id, request, **options)

    aiokafka.client.AIOKafkaClient.send = withhold

    async def work(offset: int, value: bytes) -> None:
        counts[str(offset)] = 1
        if value == b"last":
            shell.outcome.set_result(
                {"taken": len(counts), "written": await shell.end(f"{shell.group}-counts-changelog")}
            )

    shell.agent(work)
    await shell.app.start()


async def changelog(shell: Shell) -> None:
    """The changelog of a table holds a record that is none; plain only."""
    counts = shell.table()

    @counts.on_recover
    async def ready() -> None:
        shell.outcome.set_result({"rows": dict(counts.items())})

    await shell.app.start()


SCENARIOS = {one.__name__: one for one in (slow, fault, all_there_is, undecodable, lost_answer, no_answers, changelog)}


async def main(name: str, scenario: str, brokers: str, group: str, topic: str) -> None:
    """Play, print and end at once, whatever Faust still has to do."""
    shell = Shell(name, brokers, group, topic, 500 if scenario == "no_answers" else 1)
    status = 1
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            playing = asyncio.create_task(SCENARIOS[scenario](shell))
            await asyncio.wait([playing, shell.outcome], return_when=asyncio.FIRST_EXCEPTION)
            playing.result()
            print(json.dumps(shell.outcome.result()), flush=True)
            status = 0
    except BaseException:
        traceback.print_exc()
        print(shell.app.agents.human_tracebacks(), file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
