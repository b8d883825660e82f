"""The command line: one file a command, thin."""

from __future__ import annotations

import sys

import typer

from cohstream import __version__
from cohstream.cli import apikeys, deadletters, export, topics
from cohstream.cli.changes import changes
from cohstream.cli.console import EXIT_COULD_NOT_RUN, say
from cohstream.cli.demo import demo
from cohstream.cli.diff import diff
from cohstream.cli.doctor import doctor
from cohstream.cli.explain import explain_command
from cohstream.cli.maturity import maturity
from cohstream.cli.queue import queue
from cohstream.cli.replay import replay
from cohstream.cli.rules import app as rules
from cohstream.cli.run import run
from cohstream.cli.score import score
from cohstream.cli.serve import serve
from cohstream.cli.simulate import simulate
from cohstream.cli.whatif import whatif
from cohstream.cli.worker import worker
from cohstream.errors import CohstreamError

PACKAGES_OF_LIVE = ("aiokafka", "faust", "mode", "pydantic_settings", "rocksdict")

app = typer.Typer(
    name="cohstream",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Ceasefire compliance from a stream of reports: per-party counts under the agreement's own terms.",
)
app.command()(demo)
app.command()(doctor)
app.command()(run)
app.command()(replay)
app.command()(diff)
app.command()(whatif)
app.command()(changes)
app.command("explain")(explain_command)
app.command()(maturity)
app.command()(queue)
app.command()(score)
app.command()(serve)
app.command()(simulate)
app.command()(worker)
app.add_typer(apikeys.app, name="apikeys")
app.add_typer(topics.app, name="topics")
app.add_typer(deadletters.app, name="deadletters")
app.add_typer(export.app, name="export")
app.add_typer(rules, name="rules")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cohstream {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line; every error raised on purpose ends in one clear message and exit status 2."""
    try:
        app()
    except CohstreamError as error:
        say(f"cohstream: {error}")
        sys.exit(EXIT_COULD_NOT_RUN)
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES_OF_LIVE:
            raise
        say("cohstream: this command needs the packages for Kafka; run: pip install 'cohstream[live]'")
        sys.exit(EXIT_COULD_NOT_RUN)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(EXIT_COULD_NOT_RUN)
