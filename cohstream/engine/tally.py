"""Tallying: what incidents contribute to which counts. Counts are derived, so they may go down."""

from __future__ import annotations

from collections.abc import MutableMapping

from cohstream.domain.assessment import Assessment
from cohstream.domain.incident import Incident
from cohstream.domain.tally import TallyKey
from cohstream.domain.vocabulary import top_two_levels


def contributions(incident: Incident, assessment: Assessment) -> list[TallyKey]:
    """The keys under which ``incident`` counts once each: one per party and policy."""
    agreement, weapon = assessment.agreement, top_two_levels(incident.weapon)
    what = (incident.conduct, weapon, incident.verification, incident.area, incident.event_day)
    # tuple.__new__ builds the named tuple without its Python-level constructor, on the hottest line of tallying
    return [
        tuple.__new__(TallyKey, (agreement, finding.party, finding.verdict, finding.policy, *what))
        for finding in assessment.findings
    ]


def move(tallies: MutableMapping[TallyKey, int], incident: Incident, assessment: Assessment, step: int) -> None:
    """Let ``incident`` count (``step`` 1) or no longer count (-1); a count of zero leaves the mapping."""
    for key in contributions(incident, assessment):
        count = tallies.get(key, 0) + step
        if count:
            tallies[key] = count
        else:
            del tallies[key]
