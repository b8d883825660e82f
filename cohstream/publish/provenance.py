"""Where each fact of a decision comes from: the reports that say it, and the source of what law and knowledge add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.vocabulary import Kind, Presence, is_within
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Agreement
from cohstream.law.case import case_of, view_of
from cohstream.law.evaluation import facts_used
from cohstream.law.facts import Facts


@dataclass(frozen=True)
class FactUsed:
    """A fact of a decision: the reports that say so, by ``SOURCE/REPORT_ID``, and the sources of law and knowledge."""

    name: str
    value: str
    said_by: tuple[str, ...]
    rests_on: tuple[str, ...]


def label_of(claim: Claim) -> str:
    """A report as people name it: ``SNHR/DR0007``."""
    return f"{claim.source}/{claim.report_id}"


def facts_with_sources(
    incident: Incident,
    facts: Facts,
    members: Sequence[Claim],
    presence: Sequence[Claim],
    notices: Sequence[Claim],
    agreement: Agreement,
    actors: ActorRegistry,
) -> tuple[FactUsed, ...]:
    """The ``facts`` that ``agreement`` uses of ``incident``, each with who says it and what it rests on.

    ``members`` are the claims that the incident is made of, ``presence`` those that say who was present there,
    ``notices`` those that said it beforehand.
    """
    used = facts_used(case_of(agreement, facts, view_of(agreement, facts, actors)))
    found = []
    for fact in used:
        name, _, value = fact.partition("=")
        elsewhere = {"excluded_presence": [*members, *presence], "notice": notices}
        claims = elsewhere.get(name, members)
        said_by = tuple(label_of(claim) for claim in claims if _says(claim, name, value))
        found.append(FactUsed(name, value, said_by, _rests_on(name, value, incident, agreement, actors)))
    return tuple(found)


def _says(claim: Claim, name: str, value: str) -> bool:
    """Whether a claim itself says a fact; a vaguer weapon than the one used does not speak against it."""
    actor = value.split(" ", 1)[0]
    match name:
        case "conduct":
            return claim.conduct == value
        case "weapon":
            stem = value.removesuffix(".undetermined")
            return is_within(claim.weapon, (stem,)) or is_within(stem, (claim.weapon.removesuffix(".undetermined"),))
        case "target":
            return claim.target == value
        case "perpetrator":
            return actor in claim.perpetrators and claim.kind is not Kind.DENIAL
        case "target_actor":
            return actor in claim.target_actors
        case "denied_by":
            return claim.kind is Kind.DENIAL and actor in claim.perpetrators
        case "attribution":
            return bool(claim.perpetrators)
        case "excluded_presence":
            return claim.excluded_presence is not Presence.UNKNOWN
        case "delineated":
            return claim.delineated
        case "circumstance":
            return value in claim.circumstances
        case "civilians_harmed":
            return claim.civilians_killed is not None and claim.civilians_killed[0] > 0
        case "time" | "area":
            return claim.kind is not Kind.DENIAL
        case "notice":
            return True
    return False


def _rests_on(
    name: str, value: str, incident: Incident, agreement: Agreement, actors: ActorRegistry
) -> tuple[str, ...]:
    text = agreement.text
    if name == "time":
        ends = [f"ended {claim.until}, says {claim.authority}: {claim.source}" for claim in text.validity.until_claims]
        return (text.validity.source, *(ends if value in ("disputed", "after") else ()))
    if name == "area":
        return (text.area.source,)
    if name not in ("perpetrator", "target_actor"):
        return ()
    actor = value.split(" ", 1)[0]
    identity = actors.facts_at(actor, incident.start).identity
    membership = agreement.membership_of(identity) or agreement.membership_of(actor)
    declared = [party.source for party in text.parties if membership and party.id == membership[0]]
    excluded = [text.exclusion.source] if {actor, identity} & set(text.exclusion.named) else []
    return (*excluded, *declared, *actors.sources_at(actor, incident.start, agreement.agreement_id))
