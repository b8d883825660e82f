"""CSV to records: the bytes kept, bad rows told, a stray quote not swallowing its successors."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from cohstream.errors import InputError, ReportError
from cohstream.importers.cells import Cells
from cohstream.importers.tables import MAX_LINES, Record, Table


def records(data: bytes) -> list[Record]:
    return list(Table(BytesIO(data), "in.csv", ("a", "b")).records())


def outline(data: bytes) -> list[tuple[str, bytes, Any]]:
    """Position, bytes, and the values or the code of each record."""
    return [
        (
            record.position,
            record.raw,
            [record.cells.text("a"), record.cells.text("b")] if isinstance(record.cells, Cells) else record.cells.code,
        )
        for record in records(data)
    ]


def test_quoted_line_ends_belong_to_the_record() -> None:
    assert outline(b'a,b\r\n1,"two\r\nlines"\r\n\r\n3,4') == [
        ("in.csv:2", b'1,"two\r\nlines"', ["1", "two\r\nlines"]),
        ("in.csv:5", b"3,4", ["3", "4"]),
    ]


def test_quotes_within_unquoted_cells_are_letters() -> None:
    assert outline(b'a,b\n5" gun,x\n1,2\n')[0][2] == ['5" gun', "x"]


def test_too_few_and_too_many_columns() -> None:
    assert [row[2] for row in outline(b"a,b\n1\n1,2,3\n1,2\n")] == ["bad_row", "bad_row", ["1", "2"]]


def test_bytes_that_are_not_utf8_are_kept() -> None:
    assert outline(b"a,b\n\xff\xfe,2\n1,2\n") == [
        ("in.csv:2", b"\xff\xfe,2", "bad_encoding"),
        ("in.csv:3", b"1,2", ["1", "2"]),
    ]


@pytest.mark.parametrize("broken", [b'1,"never closed', b'1,"closed"badly'])
def test_a_stray_quote_costs_its_own_line_only(broken: bytes) -> None:
    found = outline(b"a,b\n" + broken + b'\n3,4\n5,"6"\n')
    assert found[0] == ("in.csv:2", broken, "bad_row")
    assert [row[2] for row in found[1:]] == [["3", "4"], ["5", "6"]]


def test_a_stray_quote_far_from_the_end() -> None:
    many = b"".join(b"%d,x\n" % number for number in range(3 * MAX_LINES))
    found = outline(b'a,b\n1,"open\n' + many)
    assert [row[2] for row in found if row[2] == "bad_row"] == ["bad_row"]
    assert len(found) == 1 + 3 * MAX_LINES


def test_a_huge_row_is_kept_whole_and_a_huge_cell_is_named() -> None:
    huge = b"1," + b"x" * 2_000_000
    cell = b"1," + b"x" * 200_000
    found = outline(b"a,b\n" + huge + b"\n" + cell + b"\n1,2\n")
    assert [row[2] for row in found] == ["too_large", "too_large", ["1", "2"]]
    assert found[0][1] == huge


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"a,c\n1,2\n", "lacks the columns b"),
        (b"a,b,a\n", "twice"),
        (b'a,"b\n', "header"),
        (b"\xff,b\n", "header"),
    ],
)
def test_a_bad_header_ends_the_input(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        records(data)


def test_cells_nobody_took_are_left() -> None:
    cells = Cells(("a", "b", "c"), ("1", " ", " x "))
    assert cells.text("a") == "1"
    assert cells.text("absent") is None
    assert cells.left() == {"c": "x"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("nan", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e999", "out_of_range"),
        ("95", "out_of_range"),
        ("many", "wrong_type"),
        ("0x10", "wrong_type"),
        ("1_0", "wrong_type"),
        ("٣", "wrong_type"),
    ],
)
def test_numbers_are_read_strictly(value: str, code: str) -> None:
    with pytest.raises(ReportError) as caught:
        Cells(("n",), (value,)).number("n", -90, 90)
    assert caught.value.code == code
    assert "'n'" in str(caught.value)


@pytest.mark.parametrize("value", ["1.5", "-1", "3 or 4"])
def test_counts_are_whole(value: str) -> None:
    with pytest.raises(ReportError):
        Cells(("n",), (value,)).whole("n")
    assert Cells(("n",), ("3.0",)).whole("n") == 3
