"""``cohstream apikeys``: keys for those who post reports by HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from cohstream.cli.console import print_json, say

app = typer.Typer(no_args_is_help=True, help="Make API keys for those who post reports.")

NEW = """Make a key that may post reports of the sources named, and of no other.

The key is told once, on standard error; the entry for the file of keys, which has its hash only, goes to standard
output. Another name of a source in the registry is the same source; any other name counts as written. The source *
means every source: for a relay that you run yourself. The server reads the file when it starts.

Examples:

  cohstream apikeys new SNHR >> keys.toml

  cohstream apikeys new SOHR "SOHR (via AFP)" --name sohr-desk >> keys.toml

  cohstream apikeys new '*' --name relay --json
"""


@app.callback()
def _root() -> None:
    """Keeps ``new`` a command of its own."""


@app.command(help=NEW)
def new(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Whose reports the key may post.")],
    name: Annotated[str | None, typer.Option(help="What the key is called in logs; drawn if left out.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    from cohstream.web.api_keys import name_of, new_key

    made = new_key(name or name_of(sources[0]), sources)
    if json:
        print_json({"key": made.key, "entry": made.entry})
        return
    say(f"cohstream: the key, told only now: {made.key}")
    typer.echo(made.entry)
