"""The values of the topics, typed: what a record says, field by field, for those who read it.

Writing does not go through most of these (see :mod:`cohstream.publish.records`); a test reads back every record that
runs write and holds that nothing is lost. Schemas are made from these models: the text below a field is its
description there. Fields are in order of name, as canonical JSON has them. Times are UTC, intervals half-open. A
reader passes over fields that it does not know: later releases may add some.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    WEAPON_CODES,
    AttributionConfidence,
    Basis,
    Certainty,
    Kind,
    OverrideAction,
    Policy,
    Presence,
    Stake,
    Statement,
    TimePrecision,
    Verdict,
    Verification,
)

EXTENSIBLE = "x-extensible-enum"
"""Names the words of an open vocabulary as they are today; readers must expect others."""

Conduct = Annotated[str, Meta(title="Conduct", extra_json_schema={EXTENSIBLE: sorted(CONDUCT_FAMILY)})]
Weapon = Annotated[str, Meta(title="Weapon", extra_json_schema={EXTENSIBLE: sorted(WEAPON_CODES)})]
Target = Annotated[str, Meta(title="Target", extra_json_schema={EXTENSIBLE: sorted(TARGET_FAMILY)})]
AttributionBasis = Annotated[str, Meta(extra_json_schema={EXTENSIBLE: [str(one) for one in Basis]})]
EventDay = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2}|undetermined)$")]
Count = Annotated[int, Meta(ge=0)]
Number = int | float
Span = tuple[int, int | None]


class AttributionValue(Struct, frozen=True, gc=False):
    """Who may have done it."""

    basis: tuple[AttributionBasis, ...]
    """What the attribution rests on."""
    candidates: dict[str, Number]
    """Weight of each candidate by actor id; weights sum to 1. Empty: no one is named."""
    confidence: AttributionConfidence
    """How sure the attribution is."""
    denied_by: tuple[str, ...]
    """Ids of actors that deny it."""


class PublicPlaceValue(Struct, frozen=True, gc=False):
    """A place as the public may know it."""

    admin1: str
    """P-code of the governorate, empty if unknown."""
    admin2: str
    """P-code of the district, empty if unknown."""
    coarsened: bool
    """Whether the point was moved and renamed on purpose: a protected site is near."""
    lat: Number | None
    """Latitude in degrees, WGS 84."""
    lon: Number | None
    """Longitude in degrees, WGS 84."""
    name: str
    """What to call it; if coarsened, its district or governorate."""
    radius_km: Number | None
    """Radius of uncertainty in kilometres."""


class IncidentValue(Struct, frozen=True, gc=False):
    """The claims that speak of one real event, and what they add up to, in public form.

    Counts are `[least, greatest]`; a greatest value of null means "at least".
    """

    area: str
    """Fusion area: a governorate's P-code, `foreign:` and a country, a cell of a standard grid, or `unknown`."""
    attribution: AttributionValue
    """Who may have done it."""
    circumstances: tuple[str, ...]
    """Why, as claimed."""
    civilians_killed: Span | None
    """Civilians killed, in persons."""
    conduct: Conduct
    """What was done."""
    conflicting: bool
    """Whether some report of it has several versions that cannot be put in order by revision."""
    delineated: bool
    """Whether the place lies in an area that the parties jointly delineated as the excluded group's."""
    end: datetime
    """End of the interval in which it happened, exclusive."""
    event_day: EventDay
    """Local date in the agreement's zone if the interval lies in one day, else `undetermined`."""
    excluded_presence: Presence
    """How present an excluded group was there and then."""
    groups: Count
    """How many independent groups of sources speak of it."""
    incident_id: str
    """Identity, made from the first of its claims."""
    injured: Span | None
    """Injured, in persons."""
    killed: Span | None
    """Killed, in persons."""
    members: tuple[str, ...]
    """Ids of its claims; the first is its anchor."""
    munitions: Span | None
    """Munitions or strikes."""
    place: PublicPlaceValue
    """Where it happened."""
    sources: Count
    """How many sources speak of it."""
    start: datetime
    """Start of the interval in which it happened."""
    target: Target
    """What was hit."""
    target_actors: tuple[str, ...]
    """Ids of the actors that were hit."""
    verification: Verification
    """How far it is verified."""
    weapon: Weapon
    """Dotted code of the weapon, as deep as it is known."""


class FindingValue(Struct, frozen=True, gc=False):
    """What one agreement says of one party under one coverage policy."""

    clauses: tuple[str, ...]
    """Ids of the clauses that decided."""
    flags: tuple[str, ...]
    """Codes of what a reader should beware of."""
    missing: tuple[str, ...]
    """Names of facts that would have decided more."""
    party: str
    """A party that the agreement declares, else `undetermined`, `joint` or `non_party`."""
    policy: Policy
    """The coverage policy that it holds under."""
    reasons: tuple[str, ...]
    """Codes of the reasons, the first one decisive."""
    trace: tuple[str, ...]
    """The steps of the decision in order, in words."""
    used: tuple[str, ...]
    """Facts that were used, `name=value`."""
    verdict: Verdict
    """What the agreement's own terms make of it: an assessment of what sources allege."""


class AssessmentValue(Struct, frozen=True, gc=False):
    """An incident held against one agreement."""

    agreement: str
    """Id of the agreement."""
    findings: tuple[FindingValue, ...]
    """One for each party concerned and coverage policy."""
    incident_id: str
    """The incident."""


class TallyValue(Struct, frozen=True, gc=False):
    """How many incidents share one key; absolute, never an increment. It may fall. Add over areas for totals.

    An incident counts once for each agreement, party and policy. Never add over policies or verdicts of one party.
    """

    agreement: str
    """Id of the agreement."""
    area: str
    """Fusion area of the incidents."""
    conduct: Conduct
    """What was done."""
    count: Count
    """Incidents now; 0 once there are none, followed by a tombstone."""
    event_day: EventDay
    """Local date in the agreement's zone, or `undetermined`."""
    party: str
    """A party that the agreement declares, else `undetermined`, `joint` or `non_party`."""
    policy: Policy
    """The coverage policy that the verdict holds under."""
    verdict: Verdict
    """What the agreement makes of these incidents."""
    verification: Verification
    """How far these incidents are verified."""
    weapon: Weapon
    """Dotted code of the weapon, at most two levels."""


class StepValue(Struct, frozen=True, gc=False):
    """From one hash to another."""

    after: str
    """The hash from now on."""
    before: str | None
    """The hash until now; null: it is not known."""


class CauseValue(Struct, frozen=True, gc=False):
    """What made an assessment change."""

    claims: tuple[str, ...]
    """Ids of the claims that came, changed or went; none where law or knowledge is the cause."""
    kind: Annotated[str, Meta(extra_json_schema={EXTENSIBLE: ["knowledge", "law", "reports"]})]
    """What moved: `reports`; the `law`: texts of agreements; the `knowledge`: a registry of places, actors or terms."""
    knowledge: StepValue | UnsetType = UNSET
    """From which knowledge to which, where it is the cause."""
    law: StepValue | UnsetType = UNSET
    """From which law to which, where it is the cause, or turned with the knowledge."""


Verdicts = dict[str, dict[Policy, Verdict]]


class ChangeValue(Struct, frozen=True, gc=False):
    """One assessment that is new, revised or gone."""

    after: Verdicts | None
    """Verdicts by party and policy from now on; null: the incident is gone from this area, or the agreement is."""
    agreement: str
    """Id of the agreement."""
    area: str
    """Fusion area of the incident."""
    before: Verdicts | None
    """Verdicts by party and policy until now; null: the incident is new in this area, or the agreement is."""
    cause: CauseValue
    """What made it change."""
    change: Literal["new", "revised", "retracted"]
    """`new` has no before, `retracted` no after."""
    incident_id: str
    """The incident."""


class SpanValue(Struct, frozen=True, gc=False):
    """A count as an interval."""

    max: int | None
    """Greatest value; null: "at least"."""
    min: int
    """Least value."""


class PlaceValue(Struct, frozen=True, gc=False):
    """A place to the last digit: a claim read back must fuse as the one that was written."""

    admin1: str
    """P-code of the governorate, empty if unknown."""
    admin2: str
    """P-code of the district, empty if unknown."""
    lat: float | None
    """Latitude in degrees, WGS 84."""
    lon: float | None
    """Longitude in degrees, WGS 84."""
    name: str
    """Name in the gazetteer, or as the source wrote it."""
    place_id: str
    """Id in the gazetteer, empty if it is not there."""
    radius_km: float | None
    """Radius of uncertainty in kilometres."""


class WordingValue(Struct, frozen=True, gc=False):
    """What the source said, untouched; null where it said nothing."""

    perpetrator: str | None
    """Who did it."""
    place: str | None
    """Where."""
    target: str | None
    """What was hit."""
    weapon: str | None
    """By what."""


class OrderValue(Struct, frozen=True, gc=False):
    """An analyst's order over reports."""

    action: OverrideAction
    """What is ordered."""
    author: str
    """Who orders it."""
    reason: str
    """Why."""
    reports: tuple[tuple[str, ...], ...]
    """The reports it speaks of, each by the ids of claims that its name may mean."""


class ClaimValue(Struct, frozen=True, gc=False, omit_defaults=True):
    """What one source says now, resolved; with its exact point and original wording, so not for public outputs."""

    area: str
    """Fusion area; the key of the record."""
    basis: tuple[Basis, ...]
    """What the source's attribution rests on."""
    certainty: Certainty
    """How the source speaks of the perpetrator."""
    circumstances: tuple[str, ...]
    """Why, as claimed."""
    civilians_killed: SpanValue | None
    """Civilians killed, in persons."""
    claim_id: str
    """Identity, made from `source` and `report_id`."""
    conduct: Conduct | None
    """What was done; null if the report speaks of no event."""
    conflicting: bool
    """Whether the report has several versions that cannot be put in order by revision."""
    contested: bool
    """Whether the source itself says that others name another culprit."""
    delineated: bool
    """Whether the place lies in an area that the parties jointly delineated as the excluded group's."""
    end: datetime
    """End of the interval, exclusive."""
    excluded_presence: Presence
    """How present an excluded group was there and then."""
    group: str
    """Independence group of the source: claims of one group never corroborate each other."""
    injured: SpanValue | None
    """Injured, in persons."""
    joint: bool
    """Whether the named perpetrators acted together."""
    killed: SpanValue | None
    """Killed, in persons."""
    kind: Kind
    """What the report is."""
    links: tuple[str, ...]
    """Where it can be read."""
    munitions: SpanValue | None
    """Munitions or strikes."""
    notices: tuple[str, ...]
    """What could not be resolved, `word:detail`."""
    perpetrators: tuple[str, ...]
    """Actor ids; several mean one or all of them."""
    place: PlaceValue
    """Where, resolved."""
    precision: TimePrecision
    """How precisely the time is known."""
    published_at: datetime
    """When the source published it."""
    report_id: str
    """The source's id of its report."""
    revision: int
    """Revision of the report."""
    source: str
    """Who says it."""
    stake: Stake
    """Interest of the source in what it reports."""
    start: datetime
    """Start of the interval."""
    statement: Statement | None
    """What is declared, if the report is a declaration."""
    target: Target
    """What was hit."""
    target_actors: tuple[str, ...]
    """Ids of the actors that were hit."""
    verification: Verification | None
    """How far the source verified it; null: it does not say."""
    weapon: Weapon
    """Dotted code of the weapon."""
    wording: WordingValue
    """What the source said, untouched."""
    order: OrderValue | None = None
    """What an analyst orders; left out where nothing is."""
