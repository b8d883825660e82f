"""A contestant as a process: started, paused, and ended with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
LOG_SHOWN = 3_000


@dataclass(frozen=True)
class Contestant:
    """A program to be measured; ``most`` bounds its input, for one that would take too long."""

    name: str
    command: tuple[str, ...]
    most: int | None = None


def module(name: str, file: str, most: int | None = None, python: str = sys.executable) -> Contestant:
    """The contestant in ``benchmarks/live/contestants/<file>.py``."""
    return Contestant(name, (python, "-m", f"benchmarks.live.contestants.{file}"), most)


WORKER = Contestant("cohstream", (sys.executable, "-c", "from cohstream.cli import main; main()", "worker"))
"""``cohstream worker`` as it is."""


@dataclass
class Process:
    """A running contestant."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    http: str

    @classmethod
    def start(cls, contestant: Contestant, environment: Mapping[str, str], log: Path) -> Process:
        http = environment.get("COHSTREAM_HTTP") or f"127.0.0.1:{_free_port()}"
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        with log.open("wb") as out:
            process = subprocess.Popen(
                contestant.command,
                cwd=ROOT,
                env={**os.environ, **environment, "COHSTREAM_HTTP": http, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(contestant.name, process, log, http)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, with what it started."""
        if self.process.poll() is None:
            self._signal(signal.SIGKILL)
        self.process.wait()

    def end(self, seconds: float = 60.0) -> None:
        """Ask it to end. Raises :class:`BenchError` if it does not."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{self.name} did not end in {seconds:.0f} s", self) from None

    def must_live(self) -> None:
        """Raises :class:`BenchError` if it has ended."""
        if self.process.poll() is not None:
            raise BenchError(f"{self.name} ended by itself, with status {self.process.returncode}", self)

    def page(self, path: str) -> tuple[int, str]:
        """Status and text of one of a worker's pages; status 0 while it does not answer."""
        try:
            with urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except URLError as error:
            return getattr(error, "code", 0), ""
        except OSError:
            return 0, ""

    def said(self) -> str:
        """The end of what it printed."""
        return self.log.read_text("utf-8", "replace")[-LOG_SHOWN:] if self.log.exists() else ""

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class BenchError(Exception):
    """A contestant failed; the text has the end of what it printed."""

    def __init__(self, text: str, process: Process | None = None) -> None:
        said = process.said() if process else ""
        super().__init__(f"{text}\n{said}" if said else text)


def _free_port() -> int:
    from tools.kafka import free_port

    return free_port()
