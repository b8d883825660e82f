"""Assessing: an incident held against the agreements in hand."""

from __future__ import annotations

from functools import partial

from cohstream.domain.incident import Incident
from cohstream.engine.ledger import Ledger
from cohstream.law.facts import Facts
from cohstream.law.first_shot import NOBODY_LOOKED, FirstShots

_facts = partial(tuple.__new__, Facts)
"""Facts of all their parts as one tuple, because taking them one by one takes as long as judging them."""


def facts_of(incident: Incident, looked: FirstShots = NOBODY_LOOKED) -> Facts:
    """What the law is told of ``incident``; ``looked`` is what was found of a first shot that it answers."""
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
            tuple([(one.agreement, one.word) for one in looked]) if looked else (),
        )
    )


def facts_in(ledger: Ledger, incident: Incident) -> Facts:
    """What the law is told of an incident of ``ledger``, and of what it answers there."""
    return facts_of(incident, ledger.first_shots.get(incident.incident_id, NOBODY_LOOKED))
