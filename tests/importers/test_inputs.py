"""Inputs as people have them: gzip, standard input, marks, wrong encodings, endless lines, broken files."""

from __future__ import annotations

import gzip
import io
import random
import sys
from pathlib import Path

import pytest

from cohstream.engine.intake import MAX_RECORD_BYTES
from cohstream.errors import InputError
from cohstream.importers import Row, open_input

LINE = b'{"source": "A"}'


def read_all(path: Path | str, format_name: str | None = None) -> tuple[list[Row], str]:
    """Every row, and how reading ended (empty: well)."""
    rows: list[Row] = []
    try:
        rows.extend(open_input(path, format_name))
    except InputError as error:
        return rows, str(error)
    return rows, ""


def test_lines_pass_unchanged_with_their_position(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE + b"\n\n  \r\n" + LINE + b" \r\nnot json")
    rows = list(open_input(path))
    assert [row.report for row in rows] == [LINE, LINE + b" ", b"not json"]
    assert [row.position for row in rows] == [f"{path}:{number}" for number in (1, 4, 5)]
    assert all(row.raw == row.report for row in rows)


def test_a_mark_at_the_start_belongs_to_no_record(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + LINE)
    assert [row.report for row in open_input(path)] == [LINE]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"source": "A"}\n'.encode(encoding))
    rows, end = read_all(path)
    assert rows == []
    assert "UTF-16" in end
    assert "UTF-8" in end
    assert "UTF-16" in read_all(path, "csv")[1]


def test_gzip_is_known_by_its_bytes_and_progress_counts_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plain-name.jsonl"
    path.write_bytes(gzip.compress(LINE + b"\n" + LINE))
    seen: list[int] = []
    assert len(list(open_input(path, progress=seen.append))) == 2
    assert seen[-1] == path.stat().st_size


def test_a_truncated_gzip_gives_what_it_has_and_then_says_so(tmp_path: Path) -> None:
    draw = random.Random(7)
    lines = [b'{"n": %d}' % draw.getrandbits(64) for _ in range(20_000)]
    packed = gzip.compress(b"\n".join(lines))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    rows, end = read_all(path)
    whole = [row for row in rows if row.report is not None]
    assert [row.report for row in whole] == lines[: len(whole)]
    assert len(whole) > 1_000
    assert f"{len(whole):,} whole lines" in end
    assert "truncated" in end
    assert [row.code for row in rows[len(whole) :]] in ([], ["truncated"])


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_a_gzip_cut_in_its_header(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(LINE)[:size])
    rows, end = read_all(path, "jsonl")
    assert end or size == 1
    assert len(rows) <= 1


def test_damage_within_a_gzip_ends_reading_with_one_message(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"\n".join([LINE] * 50)))
    packed[-6] ^= 0xFF
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed)
    rows, end = read_all(path)
    assert len(rows) >= 49
    assert "reading failed" in end


def test_a_line_of_50_mb_is_kept_whole_and_the_rest_goes_on(tmp_path: Path) -> None:
    long = b'{"note": "' + b"x" * 50_000_000 + b'"}'
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE + b"\n" + long + b"\n" + LINE + b"\n")
    rows = list(open_input(path))
    assert [row.code for row in rows] == [None, "too_large", None]
    assert rows[1].raw == long
    assert f"{MAX_RECORD_BYTES:,}" in str(rows[1].problem)


def test_a_file_without_lines_ends_instead_of_filling_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cohstream.importers.lines.MAX_HELD_BYTES", 1 << 20)
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE + b"\n" + b"x" * (3 << 20))
    rows, end = read_all(path)
    assert len(rows) == 1
    assert end.startswith(f"{path}:2: ")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(LINE))))
    assert list(open_input("-")) == [Row(LINE, "stdin:1", LINE)]


def test_an_empty_input_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert read_all(path) == ([], "")


def test_blank_lines_before_a_header_do_not_hide_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\r\n\ndate,country,location,number,description\n")
    assert read_all(path) == ([], "")
    path.write_bytes(b"\xef\xbb\xbf\n\nSir, I must report\n")
    assert "not known" in read_all(path)[1]


def test_missing_directory_and_nonsense_names(tmp_path: Path) -> None:
    assert "no such file" in read_all(tmp_path / "missing")[1]
    assert "directory" in read_all(tmp_path)[1]
    assert "file name" in read_all("a\0b")[1]
    assert read_all("x" * 5_000)[1]


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"Sir, I must report\n")
    for end in (read_all(path)[1], read_all(path, "xml")[1]):
        assert all(name in end for name in ("jsonl", "csv", "centcom", "airwars"))
    path.write_bytes(b'[{"source": "A"}]')
    assert "one report a line" in read_all(path)[1]
