"""The hazards of Faust that ours closes: each behaviour once, on Faust 0.15.3 as it comes and on ours.

Where a test says ``plain``, it holds that the hazard is there: the day Faust mends it, the test tells us.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import ConsumerRecord

from cohstream.live.reader import records_of
from cohstream.live.topics import REJECTED, REPORTS, changelog
from cohstream.live.writer import Outbox, Outgoing, Writer
from cohstream.simulate import simulate
from tests.deployments import Deployment, oracle_digest, wait_until
from tests.live.shells import play
from tools.kafka import Cluster

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
IN_ORDER = (b"first", b"first", b"slow", b"then", b"last")
MANY = 1_200
"""Records: twelve batches of our worker below, less than aiokafka's own buffer holds of plain Faust's small writes."""

RAISE = """
import cohstream.live.app as app
made = app.create_app
def on_step(step):
    raise RuntimeError("on purpose")
app.create_app = lambda settings, _=None: made(settings, on_step)
"""

WITHHOLD = """
import asyncio, aiokafka.client, cohstream.live.app as app
from aiokafka.protocol.produce import ProduceRequest
made, send = app.create_app, aiokafka.client.AIOKafkaClient.send
async def withhold(self, node_id, request, **options):
    if isinstance(request, ProduceRequest) and any(name.endswith(".claims.v1") for name, _ in request._topics):
        await asyncio.Event().wait()
    return await send(self, node_id, request, **options)
aiokafka.client.AIOKafkaClient.send = withhold
app.create_app = lambda settings, _=None: made(settings, lambda step: print(step, flush=True))
"""

_numbers = count(1)

both = pytest.mark.parametrize("shell", ["plain", "ours"])


class Topic(NamedTuple):
    """A topic of one partition, the group that is to read it, and the broker."""

    name: str
    group: str
    brokers: str

    def play(self, shell: str, scenario: str) -> dict[str, Any]:
        return play(shell, scenario, self.brokers, self.group, self.name)


async def make(brokers: str, name: str) -> None:
    """Make a topic of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()


async def fill(
    brokers: str, name: str, values: Sequence[bytes], keys: Sequence[bytes] = (), transactional: bool = False
) -> None:
    """Send ``values`` to a topic, each in a transaction of its own where that is asked for."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=name if transactional else None)
    await producer.start()
    for number, value in enumerate(values):
        async with producer.transaction() if transactional else nullcontext():
            await producer.send(name, value, key=keys[number] if keys else None)
    await producer.stop()


async def give_up(brokers: str, name: str, values: Sequence[bytes]) -> None:
    """Send ``values`` to partition 0 of a topic in a transaction that is then aborted."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=name)
    await producer.start()
    await producer.begin_transaction()
    for value in values:
        await producer.send_and_wait(name, value, partition=0)
    await producer.abort_transaction()
    await producer.stop()


def send(live: Deployment, topic: str, record: Outgoing) -> None:
    """Put ``record`` on partition 0 of ``topic``."""

    async def write() -> None:
        outbox = Outbox()
        outbox.add(topic, 0, record)
        writer = Writer(live.settings)
        await writer.start()
        await writer.write(outbox)
        await writer.stop()

    asyncio.run(write())


def rejected(live: Deployment) -> list[ConsumerRecord]:
    async def read() -> list[ConsumerRecord]:
        return [record async for record in records_of(live.settings, REJECTED)]

    return asyncio.run(read())


@pytest.fixture
def topic(cluster: Cluster) -> Callable[..., Topic]:
    """Makes a topic that holds ``records``, each in a transaction of its own where that is asked for."""

    def made(*values: bytes, keys: Sequence[bytes] = (), transactional: bool = False, changelog: bool = False) -> Topic:
        group = f"hazard-{next(_numbers)}"
        name = f"{group}-counts-changelog" if changelog else f"{group}-records"
        asyncio.run(make(cluster.brokers, name))
        asyncio.run(fill(cluster.brokers, name, values, keys, transactional))
        return Topic(name, group, cluster.brokers)

    return made


@both
def test_a_commit_does_not_pass_a_record_that_is_still_at_work(topic: Callable[..., Topic], shell: str) -> None:
    outcome = topic(*IN_ORDER).play(shell, "slow")
    assert (outcome["committed"] > outcome["slow"]) is (shell == "plain"), outcome


@both
def test_gaps_between_offsets_do_not_count_a_record_as_done(topic: Callable[..., Topic], shell: str) -> None:
    """Between any two records there is the marker of a transaction."""
    outcome = topic(*IN_ORDER, transactional=True).play(shell, "slow")
    assert outcome["slow"] == 2 * IN_ORDER.index(b"slow")
    assert (outcome["committed"] > outcome["slow"]) is (shell == "plain"), outcome


@both
def test_a_fault_in_the_agent_does_not_acknowledge_the_record(topic: Callable[..., Topic], shell: str) -> None:
    outcome = topic(b"first", b"bad", b"then", b"last").play(shell, "fault")
    assert (outcome["committed"] > outcome["bad"]) is (shell == "plain"), outcome


def test_a_fault_in_a_batch_ends_our_worker_and_its_successor_does_the_batch(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    live.feed(SAMPLE)
    worker = live.worker(hold=RAISE)
    wait_until(lambda: not worker.alive, "the worker ends", worker.said)
    assert worker.process.returncode == 2
    assert "the worker ended: RuntimeError('on purpose')" in worker.said().splitlines()[-1]
    assert live.lag() == len(SAMPLE)
    live.ready(live.worker())
    live.settled()
    assert live.digest() == oracle_digest(SAMPLE)


def test_plain_faust_drops_a_record_that_it_cannot_decode(topic: Callable[..., Topic]) -> None:
    outcome = topic(b'"first"', b"{not json", b'"last"').play("plain", "undecodable")
    assert outcome == {"seen": ["first", "last"], "committed": 2}


@pytest.mark.parametrize(
    ("noun", "stage", "code"), [("reports", "intake", "not_json"), ("claims", "assess", "bad_claim")]
)
def test_our_worker_keeps_what_it_cannot_read_as_a_dead_letter(
    deploy: Callable[..., Deployment], noun: str, stage: str, code: str
) -> None:
    live = deploy()
    send(live, live.settings.topic(noun), Outgoing(b"a key", b"{not json", [("from", b"a test")]))
    live.feed(SAMPLE)
    live.ready(live.worker())
    live.settled()
    (letter,) = rejected(live)
    assert (letter.key, letter.value) == (b"a key", b"{not json")
    headers = {name: value.decode() for name, value in letter.headers}
    assert headers["from"] == "a test"
    assert [headers[f"cohstream.error.{name}"] for name in ("stage", "code", "offset")] == [stage, code, "0"]
    assert live.digest() == oracle_digest(SAMPLE)


@both
def test_a_lost_answer_of_the_broker_does_not_write_twice(topic: Callable[..., Topic], shell: str) -> None:
    outcome = topic().play(shell, "lost_answer")
    assert outcome == {"lost": 1, "written": {"plain": 2, "ours": 1}[shell]}


def test_plain_faust_reads_what_a_producer_gave_up(topic: Callable[..., Topic]) -> None:
    given_up = topic()
    asyncio.run(give_up(given_up.brokers, given_up.name, [b"given up"]))
    asyncio.run(fill(given_up.brokers, given_up.name, [b"last"]))
    assert given_up.play("plain", "all_there_is") == {"seen": ["given up", "last"]}


def test_our_worker_does_not_read_what_a_producer_gave_up(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    asyncio.run(give_up(live.brokers, live.settings.topic(REPORTS), SAMPLE[:50]))
    live.feed(SAMPLE[50:])
    live.ready(live.worker())
    live.settled()
    assert live.digest() == oracle_digest(SAMPLE[50:])


def test_plain_faust_takes_on_and_on_while_nothing_that_it_writes_is_answered(topic: Callable[..., Topic]) -> None:
    records = topic(*[b"more"] * (MANY - 1), b"last")
    asyncio.run(make(records.brokers, f"{records.group}-counts-changelog"))
    assert records.play("plain", "no_answers") == {"taken": MANY, "written": 0}


def test_our_worker_takes_no_more_than_it_can_have_answered(deploy: Callable[..., Deployment]) -> None:
    live = deploy(environment={"COHSTREAM_BATCH_RECORDS": "100"})
    live.feed(simulate(MANY, seed=5))
    worker = live.worker(hold=WITHHOLD)
    wait_until(lambda: "reports taken" in worker.said(), "a batch is taken", worker.said)
    sleep(1.0)  # time enough to take all there is: nothing but time can show that it does not
    assert worker.said().count("reports taken") == 1


def test_plain_faust_is_ready_without_the_state_that_it_cannot_decode(topic: Callable[..., Topic]) -> None:
    rows = topic(b"1", b"{not json", b"3", keys=[b'"a"', b'"b"', b'"c"'], changelog=True)
    assert rows.play("plain", "changelog") == {"rows": {"a": 1, "c": 3}}


@pytest.mark.parametrize("table", ["intake", "claims"])
def test_our_worker_is_never_ready_without_the_state_that_it_cannot_decode(
    deploy: Callable[..., Deployment], table: str
) -> None:
    live = deploy()
    log = changelog(live.settings, table)
    send(live, log, Outgoing(b"a key", b"{not json"))
    worker = live.worker()
    wait_until(lambda: not worker.alive or worker.ready(), "the worker ends", worker.said)
    assert worker.process.wait(30) == 2, worker.said()
    last = worker.said().splitlines()[-1]
    assert f"offset 0 of {log}, partition 0 is no state row" in last
    assert "rebuild by replay into another prefix" in last
