"""A published total is a claim about a count: kept as published, its arithmetic checked, never added to anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohstream.domain.claim import Claim
from cohstream.domain.published_total import notices_of_total
from cohstream.domain.report import Report, StatedCount
from cohstream.engine.intake import read_report
from cohstream.engine.ledger import Ledger
from cohstream.importers import open_input
from cohstream.local.session import Session, Settings

UNIFIL: dict[str, Any] = {
    "unit": "trajectory",
    "total": {"min": 8_918, "max": 8_918},
    "breakdown": {"from south": 7_948, "from north": 978},
    "scope": "detected by radar; not seen: air to surface, tank, man-portable anti-tank missiles, small arms",
    "cut_off": "2024-02-20T00:00:00Z",
}
"""UNIFIL's figures of 21 October 2023 to 20 February 2024, as the Secretary-General's report gives them."""

OSCE: dict[str, Any] = {
    "unit": "ceasefire violation",
    "total": {"min": 6_294, "max": 6_294},
    "breakdown": {"explosions": 2_660, "projectiles": 911, "flashes": 90, "flares": 54, "bursts and shots": 2_579},
}
"""OSCE SMM, 27 July 2020 to 17 January 2021: an honest one."""

Totals = Callable[..., bytes]


def stated(**changes: Any) -> StatedCount:
    return StatedCount.model_validate_json(json.dumps(UNIFIL | changes))


@pytest.fixture
def total(report: Callable[..., bytes]) -> Totals:
    """A report of a published total, with some fields changed."""

    def make(count: dict[str, Any], **fields: Any) -> bytes:
        return report(kind="count", conduct=None, count=count, harm={}, weapon={}, target={}, **fields)

    return make


def test_a_total_that_is_not_the_sum_of_its_parts_is_kept_and_flagged(
    total: Totals, ledger_of: Callable[..., Ledger]
) -> None:
    raw = total(UNIFIL)
    ledger = ledger_of([[raw]])
    (claim,) = ledger.claims()
    assert claim.notices == ("total_does_not_add_up:8,918 said, parts 8,926",)
    kept = read_report(raw).count
    assert kept is not None
    assert (kept.total.min, sum(kept.breakdown.values())) == (8_918, 8_926)


def test_an_honest_total_is_not_flagged(total: Totals, ledger_of: Callable[..., Ledger]) -> None:
    (claim,) = ledger_of([[total(OSCE)]]).claims()
    assert claim.notices == ()


@pytest.mark.parametrize(
    ("total", "parts", "said"),
    [
        ({"min": 5, "max": 5}, {}, None),
        ({"min": 0}, {"air strikes": 26, "artillery": 24}, None),
        ({"min": 300}, {"a": 200, "b": 150}, None),
        ({"min": 300}, {"a": 200, "b": 50}, "at least 300 said, parts 250"),
        ({"min": 5, "max": 9}, {"a": 3, "b": 4}, None),
        ({"min": 5, "max": 9}, {"a": 3, "b": 7}, "5 to 9 said, parts 10"),
        ({"min": 0, "max": 0}, {"a": 1}, "0 said, parts 1"),
    ],
)
def test_bounds_are_held_to_as_bounds(total: dict[str, int], parts: dict[str, int], said: str | None) -> None:
    found = notices_of_total(stated(total=total, breakdown=parts))
    assert found == (() if said is None else (f"total_does_not_add_up:{said}",))


def test_scope_and_cut_off_are_read_alike_by_the_model_and_the_fast_decoder(total: Totals) -> None:
    raw = total(UNIFIL)
    fast, model = read_report(raw).count, Report.model_validate_json(raw).count
    assert fast is not None
    assert model is not None
    assert (fast.scope, fast.cut_off) == (model.scope, model.cut_off)
    assert fast.cut_off is not None
    assert fast.cut_off.isoformat() == "2024-02-20T00:00:00+00:00"


def test_a_field_that_a_total_does_not_have_is_told(total: Totals, ledger_of: Callable[..., Ledger]) -> None:
    (claim,) = ledger_of([[total(OSCE | {"cutoff": "19:30"})]]).claims()
    assert claim.notices == ("unknown_field:count.cutoff",)


def test_four_units_of_one_window_are_four_figures_that_nobody_adds(
    report: Callable[..., bytes], total: Totals, ledger_of: Callable[..., Ledger]
) -> None:
    """27 and 28 February 2016: cases, breaches, attacks of three kinds, deaths."""
    figures = [
        total({"unit": "case", "total": {"min": 9, "max": 9}}, source="Russian Reconciliation Centre"),
        total({"unit": "breach", "total": {"min": 49, "max": 49}}, source="SNHR", report_id="total"),
        total({"unit": "several units", "total": {"min": 0}, "breakdown": {"air strikes": 26}}, source="HNC"),
        total({"unit": "death", "total": {"min": 40, "max": 40}}, source="SOHR"),
    ]
    alone = ledger_of([[report()]])
    beside = ledger_of([[report(), *figures]])
    assert beside.incidents == alone.incidents
    assert beside.tallies() == alone.tallies()
    claims: list[Claim] = [one for one in beside.claims() if one.kind == "count"]
    assert len(claims) == 4
    assert all(not one.notices for one in claims)


def test_a_run_counts_the_notice(total: Totals, tmp_path: Path) -> None:
    path = tmp_path / "totals.jsonl"
    path.write_bytes(b"\n".join([total(UNIFIL), total(OSCE, report_id="2")]) + b"\n")
    session = Session(Settings())
    session.rebuild()
    session.take(list(open_input(str(path), None, lambda _: None)))
    assert session.summary()["notices"] == {"total_does_not_add_up:8,918 said, parts 8,926": 1}
