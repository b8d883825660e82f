"""What a replay shows a person: progress in event time, its metrics while it plays, and what it came to."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import Any

import uvicorn
from rich.console import Console
from rich.progress import TextColumn
from rich.table import Table

from cohstream.cli.console import WIDTH_OF_FILES, Telling, say
from cohstream.cli.moments import reading
from cohstream.domain.vocabulary import Verdict
from cohstream.law import Agreement
from cohstream.publish.metrics import Metrics
from cohstream.web.metrics_app import metrics_app
from cohstream.web.serving import address_of, listen


class Playing(Telling):
    """Progress of a replay: records gathered, then the event time that is reached."""

    def __init__(self, total_bytes: int | None) -> None:
        super().__init__("gathering", total_bytes, TextColumn("{task.fields[told]}"), told="")
        self._total_bytes = total_bytes
        self._gathered = 0
        self._began: tuple[float, int] | None = None

    def gathered(self, records: int, read_bytes: int) -> None:
        """Note that ``records`` more were gathered, of ``read_bytes`` of input in all."""
        self._gathered += records
        told = f"{self._gathered:,} records"
        if self._bar is not None:
            self._bar.update(self._task, completed=read_bytes, told=told)
        elif self._is_due():
            share = f", {100 * read_bytes / self._total_bytes:.0f} % of the input" if self._total_bytes else ""
            say(f"cohstream: gathering, {told}{share}")

    def played(self, place: int, total: int, moment: datetime) -> None:
        """Note that ``place`` of ``total`` reports are played, and ``moment`` is reached."""
        now = monotonic()
        if self._began is None:
            self._began = now, place
        began, first = self._began
        rate = (place - first) / (now - began) if now > began else 0.0
        told = f"{moment:%Y-%m-%d %H:%M}" + (f", {rate:,.0f} reports/s" if rate else "")
        if self._bar is not None:
            self._bar.update(self._task, description="playing", completed=place, total=total, told=told)
        elif self._is_due():
            left = f", {(total - place) / rate:,.0f} s left" if rate else ""
            say(f"cohstream: playing {told}, {place:,} of {total:,}{left}")

    @asynccontextmanager
    async def served(self, metrics: Metrics, http: str | None) -> AsyncIterator[None]:
        """Serve ``metrics`` at ``http`` meanwhile. Raises :class:`cohstream.errors.ConfigError` if that cannot be."""
        if http is None:
            yield
            return
        listener = listen(address_of(http))
        server = uvicorn.Server(uvicorn.Config(metrics_app(metrics), log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server._serve([listener]))
        say(f"cohstream: metrics of this run at http://{http}/metrics")
        try:
            yield
        finally:
            server.should_exit = True
            await serving
            listener.close()


def print_summed(summary: Mapping[str, Any], law: Mapping[str, Agreement]) -> None:
    """The per-party table of a finished run, under the default policy of each agreement, and its digest."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
    for name, agreement in law.items():
        counts: dict[str, dict[str, int]] = {party: {} for party in agreement.parties}
        for one in summary["tallies"]:
            if one["agreement"] == name and one["policy"] == agreement.default_policy:
                of_party = counts.setdefault(one["party"], {})
                of_party[one["verdict"]] = of_party.get(one["verdict"], 0) + one["count"]
        table = Table(title=f"{name}: incidents by party, policy {agreement.default_policy}", title_justify="left")
        table.add_column("party")
        for verdict in Verdict:
            table.add_column(verdict.replace("_", " ").lower(), justify="right")
        for party, by_verdict in counts.items():
            table.add_row(party, *(str(by_verdict.get(verdict, 0)) for verdict in Verdict))
        console.print(table)
    known_at = summary["as_known_at"]
    console.print(f"[dim]{reading(known_at and datetime.fromisoformat(known_at))}[/dim]")
    reports = summary["reports"]
    console.print(
        f"run {summary['run']}: {reports['read']:,} records read, {reports['accepted']:,} accepted, "
        f"{reports['duplicate']:,} duplicate, {reports['rejected']:,} rejected; {summary['incidents']:,} incidents"
    )
    console.print(summary["digest"], soft_wrap=True)
