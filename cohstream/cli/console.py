"""What the commands say to people: messages and progress on standard error, tables on standard output."""

from __future__ import annotations

import sys
from collections import Counter
from time import monotonic
from types import TracebackType
from typing import Any, Self

import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.engine.batch import Outcome
from cohstream.local.session import Session

EXIT_ALL_READ = 0
EXIT_SOME_REJECTED = 1
EXIT_COULD_NOT_RUN = 2
EXIT_INTERRUPTED = 130

SECONDS_BETWEEN_LINES = 5.0


def say(message: str) -> None:
    """One message to the person, on standard error."""
    print(message, file=sys.stderr, flush=True)


def print_json(body: dict[str, Any]) -> None:
    """One JSON object, as a line on standard output."""
    sys.stdout.buffer.write(orjson.dumps(body) + b"\n")
    sys.stdout.flush()


class Telling:
    """Progress on a long read: a bar on a terminal, with ``columns`` beside it, and a line now and then otherwise."""

    def __init__(self, doing: str, total: int | None, *columns: ProgressColumn, **fields: Any) -> None:
        self._spoke = monotonic()
        self._bar: Progress | None = None
        if sys.stderr.isatty():
            shown = (TextColumn("{task.description}"), BarColumn(), *columns, TimeRemainingColumn())
            self._bar = Progress(*shown, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(doing, total=total, **fields)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _is_due(self) -> bool:
        """Whether it is time for a line again."""
        if monotonic() - self._spoke < SECONDS_BETWEEN_LINES:
            return False
        self._spoke = monotonic()
        return True


class Meter(Telling):
    """Progress of reading inputs, in bytes and records."""

    def __init__(self, total_bytes: int | None) -> None:
        records = TextColumn("{task.fields[records]:,} records")
        super().__init__("reading", total_bytes, DownloadColumn(), records, records=0)
        self._total = total_bytes
        self._records = 0

    def advance(self, records: int, read_bytes: int) -> None:
        """Note that ``records`` more records, ``read_bytes`` of input in all, have been applied."""
        self._records += records
        if self._bar is not None:
            self._bar.update(self._task, completed=read_bytes, records=self._records)
        elif self._is_due():
            share = f", {100 * read_bytes / self._total:.0f} % of the input" if self._total else ""
            say(f"cohstream: {self._records:,} records applied{share}")


def tell_problems(session: Session) -> None:
    """The first rejected records, a line each, and where the rest is."""
    problems, rejected = session.counts.problems, session.counts.outcomes[Outcome.REJECTED]
    for problem in problems:
        say(f"{problem.position}: {problem.code}: {problem.problem}")
    if rejected > len(problems):
        say(f"... and {rejected - len(problems):,} more records were rejected")


def print_parties(session: Session) -> None:
    """The per-party table of every agreement, under its default policy, with the range over policies."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
    for name, agreement in session.agreements.items():
        counts: Counter[tuple[str, Verdict]] = Counter()
        bounds: dict[str, dict[Policy, list[int]]] = {}
        for key, count in session.ledger.tallies().items():
            if key.agreement != name:
                continue
            if key.policy is agreement.default_policy:
                counts[(key.party, key.verdict)] += count
            low_high = bounds.setdefault(key.party, {}).setdefault(key.policy, [0, 0])
            low_high[0] += count if key.verdict is Verdict.VIOLATION else 0
            low_high[1] += count if key.verdict in POSSIBLE else 0
        table = Table(title=f"{name}: incidents by party, policy {agreement.default_policy}", title_justify="left")
        table.add_column("party")
        for title in ("violations", "min-max over policies", "contested", "undetermined", "not a violation"):
            table.add_column(title, justify="right")
        for party in [*agreement.parties, *sorted(set(bounds) - set(agreement.parties))]:
            spans = bounds.get(party, {}).values()
            low, high = min((one[0] for one in spans), default=0), max((one[1] for one in spans), default=0)
            table.add_row(
                party,
                str(counts[(party, Verdict.VIOLATION)]),
                f"{low}-{high}",
                str(counts[(party, Verdict.CONTESTED)]),
                str(counts[(party, Verdict.UNDETERMINED)]),
                str(counts[(party, Verdict.NOT_A_VIOLATION)]),
            )
        console.print(table)
    console.print(
        "[dim]Counts are incidents, assessed under the agreement's terms from what sources allege; "
        "the range is proven minimum to possible maximum.[/dim]"
    )


WIDTH_OF_FILES = 100
"""Columns of a table that goes to a file or a pipe, where there is no terminal to ask."""

POSSIBLE = frozenset({Verdict.VIOLATION, Verdict.CONTESTED, Verdict.UNDETERMINED})


def exit_status(session: Session, input_failed: bool) -> int:
    """0 if all was read, 1 if it ran but something was rejected."""
    rejected = session.counts.outcomes[Outcome.REJECTED]
    return EXIT_SOME_REJECTED if rejected or input_failed else EXIT_ALL_READ
