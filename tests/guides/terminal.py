"""Guides as a reader follows them: every command of a guide's ``console`` blocks is typed into one shell, in order.

A command stands behind ``$ `` and goes on in the next line after a ``\\`` or ``|`` at its end; what follows is what it
prints, standard error too, with ``...`` for what differs from time to time, as in doctest. A status other than 0 is a
fault, so is output that is not shown. What the shell says of background jobs is passed over, and blocks of another
kind (``sh``, ``python`` ...) are not typed.

``python -m tests.guides.terminal GUIDE [DIRECTORY]`` follows a guide in a clone as it stands, addresses and all.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Self

PATIENCE_SECONDS = 90.0
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
OF_JOBS = re.compile(r"\[\d+\][ +-] ")
"""How a line begins by which the shell tells of a background job that ended."""


@dataclass(frozen=True)
class Step:
    """A command of a guide, the line it stands in, and what the guide shows below it."""

    line: int
    command: str
    shown: str


class GuideError(AssertionError):
    """A guide says something else than what happens."""


def steps(guide: str) -> list[Step]:
    """The commands of all console blocks. Raises :class:`GuideError` where a block begins with something else."""
    found: list[Step] = []
    for block in BLOCK.finditer(guide):
        first = guide.count("\n", 0, block.start()) + 2
        lines = block[1].splitlines()
        if not lines or not lines[0].startswith("$ "):
            raise GuideError(f"line {first}: a console block begins with a command, behind '$ '")
        number = 0
        while number < len(lines):
            line, command = first + number, [lines[number].removeprefix("$ ")]
            number += 1
            while command[-1].endswith(("\\", "|")) and number < len(lines):
                command.append(lines[number])
                number += 1
            begin = number
            while number < len(lines) and not lines[number].startswith("$ "):
                number += 1
            shown = "".join(f"{one}\n" for one in lines[begin:number])
            found.append(Step(line, "\n".join(command), shown))
    return found


def listen_to_ctrl_c() -> None:
    """Undo that Ctrl-C is ignored, as it is in what was started in the background: programs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A shell in ``directory``. ``places`` maps words of a guide, such as addresses, to those that are meant here."""

    def __init__(self, directory: Path, environment: Mapping[str, str], places: Mapping[str, str]) -> None:
        self.places = places
        self._end = f"end-{uuid.uuid4().hex}"
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=listen_to_ctrl_c,
            text=True,
        )
        self._write("set -m\n")  # jobs as on a terminal: `kill -INT %1` reaches them

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell and all that was started in it."""
        self._kill()
        self._shell.communicate()

    def type(self, command: str) -> tuple[int, str]:
        """Run ``command``; returns its exit status and what it printed, in the guide's words."""
        for word, here in self.places.items():
            command = command.replace(word, here)
        self._write(f"eval {shlex.quote(command)} </dev/null; printf '\\n%s %d\\n' {self._end} $?\n")
        printed, status = self._read(command)
        for word, here in self.places.items():
            printed = printed.replace(here, word)
        return status, printed

    def _write(self, text: str) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.write(text)
        self._shell.stdin.flush()

    def _read(self, command: str) -> tuple[str, int]:
        assert self._shell.stdout is not None
        lines: list[str] = []
        impatience = Timer(PATIENCE_SECONDS, self._kill)
        impatience.start()
        try:
            for line in self._shell.stdout:
                if line.startswith(self._end):
                    return "".join(lines).removesuffix("\n"), int(line.split()[1])
                if not OF_JOBS.match(line):
                    lines.append(line)
        finally:
            impatience.cancel()
        raise GuideError(f"the shell ended, or it took over {PATIENCE_SECONDS:.0f} s: {command}\n{''.join(lines)}")

    def _kill(self) -> None:
        subprocess.run(["pkill", "-KILL", "-s", str(self._shell.pid)], check=False)


def follow(guide: str, terminal: Terminal) -> None:
    """Type all commands of ``guide``. Raises :class:`GuideError` at the first that fails or prints something else."""
    checker = doctest.OutputChecker()
    for step in steps(guide):
        status, printed = terminal.type(step.command)
        if status:
            raise GuideError(f"line {step.line}: status {status}: {step.command}\n{printed}")
        if not checker.check_output(step.shown, printed, doctest.ELLIPSIS):
            told = checker.output_difference(doctest.Example(step.command, step.shown), printed, doctest.ELLIPSIS)
            raise GuideError(f"line {step.line}: {step.command}\n{told}")


def clone(repository: Path, directory: Path) -> None:
    """Copy what git knows of ``repository``, as it stands, and lend it the environment that runs this test."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (repository / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, directory / name)
    (directory / ".venv").symlink_to(sys.prefix)


def clean_environment(directory: Path) -> dict[str, str]:
    """The environment of a new terminal in a clone: no settings of ours, and the clone's package."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COHSTREAM_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(directory)}


@contextmanager
def terminal_in(directory: Path, places: Mapping[str, str]) -> Iterator[Terminal]:
    """A new terminal in a clone."""
    with Terminal(directory, clean_environment(directory), places) as terminal:
        yield terminal


if __name__ == "__main__":
    there = Path(sys.argv[2] if len(sys.argv) > 2 else ".").absolute()
    with terminal_in(there, {}) as typed:
        follow(Path(sys.argv[1]).read_text("utf-8"), typed)
    print(f"{sys.argv[1]} holds")
