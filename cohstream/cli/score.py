"""``cohstream score``: fusion held against labels."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cohstream.cli.console import (
    EXIT_COULD_NOT_RUN,
    WIDTH_OF_FILES,
    Meter,
    exit_status,
    print_json,
    say,
    tell_problems,
)
from cohstream.cli.opened import FormatOption, check_format
from cohstream.cli.run import BATCH, Reading
from cohstream.domain.claim import Claim
from cohstream.engine.batch import Outcome
from cohstream.local.session import Session, Settings, batches
from cohstream.replay.labels import Labels
from cohstream.replay.score import Findings, held_against
from cohstream.replay.score_record import score_record

HELP = """Hold incidents against labels: how well the reports that fusion put together agree with a column of the input.

Scored are reports with a label; versions of one report count once, retracted ones are left out, what is in no
incident stands alone. Precision, recall and F1 are those of pairs, and B-cubed; a plain key, the exact words for the
place and the day, stands beside them. Then: how many places were resolved, what borders of areas cost, what was
wrongly joined, and what was parted and why. In JSON, places_resolved is the number of scored reports whose place has a
position, also a wide one; `places` says how many of them are fine enough to fuse by.

In cohstream's own CSV the columns lat, lon, radius_km and perpetrator_id are the compiler's, not the source's: they
are left out unless --no-blind is given. What stands beside a report's form (extra, the label itself) never counts.

Examples:

  cohstream score reports.csv --labels incident_hint

  cohstream score reports.csv --labels incident_hint --no-blind --show 0

  cohstream score labelled.jsonl --labels event --json | jq '.splits[] | {label, missed_pairs}'

Exit status: 0 all was read; 1 it ran, but some input was rejected; 2 it could not run.
"""

LEFT_OUT = "left_out:"
"""A notice of importers, before the name of a column that a blind reading passed over."""


ROWS_EACH = 10
"""Members of one merge or cluster, and clusters of one label, that a table shows."""


def score(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files to read, or - for standard input.")],
    labels: Annotated[
        str,
        typer.Option(
            metavar="COLUMN", help="Where the label of each row is: a column, or a field (of extra) in JSON Lines."
        ),
    ],
    format_: FormatOption = None,
    blind: Annotated[
        bool | None,
        typer.Option(
            "--blind/--no-blind",
            help="Leave out what no source stated but a compiler added. [default: where a format has such columns]",
        ),
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="Most false merges, and most splits, to list; 0 lists none.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object last, with all of both.")] = False,
) -> None:
    check_format(format_)
    session = Session(Settings())
    taken = Labels(labels)
    try:
        reading = Reading(inputs, format_, blind is not False)
        with Meter(reading.total_bytes()) as meter:
            for batch in batches(reading.rows(), BATCH):
                session.take([taken.take(row) for row in batch])
                meter.advance(len(batch), reading.read_bytes)
        tell_problems(session)
        if reading.failed == len(inputs) and not session.counts.read:
            raise typer.Exit(EXIT_COULD_NOT_RUN)
        left_out = _left_out(session.counts.notices)
        if blind and not left_out:
            say("cohstream: --blind: this format has no columns of a compiler; nothing was left out")
        found = held_against(session.ledger, taken.by_claim(), session.context.day_of)
        if json:
            reports = {outcome.value: session.counts.outcomes[outcome] for outcome in Outcome}
            reports["read"] = session.counts.read
            about = {"labels_in": labels, "blind": bool(left_out), "left_out": left_out, "reports": reports}
            print_json({**about, "incidents": len(session.ledger.incidents), **score_record(found)})
        else:
            _print(found, left_out, show)
    finally:
        session.close()
    raise typer.Exit(exit_status(session, reading.failed > 0))


score.__doc__ = HELP


def _left_out(notices: Iterable[str]) -> list[str]:
    return sorted(notice.removeprefix(LEFT_OUT) for notice in notices if notice.startswith(LEFT_OUT))


def _print(found: Findings, left_out: list[str], show: int) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False, markup=False)
    console.print(_scores(found))
    for line in _said(found, left_out):
        console.print(line)
    if reasons := found.reasons():
        told = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
        console.print(f"What keeps parts of a label from its largest part: {told}.")
    if show and found.merges:
        console.print(_merges(found, show))
    if show and found.splits:
        console.print(_splits(found, show))


def _scores(found: Findings) -> Table:
    table = Table(title=f"{len(found.label_of):,} reports held against their labels", title_justify="left")
    table.box = SIMPLE_HEAD
    for title in ("", "pairwise precision", "recall", "F1", "B-cubed precision", "recall", "F1", "clusters"):
        table.add_column(title, justify="right" if title else "left")
    for name, one in (("fusion", found.fusion), ("exact place text and day", found.plain_key)):
        figures = [figure for kind in (one.pairwise, one.bcubed) for figure in (kind.precision, kind.recall, kind.f1)]
        table.add_row(name, *(f"{figure:.3f}" for figure in figures), f"{one.clusters:,}")
    return table


def _said(found: Findings, left_out: list[str]) -> Iterable[str]:
    """What stands around the scores, a sentence or two a line."""
    label, size = found.largest_label
    places, borders = found.places, found.borders
    apart = f"Left out: {found.retracted:,} retracted, {found.unlabelled:,} without a label."
    yield f"{apart} {found.alone:,} scored reports are in no incident, and stand alone."
    if left_out:
        yield f"Blind: the compiler's columns {', '.join(left_out)} were left out."
    yield (
        f"Places resolved: {places.resolved:,} of {len(found.label_of):,}; {places.fine:,} fine enough to fuse by, "
        f"{places.wide:,} only to something wider, {places.unknown:,} not at all."
    )
    yield f"Largest incident: {found.largest_incident:,} reports. Largest label: {label}, {size:,} reports."
    yield (
        f"Borders: {borders.across:,} of {borders.pairs:,} pairs of one label lie in two areas, which costs "
        f"{borders.recall_lost:.3f} of recall ({borders.fine:,} pairs and {borders.recall_lost_fine:.3f} between fine "
        f"places); of {borders.unknown:,} an area is unknown."
    )


def _merges(found: Findings, show: int) -> Table:
    table = _listed(f"False merges: {min(show, len(found.merges)):,} of {len(found.merges):,}", "incident")
    for one in found.merges[:show]:
        table.add_row(Text(f"{one.incident_id}\n{one.near}"), Text(f"{one.wrong_pairs:,} wrong pairs", "bold"))
        for claim in one.members[:ROWS_EACH]:
            table.add_row(Text(found.label_of[claim.claim_id], "dim"), _member(claim))
        _add_rest(table, len(one.members), "reports")
    return table


def _splits(found: Findings, show: int) -> Table:
    table = _listed(f"Splits: {min(show, len(found.splits)):,} of {len(found.splits):,}", "label and what parts it")
    for one in found.splits[:show]:
        table.add_row(Text(one.label, "bold"), Text(f"{one.missed_pairs:,} pairs missed", "bold"))
        for part in one.parts[:ROWS_EACH]:
            why = "largest" if part.apart is None else f"{part.apart.reason}: {part.apart.detail}".removesuffix(": ")
            table.add_row(Text(why, "dim"), Text("\n").join(map(_member, part.members[:ROWS_EACH])))
            _add_rest(table, len(part.members), "reports")
        _add_rest(table, len(one.parts), "clusters")
    return table


def _add_rest(table: Table, total: int, what: str) -> None:
    if total > ROWS_EACH:
        table.add_row(Text(), Text(f"... and {total - ROWS_EACH:,} more {what}; --json has all", "dim"))


def _listed(title: str, what: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(what, ratio=2, overflow="fold")
    table.add_column("reports", ratio=3, overflow="fold")
    return table


def _member(claim: Claim) -> Text:
    where = f"{claim.wording.place or 'no place'} -> {claim.place.name or 'unknown'} ({claim.place.area})"
    what = claim.conduct or claim.statement or claim.kind
    when = f"{claim.start:%Y-%m-%d %H:%MZ} {claim.precision}"
    return Text.assemble((f"{claim.source}/{claim.report_id}", "cyan"), f", {when}, {what}\n  {where}")
