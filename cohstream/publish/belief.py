"""What is believed, as series of gauges: derived afresh, so every one of them may fall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol

from cohstream.domain.assessment import Finding, Findings, Judgement
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import Policy, Verdict, Verification

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


class Believed(Protocol):
    """What gauges are derived from: a ledger, or the sums of several. ``version`` is another after every change."""

    @property
    def version(self) -> object: ...
    @property
    def watermark(self) -> datetime | None: ...
    @property
    def counts(self) -> Mapping[Contribution, int]: ...
    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:
        """Start and judgement of each incident that began after ``instant``."""


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


def belief(believed: Believed, agreements: Mapping[str, AgreementInfo]) -> Belief:
    """Every gauge of what is ``believed``; parties that an agreement declares are there with 0 too."""
    found: Belief = {family: Counter() for family in FAMILIES}
    _declare_parties(found, agreements)
    _add_counts(found, believed, agreements)
    _add_recent(found, believed, agreements)
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


def _add_counts(found: Belief, believed: Believed, agreements: Mapping[str, AgreementInfo]) -> None:
    defaults = {name: agreement.default_policy for name, agreement in agreements.items()}
    violations, by_area, unregulated = found[VIOLATIONS], found[BY_AREA], found[UNREGULATED]
    by_policy, by_verdict = found[POLICY_VIOLATIONS], found[ASSESSMENTS]
    total: Counter[tuple[str, str, Verdict, Policy]] = Counter()
    judged: Counter[Judgement] = Counter()
    alike: Counter[tuple[Judgement, str, str, Verification, str]] = Counter()
    for (judgement, conduct, weapon, status, area, _), count in believed.counts.items():
        judged[judgement] += count
        alike[judgement, conduct, weapon, status, admin1_label(area)] += count
    said = {judgement: _said(judgement, agreements) for judgement in judged}
    for judgement, count in judged.items():
        for name, finding in _named_findings(judgement):
            total[name, finding.party, finding.verdict, finding.policy] += count
    for (judgement, conduct, weapon, status, area), count in alike.items():
        for one in said[judgement]:
            for party in one.violators:
                violations[one.agreement, party, conduct, weapon, status.value] += count
                by_area[one.agreement, party, area] += count
            if one.unregulated:
                unregulated[one.agreement, conduct, weapon] += count
    for (name, party, verdict, policy), count in total.items():
        if verdict in POSSIBLE and name in defaults:
            by_policy[name, party, policy.value, "max"] += count
            by_policy[name, party, policy.value, "min"] += count if verdict is Verdict.VIOLATION else 0
        if policy is defaults.get(name):
            by_verdict[name, party, verdict.value] += count


def _add_recent(found: Belief, believed: Believed, agreements: Mapping[str, AgreementInfo]) -> None:
    """Add what counts do not carry: exact time. Judgements are shared, so each is read once."""
    if believed.watermark is None:
        return
    read: dict[Judgement, list[_UnderDefault]] = {}
    since = {window: believed.watermark - length for window, length in WINDOWS.items()}
    for start, judgement in believed.judged_since(min(since.values())):
        judged = read.get(judgement)
        if judged is None:
            judged = read[judgement] = _said(judgement, agreements)
        for window, instant in since.items():
            if start > instant:
                for one in judged:
                    for party in one.violators:
                        found[RECENT][(one.agreement, party, window)] += 1


def _named_findings(judgement: Judgement) -> Iterator[tuple[str, Finding]]:
    return ((name, finding) for name, findings in judgement.by_agreement.items() for finding in findings)


class _UnderDefault(NamedTuple):
    """What one tuple of findings says under the agreement's default policy."""

    agreement: str
    violators: Labels
    unregulated: bool


def _said(judgement: Judgement, agreements: Mapping[str, AgreementInfo]) -> list[_UnderDefault]:
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
