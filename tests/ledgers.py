"""Factories of ledgers for the tests of metrics and page: real domain objects, fed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cohstream.domain.assessment import Finding, Judgement
from cohstream.domain.claim import Claim, Wording
from cohstream.domain.incident import Attribution, Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import (
    AttributionConfidence,
    Certainty,
    Kind,
    Policy,
    Presence,
    Stake,
    TimePrecision,
    Verdict,
    Verification,
)
from cohstream.engine.intake import Kept, Version
from cohstream.engine.ledger import Ledger
from cohstream.engine.tally import contribution, move

COH = "SY-COH-2016-02"
ALEPPO = Place("C1007", "Aleppo city", 36.2018, 37.1342, 5.0, "SY02", "SY0200", "SY0200")
DARAYA = Place("C2050", "Daraya", 33.4582, 36.2368, 2.0, "SY03", "SY0309", "SY0309")
START = datetime(2016, 2, 27, 10, tzinfo=UTC)


@dataclass(frozen=True)
class SampleParty:
    id: str
    label: str


@dataclass(frozen=True)
class SampleAgreement:
    agreement_id: str = COH
    title: str = "Terms for a Cessation of Hostilities in Syria"
    status: str = "in_force"
    digest: str = "sha256:" + "ab" * 32
    default_policy: Policy = Policy.TARGET_BASED
    tz: str = "Asia/Damascus"
    start: datetime | None = START
    ends: tuple[tuple[datetime, str], ...] = ()
    parties: Mapping[str, SampleParty] = field(
        default_factory=lambda: {
            "gos": SampleParty("gos", "Government of Syria and associated forces"),
            "opposition": SampleParty("opposition", "Committed armed opposition"),
        }
    )


def make_incident(number: int = 1, **changes: Any) -> Incident:
    """An incident; ``number`` makes its id and members."""
    start = changes.pop("start", START)
    fields: dict[str, Any] = {
        "incident_id": f"i{number}",
        "members": (f"i{number}",),
        "area": changes.get("place", ALEPPO).area,
        "place": ALEPPO,
        "start": start,
        "end": start + timedelta(hours=1),
        "event_day": start.date().isoformat(),
        "conduct": "air_strike",
        "weapon": "air_delivered.barrel_bomb",
        "target": "residential",
        "target_actors": (),
        "attribution": Attribution({"gov.saa": 1.0}, AttributionConfidence.PROBABLE, (), ()),
        "verification": Verification.ALLEGED,
        "excluded_presence": Presence.UNKNOWN,
        "delineated": False,
        "circumstances": (),
        "sources": 1,
        "groups": 1,
        "munitions": None,
        "killed": (2, None),
        "injured": None,
        "civilians_killed": None,
        "conflicting": False,
    }
    return Incident(**{**fields, **changes})


def make_claim(number: int = 1, **changes: Any) -> Claim:
    start = changes.pop("start", START)
    fields: dict[str, Any] = {
        "claim_id": f"i{number}",
        "source": "SNHR",
        "report_id": f"DR{number:04}",
        "revision": 0,
        "kind": Kind.ALLEGATION,
        "place": ALEPPO,
        "start": start,
        "end": start + timedelta(hours=1),
        "precision": TimePrecision.EXACT,
        "published_at": start + timedelta(hours=5),
        "conduct": "air_strike",
        "statement": None,
        "weapon": "air_delivered.barrel_bomb",
        "munitions": None,
        "target": "residential",
        "target_actors": (),
        "perpetrators": ("gov.saa",),
        "certainty": Certainty.ALLEGED,
        "joint": False,
        "contested": False,
        "basis": (),
        "stake": Stake.NGO,
        "group": "snhr",
        "verification": None,
        "excluded_presence": Presence.UNKNOWN,
        "delineated": False,
        "circumstances": (),
        "killed": None,
        "injured": None,
        "civilians_killed": None,
        "wording": Wording("Aleppo, exact street", "barrel bombs", "regime forces", "homes"),
        "links": ("https://example.org/report",),
        "notices": (),
        "conflicting": False,
    }
    return Claim(**{**fields, **changes})


REASONS = {
    Verdict.VIOLATION: "V-AIR-COVERED",
    Verdict.NOT_A_VIOLATION: "N-EXCLUDED-TARGET",
    Verdict.CONTESTED: "C-COVERAGE-AREA",
    Verdict.UNDETERMINED: "U-CONTROL-UNKNOWN",
    Verdict.NOT_ASSESSED: "N-DISCOUNTED",
}


def findings_of(
    party: str = "gos",
    verdict: Verdict = Verdict.VIOLATION,
    reasons: tuple[str, ...] | None = None,
    but: Mapping[Policy, Verdict] | None = None,
) -> tuple[Finding, ...]:
    """One finding per policy for ``party``: ``verdict``, except under the policies in ``but``."""
    found = []
    for policy in Policy:
        said = (but or {}).get(policy, verdict)
        found.append(
            Finding(
                party,
                policy,
                said,
                reasons if reasons is not None else (REASONS[said],),
                ("SY-COH-2016-02.A2.b",),
                ("IHL-CONCERN",),
                ("conduct=air_strike", "presence=unknown"),
                ("presence",),
                ("time: in force", "party: gos is bound", f"policy {policy.value}: {said.value}"),
            )
        )
    return tuple(found)


class Feed:
    """A ledger to which incidents are put and taken by hand; every step raises its version."""

    def __init__(self) -> None:
        self.ledger = Ledger()

    def put(self, incident: Incident, findings: Iterable[Finding] = findings_of(), agreement: str = COH) -> None:
        self.take_back(incident.incident_id)
        judgement = Judgement({agreement: tuple(findings)})
        self.ledger.incidents[incident.incident_id] = incident
        self.ledger.judgements[incident.incident_id] = judgement
        move(self.ledger.counts, contribution(incident, judgement), +1)
        for member in incident.members[1:]:
            self.ledger.incident_of[member] = incident.incident_id
        self.ledger.see(incident.area, incident.start)
        self.ledger.version += 1

    def keep(self, claim: Claim) -> None:
        """Keep the report that makes ``claim``."""
        version = Version(claim.revision, claim.published_at, b"")
        self.ledger.reports[claim.claim_id] = Kept(claim.claim_id, version, claim)

    def take_back(self, incident_id: str) -> None:
        gone = self.ledger.incidents.pop(incident_id, None)
        if gone is None:
            return
        move(self.ledger.counts, contribution(gone, self.ledger.judgements.pop(incident_id)), -1)
        self.ledger.version += 1
