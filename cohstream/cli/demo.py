"""``cohstream demo``: the shipped sample, accelerated, with page and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated

import typer

from cohstream.cli.console import exit_status, print_parties, say
from cohstream.engine.intake import read_report, received_at
from cohstream.importers import Row
from cohstream.local.session import Session, Settings
from cohstream.samples import sample_rows
from cohstream.web.serving import Page, address_of

HELP = """Play the shipped sample: real documented reports of the Syrian cessation of hostilities of 2016,
in the order in which they were published, accelerated, with page and metrics at 127.0.0.1:8080.

Examples:

  cohstream demo

  cohstream demo --seconds 20 --http 127.0.0.1:9000
"""

TICK = 0.2
"""Seconds between two steps of the playback."""


def demo(
    http: Annotated[
        str, typer.Option(help="Address of page and metrics.", metavar="HOST:PORT", envvar="COHSTREAM_HTTP")
    ] = "127.0.0.1:8080",
    seconds: Annotated[float, typer.Option(min=0, help="How long the playback takes.")] = 90.0,
    stay: Annotated[bool, typer.Option(help="Keep serving after the playback, until Ctrl-C.")] = True,
) -> None:
    address = address_of(http)
    session = Session(Settings())
    try:
        session.rebuild()
        asyncio.run(_play(session, address, seconds, stay))
    except KeyboardInterrupt:
        say("")
    finally:
        session.close()
    print_parties(session)
    raise typer.Exit(exit_status(session, input_failed=False))


demo.__doc__ = HELP


async def _play(session: Session, address: tuple[str, int], seconds: float, stay: bool) -> None:
    rows = in_order_of_receipt(sample_rows())
    async with Page(session, address, "cohstream demo", total=len(rows)) as page:
        say(f"cohstream: {len(rows)} documented reports play at {page.url} for {seconds:.0f} s (Ctrl-C ends)")
        for step in steps(rows, seconds):
            session.take(step)
            page.note(finished=False)
            await asyncio.sleep(TICK)
        page.note(finished=True)
        if stay:
            say(f"cohstream: the sample has played; the page stays at {page.url} (Ctrl-C ends)")
            await page.until_stopped()


def in_order_of_receipt(rows: Sequence[Row]) -> list[Row]:
    """Rows as they came in: by time of receipt, then by their bytes."""

    def when(row: Row) -> tuple[datetime, bytes]:
        assert row.report is not None
        return received_at(read_report(row.report)), row.report

    return sorted((row for row in rows if row.report is not None), key=when)


def steps(rows: Sequence[Row], seconds: float) -> list[list[Row]]:
    """``rows`` cut into one list a tick, so that the playback takes about ``seconds``."""
    ticks = max(1, int(seconds / TICK))
    cuts = [round(index * len(rows) / ticks) for index in range(ticks + 1)]
    return [list(rows[a:b]) for a, b in pairwise(cuts)]
