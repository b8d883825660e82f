"""``cohstream rules``: tools for authors of agreements."""

from __future__ import annotations

import typer

from cohstream.cli.rules.cases import HELP as TEST
from cohstream.cli.rules.cases import cases
from cohstream.cli.rules.diff import HELP as DIFF
from cohstream.cli.rules.diff import diff
from cohstream.cli.rules.gaps import HELP as GAPS
from cohstream.cli.rules.gaps import gaps
from cohstream.cli.rules.lint import HELP as LINT
from cohstream.cli.rules.lint import lint
from cohstream.cli.rules.show import HELP as SHOW
from cohstream.cli.rules.show import show

app = typer.Typer(no_args_is_help=True, help="Check, try, read and compare agreements as YAML.")
app.command(help=LINT)(lint)
app.command("test", help=TEST)(cases)
app.command(help=SHOW)(show)
app.command(help=DIFF)(diff)
app.command(help=GAPS)(gaps)
