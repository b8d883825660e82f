"""``cohstream queue``: the open questions, first those that would change most verdicts."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cohstream.cli.console import WIDTH_OF_FILES, print_json, reading_of
from cohstream.cli.moments import AsKnownAtOption, known_at
from cohstream.cli.opened import (
    AgreementOption,
    DirectoriesOption,
    FormatOption,
    InputsArgument,
    RunOption,
    StateOption,
    opened,
)
from cohstream.engine.queue import open_questions
from cohstream.law.questions import Inquirer
from cohstream.publish.disclosure import is_shielded
from cohstream.publish.queue_record import Queued, queued

HELP = """List what is missing over all incidents, first what would change most verdicts.

For each missing fact every possible answer is tried on the evaluator; a question is worth as many verdicts (one an
incident and coverage policy) as the answer that changes most would change. What several incidents share, a place, an
actor's standing, a disputed clause, is asked once. Each incident takes about a millisecond.

Examples:

  cohstream queue reports.csv

  cohstream queue --state state --limit 50

  cohstream queue reports.csv --as-known-at 2016-03-15

  cohstream queue --run february --json | jq '.questions[0].incidents'

Exit status: 0 all was read; 1 it ran, but some input was rejected; 2 it could not run.
"""


def queue(
    inputs: InputsArgument = None,
    format_: FormatOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Most questions to list.")] = 20,
    agreement: AgreementOption = None,
    agreements: DirectoriesOption = None,
    state: StateOption = None,
    run: RunOption = None,
    as_known_at: AsKnownAtOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")] = False,
) -> None:
    moment = known_at(as_known_at)
    with opened(inputs or [], format_, agreement or (), agreements or (), state, run, moment) as session:
        inquirer = Inquirer(session.agreements, session.knowledge.actors)
        asked = open_questions(session.ledger, inquirer, is_shielded)
        shown = [queued(one, session.ledger) for one in asked[:limit]]
        if json:
            questions = [asdict(one) for one in shown]
            print_json({"total": len(asked), "questions": questions, **session.reading()})
        else:
            _print(shown, len(asked), reading_of(session))


queue.__doc__ = HELP


def _print(shown: list[Queued], total: int, reading: str) -> None:
    title = f"Open questions: {len(shown):,} of {total:,}"
    table = Table(title=title, title_justify="left", caption=reading, caption_justify="left", box=SIMPLE_HEAD)
    for title, justify in (("verdicts", "right"), ("incidents", "right")):
        table.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for title in ("question", "agreement and parties"):
        table.add_column(title)
    for one in shown:
        best = max(one.answers.items(), key=lambda answer: answer[1], default=("", 0))[0]
        question = Text.assemble((one.fact, "bold"), f", of {one.about}", f"\nmost if: {best}" if best else "")
        whom = f"{one.agreement}\n{', '.join(one.parties)}"
        first = f"\ne.g. {one.incidents[0]}"
        table.add_row(f"{one.changes:,}", f"{len(one.incidents):,}", question, Text(whom + first))
    Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False).print(table)
