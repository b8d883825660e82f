"""The file of a run: what is to be played, how far that has come, and what came of it. One SQLite database.

Everything that a batch changes is written in one transaction with the position reached, so an interrupted run goes on
where it was, and nothing counts twice.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from cohstream.errors import StateError

FILE_NAME = "run.sqlite"
FORMAT = 1
CACHE_KIB = 16 << 10

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE gathered (
    seq INTEGER PRIMARY KEY, position TEXT NOT NULL, report BLOB NOT NULL, notices TEXT,
    claim_id TEXT NOT NULL, moment REAL NOT NULL, day TEXT NOT NULL, lasting INTEGER NOT NULL);
CREATE TABLE queue (
    place INTEGER PRIMARY KEY, seq INTEGER NOT NULL, ahead TEXT NOT NULL, last INTEGER NOT NULL);
CREATE TABLE rejected (
    seq INTEGER PRIMARY KEY, position TEXT NOT NULL, code TEXT NOT NULL, problem TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE findings (id BLOB PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE judgements (
    id BLOB, agreement TEXT, findings BLOB NOT NULL, PRIMARY KEY (id, agreement)) WITHOUT ROWID;
CREATE TABLE incidents (incident_id TEXT PRIMARY KEY, area TEXT NOT NULL, judgement BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE contributions (
    event_day TEXT, area TEXT, conduct TEXT, weapon TEXT, verification TEXT, judgement BLOB, count INTEGER NOT NULL,
    PRIMARY KEY (event_day, area, conduct, weapon, verification, judgement)) WITHOUT ROWID;
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY, incident_id TEXT NOT NULL, area TEXT NOT NULL, agreement TEXT NOT NULL,
    change TEXT NOT NULL, before BLOB, after BLOB, cause BLOB NOT NULL, place INTEGER NOT NULL);
CREATE TABLE tallies (
    agreement TEXT, party TEXT, verdict TEXT, policy TEXT, conduct TEXT, weapon TEXT, verification TEXT, area TEXT,
    event_day TEXT, count INTEGER NOT NULL);
"""


class RunFile:
    """An open run file; ``db`` is for the modules of this package."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.db = db
        self.path = path

    @classmethod
    def create(cls, directory: Path) -> RunFile:
        """A new run in ``directory``, which is made. Raises :class:`StateError` if it holds one, or cannot be made."""
        path = directory / FILE_NAME
        if path.exists():
            raise StateError(f"{path} exists; give --resume to go on with it, or another --run")
        try:
            directory.mkdir(parents=True, exist_ok=True)
            made = cls(_connect(path), path)
            with made.transaction():
                for statement in SCHEMA.split(";\n"):
                    made.db.execute(statement)
                made["format"] = FORMAT
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        return made

    @classmethod
    def open(cls, directory: Path, *, to_read: bool = False) -> RunFile:
        """The run in ``directory``; several may read it, one at a time may write.

        Raises :class:`StateError` if there is none, or it cannot be used.
        """
        path = directory / FILE_NAME
        if not path.is_file():
            raise StateError(f"there is no run at {directory}; `cohstream replay` makes one")
        try:
            opened = cls(_connect(path, exclusive=not to_read), path)
            found = opened.get("format")
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        if found != FORMAT:
            raise StateError(
                f"{path} was written in format {found}, this version reads format {FORMAT}; "
                "upgrade cohstream, or replay anew with another --run"
            )
        return opened

    def __setitem__(self, name: str, value: Any) -> None:
        """Keep ``value``, which is built as JSON is."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, orjson.dumps(value)))

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return default if row is None else orjson.loads(row[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written in the block, or nothing. Raises :class:`StateError` (disk full, say)."""
        try:
            self.db.execute("BEGIN")
            yield
            self.db.execute("COMMIT")
        except BaseException as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _unusable(self.path, error) from error
            raise

    def close(self) -> None:
        self.db.close()

    def remove(self) -> None:
        """Close the run and take its file away."""
        self.close()
        for path in self.path.parent.glob(f"{FILE_NAME}*"):
            path.unlink()


def _connect(path: Path, *, exclusive: bool = True) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=1)
    if exclusive:
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA temp_store=FILE")
    db.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    return db


def _unusable(path: Path, error: Exception) -> StateError:
    if "locked" in str(error):
        return StateError(f"{path} is in use by another cohstream process; wait for it, or choose another run")
    if "not a database" in str(error):
        return StateError(f"{path} is no run of cohstream; choose another --run, or remove it")
    readable = os.access(path.parent, os.R_OK | os.X_OK)
    why = "" if readable else " (the directory may not be read)"
    return StateError(f"{path} cannot be used: {error}{why}; check the disk and who may write there")
