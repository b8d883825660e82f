"""What a reader of the changes holds, and what it should hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cohstream.engine.ledger import Ledger
from cohstream.publish.records import verdicts_of

Told = dict[tuple[str, str, str], Any]


def told_by(changes: Iterable[dict[str, Any]]) -> Told:
    """The verdicts that a reader of all ``changes`` holds at the end, by area, incident and agreement."""
    held: Told = {}
    for change in changes:
        key = change["area"], change["incident_id"], change["agreement"]
        assert held.get(key) == change["before"], f"a change starts from what was told before: {change}"
        held[key] = change["after"]
    return {key: verdicts for key, verdicts in held.items() if verdicts is not None}


def verdicts_by(ledger: Ledger) -> Told:
    """The verdicts that ``ledger`` holds."""
    return {
        (ledger.incidents[one.incident_id].area, one.incident_id, one.agreement): verdicts_of(one.findings)
        for one in ledger.assessments()
    }
