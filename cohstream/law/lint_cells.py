"""Faults that only evaluation shows: clauses that never decide, and conduct both permitted and prohibited."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from cohstream.domain.vocabulary import Verdict
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement
from cohstream.law.case import case_of, view_of
from cohstream.law.cells import (
    Cell,
    alike,
    as_if_in_force,
    cells_of,
    means_of,
    sides_at,
)
from cohstream.law.clauses import regulates
from cohstream.law.evaluation import POLICIES, evaluate
from cohstream.law.facts import Facts
from cohstream.law.grounds import ANY_TIME, KNOWN_PRESENCES, Ground, grounds_of
from cohstream.law.lint_fault import Fault, Subject
from cohstream.law.text import Modality


def cell_faults(subject: Subject, agreement: Agreement, actors: ActorRegistry) -> Iterator[Fault]:
    """Clauses that decide no cell, and permissions that swallow prohibitions."""
    text = as_if_in_force(agreement)
    permits = {clause.id for clause in text.rules if clause.modality is Modality.PERMIT}
    strict = _without(text, permits)
    deciding: set[str] = set()
    instead: dict[str, Counter[str]] = {}
    overlaps: dict[tuple[str, str], Cell] = {}
    for cell, facts in _questions(agreement, text, actors):
        decided = _deciding(text, facts, actors)
        deciding |= decided
        if len(decided) < len(text.rules):
            case = case_of(text, facts, view_of(text, facts, actors))
            for clause in text.rules:
                if clause.id not in decided and regulates(clause, case, cell.side.roles[0]):
                    instead.setdefault(clause.id, Counter()).update(decided)
        for permit in sorted(decided & permits):
            for other in sorted(_deciding(strict, facts, actors)):
                overlaps.setdefault((permit, other), cell)
    lines = {clause.id: index for index, clause in enumerate(subject.text.clauses)}
    for clause in text.rules:
        if clause.id not in deciding:
            others = [name for name, _ in instead.get(clause.id, Counter()).most_common(3)]
            why = f": where it applies, {', '.join(others)} decides" if others else ""
            what = f"clause '{clause.id}' never decides{why}"
            remedy = "Narrow the other, put this one first, or remove it." if others else _nobody(clause.bound)
            yield subject.warning("unreachable", ("clauses", lines[clause.id]), what, remedy)
    for (permit, other), cell in overlaps.items():
        means, aim = cell.means, cell.aim.label
        what = (
            f"clause '{permit}' permits what '{other}' prohibits, such as {means.conduct} by {cell.side.label} on {aim}"
        )
        remedy = "Narrow one of the two, or write the permission as an exception."
        yield subject.warning("overlap", ("clauses", lines[permit]), what, remedy)


def _nobody(bound: list[str]) -> str:
    return f"Look whom {', '.join(bound)} means, and at its conduct, target and zone."


def _questions(agreement: Agreement, text: Agreement, actors: ActorRegistry) -> Iterator[tuple[Cell, Facts]]:
    """Every cell once, whenever its sides stood so while the agreement was to hold, with facts for it."""
    asked = set()
    zoned = sorted(text.boundaries())
    means = [group[0] for group in alike(means_of((text,), also_harmless=True), (text,), actors)]
    grounds = _grounds(text)
    for instant in _instants(agreement, actors):
        for cell in cells_of(sides_at((text,), actors, instant), means, grounds, (text,)):
            aimed_at = cell.aim.side.key if cell.aim.side else cell.aim.target
            question = (cell.side.key, cell.means, aimed_at, cell.ground, bisect_right(zoned, instant))
            if question not in asked:
                asked.add(question)
                yield cell, cell.facts(instant)


def _grounds(text: Agreement) -> list[Ground]:
    """The grounds that any policy tells apart."""
    found = chain.from_iterable(grounds_of((text,), (policy,)) for policy in POLICIES)
    by_spot = {(one.place, one.presence): one for one in found}
    return sorted(by_spot.values(), key=lambda one: KNOWN_PRESENCES.index(one.presence))


def _instants(agreement: Agreement, actors: ActorRegistry) -> list[datetime]:
    start = agreement.start
    end = agreement.ends[-1][0] if agreement.ends else None
    bounds = sorted({*actors.boundaries(), *agreement.boundaries()})
    inside = [one for one in bounds if (start is None or one > start) and (end is None or one < end)]
    return [start or ANY_TIME, *inside]


def _deciding(text: Agreement, facts: Facts, actors: ActorRegistry) -> frozenset[str]:
    """The clauses by which some policy comes to a violation, a dispute or a permission."""
    return frozenset(
        clause
        for finding in evaluate(text, facts, actors)
        if finding.verdict is not Verdict.NOT_A_VIOLATION or "N-PERMITTED" in finding.reasons
        for clause in finding.clauses
    )


def _without(text: Agreement, clauses: set[str]) -> Agreement:
    kept = [clause for clause in text.text.clauses if clause.id not in clauses]
    return Agreement(text.text.model_copy(update={"clauses": kept}), text.digest)
