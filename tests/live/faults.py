"""Faults to put into a worker: code that runs in its process before it starts."""

from __future__ import annotations

from collections.abc import Iterator

from cohstream.live.worker import STEPS

EVERY_STEP = [f"{noun} {step}" for noun in ("reports", "claims") for step in STEPS]

_AT = """
import os, signal, cohstream.live.app as app
made, left = app.create_app, {{"{step}": {nth}}}
def on_step(step):
    if step in left:
        left[step] -= 1
        if left[step] == 0:
            os.kill(os.getpid(), signal.{signal})
app.create_app = lambda settings, _=None: made(settings, on_step)
"""


def die_at(step: str, nth: int = 1) -> str:
    """The worker is killed right after it has completed ``step`` for the ``nth`` time."""
    return _AT.format(step=step, nth=nth, signal="SIGKILL")


def freeze_at(step: str, nth: int = 1) -> str:
    """The worker stops at that point, and goes on only when it gets SIGCONT."""
    return _AT.format(step=step, nth=nth, signal="SIGSTOP")


def ask_to_stop_at(step: str, nth: int = 1, by: str = "SIGTERM") -> str:
    """The worker is asked to stop at that point."""
    return _AT.format(step=step, nth=nth, signal=by)


def slices(lines: list[bytes], parts: int) -> Iterator[list[bytes]]:
    """``lines`` in ``parts`` of about equal size."""
    for part in range(parts):
        yield lines[part::parts]
