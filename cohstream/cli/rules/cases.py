"""``cohstream rules test``: the cases beside agreements, held against the law."""

from __future__ import annotations

import typer

from cohstream.cli.console import print_json, say
from cohstream.cli.rules.options import AsJson, Directories, Named, console, table
from cohstream.engine.casework import Casework
from cohstream.errors import DataError, Problem
from cohstream.knowledge import load_knowledge
from cohstream.law.cases import Case, read_cases
from cohstream.law.library import Library, open_library

HELP = """Run the cases beside agreements, and show those that fail with what was expected and what the law says.

A PATH runs its cases, an ID all cases that expect something of that agreement. A case that needs an agreement which is
not at hand waits.

Examples:

  cohstream rules test

  cohstream rules test my-agreements

  cohstream rules test SY-JIG-2016-07 --json

Exit status: 0 all cases hold; 1 some fail; 2 it could not run.
"""


def cases(names: Named = None, directories: Directories = None, json: AsJson = False) -> None:
    library = open_library(names or (), directories or ())
    agreements = library.agreements()
    casework = Casework(load_knowledge(), agreements)
    faults: list[tuple[Case, list[str]]] = []
    counts: dict[str, list[int]] = {}
    for case in _cases(library):
        held = counts.setdefault(case.file, [0, 0, 0])
        if case.waits_for(agreements):
            held[2] += 1
            continue
        against = casework.faults_of(case)
        held[1 if against else 0] += 1
        if against:
            faults.append((case, against))
    hold, fail, wait = (sum(column) for column in zip(*counts.values(), strict=True)) if counts else (0, 0, 0)
    if json:
        failing = [
            {"file": case.file, "line": case.line, "case": case.name, "faults": against} for case, against in faults
        ]
        print_json({"hold": hold, "fail": fail, "wait": wait, "failing": failing})
    else:
        for case, against in faults:
            typer.echo(f"{case.file}:{case.line}: {case.name}")
            for fault in against:
                expected, _, got = fault.partition("; ") if ": expected " in fault else (fault, "", "")
                typer.echo(f"    {expected}" + (f"\n        the law says: {got}" if got else ""))
        rows = [(file, *map(str, held)) for file, held in counts.items()]
        console().print(table("", ("cases of", "hold", "fail", "wait"), rows))
        say(f"cohstream: {hold} cases hold, {fail} fail, {wait} wait for an agreement")
        if not counts:
            say("cohstream: there are no cases; write them beside the agreement, in NAME.cases.yaml")
    raise typer.Exit(1 if fail else 0)


def _cases(library: Library) -> list[Case]:
    """The cases of the files asked for, and those that expect something of the ids named."""
    actors = load_knowledge().actors
    problems: list[Problem] = []
    found = []
    for file in library.cases:
        if file.name not in library.asked and not library.ids:
            continue
        try:
            read = read_cases(file.text, file.name, actors)
        except DataError as error:
            problems += error.problems
            continue
        found += [case for case in read if file.name in library.asked or library.ids & set(case.agreements)]
    if problems:
        raise DataError(problems)
    return found
