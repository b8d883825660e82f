"""The public topics: what each carries under which key and headers, in words and models that schemas are made from.

``ruleset``, ``watermarks`` and the changelogs are what workers tell each other: they are no part of the contract, and
may change with any release.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from cohstream.domain.report import Report
from cohstream.live.headers import ClaimHeaders, EventHeaders, RejectedHeaders
from cohstream.live.topics import ASSESSMENTS, CHANGES, CLAIMS, INCIDENTS, REJECTED, REPORTS, TALLIES
from cohstream.publish.values import AssessmentValue, ChangeValue, ClaimValue, IncidentValue, TallyValue


@dataclass(frozen=True)
class PublicTopic:
    """A topic that others may write to or read.

    ``noun`` names one of its records, ``topic`` is its name without prefix and version. ``value`` is ``None`` where
    the value is whatever came in; ``headers`` is ``None`` where none are asked for. A ``tombstone`` is a null value.
    """

    topic: str
    noun: str
    summary: str
    key: str
    value: type[Struct] | type[Report] | None
    headers: type[Struct] | None
    tombstone: str = ""

    @property
    def is_input(self) -> bool:
        """Whether others write it and we read it."""
        return self.value is Report


PUBLIC = (
    PublicTopic(
        REPORTS,
        "report",
        "What one source said once, as it said it. Others write here.",
        "`SOURCE/REPORT_ID` in UTF-8: all versions of a report meet in one partition, by murmur2",
        Report,
        None,
    ),
    PublicTopic(
        CLAIMS,
        "claim",
        "What each report says now, resolved; with exact points and original wording: not for the public.",
        "the fusion area; the claim within it is named by the header `cohstream.claim-id`",
        ClaimValue,
        ClaimHeaders,
        "the claim that the headers name is withdrawn from this area",
    ),
    PublicTopic(
        INCIDENTS,
        "incident",
        "Every real event as it is known now, in public form.",
        "`AREA/INCIDENT_ID`",
        IncidentValue,
        EventHeaders,
        "the incident is gone from this area",
    ),
    PublicTopic(
        ASSESSMENTS,
        "assessment",
        "Every incident as each agreement in force judges it now.",
        "`AREA/INCIDENT_ID/AGREEMENT`",
        AssessmentValue,
        EventHeaders,
        "the incident is gone from this area",
    ),
    PublicTopic(
        TALLIES,
        "tally",
        "How many incidents there are now, by agreement, party, verdict and what happened where and when.",
        "`AGREEMENT|PARTY|VERDICT|POLICY|CONDUCT|WEAPON|VERIFICATION|AREA|EVENT_DAY`",
        TallyValue,
        EventHeaders,
        "no incident counts here any longer; a count of 0 came before",
    ),
    PublicTopic(
        CHANGES,
        "change",
        "Every assessment that became new, revised or retracted, in order, and what made it so.",
        "the incident's id",
        ChangeValue,
        EventHeaders,
    ),
    PublicTopic(
        REJECTED,
        "rejected",
        "Dead letters: what could not be read, as it came, and why.",
        "as it came, or null",
        None,
        RejectedHeaders,
    ),
)
