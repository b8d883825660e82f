"""Incidents that look at other reports near them: for the attack that one in self-defence answers, and for notices.

All lie in one area, so that partitions cannot change a result. What an incident finds is kept beside its judgement, in
``Ledger.evidence``, not in its findings: those are shared by all incidents that are alike in law, and which attack it
was is not of that kind. The law is told one word of it for each agreement.

Only an event whose spot and day are known answers or is answered (a *sharp* one): who names a province says of no spot
that it was fired at. What came, changed or went is looked at again by the claimants that could see it, and by nobody
else: a first shot's own claim is not followed, so nothing cascades.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import UNDETERMINED
from cohstream.engine.context import Context
from cohstream.engine.ledger import NOTHING_CLAIMED, Evidence, Ledger
from cohstream.engine.moving import Cause
from cohstream.engine.notices import covers, notices_of
from cohstream.engine.placing import FUSED_WITH, ONE_DAY, is_coarse
from cohstream.law.first_shot import NOBODY_LOOKED, WHO_FIRED_FIRST, FirstShots, could_precede
from cohstream.law.steps import NOTICED

HANGS_ON_OTHERS = WHO_FIRED_FIRST | NOTICED
ATTACK = FUSED_WITH["attack"]


def look(ledger: Ledger, old: Incident | None, new: Incident, context: Context) -> Evidence:
    """What ``new``, which takes the place of ``old``, finds of the excuses claimed for it; it is kept."""
    if old is not None:
        forget(ledger, old)
    if HANGS_ON_OTHERS.isdisjoint(new.circumstances):
        return NOTHING_CLAIMED
    ledger.claimants.setdefault(new.area, {}).setdefault(new.event_day, {})[new.incident_id] = None
    found = ledger.evidence[new.incident_id] = _found(ledger, new, context)
    return found


def look_again(
    ledger: Ledger, moved: Iterable[tuple[Incident, Cause]], context: Context
) -> Iterator[tuple[Incident, Evidence, Cause]]:
    """The incidents of which ``moved`` or moved notices changed what they find, with what they find now; it is kept."""
    dependants = _dependants(ledger, moved, context)
    _add_notified(ledger, dependants)
    for incident_id, cause in dependants.items():
        incident = ledger.incidents[incident_id]
        found = _found(ledger, incident, context)
        if found != ledger.evidence[incident_id]:
            ledger.evidence[incident_id] = found
            yield incident, found, cause


def forget(ledger: Ledger, gone: Incident) -> None:
    """Let go of what ``gone`` found."""
    if ledger.evidence.pop(gone.incident_id, None) is None:
        return
    days = ledger.claimants[gone.area]
    del days[gone.event_day][gone.incident_id]
    if not days[gone.event_day]:
        del days[gone.event_day]
    if not days:
        del ledger.claimants[gone.area]


def days_looked_back(context: Context) -> int:
    """Local days before its own of which an incident may look at others: days are up to an hour short."""
    return -(-context.law.look_back // ONE_DAY) + 1


def _found(ledger: Ledger, incident: Incident, context: Context) -> Evidence:
    claimed = set(incident.circumstances)
    return Evidence(
        _first_shots(ledger, incident, context) if WHO_FIRED_FIRST & claimed else NOBODY_LOOKED,
        notices_of(ledger, incident) if NOTICED & claimed else None,
    )


def _first_shots(ledger: Ledger, answer: Incident, context: Context) -> FirstShots:
    return context.law.first_shots(answer, list(_before(ledger, answer, context)) if _is_sharp(answer) else [])


def _before(ledger: Ledger, answer: Incident, context: Context) -> Iterator[Incident]:
    """The sharp incidents of the area that could come before ``answer``."""
    for day in _days(context.day_of(answer.start - context.law.look_back), answer.event_day):
        field = ledger.fields.get((answer.area, day, ATTACK))
        for cluster in field.clusters() if field else ():
            shot = cluster.incident
            if shot is not None and _could_see(answer, shot, context.law.look_back):
                yield shot


def _dependants(ledger: Ledger, moved: Iterable[tuple[Incident, Cause]], context: Context) -> dict[str, Cause]:
    """The claimants that could see any of ``moved``, each with the claims that moved there."""
    found: dict[str, Cause] = {}
    for shot, cause in moved:
        days = ledger.claimants.get(shot.area)
        if days is None or not _is_sharp(shot):
            continue
        for day in _days(shot.event_day, context.day_of(shot.end + context.law.look_back)):
            for incident_id in days.get(day, ()):
                if _could_see(ledger.incidents[incident_id], shot, context.law.look_back):
                    found.setdefault(incident_id, []).extend(cause)
    return found


def _add_notified(ledger: Ledger, dependants: dict[str, Cause]) -> None:
    """Add the claimants that moved notices cover."""
    for notice in ledger.notices_moved:
        for claimants in ledger.claimants.get(notice.place.area, {}).values():
            for incident_id in claimants:
                if covers(notice, ledger.incidents[incident_id]):
                    dependants.setdefault(incident_id, []).append(notice.claim_id)


def _could_see(answer: Incident, shot: Incident, look_back: timedelta) -> bool:
    return (
        shot.incident_id != answer.incident_id
        and _is_sharp(shot)
        and could_precede(shot, answer, look_back) is not False
    )


def _is_sharp(incident: Incident) -> bool:
    return incident.event_day != UNDETERMINED and not is_coarse(incident.place)


def _days(first: str, last: str) -> Iterator[str]:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        yield day.isoformat()
        day += ONE_DAY
