"""An agreement, ready to be evaluated: its file with times, roles and zones made exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cohstream.domain.vocabulary import Policy
from cohstream.law.text import DRAFTS, AgreementText, Binding, ClauseText, Modality, ZoneText

NON_PARTY = "non_party"


class Party(NamedTuple):
    """A party that the agreement's file declares."""

    id: str
    label: str
    binding: Binding
    guarantor: bool


class Term(NamedTuple):
    """The agreement's validity at an instant: ``before``, ``in_force``, ``disputed`` or ``after``."""

    word: str
    claimed_by: tuple[str, ...] = ()


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
    def zones(self) -> Mapping[str, ZoneText]:
        return {zone.id: zone for zone in self.text.zones}

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
    def start(self) -> datetime | None:
        return self._instant(self.text.validity.from_)

    @cached_property
    def ends(self) -> tuple[tuple[datetime, str], ...]:
        """Claimed ends with their authority, earliest first; an undisputed ``until`` counts as one."""
        claims = [(claim.until, claim.authority) for claim in self.text.validity.until_claims]
        if self.text.validity.until is not None:
            claims.append((self.text.validity.until, "all"))
        return tuple(sorted((instant, who) for text, who in claims if (instant := self._instant(text))))

    def boundaries(self) -> tuple[datetime, ...]:
        """Every instant at which the agreement's validity may change."""
        start = (self.start,) if self.start else ()
        return (*start, *(instant for instant, _ in self.ends))

    def term_at(self, instant: datetime) -> Term:
        """Whether the agreement holds at ``instant``; between its first and last claimed end that is disputed."""
        if self.start is not None and instant < self.start:
            return Term("before")
        over = tuple(who for end, who in self.ends if end <= instant)
        if not over:
            return Term("in_force")
        return Term("after" if len(over) == len(self.ends) else "disputed", over)

    def _instant(self, text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.text.zone))
