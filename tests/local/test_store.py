"""The log of the embedded driver: whole batches or nothing, one process at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cohstream.errors import StateError
from cohstream.local.store import FILE_NAME, Rejected, Store, StoredChange, StoredReport

ONE = StoredReport("2016-03-01T00:00:00Z", "a.jsonl:1", b"{}", None)


def test_what_was_appended_is_there_after_reopening(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.append([ONE], [Rejected("a.jsonl:2", "not_json", "why", b"\xff")], [StoredChange("c1", b"{}", b"mark")])
    store.close()
    store = Store.open(tmp_path)
    assert list(store.reports()) == [ONE]
    assert [one.raw for one in store.rejected()] == [b"\xff"]
    assert list(store.changes()) == [b"{}"]
    store.close()


def test_the_same_rejected_bytes_and_changes_are_kept_once(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for _ in range(2):
        store.append([], [Rejected("a:1", "not_json", "why", b"x")], [StoredChange("c1", b"{}", b"mark")])
    assert len(list(store.rejected())) == 1
    assert len(list(store.changes())) == 1
    store.close()


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    broken = StoredReport("t", "p", object(), None)  # type: ignore[arg-type]
    with pytest.raises(StateError):
        store.append([ONE, broken], [], [])
    assert list(store.reports()) == []
    store.close()


def test_a_second_process_is_told_to_wait(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with pytest.raises(StateError, match="in use by another"):
        Store.open(tmp_path)
    store.close()


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"my thesis, not a database" * 100)
    with pytest.raises(StateError, match="not a cohstream state file"):
        Store.open(tmp_path)
    assert path.read_bytes().startswith(b"my thesis")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'format'")
    connection.close()
    with pytest.raises(StateError, match="format 99"):
        Store.open(tmp_path)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="cannot be used"):
        Store.open(tmp_path / "state")


def test_a_state_of_before_findings_were_marked_is_read_on(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cohstream.sqlite") as former:
        former.execute(
            "CREATE TABLE changes (seq INTEGER PRIMARY KEY, change_id TEXT UNIQUE NOT NULL, body BLOB NOT NULL)"
        )
        former.execute("INSERT INTO changes (change_id, body) VALUES ('c1', '{}')")
    former.close()
    store = Store.open(tmp_path)
    store.append([], [], [StoredChange("c2", b"{}", b"mark")])
    assert [(one.change_id, one.findings) for one in store.changes_told()] == [("c1", None), ("c2", b"mark")]
