"""What moved between two moments of knowledge, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cohstream.domain.canonical import utc_text
from cohstream.law import Agreement
from cohstream.publish.disclosure import public_place
from cohstream.publish.ranges import ranges_of
from cohstream.publish.records import verdicts_of
from cohstream.replay.between import Between, Cause, Moved


def between_record(found: Between, agreements: Mapping[str, Agreement], party: str | None = None) -> dict[str, Any]:
    """``found`` as one JSON object, of ``party`` alone if one is given."""
    return {
        "reading": "as_known",
        "since": utc_text(found.since),
        "until": utc_text(found.until),
        "reports": found.reports,
        "changes": [_moved(one) for one in found.moved if party is None or speaks_of(one, party)],
        "parties": [one for one in party_records(found, agreements) if party in (None, one["party"])],
    }


def speaks_of(moved: Moved, party: str) -> bool:
    """Whether ``party`` is found on before or after."""
    return any(one.party == party for one in (*(moved.before or ()), *(moved.after or ())))


def party_records(found: Between, agreements: Mapping[str, Agreement]) -> list[dict[str, Any]]:
    """For each agreement, party and policy the proven minimum and possible maximum, before and after."""
    before, after = ranges_of(found.before, agreements), ranges_of(found.after, agreements)
    records = []
    for name, agreement in agreements.items():
        for party in (
            *agreement.parties,
            *sorted((before[name].keys() | after[name].keys()) - agreement.parties.keys()),
        ):
            for policy in before[name].get(party) or after[name][party]:
                ends = {
                    word: _range(ranges[name], party, policy) for word, ranges in (("before", before), ("after", after))
                }
                records.append({"agreement": name, "party": party, "policy": policy, **ends})
    return records


def _range(ranges: Mapping[str, Mapping[Any, Any]], party: str, policy: str) -> dict[str, int]:
    least, greatest = ranges[party][policy] if party in ranges else (0, 0)
    return {"min": least, "max": greatest}


def _moved(one: Moved) -> dict[str, Any]:
    incident = one.incident
    return {
        "incident_id": one.incident_id,
        "agreement": one.agreement,
        "change": one.change,
        "joined": one.joined,
        "event_day": incident.event_day,
        "place": public_place(incident).name,
        "area": incident.area,
        "conduct": incident.conduct,
        "before": verdicts_of(one.before),
        "after": verdicts_of(one.after),
        "causes": [_cause(cause) for cause in one.causes],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    report = cause.report
    return {
        "step": cause.step,
        "kind": report.kind,
        "source": report.source,
        "report_id": report.report_id,
        "revision": report.revision,
        "published_at": report.published_at and utc_text(report.published_at),
        "received_at": utc_text(cause.received_at),
    }
