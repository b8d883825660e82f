"""``cohstream export``: what a run came to, in forms that other programs take in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cohstream.cli.console import say
from cohstream.engine.context import ZONE
from cohstream.errors import StateError
from cohstream.publish.openmetrics import history
from cohstream.replay.run import find_run

app = typer.Typer(no_args_is_help=True, help="Write what a run came to in a form that other programs take in.")

OPENMETRICS = """Write the history of a run as OpenMetrics: the gauges as they stood at the end of each event day.

RUN is the id of a replay, or the directory that was given to --state. Prometheus takes the file in as blocks; start
it with a look-back of a day, since there is one sample a day, and a retention that reaches back to the events.

Examples:

  cohstream export openmetrics february --out february.om

  promtool tsdb create-blocks-from openmetrics february.om data

  prometheus --storage.tsdb.path=data --storage.tsdb.retention.time=100y --query.lookback-delta=1d
"""


@app.callback()
def _root() -> None:
    """Keep ``openmetrics`` a command of its own while it is the only one."""


@app.command(help=OPENMETRICS)
def openmetrics(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Run id or state directory.")],
    out: Annotated[Path | None, typer.Option(help="File to write; standard output if left out.")] = None,
    state: Annotated[Path, typer.Option(help="Directory that runs are kept in.", envvar="COHSTREAM_STATE_DIR")] = Path(
        "state"
    ),
) -> None:
    found = find_run(run, state)
    try:
        exported = history(found.daily(), found.agreements, found.name, ZONE)
    finally:
        found.close()
    if out is None:
        sys.stdout.buffer.write(exported)
        return
    try:
        out.write_bytes(exported)
    except OSError as error:
        raise StateError(f"{out} cannot be written: {error.strerror}; name another file by --out") from None
    say(f"cohstream: {len(exported):,} bytes in {out}")
