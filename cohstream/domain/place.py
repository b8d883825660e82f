"""A place that intake has resolved: a point with a radius and its administrative units."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A resolved place.

    ``place_id`` is the gazetteer's id, or ``""`` when only a point is known. ``lat`` and ``lon`` are degrees
    WGS-84 (``None`` = unknown), ``radius_km`` the uncertainty. ``admin1`` and ``admin2`` are OCHA P-codes
    (``SY02``, ``SY0200``; ``""`` = unknown or outside the gazetteer).

    ``area`` is the fusion area: ``admin1`` where known,
    ``foreign:<country>`` near a known place abroad, ``cell:<geohash>`` for another point outside the gazetteer,
    else ``unknown``.
    """

    place_id: str
    name: str
    lat: float | None
    lon: float | None
    radius_km: float | None
    admin1: str
    admin2: str
    area: str


UNKNOWN_PLACE = Place("", "", None, None, None, "", "", "unknown")
