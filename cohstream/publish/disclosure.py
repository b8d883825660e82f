"""Do no harm: the public form of an incident.

Points of protected sites, and of civilian sites that people gather in, are coarsened in everything that
leaves the house: the page, the incidents and their exports. Exact points stay on ``reports`` and ``claims``.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from cohstream.domain.canonical import number
from cohstream.domain.incident import Attribution, Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import TARGETS
from cohstream.engine.memory import RememberedByIdentity

SHIELDED_TARGETS = frozenset({"protected", *TARGETS["protected"], "school", "idp_camp", "civil_defence", "media"})
"""Target classes whose place is coarsened: an exact point could serve the next strike."""

GRID_DEGREES = 0.1
"""Shielded points are moved to the nearest node of this grid, at most 8 km away at any latitude."""

GRID_ERROR_KM = 8.0
LEAST_RADIUS_KM = 10.0
"""No shielded point is published with a smaller radius of uncertainty."""

PLACES_KEPT = ATTRIBUTIONS_KEPT = 20_000
"""Public forms kept, of what many incidents share."""


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
    return _coarsened(incident.place) if is_shielded(incident) else _as_it_is(incident.place)


@lru_cache(PLACES_KEPT)
def _as_it_is(place: Place) -> PublicPlace:
    return PublicPlace(
        place.name,
        number(place.lat),
        number(place.lon),
        number(place.radius_km, 2),
        place.admin1,
        place.admin2,
        coarsened=False,
    )


@lru_cache(PLACES_KEPT)
def _coarsened(place: Place) -> PublicPlace:
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
    """``incident`` as a dict for canonical JSON, in order of keys, its place in public form; counts are ``[min, max]``.

    The candidates are shared by incidents of which the same is said: only to be read.
    """
    name, lat, lon, radius_km, admin1, admin2, coarsened = public_place(incident)
    attribution = incident.attribution
    return {
        "area": incident.area,
        "attribution": {
            "basis": attribution.basis,
            "candidates": _candidates(attribution),
            "confidence": attribution.confidence,
            "denied_by": attribution.denied_by,
        },
        "circumstances": incident.circumstances,
        "civilians_killed": incident.civilians_killed,
        "conduct": incident.conduct,
        "conflicting": incident.conflicting,
        "delineated": incident.delineated,
        "end": incident.end,
        "event_day": incident.event_day,
        "excluded_presence": incident.excluded_presence,
        "groups": incident.groups,
        "incident_id": incident.incident_id,
        "injured": incident.injured,
        "killed": incident.killed,
        "members": incident.members,
        "munitions": incident.munitions,
        "place": {
            "admin1": admin1,
            "admin2": admin2,
            "coarsened": coarsened,
            "lat": lat,
            "lon": lon,
            "name": name,
            "radius_km": radius_km,
        },
        "sources": incident.sources,
        "start": incident.start,
        "target": incident.target,
        "target_actors": incident.target_actors,
        "verification": incident.verification,
        "weapon": incident.weapon,
    }


def _on_grid(degrees: float | None) -> float | int | None:
    return None if degrees is None else number(round(degrees / GRID_DEGREES) * GRID_DEGREES, 1)


def _coarse_radius(place: Place) -> float | int | None:
    if place.lat is None:
        return None
    return number(max(LEAST_RADIUS_KM, (place.radius_km or 0.0) + GRID_ERROR_KM), 1)


def _weights(attribution: Attribution) -> dict[str, float | int | None]:
    return {actor: number(weight) for actor, weight in sorted(attribution.candidates.items())}


_candidates = RememberedByIdentity(_weights, ATTRIBUTIONS_KEPT)
