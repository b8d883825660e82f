"""The shape of an agreement's YAML file, checked key by key."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    WEAPON_CODES,
    Policy,
    Presence,
)


class Status(StrEnum):
    """Where a text stands. Drafts are evaluated only when they are named."""

    DRAFT = "draft"
    LEAKED_DRAFT = "leaked_draft"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    DISPUTED = "disputed"


DRAFTS = frozenset({Status.DRAFT, Status.LEAKED_DRAFT})


class Evaluated(StrEnum):
    """Whether incidents are held against a text unasked. A draft always waits to be named."""

    ALWAYS = "always"
    WHEN_NAMED = "when_named"


class TextStatus(StrEnum):
    """How well the wording behind a rule is known."""

    VERIFIED = "verified"
    PARAPHRASE_ONLY = "paraphrase_only"
    UNVERIFIED = "unverified"


class Modality(StrEnum):
    PROHIBIT = "prohibit"
    PERMIT = "permit"
    REQUIRE = "require"
    DECLARE = "declare"
    PROCEDURE = "procedure"


class Binding(StrEnum):
    """Whether a party is bound: by its word, or in the view of some only."""

    BOUND = "bound"
    DISPUTED = "disputed"


class Reading(StrEnum):
    """Whether the text says plainly what a clause is read to say."""

    PLAIN = "plain"
    AMBIGUOUS = "ambiguous"


class Provision(StrEnum):
    """What a procedure provides for; a text without ``consequence`` says nothing of what a violation entails."""

    COORDINATION = "coordination"
    NOTIFICATION = "notification"
    DELINEATION = "delineation"
    COMMUNICATION = "communication"
    COMPLAINT = "complaint"
    MONITORING = "monitoring"
    INVESTIGATION = "investigation"
    CONSEQUENCE = "consequence"
    OTHER = "other"


CIRCUMSTANCES = frozenset(
    {
        "self_defence",
        "return_fire",
        "agreed_strike",
        "notified",
        "exercise",
        "demining",
        "imminent_threat",
        "mistake_admitted",
        "medevac",
        "humanitarian_flight",
        "personnel_recovery",
    }
)
"""The closed list of exceptions (domain reference §1.7) that a report may claim."""

VIOLATION_REASONS = frozenset(
    {
        "V-ATTACK-COVERED",
        "V-AIR-COVERED",
        "V-TERRITORY",
        "V-DISPROPORTIONATE",
        "V-EFFECT-ON-COVERED",
        "V-ACCESS",
        "V-ZONE-PRESENCE",
        "V-ZONE-FLIGHT",
        "V-UNAGREED-STRIKE",
        "V-MISTAKE",
    }
)


LONGEST_ANSWER = timedelta(days=7)
"""No attack is answered later than this: replays keep what an answer may look back at."""


def _local_instant(value: str) -> str:
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("this is no time | Write local time as 2016-02-27T00:00:00.") from None
    if parsed.tzinfo is not None:
        raise ValueError("this time carries an offset | Write local time; the file's zone applies.")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError):
        raise ValueError("this is no time zone | Write an IANA name such as Asia/Damascus.") from None
    return value


def known(words: frozenset[str], noun: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"{value!r} is not a known {noun} | Known: {', '.join(sorted(words))}.")
        return value

    return AfterValidator(check)


LocalInstant = Annotated[str, AfterValidator(_local_instant)]
Conduct = Annotated[str, known(frozenset(CONDUCT_FAMILY) | {"any"}, "conduct")]
Weapon = Annotated[str, known(WEAPON_CODES | {"any"}, "weapon")]
Circumstance = Annotated[str, known(CIRCUMSTANCES, "exception")]
ViolationReason = Annotated[str, known(VIOLATION_REASONS, "violation reason")]

TARGET_WORDS = frozenset(TARGET_FAMILY) | {"any", "civilians", "covered_force"}
"""What a clause may protect, besides the roles its file declares."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class StartClaim(Strict):
    """One authority's claim that the agreement began."""

    authority: str
    from_: LocalInstant = Field(alias="from")
    source: str
    text_status: TextStatus = TextStatus.UNVERIFIED


class EndClaim(Strict):
    """One authority's claim that the agreement ended."""

    authority: str
    until: LocalInstant
    source: str
    text_status: TextStatus = TextStatus.UNVERIFIED


class Pause(Strict):
    """An interval inside the validity in which the agreement did not hold."""

    from_: LocalInstant = Field(alias="from")
    until: LocalInstant
    source: str


class Validity(Strict):
    """``from`` and ``until`` in local time, half-open; absent means without bound.

    Where authorities disagree, each start or end stands as a claim of its own.
    """

    from_: LocalInstant | None = Field(default=None, alias="from")
    from_claims: list[StartClaim] = Field(default_factory=list)
    until: LocalInstant | None = None
    until_claims: list[EndClaim] = Field(default_factory=list)
    pauses: list[Pause] = Field(default_factory=list)
    source: str


Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Point = tuple[Latitude, Longitude]
"""``[lat, lon]`` in degrees WGS-84."""


class CircleText(Strict):
    """All that lies within ``radius_km`` of a point."""

    lat: Latitude
    lon: Longitude
    radius_km: Annotated[float, Field(gt=0)]


class CorridorText(Strict):
    """All that lies within ``within_km`` of a line, on both of its sides."""

    line: Annotated[list[Point], Field(min_length=2)]
    within_km: Annotated[float, Field(gt=0)]


class ShapeText(Strict):
    """A piece of ground: units by P-code, circles, polygons and corridors. Several of them add up."""

    admin1: list[str] = Field(default_factory=list)
    admin2: list[str] = Field(default_factory=list)
    circles: list[CircleText] = Field(default_factory=list)
    polygons: list[Annotated[list[Point], Field(min_length=3)]] = Field(default_factory=list)
    """The corners of each; the last one joins the first."""
    corridors: list[CorridorText] = Field(default_factory=list)

    @property
    def is_drawn(self) -> bool:
        """Whether any part of it is drawn on the map rather than named as a unit."""
        return bool(self.circles or self.polygons or self.corridors)

    @property
    def is_empty(self) -> bool:
        return not (self.admin1 or self.admin2 or self.is_drawn)


class AreaClaim(ShapeText):
    """One authority's claim of the area."""

    authority: str
    source: str
    text_status: TextStatus = TextStatus.UNVERIFIED


class AreaText(ShapeText):
    """Where the agreement holds. ``claims`` stand for it where authorities draw it differently."""

    claims: list[AreaClaim] = Field(default_factory=list)
    source: str


class PartyText(Strict):
    """A party: actors by id, or by bloc (``opp.*``), in one role."""

    id: str
    label: str
    binding: Binding = Binding.BOUND
    guarantor: bool = False
    roles: dict[str, list[str]]
    source: str
    note: str | None = None


class Exclusion(Strict):
    """Whom the agreement leaves out: actors by name, and the lists that designate more of them."""

    named: list[str]
    lists: list[str]
    source: str
    note: str | None = None


class ZoneText(ShapeText):
    """A zone: a piece of ground, and places where an excluded group is present in one of these grades.

    It is there from ``from`` until ``until``, local and half-open. ``claimed_by``: those who say so, where others do
    not agree.
    """

    id: str
    presence: list[Presence] = Field(default_factory=list)
    from_: LocalInstant | None = Field(default=None, alias="from")
    until: LocalInstant | None = None
    claimed_by: list[str] = Field(default_factory=list)
    source: str
    text_status: TextStatus


class ClauseText(Strict):
    """One clause: who may not (or must, may) do what to whom with what where, and what excuses it."""

    id: str
    modality: Modality
    paraphrase: str
    source: str
    text_status: TextStatus
    bound: list[str] = Field(default_factory=list)
    conduct: list[Conduct] = Field(default_factory=list)
    weapon: list[Weapon] = Field(default_factory=lambda: ["any"])
    target: list[str] = Field(default_factory=lambda: ["any"])
    zone: str | None = None
    marbling: bool = False
    reading: Reading = Reading.PLAIN
    violation: ViolationReason | None = None
    air_violation: ViolationReason | None = None
    exceptions: list[Circumstance] = Field(default_factory=list)
    provides: list[Provision] = Field(default_factory=list)
    note: str | None = None


class SelfDefenceText(Strict):
    """How near an attack must be to the one that answers it: before it within a time, and in its sector."""

    within: Annotated[timedelta, Field(gt=timedelta(0), le=LONGEST_ANSWER)] = timedelta(hours=24)
    radius_km: Annotated[float, Field(gt=0)] = 10.0
    source: str
    text_status: TextStatus = TextStatus.UNVERIFIED


AS_USUAL = SelfDefenceText(source="No text says so; a day and a sector are this project's reading")


class AgreementText(Strict):
    """A whole file."""

    agreement: str
    title: str
    status: Status
    zone: Annotated[str, AfterValidator(_zone)]
    default_policy: Policy
    legal_basis: list[str]
    parents: list[str] = Field(default_factory=list)
    """Agreements that this one presupposes: what they forbid it leaves forbidden, unless it permits it itself."""
    evaluated: Evaluated = Evaluated.ALWAYS
    validity: Validity
    area: AreaText
    membership: str
    authorities: list[str]
    """Whose word on an actor's commitment counts: a dispute raised by anyone else leaves coverage as it is."""
    parties: list[PartyText]
    exclusion: Exclusion
    self_defence: SelfDefenceText = AS_USUAL
    zones: list[ZoneText] = Field(default_factory=list)
    clauses: list[ClauseText]
    gaps: list[str] = Field(default_factory=list)
    note: str | None = None
