"""Topics as JSON Lines: what a session believes, written to a directory."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cohstream.domain.canonical import canonical_json
from cohstream.errors import StateError
from cohstream.local.session import Session
from cohstream.local.store import Rejected
from cohstream.publish.digest import assessment_records, incident_records, tally_records
from cohstream.publish.records import claim_record


def write_outputs(session: Session, directory: Path) -> None:
    """Write every topic as ``<topic>.jsonl`` in ``directory``, each file whole or not at all.

    Raises :class:`StateError` if the directory cannot be written.
    """
    ledger, store = session.ledger, session.store
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / "reports.jsonl", (stored.report for stored in store.reports()))
        _write(directory / "claims.jsonl", _lines(map(claim_record, ledger.claims())))
        _write(directory / "incidents.jsonl", _lines(incident_records(ledger)))
        _write(directory / "assessments.jsonl", _lines(assessment_records(ledger)))
        _write(directory / "tallies.jsonl", _lines(tally_records(ledger)))
        _write(directory / "changes.jsonl", store.changes())
        write_rejected(session, directory)
    except OSError as error:
        raise StateError(f"the outputs could not be written to {directory}: {error}; check it and run again") from error


def write_rejected(session: Session, directory: Path) -> None:
    """Write the dead letters alone: ``rejected.jsonl``, each with its bytes, its code and why."""
    _write(directory / "rejected.jsonl", _lines(rejected_record(one) for one in session.store.rejected()))


def rejected_record(rejected: Rejected) -> dict[str, Any]:
    return {
        "position": rejected.position,
        "code": rejected.code,
        "problem": rejected.problem,
        "raw_base64": b64encode(rejected.raw).decode("ascii"),
    }


def _lines(records: Iterable[object]) -> Iterator[bytes]:
    return (canonical_json(record) for record in records)


def _write(path: Path, lines: Iterable[bytes]) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        for line in lines:
            out.write(line + b"\n")
    part.replace(path)
