"""Do no harm: the public form of an incident.

Points of protected sites, and of civilian sites that people gather in, are coarsened in everything that
leaves the house: the page, the incidents and their exports. Exact points stay on ``reports`` and ``claims``.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from cohstream.domain.canonical import number
from cohstream.domain.incident import Attribution, Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import TARGETS

SHIELDED_TARGETS = frozenset({"protected", *TARGETS["protected"], "school", "idp_camp", "civil_defence", "media"})
"""Target classes whose place is coarsened: an exact point could serve the next strike."""

GRID_DEGREES = 0.1
"""Shielded points are moved to the nearest node of this grid, at most 8 km away at any latitude."""

GRID_ERROR_KM = 8.0
LEAST_RADIUS_KM = 10.0
"""No shielded point is published with a smaller radius of uncertainty."""


class PublicPlace(NamedTuple):
    """A place as the public may know it; ``coarsened`` says that it was moved and renamed on purpose."""

    name: str
    lat: float | int | None
    lon: float | int | None
    radius_km: float | int | None
    admin1: str
    admin2: str
    coarsened: bool


@cache
def area_names() -> dict[str, str]:
    """English names of governorates and districts by P-code (OpenSyria, CC BY 4.0)."""
    text = files("cohstream.publish").joinpath("area_names.json").read_text("utf-8")
    names: dict[str, str] = json.loads(text)["names"]
    return names


def area_name(code: str) -> str:
    """What to call an area in public: ``Darayya district``, ``Aleppo governorate``, else its code."""
    name = area_names().get(code)
    if name is None:
        return "an unknown place" if code in ("", "unknown") else f"area {code}"
    return f"{name} governorate" if len(code) == len("SY01") else f"{name} district"


def is_shielded(incident: Incident) -> bool:
    """Whether the place of ``incident`` must be coarsened."""
    return incident.target in SHIELDED_TARGETS


def public_place(incident: Incident) -> PublicPlace:
    """The place of ``incident``, coarsened to a grid node and its district's name where it must be."""
    place = incident.place
    if not is_shielded(incident):
        return PublicPlace(
            place.name,
            number(place.lat),
            number(place.lon),
            number(place.radius_km, 2),
            place.admin1,
            place.admin2,
            coarsened=False,
        )
    return PublicPlace(
        area_name(place.admin2 or place.admin1 or place.area),
        _on_grid(place.lat),
        _on_grid(place.lon),
        _coarse_radius(place),
        place.admin1,
        place.admin2,
        coarsened=True,
    )


def public_incident(incident: Incident) -> dict[str, Any]:
    """``incident`` as a dict for canonical JSON, its place in public form; counts are ``[min, max]``."""
    return {
        "incident_id": incident.incident_id,
        "members": incident.members,
        "area": incident.area,
        "place": public_place(incident)._asdict(),
        "start": incident.start,
        "end": incident.end,
        "event_day": incident.event_day,
        "conduct": incident.conduct,
        "weapon": incident.weapon,
        "target": incident.target,
        "target_actors": incident.target_actors,
        "attribution": _attribution(incident.attribution),
        "verification": incident.verification,
        "excluded_presence": incident.excluded_presence,
        "delineated": incident.delineated,
        "circumstances": incident.circumstances,
        "sources": incident.sources,
        "groups": incident.groups,
        "munitions": incident.munitions,
        "killed": incident.killed,
        "injured": incident.injured,
        "civilians_killed": incident.civilians_killed,
        "conflicting": incident.conflicting,
    }


def _on_grid(degrees: float | None) -> float | int | None:
    return None if degrees is None else number(round(degrees / GRID_DEGREES) * GRID_DEGREES, 1)


def _coarse_radius(place: Place) -> float | int | None:
    if place.lat is None:
        return None
    return number(max(LEAST_RADIUS_KM, (place.radius_km or 0.0) + GRID_ERROR_KM), 1)


def _attribution(attribution: Attribution) -> dict[str, Any]:
    return {
        "candidates": {actor: number(weight) for actor, weight in sorted(attribution.candidates.items())},
        "confidence": attribution.confidence,
        "basis": attribution.basis,
        "denied_by": attribution.denied_by,
    }
