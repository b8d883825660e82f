"""The form of ``data/actors.yaml``, as Pydantic reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

DAMASCUS = ZoneInfo("Asia/Damascus")

ActorKind = Literal["force", "state", "coalition", "umbrella", "political"]
ListStatus = Literal["listed", "disputed"]
CommitmentStatus = Literal["committed", "associated", "refused", "disputed", "ambiguous", "not_party"]
SourceStatus = Literal["read", "known", "unverified"]


def _instant(value: object) -> datetime:
    """A date (midnight in Damascus) or an instant with a zone, as UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(
            "this is no time | Write a date (2016-07-28) or an instant with a zone (2016-02-26T12:00:00+02:00)."
        ) from None
    if instant.tzinfo is None:
        if len(str(value)) != len("2016-07-28"):
            raise ValueError("an instant needs a zone | Append the offset, e.g. +02:00.")
        instant = instant.replace(tzinfo=DAMASCUS)
    return instant.astimezone(UTC)


FileInstant = Annotated[datetime, BeforeValidator(_instant)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ActorEntry(Entry):
    id: Annotated[str, Field(pattern=r"^(gov|ally|ext|kur|opp|coa|exc|amb|ukr|ordlo|unk)\.[a-z0-9_]+$")]
    name: str
    kind: ActorKind
    aliases: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    aircraft: bool = False


class LabelEntry(Entry):
    """Phrases that mean a set of actors: ids, or ``opp.*`` for every armed actor of a bloc."""

    means: tuple[str, ...]
    phrases: tuple[str, ...]
    leading: bool = False


class WordLists(Entry):
    """Words by which free text is judged (the file says what each list does)."""

    joining: frozenset[str]
    plain: frozenset[str]
    unclear: frozenset[str]
    about_after: frozenset[str]
    about_before: frozenset[str]
    locating: frozenset[str]


class DatedEntry(Entry):
    """A fact that holds in the half-open interval [since, until); an absent bound is open."""

    since: FileInstant | None = Field(default=None, alias="from")
    until: FileInstant | None = None
    source: str
    source_status: SourceStatus

    @model_validator(mode="after")
    def _ordered(self) -> DatedEntry:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("'until' is not after 'from' | Correct one of them.")
        return self

    def holds_at(self, instant: datetime) -> bool:
        return (self.since is None or self.since <= instant) and (self.until is None or instant < self.until)


class RenameEntry(DatedEntry):
    actor: str
    name: str


class MergerEntry(DatedEntry):
    actor: str
    into: str


class MembershipEntry(DatedEntry):
    coalition: str
    actors: tuple[str, ...]


class DesignationEntry(DatedEntry):
    list: str
    status: ListStatus = "listed"
    actors: tuple[str, ...]


class CommitmentEntry(DatedEntry):
    agreement: str
    authority: str
    status: CommitmentStatus
    actors: tuple[str, ...]


class ActorFile(Entry):
    """The whole file; every actor id that a fact or a label names must be declared under ``actors``."""

    actors: tuple[ActorEntry, ...]
    labels: tuple[LabelEntry, ...]
    words: WordLists
    renames: tuple[RenameEntry, ...] = ()
    mergers: tuple[MergerEntry, ...] = ()
    memberships: tuple[MembershipEntry, ...] = ()
    designations: tuple[DesignationEntry, ...] = ()
    commitments: tuple[CommitmentEntry, ...] = ()

    @model_validator(mode="after")
    def _declared(self) -> ActorFile:
        ids = [actor.id for actor in self.actors]
        twice = {one for one in ids if ids.count(one) > 1}
        named = {actor for label in self.labels for actor in label.means if not actor.endswith(".*")}
        named |= {rename.actor for rename in self.renames}
        named |= {one for merger in self.mergers for one in (merger.actor, merger.into)}
        named |= {one for membership in self.memberships for one in (membership.coalition, *membership.actors)}
        named |= {one for designation in self.designations for one in designation.actors}
        named |= {one for commitment in self.commitments for one in commitment.actors}
        if twice:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))} | Keep one entry of each.")
        if unknown := named.difference(ids):
            raise ValueError(f"not declared under 'actors': {', '.join(sorted(unknown))} | Add or correct them.")
        return self

    @property
    def dated(self) -> tuple[DatedEntry, ...]:
        return (*self.renames, *self.mergers, *self.memberships, *self.designations, *self.commitments)

    def meant_by(self, label: LabelEntry) -> tuple[str, ...]:
        """The actor ids of a label's set, sorted; ``bloc.*`` is every actor of the bloc that bears arms."""
        ids: set[str] = set()
        for one in label.means:
            bloc = one.removesuffix("*")
            ids |= (
                {one}
                if bloc == one
                else {actor.id for actor in self.actors if actor.id.startswith(bloc) and actor.kind != "political"}
            )
        return tuple(sorted(ids))
