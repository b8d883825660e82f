"""Arguments and tables that the commands of ``cohstream rules`` share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cohstream.domain.vocabulary import Policy
from cohstream.errors import ConfigError
from cohstream.law.agreement import Agreement

WIDTH_OF_FILES = 160
"""Columns of a table where there is no terminal to ask."""

Named = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH|ID]...", help="Files, directories or ids of agreements; all if none."),
]
Directories = Annotated[
    list[Path] | None,
    typer.Option(
        "--agreements", help="A directory with more agreements; may be repeated.", envvar="COHSTREAM_AGREEMENTS"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
UnderPolicy = Annotated[
    Policy | None, typer.Option("--policy", help="Coverage policy to read under; by default each text's own.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="A local date or time, as 2016-03-01 or 2016-03-01T12:00.")
]


def console() -> Console:
    """Where tables go: as wide as the terminal, or a fixed width in files."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of plain text; what is too long is folded, not cut."""
    made = Table(title=Text(title) if title else None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def agreement_of(name: str, agreements: dict[str, Agreement]) -> Agreement:
    """The agreement of an id. Raises :class:`ConfigError`."""
    if name not in agreements:
        known = ", ".join(sorted(agreements))
        raise ConfigError(f"{name!r} is no agreement; known are: {known}; add others by --agreements DIR")
    return agreements[name]


def instant_of(text: str | None, agreement: Agreement) -> datetime | None:
    """``text`` as an instant, local to the agreement unless it has an offset. Raises :class:`ConfigError`."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--as-of {text!r} is no date; write it as 2016-03-01 or 2016-03-01T12:00") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(agreement.tz))
