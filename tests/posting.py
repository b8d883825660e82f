"""A client that posts reports as a careful one does: it sends again whatever was not answered as taken."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE_SECONDS = 90.0
NDJSON = {"content-type": "application/x-ndjson"}


def post(http: str, lines: Sequence[bytes], seconds: float = 30.0, **headers: str) -> httpx.Response:
    """Post ``lines`` as NDJSON, once."""
    body = b"".join(line + b"\n" for line in lines)
    return httpx.post(f"http://{http}/v1/reports", content=body, headers=NDJSON | headers, timeout=seconds)


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def conforms(http: str, key: str, directory: Path) -> None:
    """Let schemathesis post what it can think of; every answer must be one that the OpenAPI document describes.

    Left out are the checks that all of what a JSON Schema allows is accepted, and all else rejected: a batch with one
    good report is taken, and a report that contradicts itself is not.
    """
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"http://{http}/v1/openapi.json"]
    options = ["--checks", "all", "--exclude-checks", "positive_data_acceptance,negative_data_rejection"]
    options += ["--phases", "coverage,fuzzing", "--max-examples", "60", "--seed", "1", "--continue-on-failure"]
    options += ["--generation-database", "none", "--no-color", "--header", f"Authorization: Bearer {key}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=directory, timeout=110)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    tested = re.search(r"(\d+) generated", done.stdout)
    assert tested is not None
    assert int(tested[1]) > 500, done.stdout


@dataclass
class Poster:
    """Posts ``lines`` in batches, each again until it is answered with 2xx; ``taken`` are those that were."""

    http: str
    lines: Sequence[bytes]
    batch: int = 20
    headers: Mapping[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    again: int = 0

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), f"{len(self.taken)} of {len(self.lines)} reports are taken"

    def run(self) -> None:
        for at in range(0, len(self.lines), self.batch):
            part = self.lines[at : at + self.batch]
            while not self._taken(part):
                self.again += 1
                time.sleep(0.05)
            self.taken += part

    def _taken(self, part: Sequence[bytes]) -> bool:
        try:
            return post(self.http, part, **self.headers).is_success
        except httpx.TransportError:
            return False
