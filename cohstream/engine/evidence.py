"""The claims that an incident rests on, and which incident or report somebody means."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from itertools import islice

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.place import Place
from cohstream.engine.intake import claim_id_of, readings_of
from cohstream.engine.ledger import NOTHING_CLAIMED, Ledger
from cohstream.engine.placing import seat_of
from cohstream.engine.settle import presence_holds
from cohstream.errors import ConfigError

LEAST_PREFIX = 4
"""Characters of an incident's id that may stand for it, if no other id begins so."""

NAMES_COMPARED = 50_000
NEAR = 5


def members_of(ledger: Ledger, incident: Incident) -> list[Claim]:
    """The claims that ``incident`` is made of, in canonical order."""
    return [claim for member in incident.members if (claim := ledger.claim(member)) is not None]


def presence_claims(ledger: Ledger, incident: Incident) -> list[Claim]:
    """What is said of an excluded group's presence at the spot and time of ``incident``, by id of claim."""
    return presence_at(ledger, incident.place, incident.start)


def presence_at(ledger: Ledger, place: Place, start: datetime) -> list[Claim]:
    """What is said of an excluded group's presence at the spot of ``place`` at ``start``, by id of claim."""
    where = seat_of(place)
    seat = ledger.seats.get(where) if where[1] else None
    if seat is None:
        return []
    return [claim for _, claim in sorted(seat.presences.items()) if presence_holds(claim, start)]


def notice_claims(ledger: Ledger, incident: Incident) -> list[Claim]:
    """The notices that cover ``incident``, where it is claimed that there were any, by id of claim."""
    found = ledger.evidence.get(incident.incident_id, NOTHING_CLAIMED).notices or ()
    return [ledger.notices[incident.area][claim_id] for claim_id in found]


def incident_meant(ledger: Ledger, asked: str) -> str:
    """The id of the incident that ``asked`` means.

    That is its id, a former one or the beginning of one, or ``SOURCE/REPORT_ID`` of a report that speaks of it. Raises
    :class:`ConfigError` that says why there is none, and what is near.
    """
    found = ledger.resolve(asked)
    if found is not None:
        return found
    for source, report_id in readings_of(asked):
        claim_id = claim_id_of(source, report_id)
        found = ledger.resolve(claim_id)
        if found is not None:
            return found
        if claim_id in ledger.reports:
            raise ConfigError(_of_no_incident(asked, ledger.claim(claim_id)))
    begins = [one for one in ledger.incidents if one.startswith(asked)] if len(asked) >= LEAST_PREFIX else []
    if len(begins) == 1:
        return begins[0]
    near = begins[:NEAR] or _near(ledger, asked)
    told = f"; near are: {', '.join(near)}" if near else ""
    raise ConfigError(
        f"there is no incident {asked!r} among {len(ledger.incidents):,}, and no report of that name{told}; "
        "name an incident by its id, or a report as SOURCE/REPORT_ID"
    )


def _of_no_incident(asked: str, claim: Claim | None) -> str:
    if claim is None:
        return f"the report {asked!r} is retracted, so it speaks of no incident; explain another report of the event"
    return (
        f"the report {asked!r} is kept, but it founds no incident: it is of kind {claim.kind}, or says nothing of "
        "conduct; explain an incident that it bears on"
    )


def _near(ledger: Ledger, asked: str) -> list[str]:
    claims = list(islice(ledger.claims(), NAMES_COMPARED))
    said = asked.rpartition("/")[2].casefold()
    same = [f"{one.source}/{one.report_id}" for one in claims if one.report_id.casefold() == said]
    names = [*ledger.incidents, *(f"{one.source}/{one.report_id}" for one in claims)]
    return (same or get_close_matches(asked, names[:NAMES_COMPARED], NEAR))[:NEAR]
