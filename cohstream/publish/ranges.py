"""Ranges: under each coverage policy, how many violations of a party are proven and how many are possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cohstream.domain.tally import TallyKey
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.publish.belief import POSSIBLE, AgreementInfo


class Range(NamedTuple):
    """Incidents: the proven minimum (violations) and the possible maximum (contested and undetermined ones too)."""

    least: int = 0
    greatest: int = 0

    def __str__(self) -> str:
        return f"{self.least}-{self.greatest}"


NONE = Range()
Ranges = dict[str, dict[str, dict[Policy, Range]]]


def ranges_of(tallies: Mapping[TallyKey, int], agreements: Mapping[str, AgreementInfo]) -> Ranges:
    """The range of each party under every policy, by agreement.

    Parties that an agreement declares come first, in its order and with zeros too; then those it does not declare.
    """
    seen: dict[str, set[str]] = {name: set() for name in agreements}
    found: dict[tuple[str, str, Policy], Range] = {}
    for key, count in tallies.items():
        if key.agreement not in seen:
            continue
        seen[key.agreement].add(key.party)
        if key.verdict in POSSIBLE:
            which = key.agreement, key.party, key.policy
            least, greatest = found.get(which, NONE)
            proven = count if key.verdict is Verdict.VIOLATION else 0
            found[which] = Range(least + proven, greatest + count)
    return {
        name: {
            party: {policy: found.get((name, party, policy), NONE) for policy in Policy}
            for party in (*one.parties, *sorted(seen[name] - one.parties.keys()))
        }
        for name, one in agreements.items()
    }


def over_all(by_policy: Iterable[Range]) -> Range:
    """From the least that is proven to the greatest that is possible, whatever the policy."""
    ranges = list(by_policy)
    return Range(min(one.least for one in ranges), max(one.greatest for one in ranges))


def range_records(ranges: Ranges) -> Iterator[dict[str, Any]]:
    """One object for each agreement, party and policy."""
    for agreement, parties in ranges.items():
        for party, by_policy in parties.items():
            for policy, (least, greatest) in by_policy.items():
                yield {"agreement": agreement, "party": party, "policy": policy, "min": least, "max": greatest}
