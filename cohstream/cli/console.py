"""What the commands say to people: messages and progress on standard error, tables on standard output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Any, Self

import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from cohstream.cli.moments import reading
from cohstream.domain.published_total import DOES_NOT_ADD_UP
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.engine.batch import Outcome
from cohstream.local.session import Session
from cohstream.publish.ranges import Range, over_all, ranges_of

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
    """The first rejected records, a line each, and where the rest is; then published totals that do not add up."""
    problems, rejected = session.counts.problems, session.counts.outcomes[Outcome.REJECTED]
    for problem in problems:
        say(f"{problem.position}: {problem.code}: {problem.problem}")
    if rejected > len(problems):
        say(f"... and {rejected - len(problems):,} more records were rejected")
    for notice, times in sorted(session.counts.notices.items()):
        code, _, detail = notice.partition(":")
        if code == DOES_NOT_ADD_UP:
            say(f"{code}: {detail} (kept as published{f', {times} times' if times > 1 else ''})")


def print_parties(session: Session) -> None:
    """Of every agreement the per-party table under its default policy, and that of ranges under every policy."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
    tallies = session.ledger.tallies()
    for name, parties in ranges_of(tallies, session.agreements).items():
        policy = session.agreements[name].default_policy
        counts: Counter[tuple[str, Verdict]] = Counter()
        for key, count in tallies.items():
            if key.agreement == name and key.policy is policy:
                counts[(key.party, key.verdict)] += count
        console.print(_table_by_verdict(f"{name}: incidents by party, policy {policy}", parties, counts))
        console.print(_table_by_policy(f"{name}: proven minimum to possible maximum by policy", parties))
    console.print(
        "[dim]Counts are incidents, assessed under the agreement's terms from what sources allege; "
        "the range is proven minimum to possible maximum.[/dim]"
    )
    console.print(f"[dim]{reading_of(session)}[/dim]")


def reading_of(session: Session) -> str:
    """Which reading of the reports an answer is."""
    return reading(None if session.as_known is None else session.as_known.moment)


def _table_by_verdict(
    title: str, parties: Mapping[str, Mapping[Policy, Range]], counts: Mapping[tuple[str, Verdict], int]
) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("party")
    for heading in ("violations", "min-max over policies", "contested", "undetermined", "not a violation"):
        table.add_column(heading, justify="right")
    for party, by_policy in parties.items():
        table.add_row(
            party,
            str(counts.get((party, Verdict.VIOLATION), 0)),
            str(over_all(by_policy.values())),
            str(counts.get((party, Verdict.CONTESTED), 0)),
            str(counts.get((party, Verdict.UNDETERMINED), 0)),
            str(counts.get((party, Verdict.NOT_A_VIOLATION), 0)),
        )
    return table


def _table_by_policy(title: str, parties: Mapping[str, Mapping[Policy, Range]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("party")
    for policy in Policy:
        table.add_column(policy.replace("_", "_\n", 1), justify="right")
    for party, by_policy in parties.items():
        table.add_row(party, *map(str, by_policy.values()))
    return table


WIDTH_OF_FILES = 100
"""Columns of a table that goes to a file or a pipe, where there is no terminal to ask."""


def exit_status(session: Session, input_failed: bool) -> int:
    """0 if all was read, 1 if it ran but something was rejected."""
    rejected = session.counts.outcomes[Outcome.REJECTED]
    return EXIT_SOME_REJECTED if rejected or input_failed else EXIT_ALL_READ
