"""cohstream's own CSV: what each column becomes, and the chains of revisions."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import orjson
import pytest
from foreign_rows import GOOD_ROWS, Import, shown, table
from hypothesis import given
from hypothesis import strategies as st

from cohstream.domain.vocabulary import Kind, Statement, TimePrecision
from cohstream.importers import formats, own_csv
from cohstream.importers.detect import reader_of


def test_a_row_becomes_a_report(rows_of: Any) -> None:
    got = rows_of("csv")
    assert got.report.identity == ("SNHR", "R1")
    assert orjson.loads(got.rows[0].report) == {
        "source": "SNHR",
        "report_id": "R1",
        "revision": 0,
        "kind": "allegation",
        "published_at": "2016-02-28T00:00:00+02:00",
        "received_at": "2016-02-28T00:00:00+02:00",
        "occurred": {
            "start": "2016-02-27T00:00:00+02:00",
            "end": "2016-02-28T00:00:00+02:00",
            "precision": "day",
        },
        "place": {"text": "Daraya", "lat": 33.458, "lon": 36.237, "radius_km": 2.0},
        "conduct": "shelling",
        "weapon": {"text": "mortars", "class": "indirect_fire.mortar", "count": {"min": 14, "max": 14}},
        "perpetrator": {"text": "government forces", "candidates": ["gov.saa"], "certainty": "stated"},
        "target": {"text": "town", "class": "residential"},
        "harm": {"killed": {"min": 2, "max": 4}},
        "excluded_presence": "disputed",
        "stake": "ngo",
        "links": ["https://example.org/1"],
        "extra": {
            "incident_hint": "somewhere-2016",
            "place_std": "Daraya",
            "admin1": "Rif Dimashq",
            "certainty": "read",
        },
    }


def test_the_label_of_the_compiler_changes_nothing_but_itself(rows_of: Any) -> None:
    one, other = (
        rows_of("csv", {"incident_hint": hint}).report.model_copy(update={"extra": {}})
        for hint in ("aggregate-day1", "daraya-2016")
    )
    assert one == other


@pytest.mark.parametrize(
    ("stated", "least", "greatest"),
    [("14", 14, 14), (">=10", 10, None), (">40", 41, None), ("50-60", 50, 60), ("<=5", 0, 5), ("7+", 7, None)],
)
def test_counts_of_munitions(rows_of: Any, stated: str, least: int, greatest: int | None) -> None:
    count = rows_of("csv", {"munition_count": stated}).report.weapon.count
    assert (count.min, count.max) == (least, greatest)


def test_a_count_that_cannot_be_read_is_kept_and_told(rows_of: Any) -> None:
    got = rows_of("csv", {"munition_count": "dozens"})
    assert got.report.weapon.count is None
    assert got.report.extra["munition_count"] == "dozens"
    assert got.notices == ["count_not_read:dozens"]


@pytest.mark.parametrize(
    ("killed", "civilians", "expected"),
    [
        (("7", ""), "7", (7, None)),
        (("4", "7"), "7", (4, 7)),
        (("4", "7"), "5", (0, 5)),
        (("3", "3"), "2", (2, 2)),
        (("50", ""), "0", (0, 0)),
        (("", ""), "3", (3, 3)),
    ],
)
def test_civilians_take_the_shape_of_the_toll(
    rows_of: Any, killed: tuple[str, str], civilians: str, expected: tuple[int, int | None]
) -> None:
    changes = {"killed_min": killed[0], "killed_max": killed[1], "civilians_killed": civilians}
    count = rows_of("csv", changes).report.harm.civilians_killed
    assert (count.min, count.max) == expected


@pytest.mark.parametrize(
    ("changes", "start", "end", "precision"),
    [
        ({"occurred_start": "2016-04-07T12:00", "time_precision": "hour"}, "2016-04-07T12:00:00+03:00", None, "hour"),
        (
            {"occurred_start": "2016-05-14", "occurred_end": "2016-05-14T15:00", "time_precision": "part_of_day"},
            "2016-05-14T00:00:00+03:00",
            "2016-05-14T15:00:00+03:00",
            "part_of_day",
        ),
        (
            {"occurred_start": "2016-02-26", "occurred_end": "2016-02-27", "time_precision": "range"},
            "2016-02-26T00:00:00+02:00",
            "2016-02-28T00:00:00+02:00",
            "range",
        ),
        (
            {"occurred_start": "2016-03-25", "time_precision": "part_of_day"},
            "2016-03-25T01:00:00+03:00",
            "2016-03-26T00:00:00+03:00",
            "part_of_day",
        ),
    ],
)
def test_times(rows_of: Any, changes: dict[str, str], start: str, end: str | None, precision: str) -> None:
    occurred = rows_of("csv", changes).report.occurred
    assert shown(occurred.start) == start
    assert shown(occurred.end) == end
    assert occurred.precision == TimePrecision(precision)


def test_gap_and_fold_are_told(rows_of: Any) -> None:
    gap = rows_of("csv", {"occurred_start": "2016-03-25T00:30", "time_precision": "exact"})
    fold = rows_of("csv", {"occurred_start": "2016-10-27T23:30", "time_precision": "exact"})
    assert shown(gap.report.occurred.start) == "2016-03-25T01:30:00+03:00"
    assert (gap.notices, fold.notices) == (["time_in_gap"], ["time_in_fold"])


def test_receipt_never_comes_before_the_event_but_may_before_what_was_announced(rows_of: Any) -> None:
    same_day = {"published_date": "2016-04-27", "occurred_start": "2016-04-27T21:37", "time_precision": "exact"}
    assert shown(rows_of("csv", same_day).report.received_at) == "2016-04-27T21:37:00+03:00"
    announced = same_day | {"conduct": "truce_declaration"}
    assert shown(rows_of("csv", announced).report.received_at) == "2016-04-27T00:00:00+03:00"
    unpublished = rows_of("csv", {"published_date": ""}).report
    assert unpublished.published_at is None
    assert unpublished.received_at == unpublished.occurred.end


@pytest.mark.parametrize(
    ("conduct", "statement"),
    [
        ("truce_declaration", Statement.TRUCE),
        ("truce_end_declaration", Statement.TRUCE_END),
        ("coverage_declaration", Statement.COVERAGE),
        ("compliance_statement", Statement.COMPLIANCE),
    ],
)
def test_declarations_are_statements(rows_of: Any, conduct: str, statement: Statement) -> None:
    report = rows_of("csv", {"conduct": conduct}).report
    assert (report.kind, report.statement, report.conduct) == (Kind.STATEMENT, statement, None)


def test_denials_observations_and_admissions(rows_of: Any) -> None:
    denied = {"perpetrator_certainty": "denied", "perpetrator_claimed": "own tanks, but at ISIL"}
    denial = rows_of("csv", denied).report
    assert (denial.kind, denial.perpetrator.basis) == (Kind.DENIAL, ())
    assert rows_of("csv", {"source_stake": "sensor"}).report.kind is Kind.OBSERVATION
    for words in ("own group", "coalition (own statement)", "coalition (admitted error)", "one of its own commanders"):
        admitted = rows_of("csv", {"perpetrator_claimed": words}).report
        assert (admitted.kind, admitted.perpetrator.basis) == (Kind.ALLEGATION, ("admission",))


@pytest.mark.parametrize(
    ("words", "circumstances"),
    [
        ("own forces (return fire)", ("return_fire",)),
        ("coalition (admitted error)", ("mistake_admitted",)),
        ("own forces", ()),
    ],
)
def test_what_a_source_says_of_why_it_acted(rows_of: Any, words: str, circumstances: tuple[str, ...]) -> None:
    assert rows_of("csv", {"perpetrator_claimed": words}).report.circumstances == circumstances


@pytest.mark.parametrize(
    ("words", "certainty", "joint"),
    [
        ("Russian and Syrian planes", "stated", True),
        ("joint Syrian-Russian operation", "stated", True),
        ("Russian or Syrian planes", "stated", False),
        ("Russia and regime named by sources, contested", "stated", False),
        ("government and Russia", "alleged", False),
    ],
)
def test_actors_act_together_only_where_the_source_says_so(
    rows_of: Any, words: str, certainty: str, joint: bool
) -> None:
    changes = {
        "perpetrator_claimed": words,
        "perpetrator_id": "ext.russia|gov.saa",
        "perpetrator_certainty": certainty,
    }
    perpetrator = rows_of("csv", changes).report.perpetrator
    assert perpetrator.candidates == ("ext.russia", "gov.saa")
    assert perpetrator.joint is joint


def test_published_totals_are_counts_and_units_are_not_summed(rows_of: Any) -> None:
    one = rows_of("csv", {"conduct": "other", "weapon_text": "15 violations"}).report
    assert one.kind is Kind.COUNT
    assert (one.count.unit, one.count.total.min, one.count.total.max) == ("violations", 15, 15)
    two = rows_of("csv", {"conduct": "other", "weapon_text": "26 air strikes, 24 artillery"}).report
    assert two.count.breakdown == {"air strikes": 26, "artillery": 24}
    assert (two.count.total.min, two.count.total.max) == (0, None)
    assert rows_of("csv", {"conduct": "other", "weapon_text": "crash"}).report.kind is Kind.ALLEGATION


def test_links_are_addresses_and_anything_else_is_kept(rows_of: Any) -> None:
    report = rows_of("csv", {"url": "file: releases.csv"}).report
    assert (report.links, report.extra["url"]) == ((), "file: releases.csv")


def test_an_unknown_column_is_told_once_and_its_values_are_kept(rows_of: Any) -> None:
    got = rows_of("csv", {"weather": "rain"}, {"row_id": "R2", "weather": "fog"})
    assert got.notices == ["unknown_column:weather"]
    assert [report.extra["weather"] for report in got.reports] == ["rain", "fog"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lat": "nan"}, "not_finite"),
        ({"lat": "95"}, "out_of_range"),
        ({"killed_min": "five"}, "wrong_type"),
        ({"killed_min": "5", "killed_max": "4"}, "contradiction"),
        ({"occurred_start": "yesterday"}, "bad_time"),
        ({"occurred_end": "2016-02-20"}, "contradiction"),
        ({"time_precision": "exact"}, "contradiction"),
        ({"time_precision": "roughly"}, "unknown_word"),
        ({"retracts": "maybe"}, "unknown_word"),
        ({"source": ""}, "missing_field"),
        ({"conduct": ""}, "missing_field"),
        ({"retracts": "yes"}, "missing_field"),
        ({"revises": "R1"}, "revision_cycle"),
    ],
)
def test_bad_cells_reject_their_row_only(rows_of: Any, changes: dict[str, str], code: str) -> None:
    got = rows_of("csv", changes, {"row_id": "R2"})
    assert got.codes == [code, None]
    assert next(iter(changes)).removeprefix("occurred_") in str(got.rows[0].problem)


def test_revisions_are_versions_of_the_first_row(rows_of: Any) -> None:
    chain = rows_of(
        "csv",
        {"row_id": "C", "revises": "B", "retracts": "yes"},
        {"row_id": "B", "revises": "A"},
        {"row_id": "A"},
    ).reports
    assert [(one.report_id, one.revision, one.retracts) for one in chain] == [
        ("A", 2, True),
        ("A", 1, False),
        ("A", 0, False),
    ]
    assert chain[0].extra["row_id"] == "C"
    assert chain[0].extra["revises"] == "B"


def test_a_chain_may_begin_in_another_file(rows_of: Any) -> None:
    got = rows_of("csv", {"row_id": "B", "revises": "A"})
    assert (got.report.report_id, got.report.revision) == ("A", 1)
    assert got.notices == ["revises_unseen_row:A"]


def test_only_the_same_source_may_revise_or_retract(rows_of: Any) -> None:
    got = rows_of("csv", {"row_id": "A"}, {"row_id": "B", "revises": "A", "source": "SANA"})
    assert [(one.source, one.report_id, one.revision) for one in got.reports] == [("SNHR", "A", 0), ("SANA", "B", 0)]
    assert got.notices == ["revises_other_source:A"]
    foreign = {"row_id": "B", "revises": "A", "source": "SANA", "retracts": "yes"}
    assert rows_of("csv", {"row_id": "A"}, foreign).codes == [None, "foreign_retraction"]


def test_circles_are_rejected_with_everything_that_hangs_on_them(rows_of: Any) -> None:
    got = rows_of(
        "csv",
        {"row_id": "A", "revises": "B"},
        {"row_id": "B", "revises": "A"},
        {"row_id": "C", "revises": "B"},
        {"row_id": "D"},
    )
    assert got.codes == ["revision_cycle"] * 3 + [None]


IDS = st.sampled_from(["A", "B", "C", "D"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "row_id": IDS,
            "source": st.sampled_from(["SNHR", "SANA"]),
            "revises": st.one_of(st.just(""), IDS),
            "retracts": st.sampled_from(["", "", "yes"]),
            "note": st.sampled_from(["x", "y"]),
        }
    ),
    min_size=1,
    max_size=8,
)


@given(st.data(), ROWS)
def test_the_order_of_rows_does_not_matter(data: st.DataObject, rows: list[dict[str, str]]) -> None:
    def reports(some: list[dict[str, str]]) -> list[tuple[Any, Any]]:
        got = Import(own_csv.read(BytesIO(table([GOOD_ROWS["csv"] | row for row in some])), "in"))
        return sorted((str(row.report), str(row.code)) for row in got.rows)

    assert reports(rows) == reports(data.draw(st.permutations(rows)))


def test_a_blind_reading_leaves_out_what_the_compiler_added_and_tells_it(rows_of: Any) -> None:
    (seeing,), (blind,) = rows_of("csv").rows, reader_of("csv", blind=True)(BytesIO(table([GOOD_ROWS["csv"]])), "in")
    assert blind.notices == ("left_out:lat", "left_out:lon", "left_out:radius_km", "left_out:perpetrator_id")
    assert blind.raw == seeing.raw
    read, full = (orjson.loads(one.report or b"") for one in (blind, seeing))
    assert read["place"] == {"text": "Daraya"}
    assert "candidates" not in read["perpetrator"]
    unchanged = {"place", "perpetrator"}
    assert {name: read[name] for name in read if name not in unchanged} == {
        name: full[name] for name in full if name not in unchanged
    }


def test_other_formats_have_nothing_to_leave_out() -> None:
    assert all(reader_of(name, blind=True) is reader_of(name) for name in formats() if name != "csv")
