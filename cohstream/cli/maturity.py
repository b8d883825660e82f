"""``cohstream maturity``: how the count of a day grew as reports came in, and what recent days still lack."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cohstream.cli.console import WIDTH_OF_FILES, print_json, reading_of, say
from cohstream.cli.moments import AsKnownAtOption, known_at
from cohstream.cli.opened import (
    AgreementOption,
    DirectoriesOption,
    FormatOption,
    InputsArgument,
    RunOption,
    StateOption,
    check_party,
    opened,
)
from cohstream.errors import ConfigError, StateError
from cohstream.replay.maturity import ANY, Maturity, maturities
from cohstream.replay.maturity_page import SHARES, day_rows, maturity_page, share_rows
from cohstream.replay.maturity_record import maturity_record
from cohstream.replay.received import in_order_of_receipt

HELP = """Say how the count of violations of an event day grew by days after it, and, over all days, what share of what
is counted now had been counted by then: the figure to read recent days with.

A count is as known at the end of the day so many days after the event day, proven minimum to possible maximum, under
the agreement's default policy. Reports are taken in order of receipt. Counts fall too, so a share may exceed 100 %.
Event days too young for a column are left out of its share.

Examples:

  cohstream maturity reports.csv

  cohstream maturity --state state --party government --html maturity.html

  cohstream maturity reports.csv --day 2016-02-27 --json | jq '.agreements[0].parties[0].days'

Exit status: 0 all was read; 1 it ran, but some input was rejected; 2 it could not run.
"""

DAYS_SHOWN = 14
"""Event days in the table unless some are named: the last ones. JSON and page have all."""

BAR = 12
"""Characters of a bar at 100 %."""


def maturity(
    inputs: InputsArgument = None,
    format_: FormatOption = None,
    day: Annotated[list[str] | None, typer.Option(help="This event day; may be repeated.", metavar="DATE")] = None,
    party: Annotated[str, typer.Option(help="Violations of this party; of all together if left out.")] = ANY,
    agreement: AgreementOption = None,
    agreements: DirectoriesOption = None,
    state: StateOption = None,
    run: RunOption = None,
    as_known_at: AsKnownAtOption = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with a chart, complete in itself.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    days = {_date(one) for one in day or ()}
    moment = known_at(as_known_at)
    with opened(inputs or [], format_, agreement or (), agreements or (), state, run, moment) as session:
        received = in_order_of_receipt(kept.report for kept in session.store.reports())
        if not received:
            raise ConfigError("nothing has come in yet, so no count has grown")
        check_party(None if party == ANY else party, session.agreements)
        found = maturities(received, session.context, session.agreements).values()
        if html is not None:
            _write(html, maturity_page(found, reading_of(session), party, days))
        if json:
            whose = None if party == ANY else party
            about = {**session.reading(), "law": session.law, "knowledge": session.knowledge.digest}
            print_json({"agreements": [maturity_record(one, days, whose) for one in found], **about})
            return
        console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False)
        for one in found:
            _print(console, one, party, days)
        console.print(f"[dim]{reading_of(session)}[/dim]")


maturity.__doc__ = HELP


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--day is {text!r}; write a date, as 2016-02-27") from None


def _write(path: Path, written: str) -> None:
    try:
        path.write_text(written, encoding="utf-8")
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}; name another file by --html") from None
    say(f"cohstream: page in {path}")


def _print(console: Console, found: Maturity, party: str, days: Collection[date]) -> None:
    whose = "all parties" if party == ANY else f"party {party}"
    console.print(f"{found.agreement}, policy {found.policy}, {whose}: violations by days after the event day")
    console.print(found.headline(party))
    bars = (_bar(found.share(party, lag).percent) for lag in found.lags)
    rows = [(*row, bar) for row, bar in zip(share_rows(found, party), bars, strict=True)]
    console.print(_table("Of what is counted now, counted by then", (*SHARES, ""), rows))
    by_day = day_rows(found, party, days)
    shown = by_day if days else by_day[-DAYS_SHOWN:]
    title = "By event day, minimum-maximum" if len(shown) == len(by_day) else "The last event days, minimum-maximum"
    console.print(_table(title, ("event day", *(f"after {lag}" for lag in found.lags), "now"), shown))
    if found.undated:
        console.print(f"{found.undated:,} violations cannot be dated to one day, and are left out.")


def _bar(percent: float | None) -> str:
    return "█" * round(min(percent or 0.0, 150.0) / 100 * BAR)


def _table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for head in heads:
        table.add_column(head, justify="left" if head in ("", "event day") else "right")
    for row in rows:
        table.add_row(*row)
    return table
