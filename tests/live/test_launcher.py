"""``python -m tools.kafka`` and the jars it fetches."""

import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tools import kafka

LAUNCH = (sys.executable, "-m", "tools.kafka")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty directory for the jars."""
    monkeypatch.setenv("COHSTREAM_KAFKA_JARS", str(tmp_path / "jars"))
    return tmp_path / "jars"


@pytest.fixture
def jgo(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, bytes], list[str]]:
    """A factory of a jgo that ends with a status and writes a jar; it returns the commands that were run."""

    def make(status: int = 0, jar: bytes | None = None) -> list[str]:
        commands: list[str] = []

        def run(command: list[str], cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
            commands.append(command[1])
            time.sleep(0.2)
            if command[1] == "sync" and not status:
                (cwd / ".jgo" / "jars").mkdir(parents=True)
                path = cwd / ".jgo" / "jars" / "kafka.jar"
                if jar is None:
                    with zipfile.ZipFile(path, "w") as archive:
                        archive.writestr("a", "b")
                else:
                    path.write_bytes(jar)
            return subprocess.CompletedProcess(command, status, "", "connection refused\n")

        monkeypatch.setattr(kafka.subprocess, "run", run)
        return commands

    return make


def test_two_that_start_at_once_fetch_once(home: Path, jgo: Callable[..., list[str]]) -> None:
    commands = jgo()
    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(kafka.jars) for _ in range(2))
        assert first.result() == second.result()
    assert commands == ["init", "sync"]
    assert (home / ".jgo" / "jars" / "kafka.jar").exists()


def test_a_fetch_that_was_killed_is_begun_anew(home: Path, jgo: Callable[..., list[str]]) -> None:
    (home / "part").mkdir(parents=True)
    (home / ".jgo" / "jars").mkdir(parents=True)
    (home / ".jgo" / "jars" / "half.jar").write_bytes(b"PK")
    jgo()
    kafka.jars()
    assert [one.name for one in home.glob(".jgo/jars/*")] == ["kafka.jar"]


def test_without_a_network_the_message_says_what_to_do(home: Path, jgo: Callable[..., list[str]]) -> None:
    jgo(status=1)
    with pytest.raises(kafka.KafkaUnavailableError, match=r"COHSTREAM_KAFKA_JARS .* connection refused"):
        kafka.jars()
    assert not (home / "complete").exists()


def test_a_jar_cut_short_is_not_kept(home: Path, jgo: Callable[..., list[str]]) -> None:
    jgo(jar=b"PK half a jar")
    with pytest.raises(kafka.KafkaUnavailableError, match="no whole jars"):
        kafka.jars()
    assert not (home / ".jgo").exists()


def test_a_port_in_use_is_told_at_once() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = subprocess.run([*LAUNCH, "--port", str(port)], capture_output=True, text=True, timeout=60)
    assert told.returncode == 1
    assert told.stderr == f"kafka: port {port} is in use; end what listens there, or choose another: --port\n"


@pytest.mark.kafka
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_broker(number: int) -> None:
    port = kafka.free_port()
    with subprocess.Popen([*LAUNCH, "--port", str(port)], stdout=subprocess.PIPE, text=True) as launched:
        assert launched.stdout is not None
        try:
            assert launched.stdout.readline().startswith(f"Kafka {kafka.VERSION} at 127.0.0.1:{port}")
            assert kafka.taken(port)
            launched.send_signal(number)
            assert launched.wait(30) == 0
        finally:
            launched.kill()
    assert not kafka.taken(port)
