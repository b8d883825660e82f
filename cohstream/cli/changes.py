"""``cohstream changes``: what moved between two moments, why, and by which report."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cohstream.cli.console import WIDTH_OF_FILES, print_json
from cohstream.cli.moments import before, end_of, shown
from cohstream.cli.opened import (
    AgreementOption,
    DirectoriesOption,
    FormatOption,
    InputsArgument,
    RunOption,
    StateOption,
    check_party,
    opened,
)
from cohstream.cli.topics import ConfigFile
from cohstream.engine.context import ZONE
from cohstream.errors import ConfigError
from cohstream.law import Agreement
from cohstream.local.session import Settings, chosen_agreements
from cohstream.local.store import Store
from cohstream.publish.published import Told
from cohstream.replay.between import between
from cohstream.replay.between_record import between_record
from cohstream.replay.published import moved_record
from cohstream.replay.received import in_order_of_receipt

HELP = """Say what moved between two moments: incident by incident, the verdicts before and after, by which report, and
what that does to the counts of each party.

As known: reports are played in order of receipt, under the agreements and the gazetteer of today. A date as --since
means from the start of that day, as --until to its end, in Asia/Damascus. Without --since it is the last day on which
something came in.

As published, with --published: read from the log of changes, that of the --state directory, or of Kafka without one.
Moments are then those at which changes were told, and verdicts those of the law of that time.

Examples:

  cohstream changes reports.csv --since 2016-03-14T06:00:00+02:00

  cohstream changes --state state --since 2016-03-01 --until 2016-03-14 --party government

  cohstream changes reports.csv --since 2016-03-14 --json | jq '.changes[] | select(.causes[].step == "retraction")'

  cohstream changes --published --since 2016-03-14

Exit status: 0 it is told; 1 it is, but some input was rejected; 2 it could not run.
"""

CAUSES_SHOWN = 3

LEGEND = (
    "Counts are incidents, assessed under the agreement's terms from what sources allege; "
    "the range is proven minimum to possible maximum, under the agreement's default policy."
)


class Row(NamedTuple):
    """A verdict that is another: of whom, and by which reports."""

    incident: str
    party: str
    before: str
    after: str
    causes: str


def changes(
    inputs: InputsArgument = None,
    format_: FormatOption = None,
    since: Annotated[str | None, typer.Option(help="What moved after this moment.", metavar="TIME")] = None,
    until: Annotated[str | None, typer.Option(help="And up to this one; the last if left out.", metavar="TIME")] = None,
    party: Annotated[str | None, typer.Option(help="Of this party only.", metavar="P")] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Read what was published, from the log of changes.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most verdicts to list in the table.")] = 50,
    agreement: AgreementOption = None,
    agreements: DirectoriesOption = None,
    state: StateOption = None,
    run: RunOption = None,
    config: ConfigFile = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    after = None if since is None else before(since, "--since")
    last = None if until is None else end_of(until, "--until")
    asked, directories = tuple(agreement or ()), tuple(agreements or ())
    if published:
        if inputs or run:
            raise ConfigError("--published reads a log of changes, not reports: give --state DIR, or nothing for Kafka")
        law = chosen_agreements(Settings(asked, directories))
        check_party(party, law)
        told = [one for one in (_told_in(state) if state else _told_on_kafka(config)) if one.key[2] in law]
        window = _window(after, last, [one.told_at for one in told])
        record = moved_record(told, *window, party)
    else:
        with opened(inputs or [], format_, asked, directories, state, run) as session:
            check_party(party, session.agreements)
            received = in_order_of_receipt(kept.report for kept in session.store.reports())
            window = _window(after, last, [one.moment for one in received])
            found = between(received, session.context, *window)
            law = session.agreements
            about = {"law": session.law, "knowledge": session.knowledge.digest}
            record = {**between_record(found, law, party), **about}
    if json:
        print_json(record)
    else:
        _print(record, law, window, party, limit)


changes.__doc__ = HELP


def _told_in(state: Path) -> list[Told]:
    store = Store.open(state)
    try:
        return list(store.published())
    finally:
        store.close()


def _told_on_kafka(config: str | None) -> list[Told]:
    from cohstream.live.published import published
    from cohstream.live.settings import load_settings

    async def all_of() -> list[Told]:
        return [one async for one in published(load_settings(config=config))]

    return asyncio.run(all_of())


def _window(since: datetime | None, until: datetime | None, moments: Iterable[datetime]) -> tuple[datetime, datetime]:
    """The window that is asked for; what is left open is the last day of ``moments``."""
    last = max(moments, default=None)
    if last is None:
        raise ConfigError("nothing has come in yet, so nothing has moved")
    until = until or last
    since = since or before(min(until, last).astimezone(ZONE).date().isoformat(), "--since")
    if since >= until:
        raise ConfigError(f"--since {shown(since)} is not before --until {shown(until)}; nothing lies between")
    return since.astimezone(UTC), until.astimezone(UTC)


def _print(
    record: Mapping[str, Any],
    law: Mapping[str, Agreement],
    window: tuple[datetime, datetime],
    party: str | None,
    limit: int,
) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False)
    reading = record["reading"].replace("_", " ")
    console.print(f"What moved {reading} after {shown(window[0])}, up to {shown(window[1])}:")
    for name, one in law.items():
        ours = [change for change in record["changes"] if change["agreement"] == name]
        by_change = [list(_rows(change, one.default_policy, party)) for change in ours]
        rows, quiet = list(chain.from_iterable(by_change)), by_change.count([])
        if rows:
            console.print(
                _table(f"{name}: verdicts that moved, policy {one.default_policy}", Row._fields, rows[:limit])
            )
        if len(rows) > limit:
            console.print(f"... and {len(rows) - limit:,} more; --limit or --json has them")
        if not rows:
            console.print(f"{name}: no verdict moved under policy {one.default_policy}.")
        if quiet:
            console.print(f"{quiet:,} assessments moved otherwise: in reasons, or under other policies (--json).")
        counts = [_count(of) for of in record.get("parties", ()) if _is_moved(of, name, one.default_policy)]
        if counts:
            heads = ("party", "violations", "", "range before", "range after")
            console.print(_table(f"{name}: what that does to counts", heads, counts))
    console.print(f"[dim]{LEGEND}[/dim]")


def _rows(change: Mapping[str, Any], policy: str, party: str | None) -> Iterator[Row]:
    was, now = change["before"] or {}, change["after"] or {}
    for one in sorted(was.keys() | now.keys()):
        former, present = (said.get(one, {}).get(policy, "-") for said in (was, now))
        if party in (None, one) and former != present:
            yield Row(_incident(change), one, former, present, _causes(change["causes"]))


def _incident(change: Mapping[str, Any]) -> str:
    about = [change[name] for name in ("event_day", "conduct", "place") if change.get(name)]
    joined = f"now part of {change['joined']}" if change.get("joined") else ""
    return "\n".join(filter(None, (change["incident_id"], ", ".join(about), joined)))


def _causes(causes: list[Mapping[str, Any]]) -> str:
    told = [_cause(one) for one in causes[-CAUSES_SHOWN:]]
    more = [f"and {len(causes) - CAUSES_SHOWN} before"] if len(causes) > CAUSES_SHOWN else []
    return "\n".join([*told, *more])


def _cause(cause: Mapping[str, Any]) -> str:
    if "step" not in cause:
        return f"{cause['kind']} {' '.join(cause['claims'][:CAUSES_SHOWN])}".strip()
    word = "published" if cause["published_at"] else "received"
    day = datetime.fromisoformat(cause[f"{word}_at"]).astimezone(ZONE).date()
    what = cause["kind"] if cause["step"] == "report" else cause["step"]
    return f"{what} {cause['source']}/{cause['report_id']}, {word} {day}"


def _is_moved(of: Mapping[str, Any], agreement: str, policy: str) -> bool:
    return (of["agreement"], of["policy"]) == (agreement, policy) and bool(of["before"] != of["after"])


def _count(of: Mapping[str, Any]) -> tuple[str, ...]:
    was, now = of["before"], of["after"]
    ranges = (f"{one['min']:,}-{one['max']:,}" for one in (was, now))
    return of["party"], f"{was['min']:,} → {now['min']:,}", f"{now['min'] - was['min']:+,}", *ranges


def _table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head)
    for row in rows:
        table.add_row(*row)
    return table
