"""A curve says what was counted then; a share leaves out the days that are too young for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohstream.domain.vocabulary import Verdict
from cohstream.engine.batch import apply
from cohstream.engine.context import ZONE, Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.ranges import Range, ranges_of
from cohstream.replay.maturity import ANY, LAGS, Maturity, Share, maturities
from cohstream.replay.received import in_order_of_receipt
from tests.received import came, received
from tests.worlds import lines

COH = "SY-COH-2016-02"
LAW = chosen_agreements(Settings())
EVENT_DAY = date(2016, 3, 1)
PLACES = ("Talbiseh", "Daraya", "Homs", "Azaz")


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.of(load_knowledge(), LAW)


@pytest.fixture
def grown(context: Context) -> Callable[..., Maturity]:
    """The maturity of counts by these reports."""
    return lambda *bodies: maturities(in_order_of_receipt(lines(bodies)), context, LAW)[COH]


def strike(number: int, days_later: int, day: date = EVENT_DAY, **changes: Any) -> dict[str, Any]:
    """A government air strike on homes, a violation under every policy, that is reported so many days later."""
    told = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE) + timedelta(days=days_later)
    return {
        "source": "SNHR",
        "report_id": f"{day}-{number}",
        "kind": "allegation",
        "received_at": told.isoformat(),
        "occurred": {"start": f"{day}T10:00:00+02:00", "precision": "hour"},
        "place": {"text": PLACES[number]},
        "conduct": "air_strike",
        "perpetrator": {"candidates": ["gov.saa"]},
        "target": {"class": "residential"},
        "excluded_presence": "none",
        **changes,
    }


def counts(found: Maturity, day: date = EVENT_DAY) -> list[int | None]:
    """The violations of ``day`` after 0, 1, 2, 3 and 7 days."""
    return [None if one is None else one.least for one in (found.after("government", day, lag) for lag in LAGS[:5])]


def test_a_count_grows_as_reports_come_in(grown: Callable[..., Maturity]) -> None:
    found = grown(strike(0, 0), strike(1, 2), strike(2, 5), strike(3, 40))
    assert counts(found) == [1, 1, 2, 2, 3]
    assert found.curves["government"][EVENT_DAY].now == Range(4, 4)
    assert found.share("government", 2) == Share(1, Range(2, 2), Range(4, 4))
    assert found.share("government", 2).percent == 50


def test_a_retraction_lowers_the_curve_from_its_day_on(grown: Callable[..., Maturity]) -> None:
    found = grown(strike(0, 0), strike(1, 0), strike(1, 3, revision=1, retracts=True), strike(2, 60))
    assert counts(found) == [2, 2, 2, 1, 1]
    assert found.share("government", 0).percent == 100


def test_another_attribution_moves_a_count_from_one_curve_to_the_other(grown: Callable[..., Maturity]) -> None:
    russian = {"perpetrator": {"candidates": ["ext.russia"]}}
    found = grown(strike(0, 0, **russian), strike(0, 2, revision=1), strike(1, 20))
    assert [found.after("russia", EVENT_DAY, lag) for lag in (1, 2)] == [Range(1, 1), Range(0, 0)]
    assert [found.after("government", EVENT_DAY, lag) for lag in (1, 2)] == [Range(0, 0), Range(1, 1)]
    assert [found.after(ANY, EVENT_DAY, lag) for lag in (1, 2)] == [Range(1, 1), Range(1, 1)]


def test_days_too_young_for_a_lag_are_left_out_of_its_share(grown: Callable[..., Maturity]) -> None:
    young = EVENT_DAY + timedelta(days=9)
    found = grown(strike(0, 0), strike(1, 3), strike(0, 0, young), strike(1, 1, young))
    assert found.last == young + timedelta(days=1)
    assert counts(found, young) == [1, None, None, None, None]
    assert found.share("government", 0) == Share(2, Range(2, 2), Range(4, 4))
    assert found.share("government", 1) == Share(1, Range(1, 1), Range(2, 2))
    assert found.lags == (0, 1, 2, 3, 7)


def test_what_cannot_be_dated_to_one_day_is_told_apart(grown: Callable[..., Maturity]) -> None:
    days = {"start": "2016-03-01T10:00:00+02:00", "end": "2016-03-03T10:00:00+02:00", "precision": "range"}
    found = grown(strike(0, 0, occurred=days), strike(1, 1))
    assert (found.undated, list(found.curves["government"])) == (1, [EVENT_DAY])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=st.lists(received(), min_size=1, max_size=12))
def test_every_point_of_a_curve_is_what_was_known_then(world: list[dict[str, Any]], context: Context) -> None:
    found = maturities(in_order_of_receipt(lines(world)), context, LAW)[COH]
    for day in found.curves.get(ANY, {}):
        for lag in found.lags:
            if found.after(ANY, day, lag) is None:
                continue
            end = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=lag + 1)
            ledger = Ledger()
            apply(ledger, lines([body for body in world if came(body) < end]), context)
            of_day = {key: count for key, count in ledger.tallies().items() if key.event_day == day.isoformat()}
            for party, by_policy in ranges_of(of_day, LAW)[COH].items():
                assert found.after(party, day, lag) == by_policy[LAW[COH].default_policy]
            proven = [
                one
                for one, judgement in ledger.judgements.items()
                if ledger.incidents[one].event_day == day.isoformat()
                and any(
                    (said.policy, said.verdict) == (LAW[COH].default_policy, Verdict.VIOLATION)
                    for said in judgement.by_agreement[COH]
                )
            ]
            counted = found.after(ANY, day, lag)
            assert counted is not None
            assert counted.least == len(proven)
