"""Versions of a report: the greatest wins, and nothing else of their history shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cohstream.engine.batch import Outcome, apply
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report, stamped, without_stamp
from cohstream.engine.ledger import Ledger

Make = Callable[..., bytes]


def test_identical_bytes_are_a_duplicate(report: Make, context: Context) -> None:
    applied = apply(Ledger(), [report(), report()], context)
    assert [receipt.outcome for receipt in applied.receipts] == [Outcome.ACCEPTED, Outcome.DUPLICATE]


def test_the_greater_revision_wins_in_any_order(report: Make, ledger_of: Callable[..., Ledger]) -> None:
    old, new = report(revision=0), report(revision=1, conduct="shelling", weapon={"text": "mortar"})
    for batches in ([[old], [new]], [[new], [old]], [[old, new]], [[new, old]]):
        (incident,) = ledger_of(batches).incidents.values()
        assert incident.conduct == "shelling"
        assert not incident.conflicting


def test_different_bytes_without_a_revision_are_flagged_conflicting(
    report: Make, ledger_of: Callable[..., Ledger]
) -> None:
    early = report(published_at="2016-03-02T09:00:00+02:00")
    late = report(published_at="2016-03-03T09:00:00+02:00", target={"class": "market"})
    for batches in ([[early], [late]], [[late], [early]]):
        (incident,) = ledger_of(batches).incidents.values()
        assert incident.target == "market"
        assert incident.conflicting


def test_a_revision_that_moves_leaves_nothing_behind(report: Make, ledger_of: Callable[..., Ledger]) -> None:
    moved = ledger_of([[report()], [report(revision=1, place={"text": "Daraya"})]])
    assert [incident.area for incident in moved.incidents.values()] == ["SY03"]
    (assessment,) = moved.assessments()
    assert sum(moved.tallies().values()) == len(assessment.findings)


def test_a_retraction_makes_every_count_fall(report: Make, ledger_of: Callable[..., Ledger]) -> None:
    ledger = ledger_of([[report()], [report(revision=1, retracts=True)]])
    assert not ledger.incidents
    assert not list(ledger.assessments())
    assert not ledger.tallies()


def test_a_later_report_may_not_speak_for_another_source(report: Make, ledger_of: Callable[..., Ledger]) -> None:
    ledger = ledger_of([[report()], [report(source="SANA", revision=9, retracts=True)]])
    assert len(ledger.incidents) == 1


def test_changes_say_what_was_and_what_is(report: Make, context: Context) -> None:
    ledger = Ledger()
    (new,) = apply(ledger, [report()], context).changes
    assert (new.change, new.before) == ("new", None)
    (gone,) = apply(ledger, [report(revision=1, retracts=True)], context).changes
    assert (gone.change, gone.after) == ("retracted", None)
    assert gone.cause == new.cause


def test_watermarks_of_areas_fall_with_what_is_withdrawn(report: Make, ledger_of: Callable[..., Ledger]) -> None:
    def on(day: int, report_id: str, place: str, **fields: object) -> bytes:
        occurred = {"start": f"2016-03-0{day}T10:00:00Z", "end": f"2016-03-0{day}T11:00:00Z", "precision": "hour"}
        return report(report_id=report_id, place={"text": place}, occurred=occurred, **fields)

    first = [on(1, "1", "Daraya"), on(3, "2", "Daraya"), on(2, "3", "Talbiseh")]
    ledger = ledger_of([first])
    assert {area: start.day for area, start in ledger.watermarks.items()} == {"SY03": 3, "SY04": 2}
    moved = [on(3, "2", "Talbiseh", revision=1), on(2, "3", "Talbiseh", revision=1, retracts=True)]
    for batches in ([first, moved], [[*first, *moved]], [moved, first]):
        ledger = ledger_of(batches)
        assert {area: start.day for area, start in ledger.watermarks.items()} == {"SY03": 1, "SY04": 3}
        assert ledger.watermark == ledger.watermarks["SY04"]
    ledger = ledger_of([first, moved, [on(3, "2", "Talbiseh", revision=2, retracts=True)]])
    assert {area: start.day for area, start in ledger.watermarks.items()} == {"SY03": 1}


NOON = datetime(2016, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("ending", [b"", b',"received_at":null'])
def test_a_stamp_of_receipt_can_be_read_and_taken_off(report: Make, ending: bytes) -> None:
    raw = report()[:-1] + ending + b"}"
    for moment in (NOON, NOON + timedelta(microseconds=7), NOON.astimezone(timezone(timedelta(hours=2)))):
        assert read_report(stamped(raw, moment)).received_at == moment
        assert without_stamp(stamped(raw, moment)) == raw
    assert without_stamp(raw) == raw


def test_what_is_stamped_twice_and_what_came_without_a_stamp_are_one_version(report: Make, context: Context) -> None:
    raw = report()
    records = [raw, stamped(raw, NOON), stamped(raw, NOON + timedelta(days=1))]
    for turn in range(3):
        ledger = Ledger()
        applied = apply(ledger, [*records[turn:], *records[:turn]], context)
        assert [one.outcome for one in applied.receipts].count(Outcome.DUPLICATE) == 2
        assert not any(incident.conflicting for incident in ledger.incidents.values())


def test_another_time_of_receipt_that_a_source_states_is_another_version(report: Make, context: Context) -> None:
    records = [report(received_at=f"2016-03-0{day}T12:00:00Z", note="last") for day in (2, 3)]
    applied = apply(Ledger(), records, context)
    assert [one.outcome for one in applied.receipts] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
