"""The nouns as JSON values: what the topics carry and what the digest is taken over."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from cohstream.domain.assessment import Assessment, Finding
from cohstream.domain.canonical import number
from cohstream.domain.claim import Claim, Span
from cohstream.domain.place import Place
from cohstream.domain.tally import TallyKey


def place_record(place: Place) -> dict[str, Any]:
    return {
        "place_id": place.place_id,
        "name": place.name,
        "lat": number(place.lat),
        "lon": number(place.lon),
        "radius_km": number(place.radius_km, 2),
        "admin1": place.admin1,
        "admin2": place.admin2,
    }


def claim_record(claim: Claim) -> dict[str, Any]:
    """A claim with its exact point and original wording: for the ``claims`` topic, not for public outputs."""
    return {
        "claim_id": claim.claim_id,
        "source": claim.source,
        "report_id": claim.report_id,
        "revision": claim.revision,
        "kind": claim.kind,
        "area": claim.place.area,
        "place": place_record(claim.place),
        "start": claim.start,
        "end": claim.end,
        "precision": claim.precision,
        "published_at": claim.published_at,
        "conduct": claim.conduct,
        "statement": claim.statement,
        "weapon": claim.weapon,
        "munitions": span_record(claim.munitions),
        "target": claim.target,
        "target_actors": claim.target_actors,
        "perpetrators": claim.perpetrators,
        "certainty": claim.certainty,
        "joint": claim.joint,
        "contested": claim.contested,
        "basis": claim.basis,
        "stake": claim.stake,
        "group": claim.group,
        "verification": claim.verification,
        "excluded_presence": claim.excluded_presence,
        "delineated": claim.delineated,
        "circumstances": claim.circumstances,
        "killed": span_record(claim.killed),
        "injured": span_record(claim.injured),
        "civilians_killed": span_record(claim.civilians_killed),
        "wording": asdict(claim.wording),
        "links": claim.links,
        "notices": claim.notices,
        "conflicting": claim.conflicting,
    }


def span_record(span: Span | None) -> dict[str, int | None] | None:
    return None if span is None else {"min": span[0], "max": span[1]}


def finding_record(finding: Finding) -> dict[str, Any]:
    return finding._asdict()


def assessment_record(assessment: Assessment) -> dict[str, Any]:
    return {
        "incident_id": assessment.incident_id,
        "agreement": assessment.agreement,
        "findings": [finding_record(finding) for finding in assessment.findings],
    }


def tally_record(key: TallyKey, count: int) -> dict[str, Any]:
    return {**key._asdict(), "count": count}
