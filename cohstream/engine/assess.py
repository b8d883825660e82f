"""Assessing: an incident held against the agreements in hand."""

from __future__ import annotations

from cohstream.domain.incident import Incident
from cohstream.law.facts import Facts


def facts_of(incident: Incident) -> Facts:
    """What the law is told of ``incident``."""
    attribution = incident.attribution
    return Facts(
        start=incident.start,
        end=incident.end,
        place=incident.place,
        conduct=incident.conduct,
        weapon=incident.weapon,
        target=incident.target,
        target_actors=incident.target_actors,
        perpetrators=tuple(attribution.candidates),
        confidence=attribution.confidence,
        denied_by=attribution.denied_by,
        presence=incident.excluded_presence,
        delineated=incident.delineated,
        verification=incident.verification,
        circumstances=incident.circumstances,
        civilians_harmed=incident.civilians_killed is not None and incident.civilians_killed[0] > 0,
    )
