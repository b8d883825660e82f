"""The nouns as JSON values: what the topics carry and what the digest is taken over."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import structs
from orjson import Fragment

from cohstream.domain.assessment import Assessment, Finding, Findings
from cohstream.domain.canonical import ready
from cohstream.domain.claim import Claim, Order, Span, Wording
from cohstream.domain.place import Place
from cohstream.domain.tally import TallyKey
from cohstream.engine.batch import Change
from cohstream.engine.memory import RememberedByIdentity
from cohstream.publish.values import ClaimValue, OrderValue, PlaceValue, SpanValue, WordingValue

SHARED_ENTRIES = 20_000
"""Pieces kept, of each kind that many records share."""


def claim_record(claim: Claim) -> ClaimValue | dict[str, Any]:
    """The record of ``claim``, by position: in the order of :class:`ClaimValue`; of an order, the same as a dict."""
    wording = claim.wording
    munitions, killed = claim.munitions, claim.killed
    injured, civilians_killed = claim.injured, claim.civilians_killed
    record = ClaimValue(
        claim.place.area,
        claim.basis,
        claim.certainty,
        claim.circumstances,
        None if civilians_killed is None else SpanValue(civilians_killed[1], civilians_killed[0]),
        claim.claim_id,
        claim.conduct,
        claim.conflicting,
        claim.contested,
        claim.delineated,
        claim.end,
        claim.excluded_presence,
        claim.group,
        None if injured is None else SpanValue(injured[1], injured[0]),
        claim.joint,
        None if killed is None else SpanValue(killed[1], killed[0]),
        claim.kind,
        claim.links,
        None if munitions is None else SpanValue(munitions[1], munitions[0]),
        claim.notices,
        claim.perpetrators,
        _place_record(claim.place),
        claim.precision,
        claim.published_at,
        claim.report_id,
        claim.revision,
        claim.source,
        claim.stake,
        claim.start,
        claim.statement,
        claim.target,
        claim.target_actors,
        claim.verification,
        claim.weapon,
        WordingValue(wording.perpetrator, wording.place, wording.target, wording.weapon),
    )
    order = claim.order
    if order is None:
        return record
    told = OrderValue(order.action, order.author, order.reason, order.reports)
    ordered: dict[str, Any] = msgspec.to_builtins(structs.replace(record, order=told))
    return ordered


def claim_of(raw: bytes) -> Claim:
    """The claim whose record ``raw`` is; raises ``ValueError`` if it is none."""
    said = _read_claim(raw)
    place, wording, order = said.place, said.wording, said.order
    return Claim(
        said.claim_id,
        said.source,
        said.report_id,
        said.revision,
        said.kind,
        Place(
            place.place_id,
            place.name,
            place.lat,
            place.lon,
            place.radius_km,
            place.admin1,
            place.admin2,
            said.area,
        ),
        said.start,
        said.end,
        said.precision,
        said.published_at,
        said.conduct,
        said.statement,
        said.weapon,
        _span(said.munitions),
        said.target,
        said.target_actors,
        said.perpetrators,
        said.certainty,
        said.joint,
        said.contested,
        said.basis,
        said.stake,
        said.group,
        said.verification,
        said.excluded_presence,
        said.delineated,
        said.circumstances,
        _span(said.killed),
        _span(said.injured),
        _span(said.civilians_killed),
        Wording(wording.place, wording.weapon, wording.perpetrator, wording.target),
        said.links,
        said.notices,
        said.conflicting,
        None if order is None else Order(order.action, order.reports, order.author, order.reason),
    )


def _span(record: SpanValue | None) -> Span | None:
    return None if record is None else (record.min, record.max)


_read_claim = msgspec.json.Decoder(ClaimValue).decode


def finding_record(finding: Finding) -> dict[str, Any]:
    return finding._asdict()


def assessment_record(assessment: Assessment) -> dict[str, Any]:
    return assessment_of(assessment.incident_id, assessment.agreement, assessment.findings)


def assessment_of(incident_id: str, agreement: str, findings: Findings) -> dict[str, Any]:
    """The record of an assessment, from its parts; the findings, which incidents share, as JSON."""
    return assessment_of_json(incident_id, agreement, _findings_json(findings))


def assessment_of_json(incident_id: str, agreement: str, findings: Fragment) -> dict[str, Any]:
    """The record of an assessment whose findings are JSON already."""
    return {"agreement": agreement, "findings": findings, "incident_id": incident_id}


def tally_record(key: TallyKey, count: int) -> dict[str, Any]:
    agreement, party, verdict, policy, conduct, weapon, verification, area, event_day = key
    return {
        "agreement": agreement,
        "area": area,
        "conduct": conduct,
        "count": count,
        "event_day": event_day,
        "party": party,
        "policy": policy,
        "verdict": verdict,
        "verification": verification,
        "weapon": weapon,
    }


def change_record(change: Change) -> dict[str, Any]:
    """What a change says; verdicts are given by party and policy."""
    before = None if change.before is None else _verdicts_json(change.before)
    after = None if change.after is None else _verdicts_json(change.after)
    return change_of_json(change.incident_id, change.area, change.agreement, change.change, before, after, change.cause)


def change_of_json(
    incident_id: str,
    area: str,
    agreement: str,
    change: str,
    before: Fragment | None,
    after: Fragment | None,
    claims: Fragment | tuple[str, ...],
) -> dict[str, Any]:
    """The record of a change whose verdicts are JSON already; ``claims`` are those that caused it."""
    return {
        "after": after,
        "agreement": agreement,
        "area": area,
        "before": before,
        "cause": {"claims": claims, "kind": "reports"},
        "change": change,
        "incident_id": incident_id,
    }


def verdicts_of(findings: Findings | None) -> dict[str, dict[str, str]] | None:
    """Verdict by party and policy; ``None`` where there are no findings."""
    if findings is None:
        return None
    verdicts: dict[str, dict[str, str]] = {}
    for finding in findings:
        verdicts.setdefault(finding.party, {})[finding.policy.value] = finding.verdict
    return verdicts


def _place_of(place: Place) -> PlaceValue:
    return PlaceValue(place.admin1, place.admin2, place.lat, place.lon, place.name, place.place_id, place.radius_km)


def _json_of(findings: Findings) -> Fragment:
    return ready([finding_record(finding) for finding in findings])


def _json_of_verdicts(findings: Findings) -> Fragment:
    return ready(verdicts_of(findings))


_place_record = RememberedByIdentity(_place_of, SHARED_ENTRIES)
_findings_json = RememberedByIdentity(_json_of, SHARED_ENTRIES)
_verdicts_json = RememberedByIdentity(_json_of_verdicts, SHARED_ENTRIES)
