"""What moved between two moments at which changes were told, as JSON: from the log alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from cohstream.domain.canonical import utc_text
from cohstream.publish.published import Told, as_published
from cohstream.publish.turn import Key


def moved_record(told: Sequence[Told], since: datetime, until: datetime, party: str | None = None) -> dict[str, Any]:
    """What was told after ``since`` and up to ``until``, net, as one JSON object; of ``party`` alone if given."""
    return {
        "reading": "as_published",
        "since": utc_text(since),
        "until": utc_text(until),
        "changes": list(_moved(told, since, until, party)),
    }


def _moved(told: Sequence[Told], since: datetime, until: datetime, party: str | None) -> Iterator[dict[str, Any]]:
    before, after = as_published(told, since), as_published(told, until)
    causes_of: dict[Key, list[dict[str, Any]]] = {}
    for one in told:
        if since < one.told_at <= until:
            causes_of.setdefault(one.key, []).append(one.cause)
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if key not in causes_of or (was is None and now is None):
            continue
        if party is not None and party not in {**(was or {}), **(now or {})}:
            continue
        area, incident_id, agreement = key
        yield {
            "incident_id": incident_id,
            "agreement": agreement,
            "change": "new" if was is None else "retracted" if now is None else "revised",
            "area": area,
            "before": was,
            "after": now,
            "causes": causes_of[key],
        }
