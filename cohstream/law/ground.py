"""Whether a place lies on a piece of ground: units by P-code, circles, polygons, corridors along a line.

A place is a circle of uncertainty. It lies inside if all of it does, outside if none of it does; else nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from cohstream.domain.place import Place
from cohstream.law.text import Point, ShapeText

GAZETTEER_COUNTRY = "SY"
"""The country whose every point the gazetteer resolves to an administrative unit."""
ADMIN1_LENGTH = len("SY01")
_KM_PER_DEGREE = 111.195

Flat = tuple[float, float]
"""East and north of the place asked about, in km."""


class Whereabouts(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    DISPUTED = "disputed"


def lies_in(shape: ShapeText, place: Place) -> Whereabouts:
    """``inside``, ``outside`` or ``unknown``. An unknown place is a missing fact, not an outside one."""
    if place.admin1 in shape.admin1 or place.admin2 in shape.admin2:
        return Whereabouts.INSIDE
    countries = {unit[:2] for unit in (*shape.admin1, *shape.admin2)}
    if countries and place.admin1 and place.admin1[:2] not in countries:
        return Whereabouts.OUTSIDE
    answers = {_among_units(shape, place)} if countries else set()
    if shape.is_drawn:
        answers.add(_on_the_map(shape, place))
    if Whereabouts.INSIDE in answers:
        return Whereabouts.INSIDE
    if answers == {Whereabouts.UNKNOWN, Whereabouts.OUTSIDE} and shape.is_drawn and place.lat is not None:
        # A point outside the gazetteer has no unit, but the drawing of the same ground has an answer.
        return _on_the_map(shape, place)
    return Whereabouts.UNKNOWN if Whereabouts.UNKNOWN in answers else Whereabouts.OUTSIDE


def _among_units(shape: ShapeText, place: Place) -> Whereabouts:
    """The place against units in none of which it is known to be."""
    if place.admin1:
        within = place.admin1 in {unit[:ADMIN1_LENGTH] for unit in shape.admin2}
        return Whereabouts.UNKNOWN if within and not place.admin2 else Whereabouts.OUTSIDE
    countries = {unit[:2] for unit in (*shape.admin1, *shape.admin2)}
    kind, _, country = place.area.partition(":")
    if kind == "foreign":
        return Whereabouts.UNKNOWN if country in countries else Whereabouts.OUTSIDE
    elsewhere = kind == "cell" and countries == {GAZETTEER_COUNTRY}
    return Whereabouts.OUTSIDE if elsewhere else Whereabouts.UNKNOWN


def _on_the_map(shape: ShapeText, place: Place) -> Whereabouts:
    if place.lat is None or place.lon is None or place.radius_km is None:
        return Whereabouts.UNKNOWN
    km = min(_distances(shape, place.lat, place.lon))
    if km <= -place.radius_km:
        return Whereabouts.INSIDE
    return Whereabouts.OUTSIDE if km > place.radius_km else Whereabouts.UNKNOWN


def _distances(shape: ShapeText, lat: float, lon: float) -> Iterator[float]:
    """How far a point lies from each drawn part in km; below zero: how deep inside it."""

    def flat(point: Point) -> Flat:
        narrow = math.cos(math.radians((lat + point[0]) / 2))
        return (point[1] - lon) * narrow * _KM_PER_DEGREE, (point[0] - lat) * _KM_PER_DEGREE

    for circle in shape.circles:
        yield math.hypot(*flat((circle.lat, circle.lon))) - circle.radius_km
    for corridor in shape.corridors:
        yield _from_line([flat(point) for point in corridor.line]) - corridor.within_km
    for polygon in shape.polygons:
        ring = [flat(point) for point in (*polygon, polygon[0])]
        yield -_from_line(ring) if _encloses(ring) else _from_line(ring)


def _from_line(line: Sequence[Flat]) -> float:
    """The distance of the origin from a line of straight pieces."""
    return min(_from_piece(one, other) for one, other in pairwise(line))


def _from_piece(one: Flat, other: Flat) -> float:
    east, north = other[0] - one[0], other[1] - one[1]
    length = east * east + north * north
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(one[0] * east + one[1] * north) / length))
    return math.hypot(one[0] + along * east, one[1] + along * north)


def _encloses(ring: Sequence[Flat]) -> bool:
    """Whether a closed ring has the origin inside, by the crossings of a ray to the east."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > 0) != (y2 > 0) and x1 - y1 * (x2 - x1) / (y2 - y1) > 0:
            crossings += 1
    return crossings % 2 == 1
