"""``cohstream rules diff``: which cells two texts judge differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cohstream.cli.console import print_json
from cohstream.cli.rules.options import AsJson, Directories, UnderPolicy, agreement_of, console, table
from cohstream.knowledge import load_knowledge
from cohstream.law.comparison import Change, Comparison, Period, compare
from cohstream.law.library import open_library

HELP = """Show what two agreements judge differently: who may do what by which means to whom, where and when.

Representative facts are put to both texts, each read as if in force, under its own policy unless --policy says
otherwise. Periods lie within the time for which the texts were meant; in them designations and commitments change.

Examples:

  cohstream rules diff SY-COH-2016-02 SY-JIG-2016-07

  cohstream rules diff SY-COH-2016-02 SY-MINE-2016-09 --agreements my-agreements --json

Exit status: 0 they judge alike; 1 they differ; 2 it could not run.
"""


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="Id of the agreement before.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Id of the agreement now.")],
    directories: Directories = None,
    policy: UnderPolicy = None,
    json: AsJson = False,
) -> None:
    agreements = open_library((), directories or ()).agreements()
    found = compare(agreement_of(a, agreements), agreement_of(b, agreements), load_knowledge().actors, policy)
    if json:
        print_json(found.record())
    else:
        _print(found)
    raise typer.Exit(1 if found.changes else 0)


def _print(found: Comparison) -> None:
    out = console()
    zone = ZoneInfo(found.a.tz)
    for text, policy in zip((found.a, found.b), found.policies, strict=True):
        out.print(f"{text.agreement_id}: {text.title}; {text.status}, read under {policy}", markup=False)
    if not found.changes:
        out.print("They judge alike.")
        return
    out.print(f"Impacted parties: {', '.join(found.parties)}", markup=False)
    out.print(f"Within {_period(found.window, zone)}, both as if in force.", markup=False)
    by_change: dict[tuple[str, str], list[Change]] = {}
    for change in found.changes:
        by_change.setdefault((change.was, change.now), []).append(change)
    weapons = _weapons(found)
    for (was, now), changes in by_change.items():
        rows = [
            (
                "\n".join(change.sides),
                _means(change, weapons),
                "anybody" if found.all_aims <= set(change.aims) else "\n".join(change.aims),
                "anywhere" if found.all_grounds <= set(change.grounds) else "\n".join(change.grounds),
                "throughout"
                if change.periods == (found.window,)
                else "\n".join(_period(p, zone) for p in change.periods),
                change.was_why or ", ".join(change.was_clauses),
                change.now_why or ", ".join(change.now_clauses),
            )
            for change in changes
        ]
        columns = ("who", "what", "to whom", "where", "when", found.a.agreement_id, found.b.agreement_id)
        out.print(table(f"{was} -> {now}", columns, rows))


def _weapons(found: Comparison) -> Mapping[str, set[str]]:
    """All weapons by conduct."""
    weapons: dict[str, set[str]] = {}
    for one in found.all_means:
        weapons.setdefault(one.conduct, set()).add(one.weapon)
    return weapons


def _means(change: Change, weapons: Mapping[str, set[str]]) -> str:
    """Conducts, with their weapons where only some are meant."""
    whole, some = [], []
    for conduct, used in change.conducts.items():
        if set(used) >= weapons[conduct]:
            whole.append(conduct)
        else:
            some.append(f"{conduct} with {_brief(used, weapons[conduct])}")
    return "\n".join([", ".join(whole), *some]).strip()


def _brief(used: Iterable[str], every: set[str]) -> str:
    """The weapons used, or the few that are not."""
    left_out = sorted(every - set(used))
    named = sorted(used)
    return f"all but {', '.join(left_out)}" if len(left_out) < len(named) else ", ".join(named)


def _period(period: Period, zone: ZoneInfo) -> str:
    start, end = period
    if start is None and end is None:
        return "any time"
    return f"{_day(start, zone, 'the beginning')} to {_day(end, zone, 'now')}"


def _day(instant: datetime | None, zone: ZoneInfo, absent: str) -> str:
    if instant is None:
        return absent
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"
