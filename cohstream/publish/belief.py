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
from cohstream.law.stack import NO_CLAUSE
from cohstream.publish.disclosure import SHIELDED_TARGETS

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}
"""Windows of ``cohstream_violations_recent``, in event time back from the watermark."""

LONGEST_WINDOW = max(WINDOWS.values())

POSSIBLE = frozenset({Verdict.VIOLATION, Verdict.CONTESTED, Verdict.UNDETERMINED})
"""Verdicts that make up a possible maximum; the first alone is the proven minimum."""

CIVILIANS_HIT = "IHL-CONCERN"

NO_SINGLE_PARTY = ("undetermined", "joint", "non_party")
"""Who a finding may be put to besides the parties that an agreement declares."""

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
    @property
    def start(self) -> datetime | None:
        """From when it holds; ``None`` if it names no beginning."""

    @property
    def ends(self) -> tuple[tuple[datetime, str], ...]:
        """Claimed ends, each with the authority that claims it."""


class Believed(Protocol):
    """What gauges are derived from: a ledger, or the sums of several. ``version`` is another after every change."""

    @property
    def version(self) -> object: ...
    @property
    def watermark(self) -> datetime | None: ...
    @property
    def watermarks(self) -> Mapping[str, datetime]:
        """The latest start of what is said of each fusion area."""

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
PROTECTED = Family(
    "cohstream_protected_site_incidents",
    "Attacks reported on protected sites, whatever the verdict but NOT_ASSESSED, by party and kind of site.",
    ("agreement", "party", "target"),
    detail=False,
)
FAMILIES = (VIOLATIONS, BY_AREA, POLICY_VIOLATIONS, ASSESSMENTS, RECENT, UNREGULATED, PROTECTED)

Belief = dict[Family, Series]

_ADMIN1 = re.compile(r"SY\d\d")


@lru_cache(4_096)
def admin1_label(area: str) -> str:
    """The governorate code of a fusion area; ``unknown`` stays, and everything else is ``other``."""
    if area == "unknown":
        return area
    return area[:4] if _ADMIN1.match(area) else "other"


def heard_from(believed: Believed) -> dict[str, datetime]:
    """The latest start of what is said of each governorate; one of which nothing is said is absent."""
    heard: dict[str, datetime] = {}
    for area, instant in believed.watermarks.items():
        label = admin1_label(area)
        heard[label] = max(instant, heard.get(label, instant))
    return heard


def belief(believed: Believed, agreements: Mapping[str, AgreementInfo], readings: Readings | None = None) -> Belief:
    """Every gauge of what is ``believed``; parties that an agreement declares are there with 0 too.

    ``readings`` remembers, from one time to the next, what judgements say.
    """
    read = Readings(agreements) if readings is None else readings
    found: Belief = {family: Counter() for family in FAMILIES}
    _declare_parties(found, agreements)
    _add_counts(found, believed, read)
    _add_recent(found, believed, read)
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
        for party in (*agreement.parties, *NO_SINGLE_PARTY):
            for target in SHIELDED_TARGETS:
                found[PROTECTED][(name, party, target)] = 0


def _add_counts(found: Belief, believed: Believed, read: Readings) -> None:
    violations, by_area, unregulated = found[VIOLATIONS], found[BY_AREA], found[UNREGULATED]
    by_policy, by_verdict = found[POLICY_VIOLATIONS], found[ASSESSMENTS]
    judged: Counter[Judgement] = Counter()
    alike: Counter[tuple[Judgement, str, str, Verification, str]] = Counter()
    for (judgement, conduct, weapon, status, area, _), count in believed.counts.items():
        judged[judgement] += count
        alike[judgement, conduct, weapon, status, admin1_label(area)] += count
    for judgement, count in judged.items():
        reading = read[judgement]
        for labels in reading.by_verdict:
            by_verdict[labels] += count
        for labels in reading.protected:
            found[PROTECTED][labels] += count
        for labels, proven in reading.by_policy:
            by_policy[*labels, "max"] += count
            by_policy[*labels, "min"] += count if proven else 0
    for (judgement, conduct, weapon, status, area), count in alike.items():
        for one in read[judgement].under_default:
            for party in one.violators:
                violations[one.agreement, party, conduct, weapon, status.value] += count
                by_area[one.agreement, party, area] += count
            if one.unregulated:
                unregulated[one.agreement, conduct, weapon] += count


def _add_recent(found: Belief, believed: Believed, read: Readings) -> None:
    """Add what counts do not carry: exact time."""
    if believed.watermark is None:
        return
    since = {window: believed.watermark - length for window, length in WINDOWS.items()}
    for start, judgement in believed.judged_since(min(since.values())):
        for window, instant in since.items():
            if start > instant:
                for one in read[judgement].under_default:
                    for party in one.violators:
                        found[RECENT][(one.agreement, party, window)] += 1


class _UnderDefault(NamedTuple):
    """What one tuple of findings says under the agreement's default policy."""

    agreement: str
    violators: Labels
    unregulated: bool


class Reading(NamedTuple):
    """What one judgement adds to gauges: labels by verdict, labels by policy and whether proven, what is violated."""

    by_verdict: tuple[Labels, ...]
    protected: tuple[Labels, ...]
    by_policy: tuple[tuple[Labels, bool], ...]
    under_default: tuple[_UnderDefault, ...]


class Readings(dict[Judgement, Reading]):
    """The readings of judgements, made when asked for: incidents alike in law share one judgement."""

    LIMIT = 50_000

    def __init__(self, agreements: Mapping[str, AgreementInfo]) -> None:
        self._agreements = agreements

    def __missing__(self, judgement: Judgement) -> Reading:
        if len(self) >= self.LIMIT:
            self.clear()
        reading = self[judgement] = _reading(judgement, self._agreements)
        return reading


def _reading(judgement: Judgement, agreements: Mapping[str, AgreementInfo]) -> Reading:
    by_verdict: list[Labels] = []
    protected: list[Labels] = []
    by_policy: list[tuple[Labels, bool]] = []
    under_default: list[_UnderDefault] = []
    for name, findings in judgement.by_agreement.items():
        agreement = agreements.get(name)
        if agreement is None:
            continue
        for one in findings:
            if one.policy is agreement.default_policy:
                by_verdict.append((name, one.party, one.verdict.value))
                target = _protected_target(one)
                if target:
                    protected.append((name, one.party, target))
            if one.verdict in POSSIBLE:
                by_policy.append(((name, one.party, one.policy.value), one.verdict is Verdict.VIOLATION))
        under = _under(name, agreement.default_policy, findings)
        if under.unregulated or under.violators:
            under_default.append(under)
    return Reading(tuple(by_verdict), tuple(protected), tuple(by_policy), tuple(under_default))


def _protected_target(finding: Finding) -> str:
    """The kind of protected site that was attacked, ``""`` if none was. The facts used say what was hit."""
    if CIVILIANS_HIT not in finding.flags or finding.verdict is Verdict.NOT_ASSESSED:
        return ""
    hit = (fact.removeprefix("target=") for fact in finding.used if fact.startswith("target="))
    return next((target for target in hit if target in SHIELDED_TARGETS), "")


def _under(agreement: str, policy: Policy, findings: Findings) -> _UnderDefault:
    ours = [finding for finding in findings if finding.policy is policy]
    return _UnderDefault(
        agreement,
        tuple(finding.party for finding in ours if finding.verdict is Verdict.VIOLATION),
        any(NO_CLAUSE in finding.reasons for finding in ours),
    )
