"""The services of deploy/compose.yaml as plain processes: same commands and settings, hosts and ports of here.

:func:`services` reads the file, :meth:`Locally.of` gives each port a free one here, and :func:`start` starts what
compose would start in a container. Everything in the file that names a host or a path of a container is translated by
:meth:`Locally.text`, and nothing else is changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohstream.live.settings import PREFIX
from tests.deploy.files import COMPOSE, DEPLOY, containerfile, read_yaml
from tests.deployments import Deployment, WorkerProcess, wait_until
from tools.kafka import Cluster, free_port

OURS = "cohstream"
STATE = "/var/lib/cohstream"
LOOPBACK = re.compile(r"(?:127\.0\.0\.1|0\.0\.0\.0|localhost):(\d+)")


@dataclass(frozen=True)
class Service:
    """A service of the file. ``environment`` holds that of the image too; ``ports`` are those it listens on."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ports: tuple[int, ...]
    healthcheck: tuple[str, ...]
    secrets: Mapping[str, str]

    @property
    def ours(self) -> bool:
        """Whether it is a ``cohstream`` process."""
        return self.image.partition(":")[0] == OURS


def services(path: Path = COMPOSE) -> dict[str, Service]:
    """The services of a compose file by name."""
    file = read_yaml(path)[0]
    return {name: _service(name, body, file) for name, body in file["services"].items()}


def _service(name: str, body: Mapping[str, Any], file: Mapping[str, Any]) -> Service:
    ours = body["image"].partition(":")[0] == OURS
    environment = {**(_image_environment() if ours else {}), **body.get("environment", {})}
    published = [int(port.rsplit(":", 1)[1]) for port in body.get("ports", ())]
    listening = [int(environment["COHSTREAM_HTTP"].rsplit(":", 1)[1])] if ours else []
    return Service(
        name,
        body["image"],
        tuple(body.get("command", ())),
        {key: str(value) for key, value in environment.items()},
        tuple(dict.fromkeys([*listening, *published])),
        tuple(body.get("healthcheck", {}).get("test", ())),
        {f"/run/secrets/{secret}": file["secrets"][secret]["file"] for secret in body.get("secrets", ())},
    )


def _image_environment() -> dict[str, str]:
    return {name: value for name, value in containerfile().envs.items() if name.startswith(PREFIX)}


@dataclass(frozen=True)
class Locally:
    """How addresses (``worker-1:8090``) and paths of containers are called on this machine."""

    addresses: Mapping[str, str]
    directory: Path

    @classmethod
    def of(cls, chosen: Iterable[Service], directory: Path, **addresses: str) -> Locally:
        """A free port for each port of ``chosen``; ``kafka="127.0.0.1:4711"`` says where ``kafka:9092`` is."""
        ports = {f"{one.name}:{port}": f"127.0.0.1:{free_port()}" for one in chosen for port in one.ports}
        named = {f"{name}:9092": address for name, address in addresses.items()}
        return cls({**ports, **named}, directory)

    def address(self, service: Service, port: int | None = None) -> str:
        """Where a service listens: at its first port, or at ``port``."""
        return self.addresses[f"{service.name}:{port or service.ports[0]}"]

    def text(self, text: str, service: Service) -> str:
        """``text`` of the file, as it has to be for ``service`` on this machine."""
        text = LOOPBACK.sub(lambda found: self.addresses.get(f"{service.name}:{found[1]}", found[0]), text)
        for name, address in self.addresses.items():
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}\b", address, text)
        for path, file in service.secrets.items():
            text = text.replace(path, str(self.secret(file)))
        return text.replace(STATE, str(self.directory / service.name))

    def secret(self, file: str) -> Path:
        """Where a test puts the secret that the file names relative to itself."""
        return self.directory / (DEPLOY / file).name

    def environment(self, service: Service) -> dict[str, str]:
        return {name: self.text(value, service) for name, value in service.environment.items()}


def start(service: Service, mapping: Locally) -> WorkerProcess:
    """Start a ``cohstream`` service as a process; it may be asked by its address in ``mapping``, and stopped."""
    assert service.ours, f"{service.name} is no process of ours"
    log = mapping.directory / f"{service.name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", OURS, *service.command],
            env=_bare() | mapping.environment(service),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return WorkerProcess(0, mapping.address(service), process, log)


def healthy(service: Service, mapping: Locally) -> bool:
    """Whether the health check of the file, run as it is written, finds the process healthy."""
    kind, *words = service.healthcheck
    assert kind == "CMD", f"{service.name} has no health check of its own"
    words = [sys.executable if word == "python" else mapping.text(word, service) for word in words]
    return subprocess.run(words, env=_bare(), capture_output=True, timeout=30, check=False).returncode == 0


def kafka_properties(service: Service) -> dict[str, str]:
    """What the file sets of the broker, as the image makes properties of it: all but where it listens and stores."""
    here = ("NODE_ID", "LISTENER", "ADVERTISED", "QUORUM", "LOG_DIRS", "PROCESS_ROLES", "HEAP", "INTER_BROKER")
    names = [name for name in service.environment if name.startswith("KAFKA_") and not any(one in name for one in here)]
    return {name.removeprefix("KAFKA_").lower().replace("_", "."): service.environment[name] for name in names}


def _bare() -> dict[str, str]:
    """The environment of this process without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


class Composed:
    """The processes that are up; all end with the test."""

    def __init__(self, broker: Cluster, directory: Path) -> None:
        self.file = services()
        self.here = Locally.of(self.file.values(), directory, kafka=broker.brokers)
        partitions = int(self.file["topics"].environment["COHSTREAM_PARTITIONS"])
        prefix = self.file["topics"].environment["COHSTREAM_PREFIX"]
        self.topics = Deployment(broker.brokers, directory, partitions, prefix=prefix)
        self.up: dict[str, WorkerProcess] = {}

    def start(self, *names: str) -> None:
        for name in names:
            self.up[name] = start(self.file[name], self.here)

    def healthy(self, *names: str) -> None:
        for name in names:
            wait_until(
                lambda name=name: not self.up[name].alive or healthy(self.file[name], self.here),  # type: ignore[misc]
                f"{name} is healthy",
                self.up[name].said,
            )
            assert self.up[name].alive, self.up[name].said()

    def url(self, name: str) -> str:
        return f"http://{self.here.address(self.file[name])}"
