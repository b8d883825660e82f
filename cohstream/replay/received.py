"""Reports in order of receipt, so that what was known can be played moment by moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from cohstream.domain.report import Report
from cohstream.engine.intake import Version, claim_id_of, read_report, received_at


class Received(NamedTuple):
    """One version of a report, and when it came in."""

    moment: datetime
    claim_id: str
    version: Version
    raw: bytes
    report: Report


def in_order_of_receipt(reports: Iterable[bytes]) -> list[Received]:
    """``reports``, which can be read, as they came in; those of one moment in an order that input has no part in."""
    received = []
    for raw in reports:
        report = read_report(raw)
        claim_id = claim_id_of(report.source, report.report_id)
        received.append(Received(received_at(report), claim_id, Version.of(report, raw), raw, report))
    return sorted(received, key=lambda one: one[:3])
