"""A tally: how many incidents share one key. Never a sum of increments, always what incidents contribute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cohstream.domain.assessment import Judgement
from cohstream.domain.vocabulary import Policy, Verdict, Verification


class TallyKey(NamedTuple):
    """The key of a tally. ``weapon`` at its top two levels, ``event_day`` ISO or ``undetermined``."""

    agreement: str
    party: str
    verdict: Verdict
    policy: Policy
    conduct: str
    weapon: str
    verification: Verification
    area: str
    event_day: str


class Contribution(NamedTuple):
    """What one incident adds to tallies: 1 under each of :meth:`keys`. Incidents that add alike share one count."""

    judgement: Judgement
    conduct: str
    weapon: str
    verification: Verification
    area: str
    event_day: str

    def keys(self) -> Iterator[TallyKey]:
        """The keys under which the incident counts once each: one per agreement, party and policy."""
        for agreement, findings in self.judgement.by_agreement.items():
            for finding in findings:
                yield TallyKey(agreement, finding.party, finding.verdict, finding.policy, *self[1:])
