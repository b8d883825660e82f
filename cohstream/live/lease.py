"""The lease of a worker: whether it has been running all the time, so that it may write."""

from __future__ import annotations

import threading
import time

BEATS_A_SESSION = 8


class Lease:
    """Notices that the whole process stood still (stopped, swapped out, a suspended machine).

    Kafka gives the partitions of a silent member away after the session timeout; a process that wakes up later
    must not write as if it still owned them. A thread beats, because the event loop may be busy with a batch.
    """

    def __init__(self, session_seconds: float) -> None:
        self._seconds = session_seconds
        self._last = time.monotonic()
        self._stopped = threading.Event()
        self.lost_seconds = 0.0

    def start(self) -> None:
        self._last = time.monotonic()
        threading.Thread(target=self._run, name="lease", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def holds(self) -> bool:
        """Whether there was no silence longer than the session, up to this moment."""
        self._beat()
        return not self.lost_seconds

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds / BEATS_A_SESSION):
            self._beat()

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._last > self._seconds:
            self.lost_seconds = now - self._last
        self._last = now
