"""A worker that is asked to stop ends what it holds, commits it, says so in one line, and ends with status 0."""

import asyncio
import json
from collections.abc import Callable, Iterable

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

from cohstream.engine.intake import claim_id_of
from cohstream.live.reader import records_of
from cohstream.live.settings import LiveSettings
from cohstream.simulate import simulate
from tests.deployments import Deployment, WorkerProcess, oracle_digest, wait_until
from tests.live.faults import ask_to_stop_at

REPORTS = list(simulate(5_000, seed=4, duplicates=0, revisions=0, retractions=0))


def logged(worker: WorkerProcess) -> list[dict[str, str]]:
    return [json.loads(line) for line in worker.said().splitlines()]


def records(settings: LiveSettings, noun: str) -> list[ConsumerRecord]:
    async def read() -> list[ConsumerRecord]:
        return [record async for record in records_of(settings, noun)]

    return asyncio.run(read())


def committed(settings: LiveSettings) -> dict[tuple[str, int], int]:
    """The group's offsets by topic and partition."""

    async def ask() -> dict[tuple[str, int], int]:
        admin = AIOKafkaAdminClient(**settings.client())
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(settings.group_id)
            return {(part.topic, part.partition): one.offset for part, one in offsets.items()}
        finally:
            await admin.close()

    return asyncio.run(ask())


def claim_id_of_report(record: ConsumerRecord) -> str:
    report = orjson.loads(record.value)
    return claim_id_of(report["source"], report["report_id"])


def subject_of(record: ConsumerRecord) -> str:
    """What a record is about; an incident's id is that of the claim it began with."""
    return dict(record.headers)["ce_subject"].decode().rpartition("/")[2]


def uncommitted(
    read: Iterable[ConsumerRecord], told: set[str], id_of: Callable[[ConsumerRecord], str], settings: LiveSettings
) -> list[str]:
    """Of the records ``read``, those that something was ``told`` of though the group will read them once more."""
    done = committed(settings)
    return [
        f"{record.topic}:{record.partition}:{record.offset}"
        for record in read
        if id_of(record) in told and record.offset >= done.get((record.topic, record.partition), 0)
    ]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_stop_in_the_middle_leaves_nothing_half_done(deploy: Callable[..., Deployment], name: str) -> None:
    live = deploy()
    live.feed(REPORTS)
    worker = live.worker(hold=ask_to_stop_at("reports outputs", nth=20, by=name), COHSTREAM_BATCH_RECORDS="100")
    wait_until(lambda: not worker.alive, "the worker stops", worker.said)

    assert worker.process.returncode == 0, worker.said()
    last = logged(worker)[-1]
    assert (last["level"], last["message"]) == ("info", "stopped: all that was taken in is told, kept and committed")
    reports, claims = records(live.settings, "reports"), records(live.settings, "claims")
    told = {subject_of(one) for one in claims}
    assert 0 < len(told) < len(reports)
    assert uncommitted(reports, told, claim_id_of_report, live.settings) == []
    incidents = {subject_of(one) for one in records(live.settings, "incidents")}
    assert uncommitted(claims, incidents, subject_of, live.settings) == []

    live.ready(live.worker())
    live.settled()
    assert live.digest() == oracle_digest(REPORTS)


def test_a_worker_logs_a_line_of_json_at_its_start_and_its_end(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    worker = live.worker()
    live.ready(worker)
    live.feed(REPORTS[:100])
    live.settled()
    assert worker.stop() == 0
    lines = logged(worker)
    assert [line["message"].split(",")[0].split(":")[0] for line in lines] == [
        f"worker of group {live.settings.group_id}",
        "stopped",
    ], worker.said()
    assert {line["logger"] for line in lines} == {"cohstream.worker"}
    assert lines[0]["group"] == live.settings.group_id
    assert lines[0]["time"].endswith("Z")
