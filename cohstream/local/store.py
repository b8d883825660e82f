"""The embedded state: a SQLite log of every version of every report (ADR 0005).

Everything else that cohstream believes is derived from this log, so a crash can lose no more than the batch
that was not yet committed, and that batch is simply read again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cohstream.domain.canonical import utc_text
from cohstream.errors import StateError
from cohstream.importers import Row
from cohstream.publish.published import Told

FILE_NAME = "cohstream.sqlite"
FORMAT = "1"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reports (
    seq INTEGER PRIMARY KEY, received_at TEXT NOT NULL, position TEXT NOT NULL,
    report BLOB NOT NULL, original BLOB);
CREATE TABLE IF NOT EXISTS rejected (
    digest BLOB PRIMARY KEY, position TEXT NOT NULL, code TEXT NOT NULL, problem TEXT NOT NULL,
    raw BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY, change_id TEXT UNIQUE NOT NULL, body BLOB NOT NULL, findings BLOB,
    told_at TEXT);
"""


LATER_COLUMNS = {"findings": "BLOB", "told_at": "TEXT"}
"""Columns of ``changes`` that a state of an earlier version lacks: what was told before them has none."""

UNSAID = datetime.min.replace(tzinfo=UTC)
"""When a change was told of which the log does not say it: before all others."""


class StoredReport(NamedTuple):
    """One version of a report; ``original`` is the foreign record it was made from, if any."""

    received_at: str
    position: str
    report: bytes
    original: bytes | None


class Rejected(NamedTuple):
    """A record that could not be read, with its bytes and why."""

    position: str
    code: str
    problem: str
    raw: bytes


class StoredChange(NamedTuple):
    """A change as it was told; ``findings`` marks those behind it, ``None``: nothing is found any more."""

    change_id: str
    body: bytes
    findings: bytes | None


class Store:
    """The log of one run or of one state directory: one process at a time, one transaction a batch."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, directory: Path | None) -> Store:
        """Open the log in ``directory`` (made if missing), or in memory for ``None``.

        Raises :class:`StateError` if the directory cannot be used, is in use, or was written by a newer version.
        """
        if directory is None:
            return cls._prepared(sqlite3.connect(":memory:", isolation_level=None), "memory")
        path = directory / FILE_NAME
        try:
            directory.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, isolation_level=None, timeout=1)
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            return cls._prepared(connection, str(path))
        except (OSError, sqlite3.Error) as error:
            raise StateError(_why_unusable(path, error)) from error

    @classmethod
    def _prepared(cls, connection: sqlite3.Connection, where: str) -> Store:
        connection.executescript(SCHEMA)
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(changes)")}
        for later, kind in LATER_COLUMNS.items():
            if later not in columns:
                connection.execute(f"ALTER TABLE changes ADD COLUMN {later} {kind}")
        store = cls(connection)
        found = store.meta("format") or FORMAT
        if found != FORMAT:
            raise StateError(
                f"{where} was written in state format {found}, this version reads format {FORMAT}; "
                "upgrade cohstream, or start with another --state directory"
            )
        store.set_meta("format", FORMAT)
        return store

    def outlast_power_cuts(self) -> None:
        """From now on a commit returns once it is on the disk; before, a cut of power may take back the last ones."""
        self._db.execute("PRAGMA synchronous=FULL")

    def meta(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def append(
        self,
        reports: Iterable[StoredReport],
        rejected: Iterable[Rejected],
        changes: Iterable[StoredChange],
    ) -> None:
        """Write what one batch brought, all or nothing. Raises :class:`StateError` (disk full, say)."""
        try:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO reports (received_at, position, report, original) VALUES (?, ?, ?, ?)", reports
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO rejected VALUES (?, ?, ?, ?, ?)",
                ((sha256(one.raw).digest(), *one) for one in rejected),
            )
            now = utc_text(datetime.now(UTC))
            self._db.executemany(
                "INSERT OR IGNORE INTO changes (change_id, body, findings, told_at) VALUES (?, ?, ?, ?)",
                ((*change, now) for change in changes),
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise StateError(f"the state could not be written: {error}; free the disk and run again") from error

    def reports_kept(self) -> int:
        """How many versions of reports the log holds."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM reports").fetchone()[0])

    def reports(self) -> Iterator[StoredReport]:
        for row in self._db.execute("SELECT received_at, position, report, original FROM reports ORDER BY seq"):
            yield StoredReport(*row)

    def rejected(self) -> Iterator[Rejected]:
        for row in self._db.execute("SELECT position, code, problem, raw FROM rejected ORDER BY position, digest"):
            yield Rejected(*row)

    def changes_kept(self) -> int:
        """How many changes the log holds."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])

    def changes(self) -> Iterator[bytes]:
        for change in self.changes_told():
            yield change.body

    def changes_told(self) -> Iterator[StoredChange]:
        for row in self._db.execute("SELECT change_id, body, findings FROM changes ORDER BY seq"):
            yield StoredChange(*row)

    def published(self) -> Iterator[Told]:
        """Every change with when it was told, in order."""
        for told_at, body in self._db.execute("SELECT told_at, body FROM changes ORDER BY seq"):
            yield Told.of(UNSAID if told_at is None else datetime.fromisoformat(told_at), body)

    def close(self) -> None:
        self._db.close()


def rows_kept(directory: Path) -> Iterator[Row]:
    """Every version of every report in the log in ``directory``, in order. Raises as :meth:`Store.open`."""
    store = Store.open(directory)
    try:
        for kept in store.reports():
            yield Row(kept.original or kept.report, kept.position, kept.report)
    finally:
        store.close()


def _why_unusable(path: Path, error: Exception) -> str:
    if "locked" in str(error):
        return f"{path} is in use by another cohstream process; wait for it, or choose another --state directory"
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return f"{path} is not a cohstream state file; choose another --state directory, or restore it from a copy"
    return f"the state directory {path.parent} cannot be used: {error}; check its permissions and the disk"
