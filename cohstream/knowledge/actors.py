"""Who is who, and when: actors with their names, mergers, coalitions, designations and commitments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Literal, NamedTuple, Self

from cohstream.knowledge.actor_file import ActorFile, ActorKind, CommitmentStatus, ListStatus
from cohstream.knowledge.actor_names import NameResolver, Resolved
from cohstream.strict_yaml import read_model

FILE = "actors.yaml"
UNIDENTIFIED = "unk.unidentified"
"""The id that sources' coders give to "somebody"; it names no one."""


class Actor(NamedTuple):
    """One actor, whatever the date. ``aircraft``: whether it flies manned aircraft over Syria."""

    actor_id: str
    name: str
    kind: ActorKind
    bloc: str
    aliases: tuple[str, ...]
    aircraft: bool


class Designation(NamedTuple):
    """An entry on a list (``UNSC-1267``, ``US``, ``TR``, ``RU``) that is in force."""

    list: str
    status: ListStatus


class Commitment(NamedTuple):
    """What an authority says of an actor's commitment to an agreement.

    The authority ``members`` is a coalition's: what its members' statuses add up to.
    """

    agreement: str
    authority: str
    status: CommitmentStatus


class ActorFacts(NamedTuple):
    """What holds of an actor at an instant.

    ``identity`` is who it is after mergers; bloc, designations and commitments are those of the identity,
    ``coalitions`` (ids, sorted) are its own and the identity's.
    """

    identity: str
    bloc: str
    coalitions: tuple[str, ...]
    designations: tuple[Designation, ...]
    commitments: tuple[Commitment, ...]


class ActorRegistry:
    """The actors of ``data/actors.yaml``. All answers are pure; they are remembered per segment between boundaries."""

    def __init__(self, file: ActorFile, file_name: str = FILE) -> None:
        self._file = file
        self._actors = {
            one.id: Actor(
                one.id,
                one.name,
                one.kind,
                one.id.split(".")[0],
                (*one.aliases, *one.countries, *one.capitals),
                one.aircraft,
            )
            for one in file.actors
        }
        self._names = NameResolver(file, file_name)
        bounds = {bound for fact in file.dated for bound in (fact.since, fact.until) if bound is not None}
        self._boundaries = tuple(sorted(bounds))
        self._facts: dict[tuple[str, int], ActorFacts] = {}

    @classmethod
    def load(cls) -> Self:
        """The registry that ships with the package. Raises :class:`DataError` if its file is damaged."""
        text = files("cohstream.knowledge").joinpath("data", FILE).read_text(encoding="utf-8")
        return cls(read_model(ActorFile, text, FILE))

    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(self._actors))

    def lists(self) -> frozenset[str]:
        """Every list by which somebody is designated at some time."""
        return frozenset(fact.list for fact in self._file.designations)

    def actor(self, actor_id: str) -> Actor:
        """The actor of an id. Raises :class:`KeyError` for an id that is not registered."""
        return self._actors[actor_id]

    def resolve(self, text: str | None, candidates: tuple[str, ...]) -> Resolved:
        """The actors that a report may mean, sorted; ``()`` = unknown. Known candidates win over text.

        A candidate that is no known id gives ``unknown_actor:<x>`` and is read as a name. ``unk.unidentified`` names no
        one: alone it leaves the word to the text; beside known candidates it opens their set, which is then
        what the text's label means if that includes them, else unknown (``open_candidates:<ids>``).
        """
        ids: set[str] = set()
        notices: list[str] = []
        for candidate in candidates:
            if candidate in self._actors:
                ids.add(candidate)
            else:
                notices.append(f"unknown_actor:{candidate}")
                ids.update(self._names.resolve(candidate).ids)
        is_open = UNIDENTIFIED in ids
        ids.discard(UNIDENTIFIED)
        if ids and not is_open:
            return Resolved(tuple(sorted(ids)), tuple(notices))
        told = self._names.resolve(text)
        if ids and not ids <= set(told.ids):
            return Resolved((), (*notices, f"open_candidates:{'|'.join(sorted(ids))}"))
        return Resolved(told.ids, (*notices, *told.notices)) if notices or is_open else told

    def name_at(self, actor_id: str, instant: datetime) -> str:
        """What the actor called itself at ``instant`` (``Jabhat Fatah al-Sham`` in August 2016)."""
        names = (fact.name for fact in self._file.renames if fact.actor == actor_id and fact.holds_at(instant))
        return next(names, self._actors[actor_id].name)

    def members_at(self, coalition: str, instant: datetime) -> tuple[str, ...]:
        """The registered members of a coalition at ``instant``, sorted."""
        return tuple(
            sorted(
                actor
                for fact in self._file.memberships
                if fact.coalition == coalition and fact.holds_at(instant)
                for actor in fact.actors
            )
        )

    def boundaries(self) -> tuple[datetime, ...]:
        """The instants (UTC, sorted) at which an answer about an instant may change."""
        return self._boundaries

    def facts_at(self, actor_id: str, instant: datetime) -> ActorFacts:
        """What holds of ``actor_id`` at ``instant``.

        Raises :class:`KeyError` for an id that is not registered and :class:`ValueError` for an instant without a zone.
        """
        if instant.tzinfo is None:
            raise ValueError(f"the instant {instant.isoformat()} has no zone; give it one")
        key = (actor_id, bisect_right(self._boundaries, instant))
        facts = self._facts.get(key)
        if facts is None:
            facts = self._facts[key] = self._facts_of(self._actors[actor_id], instant.astimezone(UTC))
        return facts

    def sources_at(self, actor_id: str, instant: datetime, agreement: str) -> tuple[str, ...]:
        """What the registry rests on where it says who an actor is at ``instant``, and whether bound by ``agreement``.

        One line a fact: mergers of the actor, and its identity's designations and commitments, each with its source.
        """
        identity = self.facts_at(actor_id, instant).identity
        merged = [
            f"part of {fact.into}: {fact.source}"
            for fact in self._file.mergers
            if fact.actor == actor_id and fact.holds_at(instant)
        ]
        listed = [
            f"{fact.status} on {fact.list}: {fact.source}"
            for fact in self._file.designations
            if identity in fact.actors and fact.holds_at(instant)
        ]
        said = [
            f"{fact.status}, says {fact.authority}: {fact.source}"
            for fact in self._file.commitments
            if fact.agreement == agreement and identity in fact.actors and fact.holds_at(instant)
        ]
        return (*merged, *listed, *said)

    def _facts_of(self, actor: Actor, instant: datetime) -> ActorFacts:
        identity = actor.actor_id
        for _ in self._file.mergers:
            identity = next(
                (fact.into for fact in self._file.mergers if fact.actor == identity and fact.holds_at(instant)),
                identity,
            )
        coalitions = {
            fact.coalition
            for fact in self._file.memberships
            if fact.holds_at(instant) and {actor.actor_id, identity} & set(fact.actors)
        }
        designations = {
            Designation(fact.list, fact.status)
            for fact in self._file.designations
            if identity in fact.actors and fact.holds_at(instant)
        }
        return ActorFacts(
            identity,
            self._actors[identity].bloc,
            tuple(sorted(coalitions)),
            tuple(sorted(designations)),
            self._commitments(identity, instant) or self._commitments_of_members(identity, instant),
        )

    def _commitments(self, identity: str, instant: datetime) -> tuple[Commitment, ...]:
        return tuple(
            sorted(
                Commitment(fact.agreement, fact.authority, fact.status)
                for fact in self._file.commitments
                if identity in fact.actors and fact.holds_at(instant)
            )
        )

    def _commitments_of_members(self, coalition: str, instant: datetime) -> tuple[Commitment, ...]:
        """A coalition without a commitment of its own has its members' status where they agree, else ``ambiguous``."""
        of_members = [
            commitment
            for member in self.members_at(coalition, instant)
            for commitment in self._commitments(member, instant)
        ]
        return tuple(
            Commitment(agreement, "members", _common(one.status for one in of_members if one.agreement == agreement))
            for agreement in sorted({one.agreement for one in of_members})
        )


def _common(statuses: Iterable[CommitmentStatus]) -> CommitmentStatus | Literal["ambiguous"]:
    found = set(statuses)
    return found.pop() if len(found) == 1 else "ambiguous"
