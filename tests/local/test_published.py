"""As published: the log of changes, folded up to a moment, is what was believed then, whatever is believed today."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohstream.importers import Row
from cohstream.local.session import Session, Settings
from cohstream.local.store import FILE_NAME, Store, StoredChange
from cohstream.publish.published import as_published
from tests.conformance.changes import verdicts_by
from tests.received import received
from tests.worlds import lines


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(state=tmp_path))
    made.rebuild()
    yield made
    made.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches=st.lists(st.lists(received(), max_size=4), min_size=2, max_size=4))
def test_the_log_up_to_a_moment_is_what_was_believed_then(batches: list[list[dict[str, Any]]]) -> None:
    session = Session(Settings())
    try:
        session.rebuild()
        believed = []
        for number, batch in enumerate(batches):
            session.take([Row(raw, f"a:{number}", raw) for raw in lines(batch)])
            believed.append((datetime.now(UTC), verdicts_by(session.ledger)))
        told = list(session.store.published())
        assert [as_published(told, moment) for moment, _ in believed] == [verdicts for _, verdicts in believed]
    finally:
        session.close()


def test_a_change_keeps_the_time_at_which_it_was_told_first(session: Session) -> None:
    body = b'{"after": null, "agreement": "A", "area": "SY01", "cause": {}, "incident_id": "i"}'
    for _ in range(2):
        session.store.append([], [], [StoredChange("c1", body, None)])
        before = datetime.now(UTC)
    (one,) = session.store.published()
    assert one.told_at < before


def test_what_a_log_of_an_earlier_version_holds_was_told_before_all_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("CREATE TABLE changes (seq INTEGER PRIMARY KEY, change_id TEXT UNIQUE NOT NULL, body BLOB NOT NULL)")
        body = b'{"after": {}, "agreement": "A", "area": "SY01", "cause": {}, "incident_id": "i"}'
        db.execute("INSERT INTO changes VALUES (1, 'c1', ?)", (body,))
    db.close()
    store = Store.open(tmp_path)
    try:
        assert len(as_published(store.published(), datetime(1, 1, 2, tzinfo=UTC))) == 1
    finally:
        store.close()
