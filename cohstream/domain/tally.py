"""A tally: how many incidents share one key. Never a sum of increments, always what incidents contribute."""

from __future__ import annotations

from typing import NamedTuple

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
