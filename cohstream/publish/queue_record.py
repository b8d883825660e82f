"""The queue of open questions in public form."""

from __future__ import annotations

from dataclasses import dataclass

from cohstream.domain.incident import Incident
from cohstream.engine.ledger import Ledger
from cohstream.engine.queue import OpenQuestion
from cohstream.publish.disclosure import public_place


@dataclass(frozen=True)
class Queued:
    """An open question: what is missing, about what, for which incidents, and the verdicts each answer would change."""

    agreement: str
    fact: str
    about: str
    changes: int
    answers: dict[str, int]
    parties: tuple[str, ...]
    incidents: tuple[str, ...]


def queued(question: OpenQuestion, ledger: Ledger) -> Queued:
    """``question`` as the public may see it; shielded incidents must have been asked about apart."""
    return Queued(
        question.agreement,
        question.fact,
        _about(question, ledger.incidents[question.incidents[0]]),
        question.worth,
        dict(question.changes),
        tuple(sorted(question.parties)),
        tuple(question.incidents),
    )


def _about(question: OpenQuestion, incident: Incident) -> str:
    """What a question is about, in words: an event by its day and place."""
    kind, *ids = question.about
    place = public_place(incident).name or "an unknown place"
    match kind:
        case "place":
            return place
        case "agreement":
            return question.agreement
        case "incident":
            return f"{incident.conduct} at {place}, {incident.event_day}"
    return f"{kind} {', '.join(ids)}"
