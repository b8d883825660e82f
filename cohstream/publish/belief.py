"""What the ledger believes, as series of gauges: derived afresh, so every one of them may fall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol

from cohstream.domain.assessment import Finding, Findings, Judgement
from cohstream.domain.vocabulary import Policy, Verdict, Verification, top_two_levels
from cohstream.engine.ledger import Ledger

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}
"""Windows of ``cohstream_violations_recent``, in event time back from the watermark."""

POSSIBLE = frozenset({Verdict.VIOLATION, Verdict.CONTESTED, Verdict.UNDETERMINED})
"""Verdicts that make up a possible maximum; the first alone is the proven minimum."""

NO_CLAUSE = "N-NO-CLAUSE"

Labels = tuple[str, ...]
Series = Counter[Labels]


class PartyInfo(Protocol):
    """A party that an agreement declares."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...


class AgreementInfo(Protocol):
    """What metrics and the page need to know of an agreement."""

    @property
    def agreement_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def tz(self) -> str: ...
    @property
    def default_policy(self) -> Policy: ...
    @property
    def parties(self) -> Mapping[str, PartyInfo]: ...


class Family(NamedTuple):
    """One gauge of belief: its name, what it means, its labels, and whether it is detail of another one."""

    name: str
    documentation: str
    labels: Labels
    detail: bool


VIOLATIONS = Family(
    "cohstream_violations",
    "Incidents assessed as a violation under the default coverage policy of the agreement.",
    ("agreement", "party", "conduct", "weapon", "verification"),
    detail=True,
)
BY_AREA = Family(
    "cohstream_violations_by_area",
    "Incidents assessed as a violation under the default coverage policy, by governorate.",
    ("agreement", "party", "area"),
    detail=True,
)
UNREGULATED = Family(
    "cohstream_unregulated_incidents",
    "Incidents that no clause of the agreement speaks of (N-NO-CLAUSE), under its default coverage policy.",
    ("agreement", "conduct", "weapon"),
    detail=True,
)
POLICY_VIOLATIONS = Family(
    "cohstream_policy_violations",
    "Proven minimum (violation) and possible maximum (plus contested, undetermined) by coverage policy.",
    ("agreement", "party", "policy", "bound"),
    detail=False,
)
ASSESSMENTS = Family(
    "cohstream_assessments",
    "Incidents by verdict under the default coverage policy of the agreement.",
    ("agreement", "party", "verdict"),
    detail=False,
)
RECENT = Family(
    "cohstream_violations_recent",
    "Violations under the default coverage policy that began within the window before the watermark.",
    ("agreement", "party", "window"),
    detail=False,
)
FAMILIES = (VIOLATIONS, BY_AREA, POLICY_VIOLATIONS, ASSESSMENTS, RECENT, UNREGULATED)

Belief = dict[Family, Series]

_ADMIN1 = re.compile(r"SY\d\d")


@lru_cache(4_096)
def admin1_label(area: str) -> str:
    """The governorate code of a fusion area; ``unknown`` stays, and everything else is ``other``."""
    if area == "unknown":
        return area
    return area[:4] if _ADMIN1.match(area) else "other"


def belief(ledger: Ledger, agreements: Mapping[str, AgreementInfo]) -> Belief:
    """Every gauge of belief over ``ledger``; parties that an agreement declares are there with 0 too."""
    found: Belief = {family: Counter() for family in FAMILIES}
    _declare_parties(found, agreements)
    _add_tallies(found, ledger, agreements)
    _add_incidents(found, ledger, agreements)
    return found


def _declare_parties(found: Belief, agreements: Mapping[str, AgreementInfo]) -> None:
    for name, agreement in agreements.items():
        for party in agreement.parties:
            for verdict in Verdict:
                found[ASSESSMENTS][(name, party, verdict.value)] = 0
            for window in WINDOWS:
                found[RECENT][(name, party, window)] = 0
            for policy in Policy:
                for bound in ("min", "max"):
                    found[POLICY_VIOLATIONS][(name, party, policy.value, bound)] = 0


def _add_tallies(found: Belief, ledger: Ledger, agreements: Mapping[str, AgreementInfo]) -> None:
    defaults = {name: agreement.default_policy for name, agreement in agreements.items()}
    violations, by_area = found[VIOLATIONS], found[BY_AREA]
    by_policy, by_verdict = found[POLICY_VIOLATIONS], found[ASSESSMENTS]
    total: Counter[tuple[str, str, Verdict, Policy]] = Counter()
    judged: Counter[Judgement] = Counter()
    alike: Counter[tuple[Judgement, str, str, Verification, str]] = Counter()
    for (judgement, conduct, weapon, status, area, _), count in ledger.counts.items():
        judged[judgement] += count
        alike[judgement, conduct, weapon, status, admin1_label(area)] += count
    for judgement, count in judged.items():
        for name, finding in _named_findings(judgement):
            total[name, finding.party, finding.verdict, finding.policy] += count
    for (judgement, conduct, weapon, status, area), count in alike.items():
        for name, finding in _named_findings(judgement):
            if finding.verdict is Verdict.VIOLATION and finding.policy is defaults.get(name):
                violations[name, finding.party, conduct, weapon, status.value] += count
                by_area[name, finding.party, area] += count
    for (name, party, verdict, policy), count in total.items():
        if verdict in POSSIBLE and name in defaults:
            by_policy[name, party, policy.value, "max"] += count
            by_policy[name, party, policy.value, "min"] += count if verdict is Verdict.VIOLATION else 0
        if policy is defaults.get(name):
            by_verdict[name, party, verdict.value] += count


def _named_findings(judgement: Judgement) -> Iterator[tuple[str, Finding]]:
    return ((name, finding) for name, findings in judgement.by_agreement.items() for finding in findings)


class _UnderDefault(NamedTuple):
    """What one tuple of findings says under the agreement's default policy."""

    agreement: str
    violators: Labels
    unregulated: bool


def _add_incidents(found: Belief, ledger: Ledger, agreements: Mapping[str, AgreementInfo]) -> None:
    """Add what tallies do not carry: exact time and reason. Findings are shared, so each is read once."""
    read: dict[Judgement, list[_UnderDefault]] = {}
    since = {window: ledger.watermark - length for window, length in WINDOWS.items()} if ledger.watermark else {}
    for incident_id, judgement in ledger.judgements.items():
        judged = read.get(judgement)
        if judged is None:
            judged = read[judgement] = _telling(judgement, agreements)
        if not judged:
            continue
        incident = ledger.incidents[incident_id]
        for said in judged:
            if said.unregulated:
                found[UNREGULATED][(said.agreement, incident.conduct, top_two_levels(incident.weapon))] += 1
            for window, instant in since.items():
                if incident.start > instant:
                    for party in said.violators:
                        found[RECENT][(said.agreement, party, window)] += 1


def _telling(judgement: Judgement, agreements: Mapping[str, AgreementInfo]) -> list[_UnderDefault]:
    """What ``judgement`` says under default policies, as far as it adds to a gauge."""
    said = [
        _under(name, agreements[name].default_policy, findings)
        for name, findings in judgement.by_agreement.items()
        if name in agreements
    ]
    return [one for one in said if one.unregulated or one.violators]


def _under(agreement: str, policy: Policy, findings: Findings) -> _UnderDefault:
    ours = [finding for finding in findings if finding.policy is policy]
    return _UnderDefault(
        agreement,
        tuple(finding.party for finding in ours if finding.verdict is Verdict.VIOLATION),
        any(NO_CLAUSE in finding.reasons for finding in ours),
    )
