"""The digest: one hash that says whether two runs believe the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from typing import Any

from cohstream.domain.canonical import canonical_json
from cohstream.engine.ledger import Ledger
from cohstream.publish.disclosure import public_incident
from cohstream.publish.records import assessment_record, tally_record


def incident_records(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """The current incidents in their public form, by id."""
    for incident_id in sorted(ledger.incidents):
        yield public_incident(ledger.incidents[incident_id])


def assessment_records(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """The current assessments, by incident and agreement."""
    yield from map(assessment_record, ledger.assessments())


def tally_records(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """The non-zero tallies, by key."""
    for key, count in sorted(ledger.tallies().items()):
        yield tally_record(key, count)


def digest(ledger: Ledger) -> str:
    """SHA-256 over the canonical JSON lines of the current incidents, assessments and tallies, in order of key."""
    records = chain(incident_records(ledger), assessment_records(ledger), tally_records(ledger))
    return digest_of_lines(map(canonical_json, records))


def digest_of_lines(lines: Iterable[bytes]) -> str:
    """The digest over lines of canonical JSON: incidents by id, assessments by incident and agreement, tallies."""
    hashed = sha256()
    for line in lines:
        hashed.update(line + b"\n")
    return f"sha256:{hashed.hexdigest()}"
