"""Why each member is in its incident, what it contributes, and which incidents nearby are kept apart, and why.

In public form: of a protected site, nothing is told that a place, a distance or a neighbour could give away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.place import Place
from cohstream.engine.apart import Reason
from cohstream.engine.context import Context
from cohstream.engine.contributed import NOTHING, Contributed, contributed
from cohstream.engine.evidence import members_of, presence_at
from cohstream.engine.ledger import Ledger
from cohstream.engine.likeness import in_words
from cohstream.engine.why import How, Joined, Nearby, cluster_of, joined, kept_apart
from cohstream.publish.disclosure import SHIELDED_TARGETS, is_shielded, public_place

RULES = {
    How.FOUNDER: "founder: the most precise account of its place and day, which the others are held against",
    How.SPOT: "same spot, day and kind of conduct as the founder, and nothing that rules it out",
    How.CHOSE: "its place or time is wider: of the events there and then it chose the likest",
    How.TOGETHER: "no account names one spot and day: they are alike enough to be of one event",
    How.ORDERED: "an analyst ordered that it is of this event",
    How.ATTACHED: "it speaks of somebody else's account: of the events there and then it chose the likest",
}
REASONS = {
    Reason.NO_EVENT: "one speaks of no event",
    Reason.SOURCE: "one source reports both: its separate reports are separate events",
    Reason.PLACE_UNKNOWN: "nobody knows where one of them lies",
    Reason.AREA: "other areas",
    Reason.CONDUCT: "other kinds of conduct",
    Reason.MEANS: "done by other means",
    Reason.TOO_LONG: "one is told of so many days that it may be any event of them",
    Reason.TIME: "at other times",
    Reason.PLACE: "at other places",
    Reason.UNLIKE: "not alike enough",
    Reason.UNATTACHED: "a denial or an admission founds nothing",
    Reason.COARSE: "the place of one is too wide to say which event it means",
    Reason.ACTOR: "other actors are accused",
    Reason.ORDERED: "an analyst ordered that they are two",
    Reason.UNSEEN: "the two could be one, but another account fits better, or two fit equally well",
}
SITE = frozenset({Reason.NO_EVENT, Reason.SOURCE, Reason.CONDUCT, Reason.MEANS, Reason.ACTOR, Reason.ORDERED})
"""Reasons whose details name no place and no distance."""


@dataclass(frozen=True)
class Part:
    """One field in which an account was compared with the founder, and what that weighs for one event."""

    field: str
    comparison: str
    said: str
    weight: float


@dataclass(frozen=True)
class Why:
    """By which rule a member is in, and what spoke for it; ``weight`` is ``None`` where it must not be told.

    ``next_best`` is the incident that it could have joined instead, empty if there is none or it must not be told, and
    ``margin`` by how much this one was likelier.
    """

    rule: str
    sentence: str
    parts: tuple[Part, ...]
    weight: float | None
    next_best: str
    margin: float | None


@dataclass(frozen=True)
class Contribution:
    """A field of the incident that a member bears on. ``alone``: without it the incident would say ``without``."""

    field: str
    value: str
    alone: bool
    without: str


@dataclass(frozen=True)
class KeptApart:
    """An incident nearby that is another one. What could tell a protected site's place is empty."""

    incident_id: str
    conduct: str
    place: str
    km: float | None
    reason: str
    sentence: str
    detail: str


@dataclass(frozen=True)
class Membership:
    """Why each member (by claim id) is in, what it contributes, and the nearest incidents that are kept apart.

    Both mappings are empty for an incident that is sealed: of it only what it says is kept.
    """

    why: Mapping[str, Why]
    contributions: Mapping[str, tuple[Contribution, ...]]
    kept_apart: tuple[KeptApart, ...]


NO_INCIDENT = "no incident"
"""What there would be without the only account that founds it."""

NOT_KEPT = Membership({}, {}, ())


def membership_of(ledger: Ledger, incident: Incident, context: Context) -> Membership:
    """How ``incident`` of ``ledger`` came to have its members."""
    cluster = cluster_of(ledger, incident, context)
    if cluster is None:
        return NOT_KEPT
    hidden = tells_of_shielded(ledger, incident)
    members = members_of(ledger, incident)

    def said_at(place: Place, start: datetime) -> frozenset[Any]:
        return frozenset(one.excluded_presence for one in presence_at(ledger, place, start))

    return Membership(
        {one.claim_id: _why(ledger, joined(ledger, cluster, one, context), hidden) for one in members},
        {
            one.claim_id: tuple(
                _contribution(part, incident, hidden) for part in contributed(one, incident, cluster, context, said_at)
            )
            for one in members
        },
        tuple(_kept_apart(ledger, one, hidden) for one in kept_apart(ledger, cluster, context)),
    )


def tells_of_shielded(ledger: Ledger, incident: Incident) -> bool:
    """Whether ``incident``, or an account of it, speaks of a site whose place is coarsened."""
    return is_shielded(incident) or speak_of_shielded(members_of(ledger, incident))


def speak_of_shielded(claims: Sequence[Claim]) -> bool:
    """Whether one of ``claims`` speaks of a site whose place is coarsened."""
    return any(claim.target in SHIELDED_TARGETS for claim in claims)


def _why(ledger: Ledger, found: Joined, hidden: bool) -> Why:
    parts = [part for part in found.parts if part.field != "place"] if hidden else found.parts
    rival = found.rival
    secret = hidden or rival is None or tells_of_shielded(ledger, ledger.incidents[rival.incident_id])
    return Why(
        found.how,
        RULES[found.how],
        tuple(Part(part.field, part.comparison, part.said, round(part.weight, 2)) for part in parts),
        None if len(parts) < len(found.parts) else round(found.weight, 2),
        "" if secret or rival is None else rival.incident_id,
        None if rival is None else round(found.weight - rival.weight, 2),
    )


def _contribution(part: Contributed, incident: Incident, hidden: bool) -> Contribution:
    then = NO_INCIDENT if part.without is NOTHING else _text(part.field, part.without, hidden)
    place = part.field == "place"
    value = public_place(incident).name or "unknown" if place else _text(part.field, part.value, hidden)
    return Contribution(part.field, value, part.alone, then if part.alone else "")


def _text(field: str, value: Any, hidden: bool) -> str:
    match field:
        case "place":
            return "" if hidden else value.name or "unknown"
        case "time":
            start, end = value
            return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        case "munitions" | "killed" | "injured" | "civilians_killed":
            return in_words(value) or "nobody says"
        case "delineated":
            return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "nobody"
    return str(value)


def _kept_apart(ledger: Ledger, near: Nearby, hidden: bool) -> KeptApart:
    reason, detail = near.apart
    if hidden or tells_of_shielded(ledger, near.incident):
        return KeptApart("", "", "", None, reason, REASONS[reason], detail if reason in SITE else "")
    return KeptApart(
        near.incident.incident_id,
        near.incident.conduct,
        public_place(near.incident).name or "unknown",
        None if near.km is None else round(near.km, 1),
        reason,
        REASONS[reason],
        detail,
    )
