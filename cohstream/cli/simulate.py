"""``cohstream simulate``: load, drawn like the documented reports."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Annotated

import typer

from cohstream.simulate import simulate as simulated
from cohstream.simulate.clock import DAYS, MOST_DAYS

HELP = """Print invented reports as JSON Lines, drawn like the documented ones: their places, spellings, actors
and fan-in. The same seed gives the same bytes.

Examples:

  cohstream simulate --reports 200000 --seed 1 > load.jsonl

  cohstream simulate --reports 1000 --seed 7 --disorder 0.2 | cohstream run - --json
"""

LINES_PER_WRITE = 1_000


def simulate(
    reports: Annotated[int, typer.Option(min=0, help="How many lines to print.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 1,
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of exact duplicates.")] = 0.02,
    revisions: Annotated[float, typer.Option(min=0, max=1, help="Share of revisions.")] = 0.03,
    retractions: Annotated[float, typer.Option(min=0, max=1, help="Share of retractions.")] = 0.005,
    disorder: Annotated[float, typer.Option(min=0, max=1, help="Share of reports moved from their place.")] = 0.0,
    days: Annotated[
        int, typer.Option(min=1, max=MOST_DAYS, help="About how many days the events lie in, up to the autumn of 2016.")
    ] = DAYS,
) -> None:
    lines = simulated(
        reports,
        seed,
        duplicates=duplicates,
        revisions=revisions,
        retractions=retractions,
        disorder=disorder,
        days=days,
    )
    while block := list(islice(lines, LINES_PER_WRITE)):
        sys.stdout.buffer.write(b"\n".join(block) + b"\n")
    sys.stdout.buffer.flush()


simulate.__doc__ = HELP
