"""Lint: what an author of rules should mend, told with severity, file, line and remedy.

What the loader refuses is an error here; the rest is loadable, but says less or other than it seems to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cohstream.errors import DataError
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import Agreement
from cohstream.law.cases import read_cases
from cohstream.law.lint_cells import cell_faults
from cohstream.law.lint_fault import Fault, Severity, Subject
from cohstream.law.lint_text import text_faults
from cohstream.law.loader import contradictions, read_agreement
from cohstream.law.text import AgreementText
from cohstream.strict_yaml import parse_yaml, read_model


def lint_agreement(text: str, file: str, actors: ActorRegistry, others: Mapping[str, str]) -> list[Fault]:
    """All that is to be mended in an agreement's file, by line. ``others``: files of other agreements by id."""
    try:
        model, tree = read_model(AgreementText, text, file), parse_yaml(text, file)
    except DataError as error:
        return sorted(_refused(error), key=lambda one: one.line)
    subject = Subject(model, tree, file)
    found = list(_refused(DataError(list(contradictions(model, tree, file)))))
    loadable = not found
    found += text_faults(subject, actors, others)
    if loadable:
        found += cell_faults(subject, read_agreement(text, file), actors)
    return sorted(set(found), key=lambda one: (one.line, one.severity, one.what))


def lint_cases(text: str, file: str, actors: ActorRegistry, agreements: Mapping[str, Agreement]) -> list[Fault]:
    """All that is to be mended in a file of cases. ``agreements`` are those that loaded."""
    try:
        cases = read_cases(text, file, actors)
    except DataError as error:
        return sorted(_refused(error), key=lambda one: one.line)
    found = []
    for case in cases:
        for wish in case.expected:
            agreement = agreements.get(wish.agreement)
            if agreement is None:
                continue  # a case may wait for an agreement that is to come
            clauses = {clause.id for clause in agreement.text.clauses}
            for unknown in sorted(set(wish.clauses) - clauses):
                what = f"the case '{case.name}' expects clause '{unknown}', which {wish.agreement} does not have"
                remedy = f"Its clauses: {', '.join(sorted(clauses))}."
                found.append(Fault(Severity.ERROR, "case-clause", file, case.line, what, remedy))
            if wish.party not in {*agreement.parties, "non_party", "undetermined", "joint"}:
                what = f"the case '{case.name}' expects a finding on '{wish.party}', no party of {wish.agreement}"
                remedy = f"Its parties: {', '.join(sorted(agreement.parties))}; or non_party, undetermined, joint."
                found.append(Fault(Severity.ERROR, "case-party", file, case.line, what, remedy))
    return found


def _refused(error: DataError) -> Iterator[Fault]:
    for one in error.problems:
        yield Fault(Severity.ERROR, "refused", one.file, one.line, one.what, one.remedy)
