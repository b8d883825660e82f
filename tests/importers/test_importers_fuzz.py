"""Whatever bytes come, importers give rows or an InputError, and account for every record."""

from __future__ import annotations

import gzip
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from foreign_rows import GOOD_ROWS, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohstream.engine.intake import read_report
from cohstream.errors import InputError, ReportError
from cohstream.importers import Row, formats, open_input

CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "nan", "1e999", "-1", "2016-02-30", "9999-12-31", "0001-01-01", "1970-01-01", "yes", "A|B", '"', "\n"]
    ),
)


def check(rows: list[Row]) -> None:
    """Each row has a report or a reason, its bytes and its place; a report is readable or refused with a reason."""
    for row in rows:
        assert row.position
        if row.report is None:
            assert row.code
            assert row.problem
        else:
            assert row.code is None
            with suppress(ReportError):
                read_report(row.report)


@pytest.mark.parametrize("format_name", sorted(formats()))
@given(data=st.binary(max_size=400))
def test_any_bytes(format_name: str, data: bytes) -> None:
    with suppress(InputError):
        check(list(formats()[format_name](BytesIO(data), "in")))


@pytest.mark.parametrize("format_name", sorted(GOOD_ROWS))
@given(tail=st.binary(max_size=300))
def test_any_bytes_under_a_good_header(format_name: str, tail: bytes) -> None:
    head = table([GOOD_ROWS[format_name]])
    rows = list(formats()[format_name](BytesIO(head + tail), "in"))
    check(rows)
    kept = b"".join(row.raw for row in rows)
    assert all(byte in kept for byte in tail if byte not in b"\r\n")


@pytest.mark.parametrize("format_name", sorted(GOOD_ROWS))
@given(data=st.data())
@settings(max_examples=150)
def test_any_cells(format_name: str, data: st.DataObject) -> None:
    good = GOOD_ROWS[format_name]
    # csv writes a lone carriage return without quotes, and there it ends a record
    cells = CELLS.filter(lambda cell: "\r" not in cell)
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(good)), cells, max_size=4))
    rows = list(formats()[format_name](BytesIO(table([good | changed, good])), "in"))
    check(rows)
    assert len(rows) == 2


@given(data=st.binary(max_size=300), packed=st.booleans(), cut=st.integers(0, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file(tmp_path: Path, data: bytes, packed: bool, cut: int) -> None:
    path = tmp_path / "input"
    path.write_bytes(gzip.compress(data)[: -cut or None] if packed else data)
    rows: list[Row] = []
    with suppress(InputError):
        rows.extend(open_input(path))
    check(rows)
