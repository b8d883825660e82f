"""``cohstream replay``: historical reports in order, into a run of their own."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cohstream.cli.console import (
    EXIT_ALL_READ,
    EXIT_COULD_NOT_RUN,
    EXIT_INTERRUPTED,
    EXIT_SOME_REJECTED,
    print_json,
    say,
)
from cohstream.cli.moments import AsKnownAtOption, known_at
from cohstream.cli.playing import Playing, print_summed
from cohstream.cli.run import Reading, unbroken
from cohstream.domain.canonical import utc_text
from cohstream.engine.context import Context
from cohstream.errors import ConfigError
from cohstream.importers import Row, formats
from cohstream.knowledge import load_knowledge
from cohstream.law import Agreement, law_digest
from cohstream.local.as_known import AsKnown
from cohstream.local.session import Settings, chosen_agreements
from cohstream.replay.gather import gather
from cohstream.replay.order import Order, Pace
from cohstream.replay.replay import JUDGEMENTS, Replay
from cohstream.replay.run import RUNS, agreement_kept
from cohstream.replay.run_file import FILE_NAME, RunFile

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

HELP = """Play historical reports in an order of time, into a run of their own, and print its digest.

INPUT is one or more files, or - for standard input. With --from or --to the reports come from Kafka instead, as far
as they are named: earliest, latest, offsets by partition (0:120,1:98), or a time with its offset from UTC, as brokers
stamped it. The live group is not touched: nothing is committed there.

A run is kept under its id in COHSTREAM_STATE_DIR. Ctrl-C stops it after the reports at hand; --resume goes on
from there. What comes of it depends on neither order nor speed.

Examples:

  cohstream replay reports.jsonl --run february

  cohstream replay reports.jsonl --by published --speed 60x --http 127.0.0.1:8080

  cohstream replay --from earliest --to 2016-03-15T00:00:00+02:00 --run fortnight

  cohstream replay --from earliest --as-known-at 2016-03-15T18:00:00+02:00

  cohstream replay --resume --run february

Exit status: 0 all was played; 1 it ran, but some input was rejected; 2 it could not run; 130 it was interrupted.
"""


def replay(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT...", help="Files to read, or - for standard input.")
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", help="Read from Kafka, from here on.", metavar="MARK")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Read from Kafka, up to here.", metavar="MARK")] = None,
    as_known_at: AsKnownAtOption = None,
    by: Annotated[Order, typer.Option(help="Order of time.")] = Order.EVENT,
    speed: Annotated[
        str | None,
        typer.Option(help="How fast replayed time passes, 60x; as fast as possible if left out.", metavar="N"),
    ] = None,
    run: Annotated[str | None, typer.Option(help="Id of the run; made up if left out.", metavar="ID")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run; its input is kept.")] = False,
    format_: Annotated[str | None, typer.Option("--format", help="Format of the files; detected if left out.")] = None,
    agreement: Annotated[
        list[str] | None, typer.Option(help="Hold reports against this agreement only; may be repeated.", metavar="ID")
    ] = None,
    agreements: Annotated[
        list[Path] | None,
        typer.Option(help="A directory with more agreements; may be repeated.", envvar="COHSTREAM_AGREEMENTS"),
    ] = None,
    state: Annotated[Path, typer.Option(help="Directory that runs are kept in.", envvar="COHSTREAM_STATE_DIR")] = Path(
        "state"
    ),
    http: Annotated[
        str | None, typer.Option(help="Serve the run's metrics here while it plays.", metavar="HOST:PORT")
    ] = None,
    publish: Annotated[
        bool | None,
        typer.Option(
            "--publish/--no-publish",
            help="Write what it comes to to topics of its own, cohstream.ID.incidents.v1 and so on; "
            "done where the reports come from Kafka.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[str | None, typer.Option(help="Settings for Kafka as TOML.", metavar="FILE")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object last, instead of the table.")] = False,
) -> None:
    from_kafka = begin is not None or end is not None
    pace = Pace(_speed(speed))
    if format_ is not None and format_ not in formats():
        raise ConfigError(f"--format {format_!r} is not known; known are: {', '.join(sorted(formats()))}")
    if inputs and from_kafka:
        raise ConfigError("give files, or --from and --to for Kafka, not both")
    if not inputs and not from_kafka and not resume:
        raise ConfigError("there is nothing to replay; name files, or give --from earliest to read from Kafka")
    moment = known_at(as_known_at)
    law = chosen_agreements(Settings(tuple(agreement or ()), tuple(agreements or ())))
    knowledge = load_knowledge()
    context = Context.of(knowledge, law, judgements=JUDGEMENTS)
    run_id = _run_id(run, state, resume)
    directory = state / RUNS / run_id
    about = {
        "by": by.value,
        "source": [begin or "earliest", end or "latest"] if from_kafka else [str(one) for one in inputs or ()],
        "as_known_at": None if moment is None else utc_text(moment),
        "law": law_digest(law),
        "knowledge": knowledge.digest,
    }
    opened = _resumed(directory, about, bool(inputs) or from_kafka) if resume else _begun(directory, run_id, about, law)
    reading = Reading(inputs or [], format_)
    try:
        with Playing(reading.total_bytes() if inputs else None) as playing:
            if opened.get("gathered") is None:
                say(f"cohstream: run {run_id}: gathering")
                rows = _rows_of_kafka(config, begin, end) if from_kafka else reading.rows()
                rows = rows if moment is None else AsKnown(moment).rows(rows)
                _gather(opened, rows, by, context, playing, reading)
            played = Replay(opened, knowledge, law, context, shown=http is not None)
            played.rebuild()
            interrupted = asyncio.run(_play(played, pace, playing, http))
        if interrupted:
            say(
                f"cohstream: interrupted after {played.position.place:,} of {played.total:,} reports; "
                f"go on with: cohstream replay --resume --run {run_id}"
            )
            raise typer.Exit(EXIT_INTERRUPTED)
        if from_kafka if publish is None else publish:
            _publish(config, run_id, played)
        _tell_rejected(opened)
        summary = played.summary()
    except KeyboardInterrupt:  # before it plays, or after: what was played is kept
        say(f"cohstream: interrupted; go on with: cohstream replay --resume --run {run_id}")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    finally:
        opened.close()
    if json:
        print_json(summary)
    else:
        print_summed(summary, law)
    rejected = summary["reports"]["rejected"] or reading.failed
    raise typer.Exit(EXIT_SOME_REJECTED if rejected else EXIT_ALL_READ)


replay.__doc__ = HELP


def _gather(
    opened: RunFile, rows: Iterator[Row], by: Order, context: Context, playing: Playing, reading: Reading
) -> None:
    """Gather ``rows``; of a run that cannot be gathered whole nothing is kept."""
    try:
        gathered = gather(opened, rows, by, context, lambda count: playing.gathered(count, reading.read_bytes))
        if reading.failed and reading.failed == len(reading.inputs) and not gathered.read:
            raise typer.Exit(EXIT_COULD_NOT_RUN)
    except KeyboardInterrupt:
        say(f"cohstream: interrupted while gathering; nothing is kept of run {opened['id']}, replay it anew")
        opened.remove()
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except BaseException:
        opened.remove()
        raise


async def _play(played: Replay, pace: Pace, playing: Playing, http: str | None) -> bool:
    """Play all steps that are left, then finish; returns whether the person interrupted it."""
    if played.position.finished:
        return False
    try:
        async with playing.served(played.metrics, http):
            for step in played.steps(pace.tick):
                await pace.until(step.due)
                with unbroken():
                    played.apply(step)
                playing.played(played.position.place, played.total, step.due)
            with unbroken():
                played.finish()
    except (KeyboardInterrupt, asyncio.CancelledError):
        return True
    return False


def _publish(config: str | None, run_id: str, played: Replay) -> None:
    from cohstream.live.settings import load_settings
    from cohstream.replay.topics_of_run import publish, settings_of_run

    settings = load_settings(config=config)
    # A topic that was just made may have no leader yet; aiokafka warns of that, and tries again.
    logging.getLogger("aiokafka.producer").setLevel(logging.ERROR)
    written = asyncio.run(publish(settings, run_id, played.results))
    say(f"cohstream: {written:,} records on {settings_of_run(settings, run_id).topic('*')}")


def _speed(text: str | None) -> float | None:
    """``60x`` or ``60`` as a number. Raises :class:`ConfigError`."""
    if text is None:
        return None
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise ConfigError(f"--speed is {text!r}; write how many times as fast as the clock, e.g. 60x")
    return speed


def _run_id(asked: str | None, state: Path, resume: bool) -> str:
    if asked is None and resume:
        runs = sorted((state / RUNS).glob(f"*/{FILE_NAME}"), key=lambda path: path.stat().st_mtime)
        if not runs:
            raise ConfigError(f"there is no run under {state / RUNS} to go on with; start one without --resume")
        return runs[-1].parent.name
    run_id = asked or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    if not RUN_ID.fullmatch(run_id):
        raise ConfigError(f"--run is {run_id!r}; write letters, digits, - and _, at most 64")
    return run_id


def _begun(directory: Path, run_id: str, about: dict[str, Any], law: dict[str, Agreement]) -> RunFile:
    """A new run in ``directory``; one that was killed while it gathered has nothing to lose, and gives way to it."""
    if (directory / FILE_NAME).is_file():
        former = RunFile.open(directory)
        if former.get("gathered") is None:
            former.remove()
        else:
            former.close()
    made = RunFile.create(directory)
    with made.transaction():
        made["id"] = run_id
        made["agreements"] = [agreement_kept(one) for one in law.values()]
        for name, value in about.items():
            made[name] = value
    return made


def _resumed(directory: Path, about: dict[str, Any], inputs_given: bool) -> RunFile:
    """The run in ``directory``. Raises :class:`ConfigError` if it was begun otherwise than is asked now."""
    opened = RunFile.open(directory)
    names = ("law", "knowledge", *(("source", "by", "as_known_at") if inputs_given else ()))
    wrong = next((name for name in names if opened.get(name) != about[name]), None)
    never_gathered = opened.get("gathered") is None
    if wrong is None and not never_gathered:
        return opened
    opened.close()
    if never_gathered:
        raise ConfigError(f"run {directory.name} was killed while it gathered; replay its input without --resume")
    raise ConfigError(
        f"run {directory.name} was begun with another {wrong}; "
        "resume it as it was begun, or replay anew with another --run"
    )


def _rows_of_kafka(config: str | None, begin: str | None, end: str | None) -> Iterator[Row]:
    from cohstream.live.history import mark_of, rows_between
    from cohstream.live.settings import load_settings

    settings = load_settings(config=config)
    return rows_between(settings, mark_of(begin or "earliest", "--from"), mark_of(end or "latest", "--to"))


def _tell_rejected(run: RunFile) -> None:
    rejected = run["gathered"]["rejected"]
    for position, code, problem in run.db.execute("SELECT position, code, problem FROM rejected LIMIT 20"):
        say(f"{position}: {code}: {problem}")
    if rejected > 20:
        say(f"... and {rejected - 20:,} more records were rejected")
    if rejected:
        say(f"cohstream: rejected records are kept with their bytes in {run.path}, table rejected")
