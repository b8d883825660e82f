"""Examples for the schemas: one report, and every record that comes of it, as a worker writes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka.structs import ConsumerRecord

from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report
from cohstream.engine.ledger import Ledger
from cohstream.errors import ReportError
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.live.area import AreaBelief, Told
from cohstream.live.begun import Begun
from cohstream.live.dead_letters import dead_letter
from cohstream.live.intake import report_key
from cohstream.live.statement import stated
from cohstream.live.topics import ASSESSMENTS, CHANGES, CLAIMS, INCIDENTS, REJECTED, REPORTS, TALLIES
from cohstream.live.writer import Outgoing

GUIDE = Path(__file__).parents[2] / "docs/json-report.md"
FINDINGS_SHOWN = 2
LAW = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Example:
    """A record of a topic."""

    key: str | None
    headers: dict[str, str]
    value: Any


AGREEMENTS = ("SY-COH-2016-02", "SY-JIG-2016-07")


def examples() -> dict[str, Example]:
    """One record for each public topic; all come of the report that ``docs/json-report.md`` shows."""
    raw = _report()
    law = load_agreements()
    context = Context.of(load_knowledge(), {name: law[name] for name in AGREEMENTS})
    ledger = Ledger()
    apply(ledger, [raw], context)
    (kept,) = ledger.reports.values()
    assert kept.claim is not None
    said = stated(kept, kept.claim.place.area, kept.claim)
    told = Told()
    AreaBelief(context).apply([said], told, Begun(1, 0, 0).revision, "example")
    report = json.loads(raw)
    return {
        REPORTS: _example(Outgoing(report_key(report["source"], report["report_id"]), raw)),
        CLAIMS: _example(said.message()),
        INCIDENTS: _example(told.records[INCIDENTS][0]),
        ASSESSMENTS: _shortened(_example(told.records[ASSESSMENTS][0])),
        TALLIES: _example(told.records[TALLIES][0]),
        CHANGES: _example(told.records[CHANGES][0]),
        REJECTED: _example(_letter(report)),
    }


def _report() -> bytes:
    block = re.search(r"```json\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert block is not None
    return json.dumps(json.loads(block[1]), ensure_ascii=False).encode()


def _letter(report: dict[str, Any]) -> Outgoing:
    naive = {**report, "occurred": {"start": "2016-02-27T00:00:00"}}
    raw, key = json.dumps(naive, ensure_ascii=False).encode(), report_key(report["source"], report["report_id"])
    try:
        read_report(raw)
    except ReportError as error:
        record = ConsumerRecord("cohstream.reports.v1", 3, 42, 0, 0, key, raw, None, len(key), len(raw), ())
        return dead_letter(record, error.code, str(error), "intake", LAW)
    raise AssertionError("a time without a zone was read")


def _example(record: Outgoing) -> Example:
    headers = {name: value.decode() for name, value in record.headers}
    return Example(record.key.decode() if record.key else None, headers, json.loads(record.value or b"null"))


def _shortened(one: Example) -> Example:
    """An assessment with its first findings only: there is one for each party and policy."""
    return Example(one.key, one.headers, {**one.value, "findings": one.value["findings"][:FINDINGS_SHOWN]})
