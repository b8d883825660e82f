"""What deploy/compose.yaml starts works: the same processes with the same settings, on a real Kafka."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.compose_processes import Composed, Locally, Service, healthy, services, start
from tests.deployments import oracle_digest

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]
SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()
FILE = services()
WORKERS = ("worker-1", "worker-2")


def test_the_whole_of_it_counts_what_an_in_memory_run_counts(composed: Composed) -> None:
    composed.start("topics")
    made = composed.up["topics"]
    assert made.process.wait(60) == 0, made.said()
    assert "11 topics created" in made.said()

    composed.start(*WORKERS)
    assert not any(healthy(FILE[name], composed.here) for name in WORKERS), "healthy before it can be"
    composed.healthy(*WORKERS)
    composed.topics.feed(SAMPLE)
    composed.topics.settled()
    assert composed.topics.digest() == oracle_digest(SAMPLE)
    owned = [composed.up[name].get("/ready")[1] for name in WORKERS]
    assert sorted(number for text in owned for number in text if number.isdigit()) == ["0", "1", "2", "3"]

    told = doctor(composed)
    assert told.returncode == 0, told.stdout + told.stderr

    composed.up["worker-1"].kill()
    assert not healthy(FILE["worker-1"], composed.here)
    composed.start("worker-1")
    composed.healthy(*WORKERS)
    composed.topics.feed(SAMPLE[:50])
    composed.topics.settled()
    assert composed.topics.digest() == oracle_digest(SAMPLE)
    assert [composed.up[name].stop() for name in WORKERS] == [0, 0]


def doctor(composed: Composed) -> subprocess.CompletedProcess[str]:
    urls = [word for name in WORKERS for word in ("--url", composed.url(name))]
    return subprocess.run(
        [sys.executable, "-m", "cohstream", "doctor", *urls],
        env=composed.here.environment(FILE["worker-1"]),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_nothing_but_hosts_ports_and_paths_is_changed(tmp_path: Path) -> None:
    worker = FILE["worker-1"]
    here = Locally({"kafka:9092": "127.0.0.1:1", "worker-1:8090": "127.0.0.1:2"}, tmp_path)
    changed = {
        name: (value, here.environment(worker)[name])
        for name, value in worker.environment.items()
        if here.environment(worker)[name] != value
    }
    assert changed == {
        "COHSTREAM_BROKERS": ("kafka:9092", "127.0.0.1:1"),
        "COHSTREAM_HTTP": ("0.0.0.0:8090", "127.0.0.1:2"),
        "COHSTREAM_STATE_DIR": ("/var/lib/cohstream", str(tmp_path / "worker-1")),
    }


def test_services_of_others_are_not_started_as_ours() -> None:
    ours = [name for name, service in FILE.items() if service.ours]
    assert ours == ["topics", "worker-1", "worker-2", "serve"]
    kafka_service: Service = FILE["kafka"]
    with pytest.raises(AssertionError, match="kafka is no process of ours"):
        start(kafka_service, Locally({}, Path()))
