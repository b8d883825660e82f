"""The doctor finds nothing in a healthy deployment, and names each planted fault with its remedy. It never writes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from cohstream.live.writer import Outbox, Outgoing, Writer
from tests.deployments import Deployment, WorkerProcess, wait_until
from tests.live.test_topics import asked, change, names, settled
from tools.kafka import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]
SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
HOUR = 3600
Check = dict[str, str]


class Diagnosis:
    """What the doctor said; ``of`` gives the checks of one name."""

    def __init__(self, told: subprocess.CompletedProcess[str]) -> None:
        self.status, self.err = told.returncode, told.stderr
        body = json.loads(told.stdout)
        self.well: bool = body["well"]
        self.checks: list[Check] = body["checks"]

    def of(self, name: str) -> list[Check]:
        return [check for check in self.checks if check["name"].startswith(name)]

    def ill(self) -> list[Check]:
        return [check for check in self.checks if check["level"] != "ok"]


@pytest.fixture
def doctor(tmp_path: Path) -> Callable[..., Diagnosis]:
    """Run the doctor beside a deployment: ``doctor(live, worker, state_dir=...)``."""

    def call(live: Deployment, *urls: str | WorkerProcess, **settings: object) -> Diagnosis:
        return Diagnosis(run(live, tmp_path, *urls, json=True, **settings))

    return call


def run(
    live: Deployment,
    directory: Path,
    *urls: str | WorkerProcess,
    json: bool = False,
    user: int | None = None,
    **given: Any,
) -> subprocess.CompletedProcess[str]:
    settings = {
        "brokers": live.brokers,
        "prefix": live.prefix,
        "partitions": live.partitions,
        "replication": live.replication,
        "commit_interval": 0.2,
        "state_dir": directory / "state-of-doctor",
        "http": f"127.0.0.1:{free_port()}",
        **given,
    }
    words = [word for url in urls for word in ("--url", url if isinstance(url, str) else f"http://{url.http}")]
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "cohstream", "doctor", *words, *(["--json"] if json else [])],
        env={**os.environ, **{f"COHSTREAM_{name.upper()}": str(value) for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def healthy(deploy: Callable[..., Deployment]) -> tuple[Deployment, WorkerProcess, WorkerProcess]:
    """Two workers that have processed the sample."""
    live = deploy()
    one, other = live.worker(1), live.worker(2)
    live.feed([*SAMPLE, b"no report"])
    live.ready(one, other)
    live.settled()
    return live, one, other


def everything(live: Deployment) -> dict[str, int]:
    """The end of every partition of the cluster: what a writer would move."""

    async def ask(admin: AIOKafkaAdminClient) -> dict[str, int]:
        consumer = AIOKafkaConsumer(**live.settings.client())
        await consumer.start()
        try:
            described = await admin.describe_topics([name for name in await admin.list_topics() if live.prefix in name])
            parts = [TopicPartition(one["topic"], part["partition"]) for one in described for part in one["partitions"]]
            return {str(part): end for part, end in (await consumer.end_offsets(parts)).items()}
        finally:
            await consumer.stop()

    ends: dict[str, int] = asyncio.run(asked(live.brokers, ask))
    return ends


def test_a_healthy_deployment_needs_nothing(
    healthy: tuple[Deployment, WorkerProcess, WorkerProcess], doctor: Callable[..., Diagnosis], tmp_path: Path
) -> None:
    live, one, other = healthy
    topics_before, ends_before, digest = names(live.brokers), everything(live), live.digest()
    seen = doctor(live, one, other)
    complaints = [check for check in seen.ill() if check["name"] != "records"]
    assert complaints == [], seen.checks
    assert [check["name"] for check in seen.checks] == [
        "brokers", "topics", "ruleset", "group", "lag", "records",
        f"endpoint http://{one.http}", f"endpoint http://{other.http}", "clock", "state directory", "packages",
    ]  # fmt: skip
    assert seen.of("group")[0]["found"] == "2 workers share it, no partition moves"
    assert "metric families" in seen.of("endpoint")[0]["found"]
    assert f"http://{one.http} agrees (by its Date header)" in seen.of("clock")[0]["found"]
    (letter,) = seen.of("records")
    assert letter["level"] == "warn"
    assert "1 of the latest" in letter["found"]
    assert "not_json" in letter["found"]
    assert "cohstream deadletters list" in letter["remedy"]
    assert (names(live.brokers), everything(live), live.digest()) == (topics_before, ends_before, digest)
    assert not (tmp_path / "state-of-doctor").exists()


def test_all_is_well_is_exit_status_0_and_a_table(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    live = deploy()
    worker = live.worker()
    live.feed(SAMPLE)
    live.ready(worker)
    live.settled()
    told = run(live, tmp_path, worker)
    assert (told.returncode, told.stderr) == (0, "cohstream: all is well\n"), told.stdout
    assert "what to do" in told.stdout
    assert len([line for line in told.stdout.splitlines() if " ok " in line]) == 10


def test_a_missing_topic(deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]) -> None:
    live = deploy()
    gone = live.settings.topic("tallies")
    asyncio.run(asked(live.brokers, lambda admin: admin.delete_topics([gone])))
    wait_until(lambda: gone not in names(live.brokers), "the topic is gone")
    seen = doctor(live)
    assert seen.status == 1
    assert {
        "name": "topics",
        "level": "fail",
        "found": f"missing: {gone}",
        "remedy": "run `cohstream topics create`",
    } in (seen.checks)


def test_without_any_topic_it_says_so_once(cluster: Any, tmp_path: Path, doctor: Callable[..., Diagnosis]) -> None:
    seen = doctor(Deployment(cluster.brokers, tmp_path))
    assert seen.status == 1
    (topics,) = [check for check in seen.ill() if "topics create" in check["remedy"]]
    assert "and 8 more" in topics["found"]


def test_drifted_configuration_and_partitions(
    deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]
) -> None:
    live = deploy()
    reports, claims = live.settings.topic("reports"), live.settings.topic("claims")
    change(live, reports, cleanup_policy="delete", retention_ms="604800000", max_message_bytes=str(8 << 20))
    asyncio.run(asked(live.brokers, lambda admin: admin.create_partitions({claims: NewPartitions(6)})))
    settled(live, claims, 6)
    cut, drifted = doctor(live).of("topics")
    assert (cut["level"], cut["found"]) == ("fail", f"{claims}: partitions is 6, 4 is declared")
    assert "COHSTREAM_PARTITIONS" in cut["remedy"]
    assert (drifted["level"], drifted["found"]) == ("warn", f"{reports}: retention.ms is 604800000, -1 is declared")
    assert f"--entity-name {reports} --add-config retention.ms=-1" in drifted["remedy"]


def test_wrong_brokers(tmp_path: Path, doctor: Callable[..., Diagnosis]) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    seen = doctor(Deployment(nowhere, tmp_path))
    assert seen.status == 1
    (brokers,) = seen.of("brokers")
    assert brokers["found"] == f"nothing listens at {nowhere}"
    assert brokers["remedy"].startswith("start Kafka, or mend COHSTREAM_BROKERS. Topics, ")
    assert not seen.of("topics")


def test_more_copies_than_brokers(deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]) -> None:
    (brokers,) = doctor(deploy(), replication=3).of("brokers")
    assert brokers["level"] == "fail"
    assert brokers["found"].endswith("1 in the cluster, but each topic is to have 3 copies")
    assert "COHSTREAM_REPLICATION" in brokers["remedy"]


def test_another_law(deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]) -> None:
    live = deploy()
    live.ready(live.worker())
    (ruleset,) = doctor(live, agreement="SY-JIG-2016-07").of("ruleset")
    assert ruleset["level"] == "fail"
    assert f"the group {live.prefix}-worker runs under another law (" in ruleset["found"]
    assert ruleset["remedy"].startswith("run the same release and agreements everywhere, or stop all workers")
    assert "replay into another prefix" in ruleset["remedy"]


def test_no_worker_and_reports_that_wait(deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]) -> None:
    live = deploy()
    live.feed(SAMPLE)
    seen = doctor(live)
    (ruleset,), (group,), (lag,) = seen.of("ruleset"), seen.of("group"), seen.of("lag")
    assert (ruleset["level"], ruleset["remedy"]) == ("warn", "start a worker: the first one records its law")
    assert (group["level"], group["found"]) == ("fail", f"no worker is in the group {live.prefix}-worker")
    assert lag["level"] == "fail"
    assert lag["found"].startswith(f"{len(SAMPLE)} records wait in {live.prefix}.reports.v1/")
    assert "start one" in lag["remedy"]


def test_a_worker_that_is_down_and_one_that_is_not_ready(
    deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]
) -> None:
    live = deploy()
    down = f"http://127.0.0.1:{free_port()}"
    hold = (
        "from cohstream.live.worker import Worker\nasync def never(*_): import asyncio; await asyncio.Event().wait()\n"
    )
    recovering = live.worker(1, hold + "Worker.recover = never")
    wait_until(lambda: recovering.get("/ready")[0] == 503, "it serves", recovering.said)
    seen = doctor(live, recovering, down)
    (unready,), (absent,) = seen.of(f"endpoint http://{recovering.http}"), seen.of(f"endpoint {down}")
    assert unready["found"].startswith("worker is not ready (503): not ready: recovering")
    assert "wait until it has recovered" in unready["remedy"]
    assert (absent["level"], absent["found"]) == ("fail", "does not answer: Connection refused")
    assert absent["remedy"].startswith("start it, or mend the URL")


def test_without_urls_the_default_is_looked_for_and_missed_mildly(
    deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]
) -> None:
    (endpoint,) = doctor(deploy()).of("endpoint")
    assert endpoint["level"] == "warn"
    assert "--url" in endpoint["remedy"]


@contextmanager
def page(answers: dict[str, tuple[int, str]], date: str | None = None) -> Iterator[str]:
    """A server that has ``answers`` by path, and perhaps a clock of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = answers.get(self.path, (404, "none"))
            self.send_response_only(status)
            if date:
                self.send_header("Date", date)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("answers", "found", "remedy"),
    [
        ({}, "has neither /ready nor /readyz", "name the address of a worker"),
        ({"/ready": (200, "ready"), "/metrics": (200, "up 1\n")}, "/metrics lacks cohstream_a", "release"),
        ({"/ready": (200, "ready"), "/metrics": (200, "<html>")}, "/metrics is no exposition", "mend the URL"),
        ({"/ready": (200, "ready"), "/metrics": (500, "oh")}, "/metrics answers 500: oh", "log"),
        (
            {"/readyz": (503, "behind"), "/metrics": (200, "cohstream_x 1\n")},
            "serve is not ready (503): behind",
            "wait",
        ),
    ],
)
def test_what_is_none_of_ours_or_ill(
    deploy: Callable[..., Deployment],
    doctor: Callable[..., Diagnosis],
    answers: dict[str, tuple[int, str]],
    found: str,
    remedy: str,
) -> None:
    with page(answers) as url:
        (endpoint,) = doctor(deploy(), url).of("endpoint")
    assert endpoint["level"] == "fail"
    assert found in endpoint["found"]
    assert remedy in endpoint["remedy"]


def test_clocks_that_differ(deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis]) -> None:
    live = deploy()
    asyncio.run(stamped(live, HOUR))
    with page(
        {"/readyz": (200, "ready"), "/metrics": (200, "cohstream_x 1\n")}, "Tue, 01 Mar 2016 10:00:00 GMT"
    ) as url:
        record, endpoint = doctor(live, url).of("clock")
    assert record["found"].startswith(f"a record of {live.settings.topic('reports')} is stamped 3,")
    assert f"{url} is " in endpoint["found"]
    assert endpoint["found"].endswith("s behind our clock")
    assert "NTP" in record["remedy"]
    assert "NTP" in endpoint["remedy"]


async def stamped(live: Deployment, seconds_ahead: float) -> None:
    """Write a report whose record is from the future."""
    async with AIOKafkaProducer(**live.settings.client()) as producer:
        when = int((time.time() + seconds_ahead) * 1000)
        await producer.send_and_wait(live.settings.topic("reports"), SAMPLE[0], timestamp_ms=when)


@pytest.mark.parametrize("noun", ["claims", "changes", "incidents", "assessments", "tallies", "rejected"])
def test_a_stranger_on_a_topic_of_ours(
    deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis], noun: str
) -> None:
    live = deploy()
    asyncio.run(write(live, noun, b'{"count": "many"}'))
    (records,) = doctor(live).of("records")
    assert records["level"] == "fail"
    assert f"1 of the latest 1 {noun} cannot be read: offset 0 of {live.settings.topic(noun)}/0 (" in records["found"]
    assert "find out what else writes" in records["remedy"]


async def write(live: Deployment, noun: str, body: bytes) -> None:
    writer = Writer(live.settings)
    await writer.start()
    try:
        outbox = Outbox()
        outbox.add(live.settings.topic(noun), 0, Outgoing(b"key", body))
        await writer.write(outbox)
    finally:
        await writer.stop()


def test_a_state_directory_that_cannot_be(
    deploy: Callable[..., Deployment], doctor: Callable[..., Diagnosis], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (state,) = doctor(deploy(), state_dir=tmp_path / "file" / "state").of("state directory")
    assert state["level"] == "fail"
    assert state["found"].endswith(f"{tmp_path}/file is no directory")
    assert state["remedy"].startswith("mend COHSTREAM_STATE_DIR")


def test_wrong_settings_are_exit_status_2(deploy: Callable[..., Deployment], tmp_path: Path) -> None:
    told = run(deploy(), tmp_path, partitions="many")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("cohstream: COHSTREAM_PARTITIONS is 'many': ")
