"""How two runs differ: incidents, verdicts and counts. Both are read in order, side by side, so memory stays small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson

from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.publish.records import verdicts_of
from cohstream.replay.judged import what_counts
from cohstream.replay.run import Run

Key = TypeVar("Key", bound="tuple[Any, ...]")


class VerdictChange(NamedTuple):
    """A verdict that differs; ``None`` where the incident, the party or the agreement is not there."""

    incident_id: str
    agreement: str
    party: str
    policy: str
    a: str | None
    b: str | None


class CountChange(NamedTuple):
    """A count of incidents by party and verdict, under the default policy, that differs."""

    agreement: str
    party: str
    verdict: str
    policy: str
    a: int
    b: int


@dataclass
class Difference:
    """What differs between runs A and B. ``verdicts`` holds the first ones, ``verdicts_differing`` counts all."""

    a: str
    b: str
    same: bool
    law_differs: bool
    knowledge_differs: bool
    only_in_a: int = 0
    only_in_b: int = 0
    incidents_differing: int = 0
    verdicts_differing: int = 0
    verdicts: list[VerdictChange] = field(default_factory=list)
    counts: list[CountChange] = field(default_factory=list)
    tallies_differing: int = 0

    def record(self) -> dict[str, Any]:
        """As JSON."""
        told = asdict(self)
        told["verdicts"] = [one._asdict() for one in self.verdicts]
        told["counts"] = [one._asdict() for one in self.counts]
        return told


def difference(a: Run, b: Run, verdicts_shown: int) -> Difference:
    """How ``b`` differs from ``a``, with at most ``verdicts_shown`` single verdicts."""
    found = Difference(a.name, b.name, a.digest == b.digest, a.law != b.law, a.knowledge != b.knowledge)
    if found.same:
        return found
    for _, one, other in aligned(
        (((incident_id,), body) for incident_id, body in a.incidents()),
        (((incident_id,), body) for incident_id, body in b.incidents()),
    ):
        found.only_in_a += other is None
        found.only_in_b += one is None
        found.incidents_differing += one is not None and other is not None and one != other
    changes = _verdict_changes(a, b)
    found.verdicts = list(islice(changes, verdicts_shown))
    found.verdicts_differing = len(found.verdicts) + sum(1 for _ in changes)
    _compare_counts(a, b, found)
    return found


def _verdict_changes(a: Run, b: Run) -> Iterator[VerdictChange]:
    for (incident_id, agreement), one, other in aligned(
        (((incident_id, agreement), body) for incident_id, agreement, body in a.assessments()),
        (((incident_id, agreement), body) for incident_id, agreement, body in b.assessments()),
    ):
        if one == other:
            continue
        before, after = _verdicts(one), _verdicts(other)
        for party, policy in sorted(before.keys() | after.keys()):
            was, now = before.get((party, policy)), after.get((party, policy))
            if was != now:
                yield VerdictChange(incident_id, agreement, party, policy, was, now)


def _verdicts(body: bytes | None) -> dict[tuple[str, str], str]:
    if body is None:
        return {}
    said = verdicts_of(what_counts(orjson.dumps(orjson.loads(body)["findings"]))) or {}
    return {(party, policy): verdict for party, by_policy in said.items() for policy, verdict in by_policy.items()}


def _compare_counts(a: Run, b: Run, found: Difference) -> None:
    counts: Counter[tuple[str, str, Verdict, Policy, bool]] = Counter()
    for key, one, other in aligned(a.tallies(), b.tallies()):
        found.tallies_differing += one != other
        for is_b, count in ((False, one), (True, other)):
            counts[key.agreement, key.party, key.verdict, key.policy, is_b] += count or 0
    for agreement, party, verdict, policy in sorted({key[:4] for key in counts}):
        of_a, of_b = (counts[agreement, party, verdict, policy, is_b] for is_b in (False, True))
        if of_a != of_b and policy == _default_policy(a, b, agreement):
            found.counts.append(CountChange(agreement, party, verdict, policy, of_a, of_b))


def _default_policy(a: Run, b: Run, agreement: str) -> Policy | None:
    known = a.agreements.get(agreement) or b.agreements.get(agreement)
    return known.default_policy if known else None


Value = TypeVar("Value")


def aligned(
    one: Iterator[tuple[Key, Value]], other: Iterator[tuple[Key, Value]]
) -> Iterator[tuple[Key, Value | None, Value | None]]:
    """The values of two sequences, both in order of key, side by side; ``None`` where one has no such key."""
    left, right = next(one, None), next(other, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None
            yield left[0], left[1], None
            left = next(one, None)
        elif left is None or right[0] < left[0]:
            yield right[0], None, right[1]
            right = next(other, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(one, None), next(other, None)
