"""Assessing: an incident held against the agreements in hand."""

from __future__ import annotations

from functools import partial

from cohstream.domain.incident import Incident
from cohstream.law.facts import Facts

_facts = partial(tuple.__new__, Facts)
"""Facts of all their parts as one tuple, because taking them one by one takes as long as judging them."""


def facts_of(incident: Incident) -> Facts:
    """What the law is told of ``incident``."""
    attribution = incident.attribution
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
        )
    )
