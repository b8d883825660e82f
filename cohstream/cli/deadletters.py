"""``cohstream deadletters``: what could not be read; look at it, and send it back."""

from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cohstream.cli.console import print_json, say
from cohstream.cli.topics import ConfigFile
from cohstream.errors import ConfigError

if TYPE_CHECKING:
    from cohstream.live.dead_letters import DeadLetter

app = typer.Typer(no_args_is_help=True, help="List what could not be read, show it whole, or send it back.")

LIST = """List the dead letters: records that could not be read, and why.

Examples:

  cohstream deadletters list

  cohstream deadletters list --code naive_time --limit 20

  cohstream deadletters list --json | jq -r '.letters[].code' | sort | uniq -c
"""

SHOW = """Show one dead letter whole: its error, and the key, headers and bytes as they came.

Examples:

  cohstream deadletters show 1:42

  cohstream deadletters show 1:42 --json | jq -r .value.utf8
"""

REDRIVE = """Send dead letters back to the topic that they came from, as they came.

Of use once a newer release, or more knowledge, can read them. It may be done twice: what was taken in before is a
duplicate, what is still wrong comes back as a new dead letter. Nothing is deleted.

Examples:

  cohstream deadletters redrive 1:42 0:7

  cohstream deadletters redrive --code unknown_word

  cohstream deadletters redrive --all

Exit status: 0 all were sent; 1 some could not be sent back, each is told; 2 it could not run.
"""

ADVICE = {
    "intake": (
        "Correct it at its source and send it again. If a newer release can read it as it is: "
        "cohstream deadletters redrive {number}"
    ),
    "http": (
        "Whoever posted it was told, corrects it and posts it again. If a newer release can read it as it is: "
        "cohstream deadletters redrive {number}"
    ),
    "assess": (
        "Only workers write claims: find out what else writes to {topic}. The report itself is kept on the "
        "reports topic, and nothing of it is lost."
    ),
}

FIRST_WORDS = 60
WIDTH_OF_LIST = 160
"""Columns of the list where there is no terminal to ask."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]


@app.command("list", help=LIST)
def list_(
    code: Annotated[str | None, typer.Option(help="Only those with this code, e.g. naive_time.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many.")] = 100,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    from cohstream.live.settings import load_settings

    letters, total = asyncio.run(_latest(load_settings(config=config), code, limit))
    if json:
        print_json({"letters": [_as_json(one) for one in letters], "total": total})
    elif not letters:
        say("cohstream: no dead letters" + (f" with code {code}" if code else ""))
    else:
        _print_table(letters)
        if total > len(letters):
            say(f"cohstream: the latest {len(letters):,} of {total:,} dead letters; --limit {total} shows all")


@app.command(help=SHOW)
def show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Its number in the list, e.g. 1:42.")],
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    from cohstream.live.settings import load_settings

    letter = asyncio.run(_find(load_settings(config=config), [number]))[number]
    if json:
        print_json(_as_json(letter))
    else:
        _print_whole(letter)


@app.command(help=REDRIVE)
def redrive(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]...", help="Numbers in the list.")] = None,
    code: Annotated[str | None, typer.Option(help="All with this code.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    from cohstream.live import dead_letters
    from cohstream.live.settings import load_settings

    if bool(numbers) + bool(code) + every != 1:
        raise ConfigError("say which dead letters: their numbers, or --code CODE, or --all")
    settings = load_settings(config=config)
    if numbers:
        asyncio.run(_find(settings, numbers))

    def wanted(letter: DeadLetter) -> bool:
        return every or letter.number in (numbers or ()) or letter.about("code") == code

    redriven = asyncio.run(dead_letters.redrive(settings, wanted))
    if json:
        kept = [{"number": letter.number, "why": why} for letter, why in redriven.kept]
        print_json({"sent": dict(redriven.sent), "kept": kept})
    for letter, why in redriven.kept:
        say(f"cohstream: {letter.number} was not sent: {why}")
    where = ", ".join(f"{count:,} to {topic}" for topic, count in sorted(redriven.sent.items()))
    say(f"cohstream: records sent: {where or 'none'}")
    if redriven.sent:
        say(
            "What was taken in before is a duplicate and changes nothing; what is still wrong comes back as a new "
            "dead letter: cohstream deadletters list"
        )
    raise typer.Exit(1 if redriven.kept else 0)


async def _latest(settings: Any, code: str | None, limit: int) -> tuple[list[DeadLetter], int]:
    """The latest letters, oldest first, and how many there are in all."""
    from cohstream.live.dead_letters import dead_letters

    latest: list[DeadLetter] = []
    total = 0
    async for letter in dead_letters(settings):
        if code is None or letter.about("code") == code:
            total += 1
            latest.append(letter)
            if len(latest) >= 2 * limit:
                latest = _by_time(latest)[-limit:]
    return _by_time(latest)[-limit:], total


def _by_time(letters: list[DeadLetter]) -> list[DeadLetter]:
    return sorted(letters, key=lambda letter: letter.when)


async def _find(settings: Any, numbers: list[str]) -> dict[str, DeadLetter]:
    """The letters with ``numbers``. Raises :class:`ConfigError` if one of them is not there."""
    from cohstream.live.dead_letters import dead_letters

    found = {letter.number: letter async for letter in dead_letters(settings) if letter.number in numbers}
    missing = [number for number in numbers if number not in found]
    if missing:
        raise ConfigError(f"there is no dead letter {', '.join(missing)}; `cohstream deadletters list` numbers them")
    return found


def _as_json(letter: DeadLetter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "when": letter.when,
        **{name: letter.about(name) for name in ("code", "message", "stage", "topic")},
        **{name: int(letter.about(name) or -1) for name in ("partition", "offset")},
        "ruleset": letter.about("ruleset"),
        "key": _bytes_as_json(letter.key),
        "value": _bytes_as_json(letter.value),
        "headers": [[name, _bytes_as_json(value)] for name, value in letter.original.headers],
    }


def _bytes_as_json(raw: bytes | None) -> dict[str, str] | None:
    """``null``, or the bytes as ``utf8`` where they are that, else as ``base64``."""
    if raw is None:
        return None
    try:
        return {"utf8": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(raw).decode("ascii")}


def _print_table(letters: list[DeadLetter]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("number", "when", "code", "stage", "from"):
        table.add_column(title, no_wrap=title not in ("when", "from"), overflow="fold")
    table.add_column("message", min_width=20)
    for letter in letters:
        cells = (
            letter.number,
            f"{letter.when:%Y-%m-%d %H:%M}",
            letter.about("code"),
            letter.about("stage"),
            f"{letter.about('topic')} {letter.about('partition')}:{letter.about('offset')}",
            shorten(letter.about("message"), FIRST_WORDS, placeholder=" ..."),
        )
        table.add_row(*[Text(_printable(cell)) for cell in cells])
    Console(width=None if sys.stdout.isatty() else WIDTH_OF_LIST).print(table)


def _print_whole(letter: DeadLetter) -> None:
    place = f"{letter.about('topic')}, partition {letter.about('partition')}, offset {letter.about('offset')}"
    lines = [
        ("number", letter.number),
        ("when", f"{letter.when:%Y-%m-%dT%H:%M:%S.%fZ}"),
        *[(name, letter.about(name)) for name in ("code", "message", "stage")],
        ("from", place),
        ("ruleset", letter.about("ruleset")),
        ("key", _shown(letter.key)),
        *[("header", f"{name}: {_shown(value)}") for name, value in letter.original.headers],
        ("value", _shown(letter.value)),
        ("what to do", ADVICE.get(letter.about("stage"), "").format(number=letter.number, topic=letter.about("topic"))),
    ]
    if letter.about("left"):
        lines[-2] = ("value", f"{int(letter.about('left')):,} bytes, too large to copy: they lie where it came from")
    for name, text in lines:
        typer.echo(f"{name:<11} {_printable(text)}")


def _shown(raw: bytes | None) -> str:
    if raw is None:
        return "null"
    if not raw:
        return "empty"
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"{len(raw):,} bytes, not UTF-8, as base64: {b64encode(raw).decode('ascii')}"


def _printable(text: str) -> str:
    """``text`` without what would steer a terminal: a record may hold anything."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
