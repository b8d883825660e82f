"""What a command looks at: reports in files, a state directory, or a run, held against agreements of today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cohstream.cli.console import EXIT_COULD_NOT_RUN, EXIT_SOME_REJECTED, Meter, tell_problems
from cohstream.cli.run import BATCH, Reading
from cohstream.engine.batch import Outcome
from cohstream.errors import ConfigError
from cohstream.importers import Row, formats
from cohstream.law import Agreement
from cohstream.local.session import Session, Settings, batches
from cohstream.publish.belief import NO_SINGLE_PARTY
from cohstream.replay.reports import reports_of

InputsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[INPUT]...", help="Files to read, or - for standard input.")
]
FormatOption = Annotated[
    str | None, typer.Option("--format", help="Format of the inputs; detected when left out.", metavar="F")
]
AgreementOption = Annotated[
    list[str] | None,
    typer.Option(help="Look at this agreement only; may be repeated. A draft must be named.", metavar="ID"),
]
DirectoriesOption = Annotated[
    list[Path] | None,
    typer.Option(help="A directory with more agreements as YAML; may be repeated.", envvar="COHSTREAM_AGREEMENTS"),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        help="Directory that was given to `run --state`; with --run, the one that runs are kept in.",
        envvar="COHSTREAM_STATE_DIR",
    ),
]
RunOption = Annotated[str | None, typer.Option("--run", help="Id of a replay, or its directory.", metavar="RUN")]

RUNS_IN = Path("state")
"""Where `cohstream replay` keeps runs unless told otherwise."""


@contextmanager
def opened(
    inputs: list[str],
    format_name: str | None,
    agreements: Iterable[str],
    directories: Iterable[Path],
    state: Path | None,
    run: str | None,
    as_known_at: datetime | None = None,
) -> Iterator[Session]:
    """A session that has read all there is: the run if one is named, else the inputs, else the state directory.

    Inputs and runs are read into memory; the state directory is left as it is. With ``as_known_at`` only what had been
    received by then is read. ``agreements`` empty means those that
    the run was held against, else every one that is no draft. Ends the command with status 1 where input was rejected,
    and 2 where none could be read. Raises :class:`ConfigError` and :class:`StateError`.
    """
    check_format(format_name)
    if inputs and run is not None:
        raise ConfigError("name files as INPUT, or a run by --run, not both")
    if not inputs and run is None and state is None:
        raise ConfigError("there is nothing to look at; name files as INPUT, --state DIR, or --run RUN")
    asked, folders = tuple(agreements), tuple(directories)
    kept = state if run is None and not inputs else None
    looked_back = kept if as_known_at is not None else None
    reading = Reading(inputs, format_name, kept=looked_back)
    rows = reading.rows()
    if run is not None:
        played = reports_of(run, state or RUNS_IN)
        asked = asked or played.agreements
        rows = (Row(raw, run, raw) for raw in played.reports)
    kept = None if looked_back else kept
    session = Session(Settings(asked, folders, kept, looking=True, as_known_at=as_known_at))
    try:
        with Meter(reading.total_bytes() if inputs else None) as meter:
            session.rebuild(lambda records: meter.advance(records, 0))
            for batch in batches(rows, BATCH):
                session.take(batch)
                meter.advance(len(batch), reading.read_bytes)
        tell_problems(session)
        if inputs and reading.failed == len(inputs) and not session.counts.read:
            raise typer.Exit(EXIT_COULD_NOT_RUN)
        yield session
        if reading.failed or (run is None and session.counts.outcomes[Outcome.REJECTED]):
            raise typer.Exit(EXIT_SOME_REJECTED)
    finally:
        session.close()


def check_party(party: str | None, agreements: Mapping[str, Agreement]) -> None:
    """Raises :class:`ConfigError` if no finding under ``agreements`` can be on ``party``; ``None`` stands for any."""
    parties = sorted(set(NO_SINGLE_PARTY).union(*(one.parties for one in agreements.values())))
    if party is not None and party not in parties:
        raise ConfigError(f"--party {party!r} is nobody that findings are on; they are on: {', '.join(parties)}")


def check_format(format_name: str | None) -> None:
    """Raises :class:`ConfigError` if ``format_name`` is no format of inputs; ``None`` stands for any."""
    if format_name is not None and format_name not in formats():
        raise ConfigError(f"--format {format_name!r} is not known; known are: {', '.join(sorted(formats()))}")
