"""The ledger: what is currently believed, derived from the winning versions of all reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cohstream.domain.assessment import Assessment
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.tally import TallyKey
from cohstream.engine.fuse import BlockKey
from cohstream.engine.intake import Kept


@dataclass(slots=True)
class Ledger:
    """Current claims, incidents, assessments and tallies; ``version`` grows with every applied batch.

    ``incidents`` and ``claims`` are keyed by their ids, ``assessments`` by (incident id, agreement id).
    ``tallies`` holds non-zero counts only. ``watermark`` is the latest event start seen, in UTC.
    ``reports`` keeps the winning version per report identity, ``blocks`` the living claims of each block,
    ``incident_of`` the incident that each member claim belongs to. By area and spot, ``blocks_at`` lists the blocks
    and ``presences`` holds the claims that speak of an excluded group's presence rather than of an event.
    """

    claims: dict[str, Claim] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    assessments: dict[tuple[str, str], Assessment] = field(default_factory=dict)
    tallies: dict[TallyKey, int] = field(default_factory=dict)
    version: int = 0
    watermark: datetime | None = None
    reports: dict[tuple[str, str], Kept] = field(default_factory=dict)
    blocks: dict[BlockKey, dict[str, Claim]] = field(default_factory=dict)
    incidents_of: dict[BlockKey, list[Incident]] = field(default_factory=dict)
    incident_of: dict[str, str] = field(default_factory=dict)
    blocks_at: dict[tuple[str, str], dict[BlockKey, None]] = field(default_factory=dict)
    presences: dict[tuple[str, str], dict[str, Claim]] = field(default_factory=dict)

    def resolve(self, incident_id: str) -> str | None:
        """The current id of an incident, also for a former one: an id is its anchor's, so any member's."""
        if incident_id in self.incidents:
            return incident_id
        return self.incident_of.get(incident_id)
