"""An assessment: an incident held against one agreement, with one finding per party and policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cohstream.domain.vocabulary import Policy, Verdict


class Finding(NamedTuple):
    """What one agreement says of one party under one coverage policy.

    ``party`` is a party that the agreement declares, or ``undetermined`` (rival or unknown candidates),
    ``joint`` (inseparable candidates of several parties) or ``non_party`` (the actor is not bound).
    ``reasons`` are codes of domain reference §3.2; ``used`` and ``missing`` name facts, ``name=value`` and
    ``name``; ``trace`` tells each step of the decision in order, one line a step.
    """

    party: str
    policy: Policy
    verdict: Verdict
    reasons: tuple[str, ...]
    clauses: tuple[str, ...]
    flags: tuple[str, ...]
    used: tuple[str, ...]
    missing: tuple[str, ...]
    trace: tuple[str, ...]


Findings = tuple[Finding, ...]


@dataclass(slots=True, eq=False, frozen=True)
class Judgement:
    """What every agreement in hand says of one kind of incident: findings by agreement id.

    Incidents alike in law share one object, so it is compared and hashed by identity.
    """

    by_agreement: Mapping[str, Findings]


@dataclass(slots=True)
class Assessment:
    """An incident under one agreement; ``findings`` is shared between incidents that are alike in law."""

    incident_id: str
    agreement: str
    findings: Findings
