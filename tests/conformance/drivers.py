"""The drivers as the suite sees them: reports go in, topics and gauges come out."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import orjson
from aiokafka.structs import ConsumerRecord
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from cohstream.cli import app
from cohstream.live.reader import current, records_of
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.belief import FAMILIES, belief
from tests.conformance.changes import Told
from tests.deployments import Deployment, WorkerProcess, oracle, wait_until
from tools.kafka import free_port

Gauges = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True)
class Rejected:
    code: str
    raw: bytes


class Driver(Protocol):
    """One way to run cohstream. :meth:`feed` returns once everything is processed."""

    def feed(self, lines: Sequence[bytes]) -> None: ...
    def restart(self) -> None: ...
    def digest(self) -> str: ...
    def tallies(self) -> list[dict[str, Any]]: ...
    def changes(self) -> list[dict[str, Any]]: ...
    def rejected(self) -> list[Rejected]: ...
    def gauges(self) -> Gauges: ...
    def as_known(self, moment: str) -> dict[str, Any]:
        """The summary as known at ``moment``."""

    def moved(self, since: str, until: str) -> dict[str, Any]:
        """What moved between two moments of knowledge."""

    def published(self, moment: str) -> Told:
        """The verdicts as published at ``moment`` of the clock."""


class Embedded:
    """``cohstream run`` with state and outputs; every feed is a run of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._kept = ["--state", str(directory / "state")]
        self._options = [*self._kept, "--out", str(directory / "out")]
        self.feed([])

    def feed(self, lines: Sequence[bytes]) -> None:
        source = self._directory / "input.jsonl"
        source.write_bytes(b"".join(line + b"\n" for line in lines))
        done = subprocess.run(
            [sys.executable, "-m", "cohstream", "run", str(source), "--format", "jsonl", "--json", *self._options],
            capture_output=True,
            timeout=100,
        )
        assert done.returncode in (0, 1), done.stderr.decode()
        self._summary = json.loads(done.stdout.splitlines()[-1])

    def restart(self) -> None:
        self.feed([])

    def digest(self) -> str:
        return str(self._summary["digest"])

    def tallies(self) -> list[dict[str, Any]]:
        return self._out("tallies")

    def changes(self) -> list[dict[str, Any]]:
        return self._out("changes")

    def rejected(self) -> list[Rejected]:
        return [Rejected(one["code"], b64decode(one["raw_base64"])) for one in self._out("rejected")]

    def gauges(self) -> Gauges:
        http = f"127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "cohstream", "run", os.devnull, "--format", "jsonl", "--serve", http]
        log = self._directory / "serving.log"
        with log.open("wb") as out:
            process = subprocess.Popen([*command, *self._options], stdout=out, stderr=out)
        served = WorkerProcess(0, http, process, log)
        try:
            wait_until(lambda: served.get("/readyz")[0] == 200, "the page is ready", served.said)
            return gauges_of(served.get("/metrics")[1])
        finally:
            served.signal(signal.SIGTERM)
            process.wait(30)

    def as_known(self, moment: str) -> dict[str, Any]:
        return cohstream("run", *self._kept, "--as-known-at", moment)

    def moved(self, since: str, until: str) -> dict[str, Any]:
        return cohstream("changes", *self._kept, "--since", since, "--until", until)

    def published(self, moment: str) -> Told:
        return published_by(moment, *self._kept)

    def _out(self, topic: str) -> list[dict[str, Any]]:
        text = (self._directory / "out" / f"{topic}.jsonl").read_bytes()
        return [orjson.loads(line) for line in text.splitlines()]


class Live:
    """Workers on Kafka; what they say is read off the topics as any consumer would."""

    def __init__(self, deployment: Deployment, workers: int = 1, **environment: str) -> None:
        self._live = deployment
        self._environment = environment
        self._runs = count(1)
        self._workers = [deployment.worker(number + 1, **environment) for number in range(workers)]
        deployment.ready(*self._workers)

    @classmethod
    def of(cls, deployment: Deployment) -> Live:
        """The driver over a deployment whose workers somebody else starts."""
        return cls(deployment, workers=0)

    def feed(self, lines: Sequence[bytes]) -> None:
        self._live.feed(lines)
        self._live.settled()

    def restart(self) -> None:
        """Every worker is killed, and started again."""
        for one in self._workers:
            one.kill()
        self._workers = [self._live.worker(one.number, **self._environment) for one in self._workers]
        self._live.ready(*self._workers)

    def digest(self) -> str:
        return self._live.digest()

    def tallies(self) -> list[dict[str, Any]]:
        return [orjson.loads(value) for value in asyncio.run(current(self._live.settings, "tallies")).values()]

    def changes(self) -> list[dict[str, Any]]:
        return changes_of(self._records("changes"))

    def rejected(self) -> list[Rejected]:
        letters = {}
        for record in self._records("rejected"):
            headers = dict(record.headers)
            at = tuple(headers[f"cohstream.error.{name}"] for name in ("topic", "partition", "offset"))
            letters[at] = Rejected(headers["cohstream.error.code"].decode(), record.value or b"")
        return list(letters.values())

    def gauges(self) -> Gauges:
        """The gauges of all workers, summed."""
        summed: Gauges = {}
        for one in self._workers:
            for key, value in gauges_of(one.get("/metrics")[1]).items():
                summed[key] = summed.get(key, 0.0) + value
        return summed

    def as_known(self, moment: str) -> dict[str, Any]:
        return self._replayed("--as-known-at", moment)

    def moved(self, since: str, until: str) -> dict[str, Any]:
        run = self._replayed()["run"]
        window = ("--since", since, "--until", until)
        return cohstream("changes", "--run", run, "--state", str(self._live.directory), *window)

    def published(self, moment: str) -> Told:
        return published_by(moment, **self._at)

    @property
    def _at(self) -> dict[str, str]:
        """Where the topics are, as environment."""
        return {"COHSTREAM_BROKERS": self._live.brokers, "COHSTREAM_PREFIX": self._live.prefix}

    def _replayed(self, *options: str) -> dict[str, Any]:
        """The summary of a replay of all reports on the topic."""
        run = ("--run", f"r{next(self._runs)}", "--state", str(self._live.directory), "--no-publish")
        return cohstream("replay", "--from", "earliest", *run, *options, **self._at)

    def _records(self, noun: str) -> list[ConsumerRecord]:
        async def all_of() -> list[ConsumerRecord]:
            return [record async for record in records_of(self._live.settings, noun)]

        return asyncio.run(all_of())


def cohstream(*words: str, **environment: str) -> dict[str, Any]:
    """The JSON object that a command prints; in this process, which has read law and knowledge already."""
    done = CliRunner().invoke(app, [*words, "--json"], env=environment)
    assert done.exit_code == 0, (done.stderr, done.exception)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def published_by(moment: str, *options: str, **environment: str) -> Told:
    """What `cohstream changes --published` tells of all that was published up to ``moment``."""
    found = cohstream("changes", "--published", "--since", "2000-01-01", "--until", moment, *options, **environment)
    return {(one["area"], one["incident_id"], one["agreement"]): one["after"] for one in found["changes"]}


def changes_of(records: Iterable[ConsumerRecord]) -> list[dict[str, Any]]:
    """The changes that ``records`` tell, each once, in order of revision."""
    told = {}
    for record in records:
        headers = dict(record.headers)
        told.setdefault(headers["ce_id"], orjson.loads(record.value))
    return list(told.values())


def gauges_of(exposition: str) -> Gauges:
    """The gauges of belief in a text exposition, without those at zero."""
    names = {family.name for family in FAMILIES}
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(exposition)
        if family.name in names
        for sample in family.samples
        if sample.value
    }


def gauges_of_oracle(lines: list[bytes]) -> Gauges:
    """The gauges that an in-memory run over ``lines`` shows."""
    found = belief(oracle(lines), chosen_agreements(Settings()))
    return {
        (family.name, tuple(sorted(zip(family.labels, labels, strict=True)))): float(value)
        for family, series in found.items()
        for labels, value in series.items()
        if value
    }
