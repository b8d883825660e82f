"""Cases: worked examples that stand as YAML beside the agreements, and what speaks against each.

A case gives either the facts of one incident or the reports of several, and what the agreements must say of them.
This module reads and compares; whoever has an engine turns reports into incidents and findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

from cohstream.domain.assessment import Finding
from cohstream.domain.canonical import canonical_json
from cohstream.domain.report import Part, Report
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.errors import DataError, Problem
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.case_text import BoundsText, CaseFileText, CaseText, FactsText, FindingText, IncidentText
from cohstream.law.facts import Facts
from cohstream.law.loader import law_texts
from cohstream.strict_yaml import YamlList, YamlMap, line_of, model_of, parse_yaml


class Expected(NamedTuple):
    """What one agreement must say of one party under some policies; reasons, clauses and flags at least these."""

    agreement: str
    party: str
    policies: tuple[Policy, ...]
    verdict: Verdict
    reasons: tuple[str, ...]
    clauses: tuple[str, ...]
    flags: tuple[str, ...]

    def is_met_by(self, finding: Finding) -> bool:
        return (
            finding.verdict is self.verdict
            and set(self.reasons) <= set(finding.reasons)
            and set(self.clauses) <= set(finding.clauses)
            and set(self.flags) <= set(finding.flags)
        )

    def __str__(self) -> str:
        return " ".join([self.verdict, *self.reasons, *self.clauses, *self.flags])


@dataclass(frozen=True, slots=True)
class Case:
    """One case. Exactly one of ``facts`` and ``reports`` (JSON bytes) is given; ``needs`` are agreement ids.

    ``incidents`` bounds how many incidents the reports make; each of ``described`` must hold of one of them.
    """

    file: str
    line: int
    name: str
    scenario: int | None
    needs: tuple[str, ...]
    facts: Facts | None
    reports: tuple[bytes, ...]
    incidents: BoundsText | None
    described: tuple[IncidentText, ...]
    expected: tuple[Expected, ...]

    @property
    def agreements(self) -> tuple[str, ...]:
        """The agreements that the case is held against, drafts by name."""
        return tuple(sorted({one.agreement for one in self.expected}))

    def waits_for(self, known: Collection[str]) -> tuple[str, ...]:
        """The agreements that the case needs and that are not ``known``."""
        return tuple(name for name in self.needs if name not in known)


def load_cases(actors: ActorRegistry, directories: Sequence[Path] = ()) -> list[Case]:
    """All cases, the built-in ones first. Raises :class:`DataError` with every fault of every file."""
    problems: list[Problem] = []
    cases: list[Case] = []
    for name, text in law_texts(directories, problems, cases=True):
        try:
            cases += read_cases(text, name, actors)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return cases


def read_cases(text: str, file: str, actors: ActorRegistry) -> list[Case]:
    """The cases of one file. Raises :class:`DataError` with every fault."""
    tree = parse_yaml(text, file)
    model = model_of(CaseFileText, tree, file)
    problems: list[Problem] = []
    cases = []
    first_lines: dict[str, int] = {}
    for index, one in enumerate(model.cases):
        line = line_of(tree, ("cases", index))
        if one.name in first_lines:
            what = f"the case '{one.name}' stands twice, first in line {first_lines[one.name]}"
            problems.append(Problem(file, line, what, "Give one of them another name."))
        first_lines.setdefault(one.name, line)
        try:
            cases.append(_case(one, model, tree, index, file, actors))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return cases


def faults_of_findings(expected: Iterable[Expected], said: Iterable[tuple[str, Finding]]) -> list[str]:
    """What speaks against ``expected`` in the findings (with their agreements) of one or several incidents.

    Every expectation must be met by an incident, and no finding may contradict them all: a party that is not
    expected, or a verdict that nothing expects for that party and policy.
    """
    wanted: dict[tuple[str, str, Policy], list[Expected]] = {}
    for one in expected:
        for policy in one.policies:
            wanted.setdefault((one.agreement, one.party, policy), []).append(one)
    found: dict[tuple[str, str, Policy], list[Finding]] = {}
    for agreement, finding in said:
        found.setdefault((agreement, finding.party, finding.policy), []).append(finding)
    parties = {(agreement, party) for agreement, party, _ in wanted}
    faults = []
    for key, wishes in wanted.items():
        findings = found.get(key, [])
        faults += [
            f"{_named(key)}: expected {wish}; {_answers(findings)}"
            for wish in wishes
            if not any(wish.is_met_by(finding) for finding in findings)
        ]
        faults += [
            f"{_named(key)}: nothing expects {_answer(finding)}"
            for finding in findings
            if not any(wish.is_met_by(finding) for wish in wishes)
        ]
    strangers = {(agreement, party) for agreement, party, _ in found} - parties
    faults += [f"{agreement}: nothing expects a finding on {party}" for agreement, party in sorted(strangers)]
    return list(dict.fromkeys(faults))


def _named(key: tuple[str, str, Policy]) -> str:
    return " / ".join(key)


def _answers(findings: Sequence[Finding]) -> str:
    return " and ".join(_answer(one) for one in findings) if findings else "there is no finding on this party"


def _answer(finding: Finding) -> str:
    return f"{' '.join([finding.verdict, *finding.reasons, *finding.clauses])} ({'; '.join(finding.trace)})"


def _case(one: CaseText, model: CaseFileText, tree: YamlMap, index: int, file: str, actors: ActorRegistry) -> Case:
    line = line_of(tree, ("cases", index))
    own = cast("YamlMap", cast("YamlList", tree["cases"])[index])
    if (one.facts is None) == (one.reports is None):
        what = f"the case '{one.name}' needs either facts or reports"
        raise DataError([Problem(file, line, what, "Give one of the two.")])
    if not one.expect.findings and one.expect.incidents is None and not one.expect.described:
        raise DataError([Problem(file, line, f"the case '{one.name}' expects nothing", "Add findings or incidents.")])
    if one.facts is not None and (one.expect.incidents or one.expect.described):
        what = f"the case '{one.name}' gives facts, which make no incidents"
        raise DataError([Problem(file, line, what, "Expect findings only, or give reports.")])
    expected = tuple(_expected(wish, model, file, line) for wish in one.expect.findings)
    return Case(
        file=file,
        line=line,
        name=one.name,
        scenario=one.scenario,
        needs=tuple(sorted({*one.needs, *(wish.agreement for wish in expected)})),
        facts=None if one.facts is None else _facts(tree.get("facts"), own["facts"], file, actors),
        reports=() if one.reports is None else tuple(_reports(cast("YamlList", own["reports"]), file)),
        incidents=one.expect.incidents,
        described=tuple(one.expect.described),
        expected=expected,
    )


def _expected(wish: FindingText, model: CaseFileText, file: str, line: int) -> Expected:
    agreement = wish.agreement or model.agreement
    if agreement is None:
        raise DataError([Problem(file, line, "a finding names no agreement", "Add 'agreement' to it or to the file.")])
    return Expected(
        agreement,
        wish.party,
        tuple(wish.policy),
        wish.verdict,
        tuple(wish.reasons),
        tuple(wish.clauses),
        tuple(wish.flags),
    )


def _facts(base: object, own: object, file: str, actors: ActorRegistry) -> Facts:
    """The case's own facts over those of its file; each key keeps its line."""
    assert isinstance(own, YamlMap)
    merged = YamlMap({**base, **own} if isinstance(base, YamlMap) else own)
    merged.line = own.line
    merged.lines = {**base.lines, **own.lines} if isinstance(base, YamlMap) else own.lines
    facts = model_of(FactsText, merged, file).facts()
    registered = actors.ids()
    problems = [
        Problem(file, merged.lines[key], f"'{actor}' is no registered actor", "Write an id of the actor registry.")
        for key in ("perpetrators", "target_actors", "denied_by")
        for actor in getattr(facts, key)
        if actor not in registered
    ]
    if facts.end < facts.start:
        problems.append(Problem(file, merged.lines["end"], "'end' lies before 'start'", "Swap or correct them."))
    if problems:
        raise DataError(problems)
    return facts


def _reports(stated: YamlList, file: str) -> Iterator[bytes]:
    """Each report as JSON: numbers and truth values where the report's form has them, text as it stands."""
    problems: list[Problem] = []
    for one in stated:
        assert isinstance(one, YamlMap)
        try:
            report = model_of(Report, one, file)
        except DataError as error:
            problems += error.problems
            continue
        problems += [
            Problem(file, line_of(one, path), f"'{'.'.join(path)}' is no field of a report", "Remove it, or mend it.")
            for path in _unknown(report)
        ]
        if not problems:
            yield canonical_json(_typed(one, report.model_dump(by_alias=True, exclude_unset=True)))
    if problems:
        raise DataError(problems)


def _unknown(part: Part) -> Iterator[tuple[str, ...]]:
    yield from ((name,) for name in part.model_extra or {})
    for name, field in type(part).model_fields.items():
        inner = getattr(part, name)
        if isinstance(inner, Part):
            yield from ((field.alias or name, *path) for path in _unknown(inner))


def _typed(stated: object, typed: object) -> object:
    """``stated`` with its scalars as the model read them, except times: these keep the offset they were given."""
    if isinstance(stated, dict):
        assert isinstance(typed, dict)
        return {key: _typed(value, typed.get(key)) for key, value in stated.items()}
    if isinstance(stated, list):
        assert isinstance(typed, (list, tuple))
        return [_typed(value, one) for value, one in zip(stated, typed, strict=True)]
    return typed if isinstance(typed, (bool, int, float)) else stated
