"""The ledger: what is currently believed, derived from the winning versions of all reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cohstream.domain.assessment import Assessment, Findings, Judgement
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.tally import Contribution, TallyKey
from cohstream.engine.fuse import BlockKey
from cohstream.engine.intake import Kept
from cohstream.engine.tally import tallies_of


@dataclass(slots=True, eq=False)
class Block:
    """The living claims of one block, and the incidents that they were fused to."""

    key: BlockKey
    claims: list[Claim] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """Current claims, incidents and judgements, by their ids; ``version`` grows with every applied batch.

    ``judgements`` says for each incident what all agreements hold of it, ``counts`` how many incidents contribute
    alike; assessments and tallies are read off them. ``watermark`` is the latest event start seen, in UTC.
    ``reports`` keeps the winning version of each report by claim id; ``incident_of`` says which incident a claim
    belongs to, unless it is that incident's anchor. By area and spot, ``blocks_at`` holds the blocks and
    ``presences`` the claims that speak of an excluded group's presence rather than of an event.
    """

    claims: dict[str, Claim] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    counts: dict[Contribution, int] = field(default_factory=dict)
    version: int = 0
    watermark: datetime | None = None
    reports: dict[str, Kept] = field(default_factory=dict)
    blocks: dict[BlockKey, Block] = field(default_factory=dict)
    incident_of: dict[str, str] = field(default_factory=dict)
    blocks_at: dict[tuple[str, str], dict[Block, None]] = field(default_factory=dict)
    presences: dict[tuple[str, str], dict[str, Claim]] = field(default_factory=dict)

    def resolve(self, incident_id: str) -> str | None:
        """The current id of an incident, also for a former one: an id is its anchor's, so any member's."""
        if incident_id in self.incidents:
            return incident_id
        return self.incident_of.get(incident_id)

    def findings(self, incident_id: str, agreement: str) -> Findings | None:
        """What ``agreement`` says of an incident; ``None`` if there is no such incident or agreement."""
        judgement = self.judgements.get(incident_id)
        return None if judgement is None else judgement.by_agreement.get(agreement)

    def assessments(self) -> Iterator[Assessment]:
        """The current assessments, in order of incident and agreement."""
        for incident_id in sorted(self.judgements):
            for agreement, findings in sorted(self.judgements[incident_id].by_agreement.items()):
                yield Assessment(incident_id, agreement, findings)

    def tallies(self) -> dict[TallyKey, int]:
        """The non-zero tallies, derived from the counts of incidents that contribute alike."""
        return tallies_of(self.counts)
