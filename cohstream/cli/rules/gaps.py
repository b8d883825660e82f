"""``cohstream rules gaps``: what a text leaves out."""

from __future__ import annotations

from typing import Annotated

import typer

from cohstream.cli.console import print_json
from cohstream.cli.rules.options import (
    AsJson,
    AsOf,
    Directories,
    UnderPolicy,
    agreement_of,
    console,
    instant_of,
    table,
)
from cohstream.engine.assess import facts_in
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.law.gaps import Gap, Gaps, Use, gaps_of
from cohstream.law.library import open_library
from cohstream.law.stack import parents_of
from cohstream.samples import sample_rows

HELP = """Show what an agreement does not regulate for those whom it binds, the most pressing first.

First come means that no clause speaks of for anybody, and of these what other texts regulate or what the shipped sample
of documented reports shows in use, weapons of wide effect before others, then by the killed that are documented.
With --with-parents the agreements that the text presupposes are read together with it.

Examples:

  cohstream rules gaps SY-JIG-2016-07

  cohstream rules gaps SY-JIG-2016-07 --with-parents

Exit status: 0 it ran; 2 it could not run.
"""


def gaps(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of the agreement.")],
    with_parents: Annotated[
        bool, typer.Option(help="Read it together with the agreements that it presupposes.")
    ] = False,
    directories: Directories = None,
    policy: UnderPolicy = None,
    as_of: AsOf = None,
    json: AsJson = False,
) -> None:
    agreements = open_library((), directories or ()).agreements()
    agreement = agreement_of(name, agreements)
    parents = parents_of(agreement, agreements) if with_parents else ()
    found = gaps_of(
        agreement,
        parents,
        agreements.values(),
        load_knowledge().actors,
        _uses(),
        as_of=instant_of(as_of, agreement),
        policy=policy,
    )
    if json:
        print_json(found.record())
    else:
        _print(found)


def _uses() -> list[Use]:
    """The incidents of the shipped sample."""
    ledger = Ledger()
    reports = [row.report for row in sample_rows() if row.report is not None]
    apply(ledger, reports, Context.of(load_knowledge(), {}))
    return [Use(facts_in(ledger, one), one.killed[0] if one.killed else 0) for one in ledger.incidents.values()]


def _print(found: Gaps) -> None:
    out = console()
    on_top = f" on top of {', '.join(one.agreement_id for one in found.parents)}" if found.parents else ", alone"
    out.print(f"{found.agreement.agreement_id}{on_top}: {found.agreement.title}", markup=False)
    if not found.parents and found.agreement.text.parents:
        presupposed = ", ".join(found.agreement.text.parents)
        out.print(f"It presupposes {presupposed}; see --with-parents.", markup=False)
    for word in found.missing:
        out.print(f"No {word} is provided.", markup=False)
    if found.unclear:
        out.print(
            f"Of these procedures the file does not say what they provide: {', '.join(found.unclear)}", markup=False
        )
    silent = [one for one in found.gaps if one.for_all]
    some = [one for one in found.gaps if not one.for_all]
    columns = ("what", "as", "regulated by", "documented")
    if silent:
        rows = [(one.subject, ", ".join(one.conducts), _by(one), _documented(one)) for one in silent]
        out.print(table("Not regulated for anybody whom it binds", columns, rows))
    if some:
        rows = [(one.subject, _whom(one), _by(one), _documented(one)) for one in some]
        out.print(table("Not regulated for some, or in part", ("what", "for", *columns[2:]), rows))


def _whom(gap: Gap) -> str:
    parts = [", ".join(gap.silent)] if gap.silent else []
    if gap.partial:
        where = (
            "" if gap.silent else f" ({', '.join(gap.conducts)}; on {', '.join(gap.targets)}; {'; '.join(gap.grounds)})"
        )
        parts.append(f"partly {', '.join(gap.partial)}{where}")
    return "; ".join(parts)


def _by(gap: Gap) -> str:
    return ", ".join(gap.regulated_by) or "-"


def _documented(gap: Gap) -> str:
    if not gap.incidents:
        return "-"
    told = f"{gap.incidents} incident{'s' if gap.incidents > 1 else ''}"
    return f"{told}, at least {gap.killed} killed" if gap.killed else told
