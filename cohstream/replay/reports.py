"""The reports of a run: what was played, version by version, so that all can be derived anew from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cohstream.errors import ConfigError
from cohstream.replay.run import RUNS, replay_named, told_runs
from cohstream.replay.run_file import RunFile


class PlayedReports(NamedTuple):
    """The agreements that a replay held reports against, and the reports as JSON bytes, in the order gathered."""

    agreements: tuple[str, ...]
    reports: Iterator[bytes]


def reports_of(named: str, state: Path) -> PlayedReports:
    """The reports of the replay that ``named`` is: its id (kept under ``state``), or its directory.

    Raises :class:`ConfigError` if there is none, :class:`StateError` if it cannot be used.
    """
    directory = replay_named(named, state)
    if directory is None:
        known = told_runs(state) or "; `cohstream replay` makes one"
        raise ConfigError(f"there is no run {named!r} under {state / RUNS}{known}")
    opened = RunFile.open(directory, to_read=True)
    return PlayedReports(tuple(one["agreement_id"] for one in opened["agreements"]), _reports(opened))


def _reports(opened: RunFile) -> Iterator[bytes]:
    try:
        for (raw,) in opened.db.execute("SELECT report FROM gathered ORDER BY seq"):
            yield raw
    finally:
        opened.close()
