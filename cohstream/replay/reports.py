"""The reports of a run: what was played, version by version, so that all can be derived anew from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cohstream.errors import ConfigError
from cohstream.replay import run_file
from cohstream.replay.run import RUNS
from cohstream.replay.run_file import RunFile


class PlayedReports(NamedTuple):
    """The agreements that a replay held reports against, and the reports as JSON bytes, in the order gathered."""

    agreements: tuple[str, ...]
    reports: Iterator[bytes]


def reports_of(named: str, state: Path) -> PlayedReports:
    """The reports of the replay that ``named`` is: its id (kept under ``state``), or its directory.

    Raises :class:`ConfigError` if there is none, :class:`StateError` if it cannot be used.
    """
    for directory in (state / RUNS / named, Path(named)):
        if (directory / run_file.FILE_NAME).is_file():
            opened = RunFile.open(directory, to_read=True)
            return PlayedReports(tuple(one["agreement_id"] for one in opened["agreements"]), _reports(opened))
    there = sorted(one.parent.name for one in (state / RUNS).glob(f"*/{run_file.FILE_NAME}"))
    known = f"runs there are: {', '.join(there)}" if there else "`cohstream replay` makes one"
    raise ConfigError(f"there is no run {named!r} under {state / RUNS}; {known}")


def _reports(opened: RunFile) -> Iterator[bytes]:
    try:
        for (raw,) in opened.db.execute("SELECT report FROM gathered ORDER BY seq"):
            yield raw
    finally:
        opened.close()
