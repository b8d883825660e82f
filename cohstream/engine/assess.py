"""Assessing: an incident held against the agreements in hand."""

from __future__ import annotations

from cohstream.domain.incident import Incident
from cohstream.law.facts import Facts


def facts_of(incident: Incident) -> Facts:
    """What the law is told of ``incident``."""
    attribution = incident.attribution
    return Facts(
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
    )
