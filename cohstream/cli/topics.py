"""``cohstream topics``: declare the topics, and tell how the broker's differ from them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from cohstream.cli.console import print_json, say

app = typer.Typer(
    no_args_is_help=True, help="Create the topics, tell how they differ from what is declared, or what they say."
)

ConfigFile = Annotated[str | None, typer.Option(help="Settings as TOML.", metavar="FILE")]

CREATE = """Create the topics that are missing. What exists is left as it is.

Their number of partitions and of copies is set by COHSTREAM_PARTITIONS and COHSTREAM_REPLICATION. Partitions cannot
be changed later without a replay, so choose as many as you will ever want workers.

Examples:

  cohstream topics create

  COHSTREAM_BROKERS=kafka:9092 COHSTREAM_PARTITIONS=12 COHSTREAM_REPLICATION=3 cohstream topics create
"""

DESCRIBE = """Print the declared topics, and tell where the broker's differ.

Examples:

  cohstream topics describe

  cohstream topics describe --json | jq .drift

Exit status: 0 they are as declared; 1 they differ, or some are missing; 2 the brokers cannot be asked.
"""

DIGEST = """Print the digest of what the topics say now: incidents, assessments and tallies.

It is that of `cohstream run` over the same reports, once all of them are processed. So a rebuild under another
prefix can be compared before readers are switched to it.

Examples:

  cohstream topics digest

  COHSTREAM_PREFIX=cohstream-b cohstream topics digest
"""


@app.command(help=CREATE)
def create(config: ConfigFile = None) -> None:
    from cohstream.live import topics
    from cohstream.live.settings import load_settings

    made = asyncio.run(topics.create(load_settings(config=config)))
    for name in made:
        typer.echo(name)
    say(f"cohstream: {len(made)} topics created")


@app.command(help=DESCRIBE)
def describe(
    config: ConfigFile = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    from cohstream.live import topics
    from cohstream.live.settings import load_settings

    settings = load_settings(config=config)
    drift = asyncio.run(topics.drift(settings))
    declared = topics.declared(settings)
    if json:
        print_json({"topics": [asdict(one) for one in declared], "drift": [one._asdict() for one in drift]})
    else:
        for one in declared:
            config = " ".join(f"{name}={value}" for name, value in one.config.items())
            typer.echo(f"{one.name} partitions={one.partitions} replication={one.replication} {config}")
    for difference in drift:
        say(f"cohstream: {difference}")
    raise typer.Exit(1 if drift else 0)


@app.command(help=DIGEST)
def digest(config: ConfigFile = None) -> None:
    from cohstream.live.reader import topics_digest
    from cohstream.live.settings import load_settings

    typer.echo(asyncio.run(topics_digest(load_settings(config=config))))
