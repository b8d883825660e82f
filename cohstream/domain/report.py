"""A report: what one source said once, as it said it.

The JSON form is the wire format of ``cohstream.reports.v1`` and of JSON Lines files. It is strict: aware
datetimes as ISO 8601 text only, no NaN, no epoch numbers, closed words where the vocabulary is closed.
Texts are what the source said; actor ids and weapon and target classes may be missing or wrong and are
resolved by intake, never here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    Basis,
    Certainty,
    Credibility,
    Kind,
    OverrideAction,
    Presence,
    Reliability,
    Stake,
    Statement,
    TimePrecision,
    Verification,
)

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(max_length=20_000)]

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Times outside are slips of a keyboard or of a clock, and no calendar arithmetic is safe at its ends."""

LENGTH_WITHOUT_END = {
    TimePrecision.EXACT: timedelta(0),
    TimePrecision.HOUR: timedelta(hours=1),
    TimePrecision.PART_OF_DAY: timedelta(hours=6),
    TimePrecision.DAY: timedelta(days=1),
}
"""How long an event of a stated precision may have lasted when a report gives no end."""


def _aware_instant(value: object) -> datetime:
    """Read ISO 8601 text with a zone, into UTC; epoch numbers are refused, seconds and milliseconds look alike."""
    if isinstance(value, datetime):
        instant = value
    elif isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError(
                "bad_time", "cannot read this time; write ISO 8601 with a zone, e.g. 2016-02-27T00:00:00+02:00"
            ) from None
    else:
        raise PydanticCustomError(
            "bad_time", "a time must be ISO 8601 text with a zone, not a number (seconds or milliseconds?)"
        )
    if instant.tzinfo is None:
        raise PydanticCustomError("naive_time", "this time has no zone; append the offset, e.g. +02:00, or Z for UTC")
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise PydanticCustomError("bad_time", "the year lies outside 1900-2200; correct the time")
    return instant.astimezone(UTC)


Instant = Annotated[
    datetime,
    PlainValidator(_aware_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Part(BaseModel):
    """Base of all parts of a report: fields we do not know are kept, and reported by intake."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, populate_by_name=True)


class Occurred(Part):
    """When the event happened: the half-open interval [start, end) and how precisely it is known."""

    start: Instant
    """Start of the interval, ISO 8601 with an offset or `Z`, in the years 1900-2200."""
    end: Instant | None = None
    """End of the interval, exclusive. Left out: as long after the start as `precision` says."""
    precision: TimePrecision | None = None
    """How precisely the time is known. Left out: `exact` without an end or with an equal one, else `range`."""

    def interval(self) -> tuple[datetime, datetime, TimePrecision]:
        """Start, end and precision with the unsaid ones filled by :data:`LENGTH_WITHOUT_END`."""
        precision = self.precision
        if precision is None:
            precision = TimePrecision.EXACT if self.end in (None, self.start) else TimePrecision.RANGE
        end = self.end if self.end is not None else self.start + LENGTH_WITHOUT_END[precision]
        return self.start, end, precision


class Quantity(Part):
    """A count as an interval: ``max`` absent means "at least ``min``", equal bounds mean exact."""

    min: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Least value."""
    max: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    """Greatest value; null or left out: "at least"."""


class StatedPlace(Part):
    """Where, as the source said it; coordinates in degrees WGS-84, radius of uncertainty in km."""

    text: Text | None = None
    """The place as the source wrote it, in Latin or Arabic script."""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    """Latitude in degrees, WGS 84; together with `lon`, or not at all."""
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    """Longitude in degrees, WGS 84; together with `lat`, or not at all."""
    radius_km: Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)] | None = None
    """Radius of uncertainty in kilometres."""


class StatedWeapon(Part):
    text: Text | None = None
    """The weapon as the source said it."""
    code: Text | None = Field(default=None, alias="class")
    """Dotted code of a weapon; one that is unknown or wrong is resolved from the text."""
    count: Quantity | None = None
    """Munitions or strikes."""


class StatedPerpetrator(Part):
    """Who the source says did it; ``candidates`` are actor ids or names, several = one or all of them.

    ``contested``: the source itself says that others name another culprit.
    """

    text: Text | None = None
    """Who did it, as the source said it."""
    candidates: tuple[Name, ...] = ()
    """Actor ids or names; several mean one or all of them."""
    certainty: Certainty | None = None
    """How the source speaks of whom it names."""
    basis: tuple[Basis, ...] = ()
    """What the source's attribution rests on."""
    joint: bool = False
    """Whether the candidates acted together."""
    contested: bool = False
    """Whether the source itself says that others name another culprit."""


class StatedTarget(Part):
    text: Text | None = None
    """What was hit, as the source said it."""
    code: Text | None = Field(default=None, alias="class")
    """Word of a target; one that is unknown or wrong is resolved from the text."""
    candidates: tuple[Name, ...] = ()
    """Ids or names of actors that were hit."""


class Harm(Part):
    """Casualties, in persons."""

    killed: Quantity | None = None
    """Killed, in persons."""
    injured: Quantity | None = None
    """Injured, in persons."""
    civilians_killed: Quantity | None = None
    """Civilians killed, in persons."""


class Grade(Part):
    """Admiralty grades of this report, where its source or an analyst gave them."""

    reliability: Reliability | None = None
    """Reliability of the source, A to F."""
    credibility: Credibility | None = None
    """Credibility of what is said, 1 to 6."""


class StatedCount(Part):
    """A published total: a claim about a count, kept as published even where its breakdown does not add up.

    Its period is when it `occurred`. Totals are never added to each other, or to incidents.
    """

    unit: Name
    """What is counted, one word for one unit: `trajectory`, `violation`, `death`, `barrel bomb`."""
    total: Quantity
    """The published total."""
    breakdown: dict[str, int] = Field(default_factory=dict)
    """The published parts, by name; of one dimension, so that they are to add up to the total."""
    scope: Text | None = None
    """What is counted and what is left out, as published: areas, sides, what the instruments cannot see."""
    cut_off: Instant | None = None
    """Until when what became known was counted, ISO 8601 with an offset or `Z`; later reports are not in the total."""


class StatedPresence(Part):
    """An observer active or absent, or an actor's hold on the place, in the report's interval."""

    actor: Name
    """Id or name of the actor or observer."""
    grade: Presence | None = None
    """How present it was."""
    active: bool | None = None
    """Whether the observer was at work."""
    role: Annotated[str, StringConstraints(pattern="^(observer|control)$")] = "control"
    """`control`: it holds the place; `observer`: it watches."""


class Override(Part):
    """An analyst's order over report identities, each written ``source/report_id``."""

    action: OverrideAction
    """What is ordered."""
    reports: tuple[Name, ...]
    """The reports that it speaks of, each `source/report_id`."""
    author: Name
    """Who orders it."""
    reason: Name
    """Why."""


def _known_conduct(value: str) -> str:
    if value not in CONDUCT_FAMILY:
        raise PydanticCustomError("unknown_word", "unknown conduct")
    return value


Conduct = Annotated[
    str, AfterValidator(_known_conduct), WithJsonSchema({"type": "string", "enum": sorted(CONDUCT_FAMILY)})
]

SAYS_SOMETHING: list[JsonValue] = [
    {"required": ["conduct"]},
    {"required": ["statement"]},
    {"required": ["count"]},
    {"required": ["presence"]},
    {"required": ["override"]},
    {"required": ["retracts"], "properties": {"retracts": {"const": True}}},
]
"""As JSON Schema: a report says what was done or declared, or one of these."""


class Report(Part):
    """One version of one report. Identity: (source, report_id). Versions: :mod:`cohstream.engine.intake`."""

    model_config = ConfigDict(json_schema_extra={"anyOf": SAYS_SOMETHING})

    source: Name
    """Who says it, by the name that the registry or the source itself uses."""
    report_id: Name
    """The source's id; with `source` it is the report's identity."""
    revision: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Its version. The greatest wins, then the later `published_at`, then the greater SHA-256 of the bytes."""
    kind: Kind
    """What the report is."""
    published_at: Instant | None = None
    """When the source published it, ISO 8601 with an offset or `Z`."""
    received_at: Instant | None = None
    """When it reached us; it never enters a verdict."""
    occurred: Occurred
    """When it happened."""
    place: StatedPlace = StatedPlace()
    """Where."""
    conduct: Conduct | None = None
    """What was done."""
    statement: Statement | None = None
    """What is declared."""
    weapon: StatedWeapon = StatedWeapon()
    """By what."""
    perpetrator: StatedPerpetrator = StatedPerpetrator()
    """By whom."""
    target: StatedTarget = StatedTarget()
    """What was hit."""
    harm: Harm = Harm()
    """Casualties."""
    excluded_presence: Presence | None = None
    """How present an excluded group was there and then, as the source says."""
    delineated: bool = False
    """Whether the place lies in an area that the parties jointly delineated as the excluded group's."""
    circumstances: tuple[Name, ...] = ()
    """Why, as claimed: words such as `self_defence` or `return_fire`."""
    stake: Stake | None = None
    """Interest of the source in what it reports; left out: that of the registry."""
    grade: Grade | None = None
    """Admiralty grades."""
    verification: Verification | None = None
    """How far the source verified it."""
    retracts: bool = False
    """Whether this version withdraws the report."""
    count: StatedCount | None = None
    """A published total."""
    presence: StatedPresence | None = None
    """Who holds a place, who observes."""
    override: Override | None = None
    """An analyst's order over reports."""
    links: tuple[Text, ...] = ()
    """Where it can be read."""
    note: Text | None = None
    """Anything else in words."""
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    """What a foreign format says that this form has no field for, by its own names."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        fault = next(faults_of(self), None)
        if fault is not None:
            raise ValueError(fault)
        return self

    @property
    def identity(self) -> tuple[str, str]:
        return (self.source, self.report_id)


def faults_of(report: Report) -> Iterator[str]:
    """What no single field can show to be wrong: contradictions between fields, and words of no vocabulary."""
    occurred, place, harm = report.occurred, report.place, report.harm
    start, end = occurred.start, occurred.end
    if end is None:
        if occurred.precision is TimePrecision.RANGE:
            yield "the precision 'range' needs 'occurred.end'; add it"
    elif end < start:
        yield "'occurred.end' lies before 'occurred.start'; swap or correct them"
    if (place.lat is None) != (place.lon is None):
        yield "'place' has one of lat and lon; give both lat and lon, or neither"
    for quantity in (report.weapon.count, harm.killed, harm.injured, harm.civilians_killed):
        if quantity is not None and quantity.max is not None and quantity.max < quantity.min:
            yield f"a count's max {quantity.max} is below min {quantity.min}; correct them"
    if report.conduct is None:
        if not (report.statement or report.count or report.presence or report.override or report.retracts):
            yield "a report needs a 'conduct' or a 'statement'; add one"
    elif report.conduct not in CONDUCT_FAMILY:
        yield f"unknown conduct {report.conduct!r}"
    if report.kind is Kind.OVERRIDE and report.override is None:
        yield "kind 'override' needs the 'override' object; add it"
    for instant in (start, end, report.published_at, report.received_at):
        if instant is not None and not FIRST_YEAR <= instant.year <= LAST_YEAR:
            yield f"the year {instant.year} lies outside {FIRST_YEAR}-{LAST_YEAR}; correct the time"
