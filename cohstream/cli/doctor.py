"""``cohstream doctor``: checks a live deployment, and says what to do."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cohstream.cli.console import print_json, say
from cohstream.cli.topics import ConfigFile

if TYPE_CHECKING:
    from cohstream.live.doctor import Check

HELP = """Check a deployment on Kafka, and say what to do. Nothing is written.

Looked at: the brokers; the topics, held against what is declared; the group's law, its workers and its lag; the latest
records of each topic, by cohstream's own models; workers and serve by --url, their readiness and metrics; clocks; the
state directory of this machine; the versions of packages. Settings are those of the worker.

Examples:

  cohstream doctor

  cohstream doctor --url http://worker-1:8090 --url http://worker-2:8090 --url http://serve:8080

  cohstream doctor --json | jq -r '.checks[] | select(.level != "ok") | .remedy'

Exit status: 0 all is well; 1 something is not, each with its remedy; 2 it could not run.
"""

EXIT_ILL = 1
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
WIDTH_OF_FILES = 160
"""Columns of the table where there is no terminal to ask."""


def doctor(
    url: Annotated[
        list[str] | None, typer.Option(help="A worker or serve; may be repeated.", metavar="http://HOST:PORT")
    ] = None,
    config: ConfigFile = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    from cohstream.live.doctor import Level, examine
    from cohstream.live.settings import load_settings

    checks = asyncio.run(examine(load_settings(config=config), url or ()))
    ill = [check for check in checks if check.level is not Level.OK]
    if json:
        print_json({"well": not ill, "checks": [check._asdict() for check in checks]})
    else:
        _print_table(checks)
        say(f"cohstream: {len(ill)} of {len(checks)} checks need you" if ill else "cohstream: all is well")
    raise typer.Exit(EXIT_ILL if ill else 0)


doctor.__doc__ = HELP


def _print_table(checks: list[Check]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("check", "result", "found", "what to do"):
        table.add_column(title, overflow="fold")
    for check in checks:
        result = Text(check.level, style=STYLES[check.level])
        table.add_row(Text(check.name), result, Text(check.found), Text(check.remedy))
    Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES).print(table)
