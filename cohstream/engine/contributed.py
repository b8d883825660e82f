"""What each claim contributes to its incident: what it states that the incident says, and what hangs on it alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cohstream.domain.claim import Claim, Span
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import FOUNDING_KINDS, UNDETERMINED, Kind, Presence
from cohstream.engine.context import Context
from cohstream.engine.describe import SaidAt, accounts, describe
from cohstream.engine.fuse import Cluster, sharpness

FIELDS: dict[str, Callable[[Incident], Any]] = {
    "place": lambda incident: incident.place,
    "time": lambda incident: (incident.start, incident.end),
    "conduct": lambda incident: incident.conduct,
    "weapon": lambda incident: incident.weapon,
    "munitions": lambda incident: incident.munitions,
    "target": lambda incident: incident.target,
    "target_actor": lambda incident: incident.target_actors,
    "killed": lambda incident: incident.killed,
    "injured": lambda incident: incident.injured,
    "civilians_killed": lambda incident: incident.civilians_killed,
    "perpetrator": lambda incident: tuple(sorted(incident.attribution.candidates)),
    "attribution": lambda incident: incident.attribution.confidence,
    "denied_by": lambda incident: incident.attribution.denied_by,
    "verification": lambda incident: incident.verification,
    "independent_voices": lambda incident: incident.groups,
    "excluded_presence": lambda incident: incident.excluded_presence,
    "delineated": lambda incident: incident.delineated,
    "circumstance": lambda incident: incident.circumstances,
}
"""The fields of an incident that its members make, by name."""


NOTHING = object()
"""Stands for what a field would be if there were no incident at all."""


class Contributed(NamedTuple):
    """One field of an incident that a claim bears on: its value, and what it would be ``without`` the claim.

    ``alone``: without the claim it would be another.
    """

    field: str
    value: Any
    alone: bool
    without: Any


def contributed(
    claim: Claim, incident: Incident, cluster: Cluster, context: Context, said_at: SaidAt | None
) -> tuple[Contributed, ...]:
    """What ``claim`` contributes to ``incident``, that of ``cluster``: the others described without it, and compared.

    Nothing is fused anew: it is asked what the same accounts say if this one is silent.
    """
    rest = without(claim, cluster, context, said_at)
    found = []
    for name, read in FIELDS.items():
        value = read(incident)
        then = NOTHING if rest is None else read(rest)
        if states(claim, name, incident) or (rest is not None and value != then):
            found.append(Contributed(name, value, value != then, then))
    return tuple(found)


def without(claim: Claim, cluster: Cluster, context: Context, said_at: SaidAt | None) -> Incident | None:
    """The incident of ``cluster`` if ``claim`` were not there; ``None`` if nothing would found one."""
    core, joined = ([one for one in some if one is not claim] for some in (cluster.members, cluster.joined))
    members, attached = accounts(core, joined)
    if not members:
        return None
    founder = cluster.founder
    if founder is claim:
        founder = min(core or members, key=sharpness)
    return describe(founder, members, attached, context.event_day, said_at)


def states(claim: Claim, name: str, incident: Incident) -> bool:
    """Whether ``claim`` itself says what ``incident`` says in field ``name``."""
    if name == "denied_by":
        return claim.kind is Kind.DENIAL and not set(claim.perpetrators).isdisjoint(incident.attribution.denied_by)
    if name == "circumstance":
        return not set(claim.circumstances).isdisjoint(incident.circumstances)
    if name == "perpetrator":
        accused = claim.kind is not Kind.DENIAL and set(claim.perpetrators)
        return bool(accused and accused & incident.attribution.candidates.keys())
    if claim.kind not in FOUNDING_KINDS:
        return False
    match name:
        case "place":
            return claim.place == incident.place
        case "time":
            return (claim.start, claim.end) == (incident.start, incident.end)
        case "conduct":
            return claim.conduct == incident.conduct
        case "weapon":
            return claim.weapon == incident.weapon
        case "target":
            return claim.target == incident.target != UNDETERMINED
        case "target_actor":
            return not set(claim.target_actors).isdisjoint(incident.target_actors)
        case "munitions" | "killed" | "injured" | "civilians_killed":
            return bounds(getattr(claim, name), getattr(incident, name))
        case "verification":
            return claim.verification == incident.verification
        case "excluded_presence":
            disputed = incident.excluded_presence is Presence.DISPUTED
            return claim.excluded_presence is not Presence.UNKNOWN and (
                disputed or claim.excluded_presence is incident.excluded_presence
            )
        case "delineated":
            return claim.delineated
    return False


def bounds(said: Span | None, whole: Span | None) -> bool:
    """Whether a stated count is one end, or both, of the whole."""
    return said is not None and whole is not None and (said[0] == whole[0] or said[1] == whole[1])
