"""Which clause speaks of a case: by role, conduct and weapon, then by target."""

from __future__ import annotations

from enum import StrEnum

from cohstream.domain.vocabulary import is_within
from cohstream.law.case import FLIGHT, Case
from cohstream.law.standing import Standing
from cohstream.law.text import ClauseText, Reading


class Fit(StrEnum):
    """Whether a clause speaks of the target that was hit."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


OF_NO_KNOWN_SIDE = frozenset({"military_position", "road", "open_land"})
"""Targets that say what was hit, but not whose it was."""


def regulates(clause: ClauseText, case: Case, role: str) -> bool:
    """Whether ``clause`` speaks of this conduct with this weapon by this role, whoever the target is."""
    return (
        role in clause.bound
        and any(word == "any" or word in case.conducts for word in clause.conduct)
        and ("any" in clause.weapon or is_within(case.facts.weapon, clause.weapon))
    )


def regulates_the_deed(clause: ClauseText, case: Case) -> bool:
    """Whether ``clause`` speaks of what was done, not only of the flight that an attack from the air implies."""
    if case.family != "attack":
        return True
    return not {"any", *case.conducts}.difference(FLIGHT).isdisjoint(clause.conduct)


def protects(clause: ClauseText, case: Case, candidate: Standing) -> Fit:
    """Whether ``clause`` speaks of this target when ``candidate`` hits it."""
    words = clause.target
    if "any" in words:
        return Fit.YES
    if case.hits_civilians and ("civilians" in words or case.target in words or case.target_family in words):
        return Fit.YES
    if case.aimed_at:
        return Fit.YES if any(_means(words, one, candidate) for one in case.aimed_at) else Fit.NO
    if case.target in words:
        return Fit.YES
    if case.hits_civilians:
        return Fit.NO
    if case.target == "excluded_org_force":
        return Fit.UNKNOWN if any(word in case.agreement.text.exclusion.named for word in words) else Fit.NO
    if case.target in ("covered_party_force", "associated_force"):
        return Fit.YES if speaks_of_forces(clause, case) else Fit.NO
    if case.target_family == "force" and case.target not in OF_NO_KNOWN_SIDE:
        return Fit.NO
    return Fit.UNKNOWN


def speaks_of_forces(clause: ClauseText, case: Case) -> bool:
    """Whether ``clause`` protects forces that the agreement covers, not only civilians or excluded groups."""
    others = {"civilians", *case.agreement.text.exclusion.named}
    return any(word not in others for word in clause.target)


def choose(clauses: list[ClauseText], case: Case, candidate: Standing) -> ClauseText | Fit:
    """The clause to apply, ``UNKNOWN`` if that hangs on the target, ``NO`` if none protects it.

    A clause on the deed goes before one on the flight that it implies, and a plain one before an ambiguous one. Where
    the target is unknown, only a plain clause about forces to which the coverage policies apply is read as if it were
    breached: the policies then say what the unknown means.
    """
    fits = [(clause, protects(clause, case, candidate)) for clause in clauses]
    fitting = [clause for clause, fit in fits if fit is Fit.YES]
    if fitting:
        fitting = [clause for clause in fitting if regulates_the_deed(clause, case)] or fitting
        return next((clause for clause in fitting if clause.reading is Reading.PLAIN), fitting[0])
    unknown = [clause for clause, fit in fits if fit is Fit.UNKNOWN]
    assumed = (
        clause
        for clause in unknown
        if clause.marbling and clause.reading is Reading.PLAIN and speaks_of_forces(clause, case)
    )
    return next(assumed, Fit.UNKNOWN if unknown else Fit.NO)


def _means(words: list[str], hit: Standing, candidate: Standing) -> bool:
    if not hit.names.isdisjoint(words):
        return True
    return "covered_force" in words and hit.coverage != "none" and hit.party != candidate.party
