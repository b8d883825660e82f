"""``cohstream topics``: declare the topics, and tell how the broker's differ from them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cohstream.cli.console import say

app = typer.Typer(no_args_is_help=True, help="Create the topics, or tell how they differ from what is declared.")


ConfigFile = Annotated[str | None, typer.Option(help="Settings as TOML.", metavar="FILE")]


@app.command()
def create(config: ConfigFile = None) -> None:
    """Create the topics that are missing, with partitions and copies as set by COHSTREAM_PARTITIONS and
    COHSTREAM_REPLICATION. What exists is left as it is.
    """
    from cohstream.live import topics
    from cohstream.live.settings import load_settings

    made = asyncio.run(topics.create(load_settings(config=config)))
    for name in made:
        typer.echo(name)
    say(f"cohstream: {len(made)} topics created")


@app.command()
def describe(config: ConfigFile = None) -> None:
    """Compare the broker's topics with the declared ones; exit status 1 if they differ."""
    from cohstream.live import topics
    from cohstream.live.settings import load_settings

    settings = load_settings(config=config)
    lines = asyncio.run(topics.drift(settings))
    for one in topics.declared(settings):
        typer.echo(f"{one.name}  partitions={one.partitions} replication={one.replication} {dict(one.config)}")
    for line in lines:
        say(f"cohstream: {line}")
    raise typer.Exit(1 if lines else 0)
