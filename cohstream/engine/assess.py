"""Assessing: an incident held against the agreements in hand."""

from __future__ import annotations

from functools import partial

from cohstream.domain.incident import Incident
from cohstream.engine.ledger import NOTHING_CLAIMED, Evidence, Ledger
from cohstream.law.facts import Facts

_facts = partial(tuple.__new__, Facts)
"""Facts of all their parts as one tuple, because taking them one by one takes as long as judging them."""


def facts_of(incident: Incident, evidence: Evidence = NOTHING_CLAIMED) -> Facts:
    """What the law is told of ``incident``; ``evidence`` is what was found of excuses claimed for it."""
    attribution = incident.attribution
    first_shots, notices = evidence
    return _facts(
        (
            incident.start,
            incident.end,
            incident.place,
            incident.verification,
            incident.conduct,
            incident.weapon,
            incident.target,
            incident.target_actors,
            tuple(attribution.candidates),
            attribution.confidence,
            attribution.denied_by,
            incident.excluded_presence,
            incident.delineated,
            incident.circumstances,
            incident.civilians_killed is not None and incident.civilians_killed[0] > 0,
            tuple([(one.agreement, one.word) for one in first_shots]) if first_shots else (),
            None if notices is None else bool(notices),
        )
    )


def facts_in(ledger: Ledger, incident: Incident) -> Facts:
    """What the law is told of an incident of ``ledger``, and of what is near it."""
    return facts_of(incident, ledger.evidence.get(incident.incident_id, NOTHING_CLAIMED))
