"""What stands between two claims: the greatest obstacle, and its figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cohstream.domain.claim import Claim
from cohstream.engine.apart import RANK, Reason, reason_apart
from cohstream.engine.ledger import Ledger

Claims = Callable[..., Claim]


@pytest.fixture
def claim(report: Callable[..., bytes], ledger_of: Callable[..., Ledger]) -> Claims:
    """The claim of the base report with some fields changed."""

    def make(**fields: Any) -> Claim:
        (found,) = ledger_of([[report(**fields)]]).claims()
        return found

    return make


def day(start: int, end: int) -> dict[str, str]:
    return {
        "start": f"2016-03-{start:02}T00:00:00+02:00",
        "end": f"2016-03-{end:02}T00:00:00+02:00",
        "precision": "day",
    }


def clock(hour: str, precision: str = "exact") -> dict[str, str]:
    return {"start": f"2016-03-01T{hour}:00+02:00", "precision": precision}


OTHER = {"source": "SOHR", "report_id": "2"}


@pytest.mark.parametrize(
    ("fields", "reason", "detail"),
    [
        ({"kind": "statement", "statement": "truce", "conduct": None}, Reason.NO_EVENT, "truce"),
        ({"kind": "count", "count": {"unit": "violations", "total": {"min": 3, "max": 3}}}, Reason.NO_EVENT, "count"),
        ({"kind": "denial"}, Reason.UNATTACHED, "denial"),
        ({"place": {"text": "nowhere at all"}}, Reason.PLACE_UNKNOWN, "nowhere at all"),
        ({"place": {"text": "Homs governorate"}}, Reason.COARSE, "km around"),
        ({"occurred": day(1, 9) | {"precision": "range"}}, Reason.TOO_LONG, "8 days"),
        ({"place": {"text": "Daraya"}}, Reason.AREA, "SY04 and SY03"),
        ({"place": {"text": "Rastan"}}, Reason.PLACE, "km"),
        ({"occurred": day(3, 4)}, Reason.TIME, "24.0 h"),
        ({"conduct": "arrest_abduction", "weapon": {}}, Reason.CONDUCT, "air_strike and arrest_abduction"),
        ({"conduct": "shelling", "weapon": {"text": "mortars"}}, Reason.MEANS, "mortar"),
        ({"perpetrator": {"candidates": ["ext.russia"]}}, Reason.ACTOR, "gov.saa and ext.russia"),
        ({"source": "SNHR"}, Reason.SOURCE, "SNHR"),
        ({}, Reason.UNSEEN, ""),
    ],
)
def test_the_obstacle_and_its_figures(claim: Claims, fields: dict[str, Any], reason: Reason, detail: str) -> None:
    one, other = claim(), claim(**OTHER | fields)
    found = reason_apart(one, other)
    assert found.reason is reason
    assert detail in found.detail
    assert reason_apart(other, one).reason is reason


@pytest.mark.parametrize(
    ("hours", "reason"),
    [(("10:00", "12:30"), Reason.UNSEEN), (("10:00", "14:00"), Reason.TIME)],
)
def test_clock_times_within_three_hours_are_no_obstacle(claim: Claims, hours: tuple[str, str], reason: Reason) -> None:
    one, other = (claim(source=source, occurred=clock(hour)) for source, hour in zip("AB", hours, strict=True))
    assert reason_apart(one, other).reason is reason


def test_neighbouring_days_do_not_meet(claim: Claims) -> None:
    found = reason_apart(claim(occurred=day(1, 2)), claim(**OTHER, occurred=day(2, 3)))
    assert found == (Reason.TIME, "other local days")


def test_the_greatest_obstacle_is_told(claim: Claims) -> None:
    far_and_late = claim(**OTHER, place={"text": "Daraya"}, occurred=day(3, 4), conduct="shelling")
    assert reason_apart(claim(), far_and_late).reason is Reason.AREA
    assert RANK[Reason.AREA] < RANK[Reason.MEANS] < RANK[Reason.TIME]
