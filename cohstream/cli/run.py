"""``cohstream run``: reports in, per-party counts out."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cohstream.cli.console import (
    EXIT_COULD_NOT_RUN,
    EXIT_INTERRUPTED,
    Meter,
    exit_status,
    print_json,
    print_parties,
    say,
    tell_problems,
)
from cohstream.cli.moments import AsKnownAtOption, known_at
from cohstream.errors import ConfigError, InputError
from cohstream.importers import Row, formats, open_input
from cohstream.local.outputs import write_outputs, write_rejected
from cohstream.local.session import Session, Settings, batches
from cohstream.local.store import rows_kept
from cohstream.web.serving import Page, address_of

BATCH = 50_000
"""Records a transaction; a killed run reads at most so many again."""

BATCH_SERVING = 1_000
"""While a page is served, so that it answers between two batches."""

HELP = """Read reports and count what they add up to under each agreement.

INPUT is one or more files, or - for standard input; gzip is read as it is. The format is detected, or named
with --format. With --state a second run continues where the first one ended, and the same input again
changes nothing. Under other agreements than then all incidents are judged anew first, and what that
changes is told with cause `law`.

Examples:

  cohstream run reports.jsonl

  cohstream run reports.csv incidents.csv --state state --out out

  zcat reports.jsonl.gz | cohstream run - --json

  cohstream run reports.csv --agreement SY-JIG-2016-07 --serve 127.0.0.1:8080

  cohstream run --state state --serve 127.0.0.1:8080

  cohstream run reports.csv --as-known-at 2016-03-15 --out known

With --as-known-at it is a look at what was known then: only what had been received by that moment is read, of INPUT, or
of the --state directory if there is none. It keeps no state, and leaves the directory as it is.

With --serve and --state reports are taken by HTTP too, POST /v1/reports, and INPUT may be left out. For callers on
other machines give --api-keys.

Exit status: 0 all was read; 1 it ran, but some input was rejected; 2 it could not run.
"""


def run(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="[INPUT]...", help="Files to read, or - for standard input.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="Format of the inputs; detected when left out.", metavar="F")
    ] = None,
    agreement: Annotated[
        list[str] | None,
        typer.Option(
            help="Hold reports against this agreement only; may be repeated. Drafts, and texts that wait for it, "
            "must be named.",
            metavar="ID",
        ),
    ] = None,
    agreements: Annotated[
        list[Path] | None,
        typer.Option(help="A directory with more agreements as YAML; may be repeated.", envvar="COHSTREAM_AGREEMENTS"),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Directory that keeps the state between runs.", envvar="COHSTREAM_STATE_DIR")
    ] = None,
    as_known_at: AsKnownAtOption = None,
    out: Annotated[Path | None, typer.Option(help="Directory to write each topic to, as JSON Lines.")] = None,
    serve: Annotated[
        str | None,
        typer.Option(help="Serve page and metrics at this address while and after reading.", metavar="HOST:PORT"),
    ] = None,
    api_keys: Annotated[
        Path | None,
        typer.Option(help="Who may post reports: a TOML file of keys.", envvar="COHSTREAM_API_KEYS", metavar="FILE"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object last, instead of the table.")] = False,
) -> None:
    inputs = inputs or []
    moment = known_at(as_known_at)
    looking = moment is not None
    if looking and serve:
        raise ConfigError(
            "--as-known-at looks back, --serve shows what comes in; for topics as known then give --out DIR"
        )
    if not inputs and not (state and (serve or looking)):
        raise ConfigError("name files to read as INPUT, or take reports by HTTP: --serve HOST:PORT --state DIR")
    if format_ is not None and format_ not in formats():
        raise ConfigError(f"--format {format_!r} is not known; known are: {', '.join(sorted(formats()))}")
    address = address_of(serve) if serve else None
    kept = None if looking else state
    session = Session(Settings(tuple(agreement or ()), tuple(agreements or ()), kept, looking, moment))
    try:
        reading = Reading(inputs, format_, kept=state if looking and not inputs else None)
        interrupted = _run(session, reading, address, api_keys)
        if out is not None:
            write_outputs(session, out)
        elif kept is not None:
            write_rejected(session, kept)
        tell_problems(session)
        if session.counts.problems and out is None and state is None:
            say("give --out DIR to keep rejected records with their bytes in rejected.jsonl")
        if inputs and reading.failed == len(inputs) and not session.counts.read:
            raise typer.Exit(EXIT_COULD_NOT_RUN)
        if json:
            print_json(session.summary())
        else:
            print_parties(session)
    finally:
        session.close()
    if interrupted:
        where = "run the same command to continue" if state else "give --state DIR to be able to continue"
        say(f"cohstream: interrupted after {session.counts.read:,} records; {where}")
        raise typer.Exit(EXIT_INTERRUPTED)
    raise typer.Exit(exit_status(session, reading.failed > 0))


run.__doc__ = HELP


class Reading:
    """The rows of all inputs, one after the other; an input that cannot be read is told and passed over.

    Those in the state directory ``kept``, if one is given, come first.
    """

    def __init__(
        self, inputs: list[str], format_name: str | None, blind: bool = False, kept: Path | None = None
    ) -> None:
        self.inputs = inputs
        self.failed = 0
        self.read_bytes = 0
        self._format = format_name
        self._blind = blind
        self._kept = kept
        self._done_bytes = 0

    def rows(self) -> Iterator[Row]:
        if self._kept is not None:
            yield from rows_kept(self._kept)
        for name in self.inputs:
            try:
                yield from open_input(name, self._format, self._progress, self._blind)
            except InputError as error:
                self.failed += 1
                say(f"cohstream: {error}")
            self._done_bytes = self.read_bytes

    def _progress(self, bytes_of_this: int) -> None:
        self.read_bytes = self._done_bytes + bytes_of_this

    def total_bytes(self) -> int | None:
        """Size of all inputs in bytes, or ``None`` if one of them is no regular file."""
        paths = [Path(name) for name in self.inputs]
        if not all(path.is_file() for path in paths):
            return None
        return sum(path.stat().st_size for path in paths)


def _run(session: Session, reading: Reading, address: tuple[str, int] | None, keys: Path | None) -> bool:
    """Read everything; returns whether the person interrupted it."""
    with Meter(reading.total_bytes()) as meter:
        try:
            session.rebuild(lambda records: meter.advance(records, 0))
            if address is None:
                for batch in batches(reading.rows(), BATCH):
                    with unbroken():
                        session.take(batch)
                    meter.advance(len(batch), reading.read_bytes)
            else:
                asyncio.run(_run_serving(session, reading, meter, address, keys))
        except KeyboardInterrupt:
            return True
    return False


@contextmanager
def unbroken() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block: a batch is applied whole, or not at all."""
    asked: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
    if asked:
        raise KeyboardInterrupt


async def _run_serving(
    session: Session, reading: Reading, meter: Meter, address: tuple[str, int], keys: Path | None
) -> None:
    async with Page(session, address, "cohstream run", keys=keys) as page:
        taking = "" if page.closed else f", reports at {page.url}v1/reports"
        say(f"cohstream: page and metrics at {page.url}{taking} (Ctrl-C ends)")
        if page.closed and session.outlasts_us:
            say(f"cohstream: {page.closed}")
        feed = batches(reading.rows(), BATCH_SERVING)
        while batch := await asyncio.to_thread(next, feed, None):
            session.take(batch)
            page.note(finished=False)
            meter.advance(len(batch), reading.read_bytes)
            await asyncio.sleep(0)
        page.note(finished=True)
        await page.until_stopped()
