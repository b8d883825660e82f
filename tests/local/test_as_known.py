"""As known at a moment is a run over what had come in by then, whatever came after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.importers import Row
from cohstream.knowledge import load_knowledge
from cohstream.local.as_known import AsKnown
from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.digest import digest
from tests.received import came, moments, received
from tests.worlds import lines

NOON = datetime.fromisoformat("2016-03-05T12:00:00+02:00")


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.of(load_knowledge(), chosen_agreements(Settings()))


def believed(records: list[bytes], context: Context) -> str:
    ledger = Ledger()
    apply(ledger, records, context)
    return digest(ledger)


def rows(records: list[bytes]) -> list[Row]:
    return [Row(raw, f"a:{number}", raw) for number, raw in enumerate(records)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=st.lists(received(), max_size=12), moment=moments(), data=st.data())
def test_as_known_is_a_run_over_what_had_come_in(
    world: list[dict[str, Any]], moment: datetime, data: st.DataObject, context: Context
) -> None:
    shuffled = data.draw(st.permutations(world))
    known = AsKnown(moment)
    found = believed([row.raw for row in known.rows(rows(lines(shuffled)))], context)
    subset = [body for body in world if came(body) <= moment]
    assert found == believed(lines(subset), context)
    assert known.later == len(world) - len(subset)


@pytest.mark.parametrize(
    "later",
    [
        {"revision": 1, "retracts": True},
        {"revision": 1, "perpetrator": {"candidates": ["ext.russia"]}},
        {"revision": 1, "place": {"text": "Daraya"}},
        {"source": "SANA", "kind": "denial"},
    ],
    ids=["retracted", "attributed to another", "moved", "denied"],
)
def test_what_comes_later_changes_nothing_that_was_known(later: dict[str, Any], context: Context) -> None:
    first = {
        "source": "SNHR",
        "report_id": "1",
        "kind": "allegation",
        "received_at": "2016-03-02T00:00:00Z",
        "occurred": {"start": "2016-03-01T10:00:00+02:00", "precision": "hour"},
        "place": {"text": "Talbiseh"},
        "conduct": "air_strike",
        "perpetrator": {"candidates": ["gov.saa"]},
        "target": {"class": "residential"},
    }
    both = lines([first, {**first, **later, "received_at": "2016-03-06T00:00:00Z"}])
    assert [row.raw for row in AsKnown(NOON).rows(rows(both))] == both[:1]
    assert believed(both, context) != believed(both[:1], context)


def test_what_cannot_be_read_is_let_through_to_be_rejected() -> None:
    bad = [Row(b"nonsense", "a:1", b"nonsense"), Row(b"x", "a:2", None, "bad_row", "why")]
    assert list(AsKnown(NOON).rows(bad)) == bad
