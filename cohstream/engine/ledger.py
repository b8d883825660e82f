"""The ledger: what is currently believed, derived from the winning versions of all reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cohstream.domain.assessment import Assessment
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.tally import TallyKey


@dataclass(slots=True)
class Ledger:
    """Current claims, incidents, assessments and tallies; ``version`` grows with every applied batch.

    ``incidents`` and ``claims`` are keyed by their ids, ``assessments`` by (incident id, agreement id).
    ``tallies`` holds non-zero counts only. ``watermark`` is the latest event start seen, in UTC.
    """

    claims: dict[str, Claim] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    assessments: dict[tuple[str, str], Assessment] = field(default_factory=dict)
    tallies: dict[TallyKey, int] = field(default_factory=dict)
    version: int = 0
    watermark: datetime | None = None
