"""An agreement, ready to be evaluated: its file with times, roles and zones made exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cohstream.domain.vocabulary import Policy
from cohstream.law.text import DRAFTS, AgreementText, Binding, ClauseText, Evaluated, Modality, ZoneText

NON_PARTY = "non_party"


class Party(NamedTuple):
    """A party that the agreement's file declares."""

    id: str
    label: str
    binding: Binding
    guarantor: bool


class Term(NamedTuple):
    """The agreement's validity at an instant: ``before``, ``in_force``, ``disputed``, ``suspended`` or ``after``.

    ``claimed_by``: by whose word it has not begun (``begun`` is false then), or is over.
    """

    word: str
    claimed_by: tuple[str, ...] = ()
    begun: bool = True


class Zone(NamedTuple):
    """A zone with its times made exact; ``None`` = without bound."""

    text: ZoneText
    since: datetime | None
    until: datetime | None

    @property
    def id(self) -> str:
        return self.text.id

    @property
    def admin1(self) -> list[str]:
        return self.text.admin1

    def is_there(self, instant: datetime) -> bool:
        return (self.since is None or self.since <= instant) and (self.until is None or instant < self.until)


@dataclass(frozen=True)
class Agreement:
    """One agreement. ``digest`` is the hash of its file's text."""

    text: AgreementText
    digest: str

    @property
    def agreement_id(self) -> str:
        return self.text.agreement

    @property
    def title(self) -> str:
        return self.text.title

    @property
    def status(self) -> str:
        return self.text.status

    @property
    def tz(self) -> str:
        return self.text.zone

    @property
    def default_policy(self) -> Policy:
        return self.text.default_policy

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the agreements that this one presupposes, nearest first."""
        return tuple(self.text.parents)

    @property
    def is_draft(self) -> bool:
        return self.text.status in DRAFTS

    @property
    def waits_to_be_named(self) -> bool:
        """Whether no incident is held against it unless somebody names it."""
        return self.is_draft or self.text.evaluated is Evaluated.WHEN_NAMED

    @cached_property
    def parties(self) -> Mapping[str, Party]:
        return {one.id: Party(one.id, one.label, one.binding, one.guarantor) for one in self.text.parties}

    @cached_property
    def rules(self) -> tuple[ClauseText, ...]:
        """The clauses that regulate conduct (prohibit, permit, require a conduct)."""
        return tuple(
            clause
            for clause in self.text.clauses
            if clause.conduct and clause.modality in {Modality.PROHIBIT, Modality.PERMIT, Modality.REQUIRE}
        )

    @cached_property
    def zones(self) -> Mapping[str, Zone]:
        return {zone.id: Zone(zone, self._bound(zone.from_), self._bound(zone.until)) for zone in self.text.zones}

    @cached_property
    def members(self) -> Mapping[str, tuple[str, str]]:
        """Party and role by actor id or bloc pattern (``opp.*``)."""
        return {
            member: (party.id, role)
            for party in self.text.parties
            for role, members in party.roles.items()
            for member in members
        }

    def membership_of(self, actor_id: str) -> tuple[str, str] | None:
        """Party and role of an actor: by its own id, else by its bloc."""
        return self.members.get(actor_id) or self.members.get(actor_id.split(".", 1)[0] + ".*")

    @cached_property
    def starts(self) -> tuple[tuple[datetime, str], ...]:
        """Claimed starts with their authority, earliest first; an undisputed ``from`` counts as one."""
        claims = [(claim.from_, claim.authority) for claim in self.text.validity.from_claims]
        return self._claimed(claims, self.text.validity.from_)

    @property
    def start(self) -> datetime | None:
        """The earliest start that anybody claims."""
        return self.starts[0][0] if self.starts else None

    @cached_property
    def ends(self) -> tuple[tuple[datetime, str], ...]:
        """Claimed ends with their authority, earliest first; an undisputed ``until`` counts as one."""
        claims = [(claim.until, claim.authority) for claim in self.text.validity.until_claims]
        return self._claimed(claims, self.text.validity.until)

    @cached_property
    def pauses(self) -> tuple[tuple[datetime, datetime], ...]:
        return tuple((self._instant(one.from_), self._instant(one.until)) for one in self.text.validity.pauses)

    def boundaries(self) -> tuple[datetime, ...]:
        """Every instant at which the agreement's validity, or that of one of its zones, may change."""
        claimed = [instant for instant, _ in (*self.starts, *self.ends)]
        bounds = [*self.pauses, *((zone.since, zone.until) for zone in self.zones.values())]
        return (*claimed, *[instant for pair in bounds for instant in pair if instant is not None])

    def term_at(self, instant: datetime) -> Term:
        """Whether the agreement holds at ``instant``: disputed between the first and last claim of its start or end."""
        to_come = tuple(who for start, who in self.starts if instant < start)
        if to_come:
            return Term("before" if len(to_come) == len(self.starts) else "disputed", to_come, begun=False)
        over = tuple(who for end, who in self.ends if end <= instant)
        if over:
            return Term("after" if len(over) == len(self.ends) else "disputed", over)
        return Term("suspended" if any(start <= instant < end for start, end in self.pauses) else "in_force")

    def _claimed(self, claims: list[tuple[str, str]], undisputed: str | None) -> tuple[tuple[datetime, str], ...]:
        if undisputed is not None:
            claims = [*claims, (undisputed, "all")]
        return tuple(sorted((self._instant(text), who) for text, who in claims))

    def _bound(self, text: str | None) -> datetime | None:
        return None if text is None else self._instant(text)

    def _instant(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.text.zone))
