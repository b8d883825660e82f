"""Where an actor stands under an agreement at an instant: party, role, and whether it is excluded."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cohstream.knowledge.actors import ActorRegistry, Commitment
from cohstream.law.agreement import NON_PARTY, Agreement
from cohstream.law.text import Binding


class Standing(NamedTuple):
    """One actor under one agreement at one instant.

    ``identity`` is who the actor is after mergers; ``party`` is a declared party or ``non_party``; ``excluded`` is
    ``no``, ``yes`` or ``disputed``; ``coverage`` says whether the agreement binds and protects the actor: ``covered``,
    ``disputed`` or ``none``.
    """

    actor_id: str
    party: str
    role: str
    excluded: str
    coverage: str
    why: str
    identity: str

    @property
    def names(self) -> frozenset[str]:
        """The words by which a clause may mean this actor: its id, its identity, its role."""
        return frozenset((self.actor_id, self.identity, self.role)) - {""}


def standing_of(actor_id: str, instant: datetime, agreement: Agreement, actors: ActorRegistry) -> Standing:
    """The standing of ``actor_id``, by its identity, designations and commitments at ``instant``."""
    facts = actors.facts_at(actor_id, instant)
    excluded, why = _excluded(actor_id, facts.identity, facts.designations, agreement)
    membership = agreement.membership_of(facts.identity) or agreement.membership_of(actor_id)
    if excluded == "yes" or membership is None:
        return Standing(
            actor_id, NON_PARTY, "", excluded, "none", why or "belongs to no declared party", facts.identity
        )
    party, role = membership
    declared = agreement.parties[party]
    said = _said(facts.commitments, agreement)
    disputed = [
        word.authority
        for word in said
        if word.status == "ambiguous" or (word.status == "disputed" and word.authority in agreement.text.authorities)
    ]
    if excluded == "disputed":
        coverage = "disputed"
    elif disputed or declared.binding is Binding.DISPUTED:
        by = f" ({', '.join(disputed)})" if disputed else ""
        coverage, why = "disputed", f"whether it is bound and covered as {party} is disputed{by}"
    elif said and all(word.status in ("refused", "not_party") for word in said):
        why = "refused the agreement or is no party to it"
        return Standing(actor_id, NON_PARTY, "", excluded, "none", why, facts.identity)
    else:
        coverage, why = "covered", f"{role} of {party}"
    return Standing(actor_id, party, role, excluded, coverage, why, facts.identity)


def _said(commitments: tuple[Commitment, ...], agreement: Agreement) -> list[Commitment]:
    """What is said of a commitment to the agreement, else to the nearest of its parents of which anything is said."""
    for name in (agreement.agreement_id, *agreement.parents):
        said = [word for word in commitments if word.agreement == name]
        if said:
            return said
    return []


def _excluded(actor_id: str, identity: str, designations: tuple[object, ...], agreement: Agreement) -> tuple[str, str]:
    exclusion = agreement.text.exclusion
    for name in (actor_id, identity):
        if name in exclusion.named:
            as_whom = "" if name == actor_id else f", as part of {name}"
            return "yes", f"excluded by name{as_whom}"
    listed = {
        getattr(one, "status", ""): getattr(one, "list", "")
        for one in designations
        if getattr(one, "list", "") in exclusion.lists
    }
    if "listed" in listed:
        return "yes", f"excluded by list {listed['listed']}"
    if "disputed" in listed:
        return "disputed", f"its listing by {listed['disputed']} is disputed"
    return "no", ""
