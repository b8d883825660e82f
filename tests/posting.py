"""A client that posts reports as a careful one does: it sends again whatever was not answered as taken."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
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


@dataclass
class Poster:
    """Posts ``lines`` in batches, each again until it is answered with 2xx; ``taken`` are those that were."""

    http: str
    lines: Sequence[bytes]
    batch: int = 20
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
            return post(self.http, part).is_success
        except httpx.TransportError:
            return False
