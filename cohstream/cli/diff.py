"""``cohstream diff``: which verdicts and counts differ between two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cohstream.cli.console import WIDTH_OF_FILES, print_json
from cohstream.replay.diff import Difference, difference
from cohstream.replay.run import find_run

HELP = """Show which verdicts and counts differ between two runs.

A run is named by the id of a replay, or by the directory that was given to --state. A is what was before, B is now.

Examples:

  cohstream diff february february-corrected

  cohstream diff state-of-may /var/lib/cohstream --json

Exit status: 0 they believe the same; 1 they differ; 2 one of them cannot be read.
"""


def diff(
    a: Annotated[str, typer.Argument(metavar="RUN_A", help="Run id or state directory.")],
    b: Annotated[str, typer.Argument(metavar="RUN_B", help="Run id or state directory.")],
    state: Annotated[Path, typer.Option(help="Directory that runs are kept in.", envvar="COHSTREAM_STATE_DIR")] = Path(
        "state"
    ),
    verdicts: Annotated[int, typer.Option(min=0, help="Most single verdicts to list.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    one = find_run(a, state)
    try:
        other = find_run(b, state)
        try:
            found = difference(one, other, verdicts)
        finally:
            other.close()
    finally:
        one.close()
    if json:
        print_json(found.record())
    else:
        _print(found)
    raise typer.Exit(0 if found.same else 1)


diff.__doc__ = HELP


def _print(found: Difference) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
    if found.same:
        console.print(f"{found.a} and {found.b} believe the same")
        return
    for differs, what in ((found.law_differs, "law"), (found.knowledge_differs, "knowledge")):
        if differs:
            console.print(f"They were made with another {what}.")
    console.print(
        f"Incidents: {found.only_in_a:,} only in {found.a}, {found.only_in_b:,} only in {found.b}, "
        f"{found.incidents_differing:,} differ. Tallies that differ: {found.tallies_differing:,}."
    )
    if found.counts:
        table = Table(title="Incidents by party and verdict, under the default policy", title_justify="left")
        for title in ("agreement", "party", "verdict"):
            table.add_column(title)
        for title in (found.a, found.b, "change"):
            table.add_column(title, justify="right")
        for one in found.counts:
            table.add_row(one.agreement, one.party, one.verdict, f"{one.a:,}", f"{one.b:,}", f"{one.b - one.a:+,}")
        console.print(table)
    if found.verdicts:
        table = Table(
            title=f"Verdicts that differ: {len(found.verdicts):,} of {found.verdicts_differing:,}", title_justify="left"
        )
        for title in ("incident", "agreement", "party", "policy", found.a, found.b):
            table.add_column(title)
        for change in found.verdicts:
            incident_id, agreement, party, policy, was, now = change
            table.add_row(incident_id, agreement, party, policy, was or "-", now or "-")
        console.print(table)
