"""``cohstream rules show``: an agreement as a table that a person can read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from cohstream.cli.console import print_json
from cohstream.cli.rules.options import AsJson, AsOf, Directories, agreement_of, console, instant_of, table
from cohstream.knowledge import load_knowledge
from cohstream.knowledge.actors import UNIDENTIFIED, ActorRegistry
from cohstream.law.agreement import NON_PARTY, Agreement
from cohstream.law.library import open_library
from cohstream.law.standing import Standing, standing_of
from cohstream.law.text import ClauseText, ZoneText

HELP = """Show an agreement: validity and claims of its end, parties, clauses, exclusions, zones, procedures.

With --as-of also whether it held at that time, and which actors it then bound, disputed or excluded.

Examples:

  cohstream rules show SY-COH-2016-02

  cohstream rules show SY-COH-2016-02 --as-of 2016-10-10

Exit status: 0 it ran; 2 it could not run.
"""


def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of the agreement.")],
    directories: Directories = None,
    as_of: AsOf = None,
    json: AsJson = False,
) -> None:
    agreement = agreement_of(name, open_library((), directories or ()).agreements())
    instant = instant_of(as_of, agreement)
    actors = load_knowledge().actors
    if json:
        print_json(_record(agreement, instant, actors))
        return
    out = console()
    _print_head(out, agreement)
    if instant is not None:
        _print_standing(out, agreement, instant, actors)
    _print_clauses(out, agreement)


def _record(agreement: Agreement, instant: datetime | None, actors: ActorRegistry) -> dict[str, Any]:
    record: dict[str, Any] = agreement.text.model_dump(mode="json", by_alias=True)
    if instant is not None:
        term = agreement.term_at(instant)
        standing = [one._asdict() for one in _standings(agreement, instant, actors)]
        record["as_of"] = {
            "instant": instant.isoformat(),
            "term": term.word,
            "ended_according_to": list(term.claimed_by),
            "standing": standing,
        }
    return record


def _print_head(out: Console, agreement: Agreement) -> None:
    text = agreement.text
    validity = text.validity
    lines = [
        f"{agreement.agreement_id}: {text.title}",
        f"status {text.status}; times of {text.zone}; default policy {text.default_policy}",
        f"rests on: {'; '.join(text.legal_basis) or '-'}",
        f"holds from {validity.from_ or 'no date'} until {validity.until or 'no date'} ({validity.source})",
        *(f"  ended at {one.until} according to {one.authority} ({one.text_status})" for one in validity.until_claims),
        f"area: {', '.join(text.area.admin1)} ({text.area.source})",
        f"membership: {text.membership.strip()} Whose word counts: {', '.join(text.authorities) or '-'}",
        f"excluded: {', '.join(text.exclusion.named) or 'nobody by name'}",
        f"excluded by lists: {', '.join(text.exclusion.lists) or '-'} ({text.exclusion.source})",
    ]
    if text.parents:
        lines.append(f"presupposes: {', '.join(text.parents)}")
    for line in lines:
        out.print(line, markup=False)
    parties = [
        (
            party.id,
            party.label,
            ", ".join([party.binding, *(["guarantor"] if party.guarantor else [])]),
            "; ".join(f"{role}: {', '.join(members)}" for role, members in party.roles.items()),
            party.source,
        )
        for party in text.parties
    ]
    out.print(table("Parties", ("party", "who", "binding", "roles", "source"), parties))
    if text.zones:
        zones = [(one.id, _zone(one), one.source, one.text_status) for one in text.zones]
        out.print(table("Zones", ("zone", "where", "source", "text"), zones))


def _print_clauses(out: Console, agreement: Agreement) -> None:
    rules = [
        (
            one.id,
            one.modality,
            ", ".join(one.bound),
            ", ".join(one.conduct),
            ", ".join(one.weapon),
            ", ".join(one.target) + (f"\nin {one.zone}" if one.zone else ""),
            ", ".join(one.exceptions) or "-",
            _reading(one),
        )
        for one in agreement.rules
    ]
    columns = ("clause", "modality", "bound", "conduct", "weapon", "target, zone", "exceptions", "source, text")
    out.print(table("Clauses that regulate conduct", columns, rules))
    regulating = {one.id for one in agreement.rules}
    others = [
        (one.id, one.modality, one.paraphrase, ", ".join(one.provides) or "-", _reading(one))
        for one in agreement.text.clauses
        if one.id not in regulating
    ]
    if others:
        out.print(
            table("Declarations and procedures", ("clause", "modality", "says", "provides", "source, text"), others)
        )
    if agreement.text.gaps:
        out.print(f"Its author notes as not regulated: {'; '.join(agreement.text.gaps)}", markup=False)


def _print_standing(out: Console, agreement: Agreement, instant: datetime, actors: ActorRegistry) -> None:
    term = agreement.term_at(instant)
    ended = f"; ended according to {', '.join(term.claimed_by)}" if term.claimed_by else ""
    out.print(f"As of {instant.isoformat()}: {term.word.replace('_', ' ')}{ended}", markup=False)
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in _standings(agreement, instant, actors):
        excluded = {"yes": "excluded", "disputed": "exclusion disputed"}.get(one.excluded, "")
        groups.setdefault((one.party, excluded or one.coverage, one.why), []).append(one.actor_id)
    rows = [(party, state, ", ".join(ids), why) for (party, state, why), ids in sorted(groups.items())]
    out.print(table("Actors then", ("party", "coverage", "actors", "why"), rows))


def _standings(agreement: Agreement, instant: datetime, actors: ActorRegistry) -> list[Standing]:
    """Where each actor stands whom the agreement binds or excludes."""
    all_of_them = [standing_of(one, instant, agreement, actors) for one in actors.ids() if one != UNIDENTIFIED]
    return [one for one in all_of_them if one.party != NON_PARTY or one.excluded != "no"]


def _zone(zone: ZoneText) -> str:
    parts = [", ".join(zone.admin1)] if zone.admin1 else []
    if zone.presence:
        parts.append(f"presence of an excluded group {', '.join(zone.presence)}")
    return "; or ".join(parts)


def _reading(clause: ClauseText) -> str:
    return f"{clause.source}; {clause.text_status}" + ("; ambiguous" if clause.reading == "ambiguous" else "")
