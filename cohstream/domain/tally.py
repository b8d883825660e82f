"""A tally: how many incidents share one key. Never a sum of increments, always what incidents contribute."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
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


_tally_key = partial(tuple.__new__, TallyKey)
"""A key of all its parts as one tuple, without the detour of taking them one by one."""


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
        rest = self[1:]
        for agreement, findings in self.judgement.by_agreement.items():
            for finding in findings:
                yield _tally_key((agreement, finding.party, finding.verdict, finding.policy, *rest))
