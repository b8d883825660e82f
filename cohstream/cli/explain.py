"""``cohstream explain``: how a decision came about, as a tree."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cohstream.cli.console import WIDTH_OF_FILES, print_json, reading_of
from cohstream.cli.moments import AsKnownAtOption, known_at
from cohstream.cli.opened import (
    AgreementOption,
    DirectoriesOption,
    FormatOption,
    InputsArgument,
    RunOption,
    StateOption,
    opened,
)
from cohstream.engine.evidence import incident_meant
from cohstream.law.questions import Inquirer
from cohstream.publish.explanation import Decision, Explanation, Member, Missing, Neighbour, PolicySaid, Step, explain
from cohstream.publish.membership import NO_INCIDENT, Contribution, KeptApart, Why

HELP = """Explain one incident: what is known and who says it, why each report is in it and what it contributes, which
incidents nearby are other ones and why, every step of the decision under each agreement with the facts and clauses it
rests on, what each coverage policy says, and what is missing, first what would change most.

WHAT is an incident's id (also a former one, or how it begins), or a report as SOURCE/REPORT_ID. It is looked for in
INPUT, in the directory given to `run --state`, or in a run. Places and wording that could tell where a protected site
is are left out.

Examples:

  cohstream explain SNHR/DR0007 reports.csv

  cohstream explain 4f2a9c --state state --agreement SY-COH-2016-02

  cohstream explain SNHR/DR0007 reports.csv --as-known-at 2016-03-15

  cohstream explain SNHR/DR0007 --run february --json | jq '.decisions[0].missing'

Exit status: 0 it is explained; 1 it is, but some input was rejected; 2 there is no such incident or report.
"""

BOLD, DIM = "bold", "dim"
STYLES = {"VIOLATION": "bold red", "CONTESTED": "yellow", "UNDETERMINED": "cyan", "NOT_A_VIOLATION": "green"}


def explain_command(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="An incident's id, or a report as SOURCE/REPORT_ID.")],
    inputs: InputsArgument = None,
    format_: FormatOption = None,
    agreement: AgreementOption = None,
    agreements: DirectoriesOption = None,
    state: StateOption = None,
    run: RunOption = None,
    as_known_at: AsKnownAtOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the tree.")] = False,
) -> None:
    moment = known_at(as_known_at)
    with opened(inputs or [], format_, agreement or (), agreements or (), state, run, moment) as session:
        incident = session.ledger.incidents[incident_meant(session.ledger, what)]
        actors = session.knowledge.actors
        inquirer = Inquirer(session.agreements, actors)
        found = explain(what, incident, session.ledger, session.agreements, session.context, inquirer)
        if json:
            print_json({**asdict(found), **session.reading()})
            return
        names = {one: actors.name_at(one, incident.start) for one in incident.attribution.candidates}
        console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES, highlight=False)
        console.print(tree_of(found, names))
        console.print(reading_of(session), style=DIM)


explain_command.__doc__ = HELP


def tree_of(found: Explanation, names: dict[str, str]) -> Tree:
    """The whole explanation as a tree; ``names`` are those of the actors accused, by id."""
    incident = found.incident
    place = incident["place"]
    coarse = " (coarse, to protect the site)" if place["coarsened"] else ""
    where = f"{place['name'] or 'place unknown'}{coarse}"
    tree = Tree(Text(f"{incident['conduct']} at {where}, event day {incident['event_day']}", BOLD))
    tree.add(Text(f"incident {incident['incident_id']}", DIM))
    tree.add(Text(f"between {incident['start']:%Y-%m-%d %H:%M} and {incident['end']:%Y-%m-%d %H:%M} UTC", DIM))
    _add_known(tree, found, names)
    _add_lines(tree, (f"answers: {_neighbour(one)}" for one in found.answers))
    _add_lines(tree, (f"answered by: {_neighbour(one)}" for one in found.answered_by))
    for decision in found.decisions:
        _add_decision(tree, decision)
    return tree


def _neighbour(one: Neighbour) -> str:
    by_word: dict[str, list[str]] = {}
    for agreement, word in one.agreements.items():
        by_word.setdefault(word, []).append(agreement)
    words = "; ".join(f"{word} under {', '.join(names)}" for word, names in by_word.items())
    return f"incident {one.incident_id}, {one.conduct} on {one.event_day} ({words})"


def _add_known(tree: Tree, found: Explanation, names: dict[str, str]) -> None:
    incident = found.incident
    known = tree.add(Text(f"what is known: {incident['sources']} sources, {incident['groups']} independent", BOLD))
    accused = ", ".join(f"{names[one]} ({one})" for one in names) or "nobody"
    known.add(Text(f"perpetrator: {accused}, {incident['attribution']['confidence']}"))
    for name in ("weapon", "target", "verification", "excluded_presence"):
        known.add(Text(f"{name.replace('_', ' ')}: {incident[name]}"))
    for member in (*found.members, *found.presence, *found.notices):
        _add_member(known, member)
    if found.kept_apart:
        branch = tree.add(Text("nearest incidents of its area and days, and why they are other ones", BOLD))
        _add_lines(branch, map(_near, found.kept_apart))


def _add_member(tree: Tree, member: Member) -> None:
    published = f"published {member.published_at:%Y-%m-%d %H:%M} UTC"
    branch = tree.add(Text(f"{member.source}/{member.report_id}: {member.kind}, {member.stake}, {published}"))
    _add_lines(branch, (f"says {name}: {value}" for name, value in member.says.items()))
    _add_lines(branch, (f"wording, {name}: “{text}”" for name, text in member.wording.items()), DIM)
    if member.withheld:
        branch.add(Text(f"wording withheld to protect the site: {', '.join(member.withheld)}", DIM))
    _add_lines(branch, member.links, DIM)
    if member.why is not None:
        _add_why(branch, member.why)
    if member.contributes:
        alone = all(one.without == NO_INCIDENT for one in member.contributes)
        contributes = branch.add(Text("contributes all there is" if alone else "contributes"))
        _add_lines(contributes, map(_contribution, member.contributes))


def _add_why(tree: Tree, why: Why) -> None:
    weight = "" if why.weight is None or not why.parts else f", likeness {why.weight:+.2f}"
    branch = tree.add(Text(f"is in as {why.sentence}{weight}"))
    _add_lines(branch, (f"{part.field}: {part.comparison}, {part.said} {part.weight:+.2f}" for part in why.parts))
    if why.weight is None:
        branch.add(Text("what its place weighs is withheld to protect the site", DIM))
    if why.margin is not None:
        branch.add(Text(f"next best: {why.next_best or 'an incident near a protected site'}, {why.margin:+.2f} behind"))


def _contribution(one: Contribution) -> str:
    alone = f" (without it: {one.without or 'withheld'})" if one.alone and one.without != NO_INCIDENT else ""
    return f"{one.field.replace('_', ' ')}: {one.value}{alone}"


def _near(one: KeptApart) -> str:
    if not one.incident_id:
        what = "one that is not named, to protect a site"
    else:
        far = "" if one.km is None else f", {one.km:g} km"
        what = f"{one.incident_id} {one.conduct} at {one.place}{far}"
    return f"{what}: {one.sentence}" + (f" ({one.detail})" if one.detail else "")


def _add_decision(tree: Tree, decision: Decision) -> None:
    branch = tree.add(Text(f"{decision.agreement}: {decision.title} ({decision.status})", BOLD))
    steps = branch.add("steps under every policy")
    for step in decision.steps:
        _add_step(steps, step)
    if decision.clauses:
        clauses = branch.add("clauses")
        for clause in decision.clauses:
            one = clauses.add(Text(f"{clause.id} {clause.paraphrase}"))
            one.add(Text(f"{clause.source} ({clause.text_status})", DIM))
            for exception in clause.exceptions:
                claimed = (
                    f"claimed by {', '.join(exception.claimed_by)}" if exception.claimed_by else "nobody claims it"
                )
                one.add(Text(f"exception {exception.name}: {claimed}"))
    for party in dict.fromkeys(one.party for one in decision.policies):
        _add_party(branch, party, [one for one in decision.policies if one.party == party], decision.default_policy)
    _add_lines(branch, (f"{flag.code}: {flag.sentence}" for flag in decision.flags))
    _add_missing(branch, decision.missing)


def _add_party(tree: Tree, party: str, said: Iterable[PolicySaid], default: str) -> None:
    branch = tree.add(Text(f"party: {party}", BOLD))
    for one in said:
        policies = ", ".join(f"{name} (default)" if name == default else name for name in one.policies)
        verdict = branch.add(Text.assemble((one.verdict, STYLES.get(one.verdict, "")), f" under {policies}"))
        _add_lines(verdict, (f"{reason.code}: {reason.sentence}" for reason in one.reasons))
        for step in one.steps:
            _add_step(verdict, step)


def _add_step(tree: Tree, step: Step) -> None:
    branch = tree.add(Text(step.text))
    for fact in step.facts:
        said = f", said by {', '.join(fact.said_by)}" if fact.said_by else ""
        one = branch.add(Text(f"{fact.name} = {fact.value}{said}"))
        _add_lines(one, fact.rests_on, DIM)


def _add_missing(tree: Tree, missing: Iterable[Missing]) -> None:
    asked = list(missing)
    if not asked:
        return
    branch = tree.add(Text("missing, first what would change most", BOLD))
    for one in asked:
        question = branch.add(Text(f"{one.fact}: would change up to {one.changes} of 6 verdicts"))
        for answer in one.answers:
            then = ", ".join(f"{count} {verdict}" for verdict, count in answer.verdicts.items())
            question.add(Text(f"{answer.value}: {then}"))


def _add_lines(tree: Tree, lines: Iterable[str], style: str = "") -> None:
    for line in lines:
        tree.add(Text(line, style))
