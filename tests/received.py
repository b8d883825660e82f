"""Worlds of reports that came in one after the other: at a few moments of receipt, some of them unsaid."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from cohstream.domain.report import Report
from tests.worlds import reports

MOMENTS = (
    "2016-03-02T12:00:00Z",
    "2016-03-05T00:00:00+02:00",
    "2016-03-05T00:00:00Z",
    "2016-03-12T00:00:00Z",
)


@st.composite
def received(draw: st.DrawFn) -> dict[str, Any]:
    """A report of a small world, as it was stamped, or not, when it came in."""
    stamp = draw(st.sampled_from([None, *MOMENTS]))
    return draw(reports()) | ({} if stamp is None else {"received_at": stamp})


def moments() -> st.SearchStrategy[datetime]:
    """Moments of knowledge: those of receipt too, which count as known."""
    return st.sampled_from([*MOMENTS, "2016-02-01T00:00:00Z", "2016-03-07T00:00:00Z"]).map(datetime.fromisoformat)


def came(body: dict[str, Any]) -> datetime:
    """When a report came in, by what it says: stamped, else when published, else at the end of what it speaks of."""
    said = body.get("received_at") or body["published_at"]
    if said is not None:
        return datetime.fromisoformat(said)
    return Report.model_validate_json(json.dumps(body)).occurred.interval()[1].astimezone(UTC)
