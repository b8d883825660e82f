"""The nouns as JSON values: what the topics carry and what the digest is taken over."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
from msgspec.structs import asdict

from cohstream.domain.assessment import Assessment, Finding, Findings
from cohstream.domain.claim import Claim, Span
from cohstream.domain.place import Place
from cohstream.domain.tally import TallyKey
from cohstream.engine.batch import Change

SPANS = ("munitions", "killed", "injured", "civilians_killed")


def place_record(place: Place) -> dict[str, Any]:
    """A place to the last digit: a claim read back must fuse as the one that was written."""
    return {
        "place_id": place.place_id,
        "name": place.name,
        "lat": place.lat,
        "lon": place.lon,
        "radius_km": place.radius_km,
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


def claim_of(raw: bytes) -> Claim:
    """The claim whose record ``raw`` is; raises ``ValueError`` if it is none."""
    record = orjson.loads(raw)
    area, place = record.pop("area"), record["place"]
    record["place"] = [*[place[name] for name in Place._fields[:-1]], area]
    for name in SPANS:
        if record[name] is not None:
            record[name] = (record[name]["min"], record[name]["max"])
    return msgspec.convert(record, Claim)


def span_record(span: Span | None) -> dict[str, int | None] | None:
    return None if span is None else {"min": span[0], "max": span[1]}


def finding_record(finding: Finding) -> dict[str, Any]:
    return finding._asdict()


def assessment_record(assessment: Assessment) -> dict[str, Any]:
    return assessment_of(assessment.incident_id, assessment.agreement, assessment.findings)


def assessment_of(incident_id: str, agreement: str, findings: Findings) -> dict[str, Any]:
    """The record of an assessment, from its parts."""
    return {
        "incident_id": incident_id,
        "agreement": agreement,
        "findings": [finding_record(finding) for finding in findings],
    }


def tally_record(key: TallyKey, count: int) -> dict[str, Any]:
    return {**key._asdict(), "count": count}


def change_record(change: Change) -> dict[str, Any]:
    """What a change says; verdicts are given by party and policy."""
    return {
        "incident_id": change.incident_id,
        "area": change.area,
        "agreement": change.agreement,
        "change": change.change,
        "before": verdicts_of(change.before),
        "after": verdicts_of(change.after),
        "cause": {"kind": "reports", "claims": change.cause},
    }


def verdicts_of(findings: Findings | None) -> dict[str, dict[str, str]] | None:
    """Verdict by party and policy; ``None`` where there are no findings."""
    if findings is None:
        return None
    verdicts: dict[str, dict[str, str]] = {}
    for finding in findings:
        verdicts.setdefault(finding.party, {})[finding.policy] = finding.verdict
    return verdicts
