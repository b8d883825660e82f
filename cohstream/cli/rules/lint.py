"""``cohstream rules lint``: what an author of rules should mend."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import typer

from cohstream.cli.console import print_json, say
from cohstream.cli.rules.options import AsJson, Directories, Named
from cohstream.errors import DataError
from cohstream.knowledge import load_knowledge
from cohstream.law.agreement import Agreement
from cohstream.law.library import open_library
from cohstream.law.lint import lint_agreement, lint_cases
from cohstream.law.lint_fault import Fault
from cohstream.law.loader import read_agreement

HELP = """Find what should be mended in agreements and the cases beside them, each with severity, file, line and remedy.

Errors do not load or cannot mean what they say; warnings are probably slips: holes, overlaps, clauses that never
decide, keys without effect; notes are worth a look.

Examples:

  cohstream rules lint

  cohstream rules lint my-agreements/SY-TOWN-2016-04.yaml

  cohstream rules lint SY-COH-2016-02 --json

Exit status: 0 nothing was found; 1 something was; 2 it could not run.
"""


def lint(names: Named = None, directories: Directories = None, json: AsJson = False) -> None:
    library = open_library(names or (), directories or ())
    actors = load_knowledge().actors
    agreements: dict[str, Agreement] = {}
    found: list[Fault] = []
    for file in library.texts:
        with suppress(DataError):  # lint tells it, if the file was asked for
            agreements[file.agreement] = read_agreement(file.text, file.name)
    for file in library.texts:
        if file.name in library.asked:
            found += lint_agreement(file.text, file.name, actors, library.others(file))
    for file in library.cases:
        if file.name in library.asked:
            found += lint_cases(file.text, file.name, actors, agreements)
    if json:
        print_json({"files": len(library.asked), "findings": [one._asdict() for one in found]})
    else:
        for one in found:
            typer.echo(str(one))
        counts = Counter(one.severity for one in found)
        told = ", ".join(f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in sorted(counts.items()))
        files = "1 file" if len(library.asked) == 1 else f"{len(library.asked)} files"
        say(f"cohstream: {files}: {told or 'nothing found'}")
    raise typer.Exit(1 if found else 0)
