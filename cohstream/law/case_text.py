"""The shape of a case file's YAML: examples of what agreements say, beside the agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import (
    CONDUCT_FAMILY,
    TARGET_FAMILY,
    WEAPON_CODES,
    AttributionConfidence,
    FirstShot,
    Policy,
    Presence,
    Verdict,
    Verification,
)
from cohstream.law.facts import ANY_AGREEMENT, Facts
from cohstream.law.text import Circumstance, Strict, known


def _instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError("this is no time | Write it with its offset, as 2016-02-27T00:00:00+02:00.") from None
    if instant.tzinfo is None:
        raise ValueError("this time has no offset | Append it, as in 2016-02-27T00:00:00+02:00.")
    return instant


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Instant = Annotated[datetime, BeforeValidator(_instant)]
Policies = Annotated[list[Policy], BeforeValidator(_listed)]


class PlaceText(Strict):
    """A resolved place; what is left out is unknown."""

    admin1: str = ""
    admin2: str = ""
    area: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None

    def place(self) -> Place:
        area = self.area or self.admin2 or self.admin1 or "unknown"
        return Place("", "", self.lat, self.lon, self.radius_km, self.admin1, self.admin2, area)


class FactsText(Strict):
    """The facts of one incident. What a case leaves out, its file's own ``facts`` say, else it is unknown."""

    start: Instant
    end: Instant | None = None
    """Left out: the instant of ``start``."""
    place: PlaceText = PlaceText()
    conduct: Annotated[str, known(frozenset(CONDUCT_FAMILY), "conduct")]
    weapon: Annotated[str, known(WEAPON_CODES, "weapon")] = "undetermined_weapon"
    target: Annotated[str, known(frozenset(TARGET_FAMILY), "target")] = "undetermined"
    target_actors: list[str] = Field(default_factory=list)
    perpetrators: list[str] = Field(default_factory=list)
    confidence: AttributionConfidence = AttributionConfidence.PROBABLE
    denied_by: list[str] = Field(default_factory=list)
    presence: Presence = Presence.UNKNOWN
    delineated: bool = False
    verification: Verification = Verification.ALLEGED
    circumstances: list[Circumstance] = Field(default_factory=list)
    civilians_harmed: bool = False
    first_shot: FirstShot | None = None
    noticed: bool | None = None

    def facts(self) -> Facts:
        return Facts(
            start=self.start,
            end=self.end or self.start,
            place=self.place.place(),
            conduct=self.conduct,
            weapon=self.weapon,
            target=self.target,
            target_actors=tuple(sorted(self.target_actors)),
            perpetrators=tuple(sorted(self.perpetrators)),
            confidence=self.confidence,
            denied_by=tuple(sorted(self.denied_by)),
            presence=self.presence,
            delineated=self.delineated,
            verification=self.verification,
            circumstances=tuple(sorted(self.circumstances)),
            civilians_harmed=self.civilians_harmed,
            first_shots=() if self.first_shot is None else ((ANY_AGREEMENT, self.first_shot),),
            noticed=self.noticed,
        )


class FindingText(Strict):
    """What one agreement is expected to say of one party; ``reasons``, ``clauses`` and ``flags`` at least these."""

    agreement: str | None = None
    party: str
    policy: Policies = Field(default_factory=lambda: list(Policy))
    verdict: Verdict
    reasons: list[str] = Field(default_factory=list)
    clauses: list[str] = Field(default_factory=list)
    flags: list[str] = Field(default_factory=list)


class BoundsText(Strict):
    """A number from ``min`` to ``max``, both included; no ``max``: or more."""

    min: int = 0
    max: int | None = None


class IncidentText(Strict):
    """What one of the incidents is expected to be; what is left out may be anything."""

    event_day: str | None = None
    conduct: str | None = None
    weapon: str | None = None
    target: str | None = None
    presence: Presence | None = None
    verification: Verification | None = None
    confidence: AttributionConfidence | None = None
    candidates: list[str] | None = None
    sources: int | None = None
    groups: int | None = None
    munitions: BoundsText | None = None
    killed: BoundsText | None = None


class ExpectText(Strict):
    incidents: BoundsText | None = None
    described: list[IncidentText] = Field(default_factory=list)
    findings: list[FindingText] = Field(default_factory=list)


class CaseText(Strict):
    """One case: either ``facts`` for the law alone, or ``reports`` for the whole way from report to verdict."""

    name: str
    scenario: int | None = None
    needs: list[str] = Field(default_factory=list)
    source: str
    note: str | None = None
    facts: dict[str, JsonValue] | None = None
    reports: list[dict[str, JsonValue]] | None = None
    expect: ExpectText


class CaseFileText(Strict):
    """A whole file. ``agreement`` and ``facts`` stand for what its cases leave out."""

    agreement: str | None = None
    facts: dict[str, JsonValue] = Field(default_factory=dict)
    cases: list[CaseText]
