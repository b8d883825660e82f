"""What holding fusion against labels found, as JSON."""

from __future__ import annotations

from typing import Any

from cohstream.domain.canonical import utc_text
from cohstream.domain.claim import Claim
from cohstream.replay.score import Findings, Part, Scores


def score_record(found: Findings) -> dict[str, Any]:
    """``found`` as one JSON object; scores are rounded to 6 places."""
    label, size = found.largest_label
    return {
        "scored": len(found.label_of),
        "labels": len(set(found.label_of.values())),
        "retracted": found.retracted,
        "unlabelled": found.unlabelled,
        "in_no_incident": found.alone,
        **_scores(found.fusion),
        "plain_key": _scores(found.plain_key),
        "places_resolved": found.places.resolved,
        "places": found.places._asdict(),
        "borders": {
            **found.borders._asdict(),
            "recall_lost": round(found.borders.recall_lost, 6),
            "recall_lost_fine": round(found.borders.recall_lost_fine, 6),
        },
        "largest": {"incident": found.largest_incident, "label": {"label": label, "reports": size}},
        "reasons": found.reasons(),
        "merges": [
            {
                "incident": one.incident_id,
                "labels": one.labels,
                "wrong_pairs": one.wrong_pairs,
                "near": one.near,
                "members": [_member(claim, found.label_of) for claim in one.members],
            }
            for one in found.merges
        ],
        "splits": [
            {"label": one.label, "missed_pairs": one.missed_pairs, "clusters": [_part(part) for part in one.parts]}
            for one in found.splits
        ],
    }


def _scores(scores: Scores) -> dict[str, Any]:
    return {
        f"{name}_{figure}": round(value, 6)
        for name, score in (("pairwise", scores.pairwise), ("bcubed", scores.bcubed))
        for figure, value in (("precision", score.precision), ("recall", score.recall), ("f1", score.f1))
    } | {"clusters": scores.clusters}


def _part(part: Part) -> dict[str, Any]:
    apart = None if part.apart is None else {"reason": part.apart.reason, "detail": part.apart.detail}
    return {"members": [_member(claim) for claim in part.members], "apart": apart}


def _member(claim: Claim, label_of: Any = None) -> dict[str, Any]:
    place = claim.place
    return {
        "source": claim.source,
        "report_id": claim.report_id,
        **({} if label_of is None else {"label": label_of[claim.claim_id]}),
        "start": utc_text(claim.start),
        "end": utc_text(claim.end),
        "precision": claim.precision,
        "place_text": claim.wording.place,
        "place": {"id": place.place_id, "name": place.name, "radius_km": place.radius_km, "area": place.area},
        "conduct": claim.conduct or claim.statement,
        "weapon": claim.weapon,
    }
