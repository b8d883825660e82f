"""The small job: parse a report's JSON, count per party in durable state, write one record out per report.

The party is what the report calls the perpetrator; input and output are keyed by it, so that an engine with state by
key needs no further hop.
"""

from __future__ import annotations

from typing import Any

import orjson

NOBODY = "unnamed"


def party_of(report: dict[str, Any]) -> str:
    return (report.get("perpetrator") or {}).get("text") or NOBODY


def told(report: dict[str, Any], party: str, number: int) -> dict[str, Any]:
    """The record that goes out: whose report, of whom, and the how manieth."""
    return {"source": report["source"], "report_id": report["report_id"], "party": party, "count": number}


def told_bytes(report: dict[str, Any], party: str, number: int) -> bytes:
    return orjson.dumps(told(report, party, number))
