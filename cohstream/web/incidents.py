"""Incidents for the page: listed, on the map, and one in full. Places in their public form only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from cohstream.domain.assessment import Finding
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.law.stack import STRENGTH
from cohstream.publish.belief import admin1_label
from cohstream.publish.disclosure import PublicPlace, is_shielded, public_incident, public_place
from cohstream.publish.explanation import missing_of
from cohstream.publish.membership import Membership
from cohstream.publish.records import finding_record
from cohstream.web.selection import Filter, Selection
from cohstream.web.view import View

OTHER = "other"

MAX_PLACES = 1_500
"""Most places that one map answer holds; the ones with most incidents come first."""


class Reading(NamedTuple):
    """The findings of an incident under the selected policy, and the strongest verdict among them."""

    findings: tuple[Finding, ...]
    verdict: Verdict


class Incidents:
    """The incidents of a view, newest first; the order is kept until the ledger changes."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._ordered: tuple[int, list[Incident]] = (-1, [])

    def listed(self, selection: Selection, wanted: Filter) -> dict[str, Any]:
        """One page of the incidents that match, newest first, and how many match in all."""
        matches = self._matching(selection, wanted)
        page = matches[wanted.offset : wanted.offset + wanted.limit]
        return {
            "version": self._view.ledger.version,
            "total": len(matches),
            "offset": wanted.offset,
            "incidents": [_item(incident, reading) for incident, reading in page],
        }

    def mapped(self, selection: Selection, wanted: Filter) -> dict[str, Any]:
        """The incidents that match, counted by public point and verdict."""
        points: dict[tuple[float, float], _Spot] = {}
        unplaced = 0
        public: dict[tuple[object, bool], PublicPlace] = {}
        for incident, (_, verdict) in self._matching(selection, wanted):
            key = (incident.place, is_shielded(incident))
            place = public.get(key) or public.setdefault(key, public_place(incident))
            if place.lat is None or place.lon is None:
                unplaced += 1
                continue
            spot = points.setdefault((place.lat, place.lon), _Spot(place, {}))
            spot.counts[verdict] = spot.counts.get(verdict, 0) + 1
        ranked = sorted(points.values(), key=lambda spot: (-sum(spot.counts.values()), spot.place))
        return {
            "version": self._view.ledger.version,
            "places": [{**spot.place._asdict(), "counts": spot.counts} for spot in ranked[:MAX_PLACES]],
            "unplaced": unplaced,
            "left_off": max(0, len(ranked) - MAX_PLACES),
        }

    def detail(self, asked: str) -> dict[str, Any] | None:
        """One incident with its sources and every finding; ``asked`` may be a former id."""
        ledger = self._view.ledger
        incident_id = self._view.resolve(asked)
        if incident_id is None or incident_id not in ledger.incidents:
            return None
        incident = ledger.incidents[incident_id]
        claims = (ledger.claim(member) for member in incident.members)
        questions, membership = self._view.questions(incident), self._view.membership(incident)
        return {
            "asked": asked,
            "incident": {
                **public_incident(incident),
                "suspects": {name: self._view.actor_name(name) for name in incident.attribution.candidates},
            },
            "sources": [_source(claim, membership) for claim in claims if claim is not None],
            "kept_apart": [asdict(one) for one in membership.kept_apart],
            "assessments": [
                {
                    "agreement": name,
                    "title": agreement.title,
                    "default_policy": agreement.default_policy,
                    "tz": agreement.tz,
                    "parties": {party.id: party.label for party in agreement.parties.values()},
                    "findings": [finding_record(one) for one in ledger.findings(incident_id, name) or ()],
                    "missing": [asdict(missing_of(one)) for one in questions if one.agreement == name],
                }
                for name, agreement in self._view.agreements.items()
                if ledger.findings(incident_id, name) is not None
            ],
        }

    def _matching(self, selection: Selection, wanted: Filter) -> list[tuple[Incident, Reading]]:
        """The incidents that match, newest first. Findings are shared, so each tuple of them is read once."""
        judgements = self._view.ledger.judgements
        name = selection.agreement.agreement_id
        read: dict[int, Reading | None] = {}
        found = []
        for incident in self._newest_first():
            findings = judgements[incident.incident_id].by_agreement.get(name)
            if findings is None:
                continue
            key = id(findings)
            reading = read[key] if key in read else read.setdefault(key, _read(findings, selection.policy, wanted))
            if reading is not None:
                found.append((incident, reading))
        if wanted.area:
            found = [match for match in found if _is_in(match[0].area, wanted.area)]
        if wanted.point:
            found = [match for match in found if _point(match[0]) == wanted.point]
        return found

    def _newest_first(self) -> list[Incident]:
        ledger = self._view.ledger
        if self._ordered[0] != ledger.version:
            ordered = sorted(ledger.incidents.values(), key=lambda one: (one.start, one.incident_id), reverse=True)
            self._ordered = (ledger.version, ordered)
        return self._ordered[1]


class _Spot(NamedTuple):
    place: PublicPlace
    counts: dict[Verdict, int]


def _read(findings: tuple[Finding, ...], policy: Policy, wanted: Filter) -> Reading | None:
    """What ``findings`` say under ``policy`` of the wanted party, or ``None`` if that is not wanted."""
    ours = tuple(one for one in findings if one.policy is policy and (not wanted.party or one.party == wanted.party))
    verdicts = {one.verdict for one in ours}
    if not verdicts or (wanted.verdict is not None and wanted.verdict not in verdicts):
        return None
    return Reading(ours, wanted.verdict or next(verdict for verdict in STRENGTH if verdict in verdicts))


def _is_in(area: str, wanted: str) -> bool:
    """Whether a fusion area is, or lies in, the one wanted; ``other`` is what metrics call all beyond the gazetteer."""
    return area.startswith(wanted) or (wanted == OTHER and admin1_label(area) == OTHER)


def _point(incident: Incident) -> str:
    place = public_place(incident)
    return "" if place.lat is None else f"{place.lat},{place.lon}"


def _item(incident: Incident, reading: Reading) -> dict[str, Any]:
    return {
        "incident_id": incident.incident_id,
        "start": incident.start,
        "end": incident.end,
        "event_day": incident.event_day,
        "place": public_place(incident)._asdict(),
        "area": incident.area,
        "conduct": incident.conduct,
        "weapon": incident.weapon,
        "target": incident.target,
        "verification": incident.verification,
        "sources": incident.sources,
        "verdict": reading.verdict,
        "findings": [
            {"party": one.party, "verdict": one.verdict, "reasons": one.reasons, "flags": one.flags}
            for one in reading.findings
        ],
    }


def _source(claim: Claim, membership: Membership) -> dict[str, Any]:
    """Who said it, when and where to read it, why it is in; not the wording, which may tell an exact place."""
    why = membership.why.get(claim.claim_id)
    return {
        "source": claim.source,
        "report_id": claim.report_id,
        "kind": claim.kind,
        "published_at": claim.published_at,
        "stake": claim.stake,
        "group": claim.group,
        "certainty": claim.certainty,
        "links": [link for link in claim.links if link.startswith(("https://", "http://"))],
        "why": None if why is None else asdict(why),
        "contributes": [asdict(one) for one in membership.contributions.get(claim.claim_id, ())],
    }
