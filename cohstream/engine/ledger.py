"""The ledger: what is currently believed, derived from the winning versions of all reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from cohstream.domain.assessment import Assessment, Findings, Judgement
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.domain.tally import Contribution, TallyKey
from cohstream.domain.vocabulary import Presence, Statement
from cohstream.engine.bonds import Bonds
from cohstream.engine.fuse import FREE, Cluster, Ties, Wide
from cohstream.engine.intake import Kept
from cohstream.engine.placing import BlockKey, FieldKey, SeatKey
from cohstream.engine.tally import tallies_of
from cohstream.law.first_shot import NOBODY_LOOKED, FirstShots

COVERAGE = Statement.COVERAGE

Changed = tuple[datetime, datetime | None]
"""From an instant on, to another or for ever."""


class Block(Struct, eq=False):
    """The living sharp claims of one block, and their clusters. ``stale``: what is said of presence there changed."""

    where: SeatKey
    key: BlockKey
    claims: list[Claim] = []
    clusters: list[Cluster] = []
    stale: bool = False

    @property
    def field(self) -> FieldKey | None:
        """The field that the block lies in; none for that of a claim that is alone."""
        day, family = self.key
        return (self.where[0], day, family) if day else None


class Field(Struct, eq=False):
    """One area on one local day, for one family of conduct.

    ``wides`` are the wide claims that may speak of it, ``lone`` the clusters of those at home here that joined no
    event; ``stale``: what is said of presence at one of their places has changed. ``many``: when its wide claims last
    chose, they looked only at events of their own target.
    """

    blocks: dict[Block, None] = {}
    wides: dict[str, Wide] = {}
    lone: list[Cluster] = []
    stale: bool = False
    many: bool = False

    def clusters(self) -> Iterator[Cluster]:
        """The clusters of all blocks here."""
        for block in self.blocks:
            yield from block.clusters


class Seat(Struct, eq=False):
    """One spot of an area: its blocks and wide claims, and those that speak of an excluded group's presence there.

    ``covered_since`` says from when on each grade is declared, ``observed`` holds what is said of an interval.
    """

    blocks: dict[BlockKey, Block] = {}
    wides: dict[str, Wide] = {}
    presences: dict[str, Claim] = {}
    observed: dict[str, Claim] = {}
    covered_since: dict[Presence, datetime] = {}

    def hear(self, claim: Claim) -> Changed | None:
        """Take in what ``claim`` says of presence here; the instants of which it changes what is said."""
        self.presences[claim.claim_id] = claim
        if claim.statement is not COVERAGE:
            self.observed[claim.claim_id] = claim
            return claim.start, claim.end
        grade, start = claim.excluded_presence, claim.start
        since = self.covered_since.get(grade)
        if since is not None and since <= start:
            return None
        self.covered_since[grade] = start
        return start, since

    def forget(self, claim: Claim) -> Changed | None:
        """Take back what ``claim`` says of presence here; the instants of which that changes what is said."""
        del self.presences[claim.claim_id]
        if self.observed.pop(claim.claim_id, None) is not None:
            return claim.start, claim.end
        grade, start = claim.excluded_presence, claim.start
        if start > self.covered_since[grade]:
            return None
        others = (one for one in self.presences.values() if one.statement is COVERAGE)
        since = min((one.start for one in others if one.excluded_presence is grade), default=None)
        if since is None:
            del self.covered_since[grade]
        else:
            self.covered_since[grade] = since
        return None if since == start else (start, since)

    def presence_at(self, start: datetime) -> frozenset[Presence]:
        """The grades of presence that are said of an event here that began at ``start``."""
        said = {grade for grade, since in self.covered_since.items() if since <= start}
        said.update([one.excluded_presence for one in self.observed.values() if one.start <= start < one.end])
        return frozenset(said)

    def claims(self) -> Iterator[Claim]:
        """The current claims that speak of an event, or of presence there; in no order."""
        yield from self.presences.values()
        for block in self.blocks.values():
            yield from block.claims
        for wide in self.wides.values():
            yield wide.claim


class Evidence(NamedTuple):
    """What an incident finds near it of the excuses that are claimed for it.

    ``notices`` are ids of claims, ``None`` where no excuse that needs one is claimed.
    """

    first_shots: FirstShots = NOBODY_LOOKED
    notices: tuple[str, ...] | None = None


NOTHING_CLAIMED = Evidence()


@dataclass(slots=True)
class Moves:
    """What moved in a ledger: each incident's former and present state, and by how much each count changed."""

    incidents: dict[str, tuple[Incident | None, Incident | None]] = field(default_factory=dict)
    counts: dict[Contribution, int] = field(default_factory=dict)

    def note(self, incident_id: str, former: Incident | None, now: Incident | None) -> None:
        """An incident went from ``former`` to ``now``; several steps are told as one."""
        known = self.incidents.get(incident_id)
        self.incidents[incident_id] = (known[0] if known else former, now)


@dataclass(slots=True)
class Ledger:
    """Current reports, incidents and judgements; ``version`` grows with every applied batch.

    ``reports`` keeps each report by its claim's id, ``seats`` the blocks by area and spot, ``fields`` the same by area,
    day and family of conduct, ``bonds`` analysts' orders by area. ``judgements`` says for
    each incident what all agreements hold of it, ``counts`` how many incidents contribute alike; assessments and
    tallies are read off them. ``incident_of`` says which incident a claim belongs to, unless it is that incident's
    anchor. ``watermarks`` is the latest start of what is currently said of events and presence in each area, in UTC;
    ``watermarks_left`` names the areas of which a claim at it went, so that it has to be looked for, and
    ``sealed_until`` is the latest start in each area among what was sealed. ``evidence`` is what each incident finds
    of an excuse that hangs on other reports, ``claimants`` are these incidents by area and event day. ``notices`` are
    what was notified, by area; ``notices_moved`` are those of them that came or went since incidents were last derived.
    ``moves`` collects what moved, where someone asks.
    """

    reports: dict[str, Kept] = field(default_factory=dict)
    seats: dict[SeatKey, Seat] = field(default_factory=dict)
    fields: dict[FieldKey, Field] = field(default_factory=dict)
    bonds: dict[str, Bonds] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    incident_of: dict[str, str] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    counts: dict[Contribution, int] = field(default_factory=dict)
    version: int = 0
    watermarks: dict[str, datetime] = field(default_factory=dict)
    watermarks_left: set[str] = field(default_factory=set)
    sealed_until: dict[str, datetime] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    claimants: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    notices: dict[str, dict[str, Claim]] = field(default_factory=dict)
    notices_moved: list[Claim] = field(default_factory=list)
    moves: Moves | None = None

    @property
    def watermark(self) -> datetime | None:
        """The latest start of what is currently said of events and presence anywhere, in UTC."""
        return max(self.watermarks.values(), default=None)

    def claim(self, claim_id: str) -> Claim | None:
        """The claim that a report makes; ``None`` if there is no such report, or it is retracted."""
        kept = self.reports.get(claim_id)
        return None if kept is None else kept.claim

    def claims(self) -> Iterator[Claim]:
        """The current claims, in order of their ids."""
        found = (self.reports[claim_id].claim for claim_id in sorted(self.reports))
        return (claim for claim in found if claim is not None)

    def ties(self, area: str) -> Ties:
        """What analysts' orders say of the claims of ``area``."""
        bonds = self.bonds.get(area) if self.bonds else None
        return FREE if bonds is None else bonds.ties

    def find_watermarks(self) -> None:
        """Look for the watermarks of areas of which the claim at it went."""
        left = self.watermarks_left
        for area in left:
            del self.watermarks[area]
            if area in self.sealed_until:
                self.watermarks[area] = self.sealed_until[area]
        for (area, _), seat in self.seats.items():
            if area in left:
                for claim in seat.claims():
                    self.see(area, claim.start)
        left.clear()

    def see(self, area: str, start: datetime) -> None:
        """Note that something is said to have begun in ``area`` at ``start``."""
        known = self.watermarks.get(area)
        if known is None or start > known:
            self.watermarks[area] = start

    def resolve(self, incident_id: str) -> str | None:
        """The current id of an incident, also for a former one: an id is its anchor's, so any member's."""
        if incident_id in self.incidents:
            return incident_id
        return self.incident_of.get(incident_id)

    def findings(self, incident_id: str, agreement: str) -> Findings | None:
        """What ``agreement`` says of an incident; ``None`` if there is no such incident or agreement."""
        judgement = self.judgements.get(incident_id)
        return None if judgement is None else judgement.by_agreement.get(agreement)

    def assessments(self) -> Iterator[Assessment]:
        """The current assessments, in order of incident and agreement."""
        for incident_id in sorted(self.judgements):
            for agreement, findings in sorted(self.judgements[incident_id].by_agreement.items()):
                yield Assessment(incident_id, agreement, findings)

    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:
        """Start and judgement of each incident that began after ``instant``."""
        for incident in self.incidents.values():
            if incident.start > instant:
                yield incident.start, self.judgements[incident.incident_id]

    def tallies(self) -> dict[TallyKey, int]:
        """The non-zero tallies, derived from the counts of incidents that contribute alike."""
        return tallies_of(self.counts)
