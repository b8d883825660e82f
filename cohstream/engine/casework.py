"""Casework: the YAML cases beside agreements held against the law, those with reports through the whole engine."""

from __future__ import annotations

from collections.abc import Mapping

from cohstream.domain.incident import Incident
from cohstream.engine.batch import Outcome, apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import Knowledge
from cohstream.law import Agreement, evaluate
from cohstream.law.case_text import BoundsText, IncidentText
from cohstream.law.cases import Case, faults_of_findings


class Casework:
    """Runs cases under loaded agreements. A case whose agreements are not loaded has to wait: ask it first."""

    def __init__(self, knowledge: Knowledge, agreements: Mapping[str, Agreement]) -> None:
        self._knowledge = knowledge
        self._agreements = agreements
        self._contexts: dict[tuple[str, ...], Context] = {}

    def faults_of(self, case: Case) -> list[str]:
        """What speaks against ``case``, in words; nothing if it holds. Raises :class:`KeyError` if it has to wait."""
        if case.facts is not None:
            said = [
                (name, finding)
                for name in case.agreements
                for finding in evaluate(self._agreements[name], case.facts, self._knowledge.actors)
            ]
            return faults_of_findings(case.expected, said)
        ledger = Ledger()
        applied = apply(ledger, case.reports, self._context(case.agreements))
        faults = [
            f"report {number}: {one.outcome} {one.problem}"
            for number, one in enumerate(applied.receipts, start=1)
            if one.outcome is not Outcome.ACCEPTED
        ]
        incidents = list(ledger.incidents.values())
        if case.incidents is not None and not _within((len(incidents), len(incidents)), case.incidents):
            faults.append(f"{len(incidents)} incidents, expected {case.incidents.min} to {case.incidents.max}")
        faults += [
            f"no incident is {wish.model_dump(exclude_none=True)}: {incidents}"
            for wish in case.described
            if not any(_is_described(one, wish) for one in incidents)
        ]
        said = [(one.agreement, finding) for one in ledger.assessments() for finding in one.findings]
        return faults + (faults_of_findings(case.expected, said) if case.expected else [])

    def _context(self, agreements: tuple[str, ...]) -> Context:
        context = self._contexts.get(agreements)
        if context is None:
            chosen = {name: self._agreements[name] for name in agreements}
            context = self._contexts[agreements] = Context.of(self._knowledge, chosen)
        return context


def _is_described(incident: Incident, wish: IncidentText) -> bool:
    plain = {
        "event_day": incident.event_day,
        "conduct": incident.conduct,
        "weapon": incident.weapon,
        "target": incident.target,
        "presence": incident.excluded_presence,
        "verification": incident.verification,
        "confidence": incident.attribution.confidence,
        "candidates": list(incident.attribution.candidates),
        "sources": incident.sources,
        "groups": incident.groups,
        "munitions": incident.munitions,
        "killed": incident.killed,
    }
    for name in wish.model_fields_set:
        wanted = getattr(wish, name)
        if isinstance(wanted, BoundsText):
            if plain[name] != (wanted.min, wanted.max):
                return False
        elif plain[name] != wanted:
            return False
    return True


def _within(span: tuple[int, int], bounds: BoundsText) -> bool:
    return span[0] >= bounds.min and (bounds.max is None or span[1] <= bounds.max)
