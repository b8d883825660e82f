"""``cohstream whatif``: the same reports under two texts, side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cohstream.cli.console import WIDTH_OF_FILES, print_json, say
from cohstream.cli.opened import DirectoriesOption, FormatOption, InputsArgument, RunOption, StateOption, opened
from cohstream.domain.vocabulary import Policy
from cohstream.errors import StateError
from cohstream.law import load_agreements
from cohstream.law.stack import Gap, with_parents
from cohstream.replay.whatif import GROUPS, Comparison, Mode, Period, WhatIf
from cohstream.replay.whatif_page import whatif_page
from cohstream.replay.whatif_record import whatif_record

HELP = """Hold the same reports against two texts: what B newly prohibits, no longer prohibits, and leaves unregulated.

A and B are ids of agreements; drafts are allowed. A text that presupposes others (`parents` in its file) is compared
alone, and then on top of them: a draft alone may be silent on what its parents forbid. Parties are those of A, or of
B where A binds nobody alleged.

Examples:

  cohstream whatif SY-COH-2016-02 SY-JIG-2016-07 reports.csv

  cohstream whatif SY-COH-2016-02 MY-DRAFT reports.csv --agreements drafts --html draft.html

  cohstream whatif SY-COH-2016-02 SY-JIG-2016-07 --run february --json | jq '.comparisons[0].gaps.b'

Exit status: 0 all was read; 1 it ran, but some input was rejected; 2 it could not run.
"""

COUNTED = ("incidents", "viol. A", "viol. B", "newly", "no longer", "gap A", "gap B")
LEGEND = "newly, no longer: violations of B only, of A only; gap: harmful, but no clause of the text speaks of it"

GAPS_SHOWN = 20
"""Rows of the gap table on a terminal; JSON and page have all."""


def whatif(
    a: Annotated[str, typer.Argument(metavar="A", help="Id of the text that is.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Id of the text that might be.")],
    inputs: InputsArgument = None,
    format_: FormatOption = None,
    policy: Annotated[
        Policy | None, typer.Option(help="Read both texts under this coverage policy; each under its own if left out.")
    ] = None,
    period: Annotated[Period, typer.Option(help="Length of the periods counted in.")] = Period.MONTH,
    agreements: DirectoriesOption = None,
    state: StateOption = None,
    run: RunOption = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with charts, complete in itself.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object last, instead of tables.")] = False,
) -> None:
    directories = tuple(agreements or ())
    known = load_agreements(directories)
    texts = [name for one in (a, b) for name in with_parents(one, known).names]
    with opened(inputs or [], format_, texts, directories, state, run) as session:
        found = WhatIf(session.agreements, a, b, session.ledger.counts, period)
        comparisons = found.comparisons(policy)
        if html is not None:
            _write(html, whatif_page(comparisons, {name: one.title for name, one in session.agreements.items()}))
        if json:
            about = {"law": session.law, "knowledge": session.knowledge.digest}
            print_json({"incidents": len(session.ledger.incidents), **whatif_record(found, comparisons), **about})
            return
        console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False)
        for comparison in comparisons:
            _print(console, comparison)
        if not found.presupposes:
            console.print("Neither text declares parents, so each is read alone.")


whatif.__doc__ = HELP


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}; name another file by --html") from None
    say(f"cohstream: page in {path}")


def _print(console: Console, found: Comparison) -> None:
    console.rule(f"A {found.a.label}   B {found.b.label}", align="left")
    console.print(found.headline)
    total = found.total
    for late, side in ((total.out_of_time_a, found.a), (total.out_of_time_b, found.b)):
        if late:
            console.print(f"{late:,} incidents lie before or after the time of {side.label}.")
    if found.b.stack.timeless and found.mode is Mode.ALONE:
        console.print(f"{found.b.name} has no validity of its own: it is read as if it always held.")
    console.print(f"[dim]{LEGEND}[/dim]")
    for name, group in GROUPS.items():
        table = _table(f"By {name}", (name,), COUNTED)
        for key, one in found.by(group).items():
            changes = (one.newly_prohibited, one.no_longer_prohibited, one.no_clause_a, one.no_clause_b)
            table.add_row(key, *_written(one.incidents, one.violations_a, one.violations_b, *changes))
        console.print(table)
    _print_gaps(console, found)


def _print_gaps(console: Console, found: Comparison) -> None:
    gaps = {key: counts for key, counts in found.gaps(of_b=True).items() if counts[Gap.NO_CLAUSE]}
    if not gaps:
        console.print(f"{found.b.label} leaves nothing that was reported without a clause.")
        return
    table = _table(f"What {found.b.label} leaves unregulated", ("weapon", "party"), ("gap", "nobody bound"))
    for (weapon, party), counts in list(gaps.items())[:GAPS_SHOWN]:
        table.add_row(weapon, party, *_written(counts[Gap.NO_CLAUSE], counts[Gap.NOT_BOUND]))
    console.print(table)
    if len(gaps) > GAPS_SHOWN:
        console.print(f"... and {len(gaps) - GAPS_SHOWN} more rows; --json and --html have all.")


def _table(title: str, words: tuple[str, ...], figures: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for word in words:
        table.add_column(word, no_wrap=True)
    for figure in figures:
        table.add_column(figure, justify="right")
    return table


def _written(*counts: int) -> list[str]:
    return [f"{count:,}" for count in counts]
