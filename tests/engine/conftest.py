"""Factories for the engine's tests: reports as JSON bytes, and a ledger over the shipped law and knowledge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements

BASE: dict[str, Any] = {
    "source": "SNHR",
    "report_id": "1",
    "kind": "allegation",
    "published_at": "2016-03-02T09:00:00+02:00",
    "occurred": {
        "start": "2016-03-01T00:00:00+02:00",
        "end": "2016-03-02T00:00:00+02:00",
        "precision": "day",
    },
    "place": {"text": "Talbiseh"},
    "conduct": "air_strike",
    "weapon": {"text": "barrel bombs"},
    "perpetrator": {"text": "government helicopters", "candidates": ["gov.saa"]},
    "target": {"class": "residential"},
    "excluded_presence": "none",
}


@pytest.fixture
def report() -> Callable[..., bytes]:
    """``report(report_id="2", place={...})``: the base report with some fields changed, as JSON bytes."""

    def make(**fields: Any) -> bytes:
        return json.dumps({**BASE, **fields}).encode()

    return make


@pytest.fixture(scope="session")
def context() -> Context:
    agreements = {name: one for name, one in load_agreements().items() if not one.waits_to_be_named}
    return Context.of(load_knowledge(), agreements)


@pytest.fixture
def ledger_of(context: Context) -> Callable[..., Ledger]:
    """``ledger_of([batch, batch ...])``: a fresh ledger after these batches."""

    def make(batches: Iterable[Iterable[bytes]]) -> Ledger:
        ledger = Ledger()
        for batch in batches:
            apply(ledger, batch, context)
        return ledger

    return make
