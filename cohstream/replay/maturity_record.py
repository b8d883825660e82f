"""Maturity as JSON."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from cohstream.publish.ranges import Range
from cohstream.replay.maturity import Curve, Maturity


def maturity_record(found: Maturity, days: Collection[date] = (), party: str | None = None) -> dict[str, Any]:
    """``found`` as one JSON object; of ``days`` and ``party`` alone where they are named."""
    return {
        "agreement": found.agreement,
        "policy": found.policy,
        "last_receipt_day": found.last.isoformat(),
        "undated": found.undated,
        "lags": list(found.lags),
        "parties": [
            {
                "party": name,
                "shares": [_share(found, name, lag) for lag in found.lags],
                "days": [_curve(found, name, curve) for day, curve in curves.items() if not days or day in days],
            }
            for name, curves in sorted(found.curves.items())
            if party in (None, name)
        ],
    }


def _share(found: Maturity, party: str, lag: int) -> dict[str, Any]:
    share = found.share(party, lag)
    percent, possible = (one and round(one, 1) for one in (share.percent, share.possible_percent))
    counts = {"then": _range(share.then), "now": _range(share.now)}
    return {"lag": lag, "days": share.days, **counts, "percent": percent, "possible_percent": possible}


def _curve(found: Maturity, party: str, curve: Curve) -> dict[str, Any]:
    counts = [{"lag": lag, **_range(found.after(party, curve.day, lag))} for lag in found.lags]
    return {"day": curve.day.isoformat(), "counts": counts, "now": _range(curve.now)}


def _range(count: Range | None) -> dict[str, int | None]:
    return {"min": None, "max": None} if count is None else {"min": count.least, "max": count.greatest}
