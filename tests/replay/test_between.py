"""What moved between two moments is the difference of what was known at each, and every step has its report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohstream.domain.assessment import Findings
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.local.session import Settings, chosen_agreements
from cohstream.replay.between import Between, Step, between
from cohstream.replay.between_record import between_record
from cohstream.replay.received import in_order_of_receipt
from tests.received import came, moments, received
from tests.worlds import lines

LAW = chosen_agreements(Settings())
MORNING, EVENING = (datetime(2016, 3, 10, hour, tzinfo=UTC) for hour in (6, 18))
FIRST = {
    "source": "SNHR",
    "report_id": "1",
    "kind": "allegation",
    "received_at": "2016-03-02T00:00:00Z",
    "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
    "place": {"text": "Talbiseh"},
    "conduct": "air_strike",
    "perpetrator": {"candidates": ["ext.russia"]},
    "target": {"class": "residential"},
    "excluded_presence": "none",
}
AT_NOON = {"received_at": "2016-03-10T12:00:00Z"}


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.of(load_knowledge(), LAW)


@pytest.fixture
def day(context: Context) -> Callable[..., Between]:
    """What a day's reports moved, on top of what was known before."""

    def of(*bodies: dict[str, Any]) -> Between:
        return between(in_order_of_receipt(lines(bodies)), context, MORNING, EVENING)

    return of


def verdict(findings: Findings | None, party: str) -> str | None:
    return next((one.verdict for one in findings or () if (one.party, one.policy) == (party, "target_based")), None)


def test_another_attribution_is_a_revision_of_one_incident(day: Callable[..., Between]) -> None:
    found = day(FIRST, {**FIRST, **AT_NOON, "revision": 1, "perpetrator": {"candidates": ["gov.saa"]}})
    (moved,) = found.moved
    assert moved.change == "revised"
    assert (verdict(moved.before, "russia"), verdict(moved.after, "russia")) == ("VIOLATION", None)
    assert (verdict(moved.before, "government"), verdict(moved.after, "government")) == (None, "VIOLATION")
    assert [(one.step, one.report.revision) for one in moved.causes] == [(Step.REVISION, 1)]
    effects = {
        one["party"]: (one["before"]["min"], one["after"]["min"])
        for one in between_record(found, LAW)["parties"]
        if one["policy"] == "target_based" and one["before"] != one["after"]
    }
    assert effects == {"russia": (1, 0), "government": (0, 1)}


def test_a_retraction_takes_the_incident_with_it(day: Callable[..., Between]) -> None:
    (moved,) = day(FIRST, {**FIRST, **AT_NOON, "revision": 1, "retracts": True}).moved
    assert (moved.change, moved.after, moved.joined) == ("retracted", None, None)
    assert [one.step for one in moved.causes] == [Step.RETRACTION]


def test_what_was_said_and_taken_back_within_the_day_did_not_move(day: Callable[..., Between]) -> None:
    said = {**FIRST, **AT_NOON}
    found = day(said, {**said, "revision": 1, "retracts": True, "received_at": "2016-03-10T13:00:00Z"})
    assert (found.reports, found.moved) == (2, [])


def test_an_incident_that_goes_on_under_an_earlier_anchor_says_so(day: Callable[..., Between]) -> None:
    earlier = {
        **FIRST,
        **AT_NOON,
        "source": "SOHR",
        "occurred": {**FIRST["occurred"], "start": "2016-03-01T09:00:00+02:00"},
    }
    by_change = {one.change: one for one in day(FIRST, earlier).moved}
    assert by_change["retracted"].joined == by_change["new"].incident_id


def test_one_report_that_moves_an_incident_to_another_area_is_one_cause(day: Callable[..., Between]) -> None:
    there = {**FIRST, **AT_NOON, "revision": 1, "place": {"text": "Daraya"}, "perpetrator": {"candidates": ["gov.saa"]}}
    (moved,) = day(FIRST, there).moved
    assert (moved.change, len(moved.causes)) == ("revised", 1)
    assert moved.was is not None
    assert moved.now is not None
    assert moved.was.area != moved.now.area


def test_a_party_is_shown_with_what_it_had_or_has(day: Callable[..., Between]) -> None:
    found = day(FIRST, {**FIRST, **AT_NOON, "revision": 1, "perpetrator": {"candidates": ["gov.saa"]}})
    assert [len(between_record(found, LAW, party)["changes"]) for party in ("russia", "government", "turkey")] == [
        1,
        1,
        0,
    ]


def known(world: list[dict[str, Any]], moment: datetime, context: Context) -> Ledger:
    ledger = Ledger()
    apply(ledger, lines([body for body in world if came(body) <= moment]), context)
    return ledger


def found_in(ledger: Ledger) -> dict[tuple[str, str], Findings]:
    return {(one.incident_id, one.agreement): one.findings for one in ledger.assessments()}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=st.lists(received(), max_size=12), ends=st.lists(moments(), min_size=2, max_size=2), data=st.data())
def test_between_is_the_difference_of_what_was_known(
    world: list[dict[str, Any]], ends: list[datetime], data: st.DataObject, context: Context
) -> None:
    since, until = sorted(ends)
    found = between(in_order_of_receipt(lines(world)), context, since, until)
    former, present = (known(world, moment, context) for moment in (since, until))
    assert (found.before, found.after) == (former.tallies(), present.tallies())
    was, now = found_in(former), found_in(present)
    differ = {key: (was.get(key), now.get(key)) for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
    assert {(one.incident_id, one.agreement): (one.before, one.after) for one in found.moved} == differ
    for one in found.moved:
        assert one.causes
        assert all(since < cause.received_at <= until for cause in one.causes)
    shuffled = in_order_of_receipt(lines(data.draw(st.permutations(world))))
    assert between_record(between(shuffled, context, since, until), LAW) == between_record(found, LAW)
