"""Notices: what a party says beforehand of a strike or a flight, and which incidents are covered by it.

A claim that a strike was agreed or a flight notified is no more than a claim; the notice is a report of its own, of
kind ``statement`` and statement ``notification``. It covers an event of its area that lies wholly within its time, in
reach of its place, by whom and of the family of conduct that it names, if it names any.
"""

from __future__ import annotations

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import CONDUCT_FAMILY
from cohstream.engine.ledger import Ledger
from cohstream.law.first_shot import in_one_sector


def post(ledger: Ledger, notice: Claim, step: int) -> None:
    """Let ``notice`` stand in its area (``step`` 1), or take it from there (-1)."""
    posted = ledger.notices.setdefault(notice.place.area, {})
    if step > 0:
        posted[notice.claim_id] = notice
    else:
        del posted[notice.claim_id]
    ledger.notices_moved.append(notice)


def notices_of(ledger: Ledger, incident: Incident) -> tuple[str, ...]:
    """Ids of the notices that cover ``incident``."""
    posted = ledger.notices.get(incident.area, {})
    return tuple(sorted([one.claim_id for one in posted.values() if covers(one, incident)]))


def covers(notice: Claim, incident: Incident) -> bool:
    """Whether ``notice`` speaks of ``incident``."""
    candidates = incident.attribution.candidates
    return (
        notice.start <= incident.start
        and incident.end <= notice.end
        and (not notice.perpetrators or not candidates.keys().isdisjoint(notice.perpetrators))
        and (notice.conduct is None or CONDUCT_FAMILY[notice.conduct] == CONDUCT_FAMILY.get(incident.conduct))
        and in_one_sector(notice.place, incident.place, 0.0) is not False
    )
