"""Places against pieces of ground: inside only if all of the circle of uncertainty is, outside only if none is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohstream.domain.place import UNKNOWN_PLACE, Place
from cohstream.law.ground import Whereabouts, lies_in
from cohstream.law.text import ShapeText

KM = 1 / 111.195
"""A km in degrees of latitude."""
SQUARE = {"polygons": [[(35.0, 36.0), (36.0, 36.0), (36.0, 37.0), (35.0, 37.0)]]}
HORSESHOE = {"polygons": [[(35, 36), (36, 36), (36, 37), (35, 37), (35, 36.8), (35.8, 36.8), (35.8, 36.2), (35, 36.2)]]}
CIRCLE = {"circles": [{"lat": 35.0, "lon": 36.0, "radius_km": 10}]}
ROAD = {"corridors": [{"line": [(35.0, 36.0), (36.0, 36.0), (36.0, 37.0)], "within_km": 5}]}


def shape(**parts: Any) -> ShapeText:
    return ShapeText.model_validate(parts)


def at(lat: float | None, lon: float | None, radius_km: float | None = 0.0, **units: str) -> Place:
    return UNKNOWN_PLACE._replace(lat=lat, lon=lon, radius_km=radius_km, area="cell:sv", **units)


@pytest.mark.parametrize(
    ("parts", "place", "answer"),
    [
        (CIRCLE, at(35.0, 36.0), "inside"),
        (CIRCLE, at(35 + 9 * KM, 36.0, 0.5), "inside"),
        (CIRCLE, at(35 + 9 * KM, 36.0, 2), "unknown"),
        (CIRCLE, at(35 + 11 * KM, 36.0, 2), "unknown"),
        (CIRCLE, at(35 + 13 * KM, 36.0, 2), "outside"),
        (CIRCLE, at(35.0, 36.0, 11), "unknown"),
        (SQUARE, at(35.5, 36.5, 40), "inside"),
        (SQUARE, at(35.5, 36.5, 60), "unknown"),
        (SQUARE, at(34.5, 36.5, 10), "outside"),
        (SQUARE, at(35.0, 37.5, 10), "outside"),
        (HORSESHOE, at(35.3, 36.5, 5), "outside"),
        (HORSESHOE, at(35.9, 36.5, 5), "inside"),
        (ROAD, at(35.5, 36.0, 4), "inside"),
        (ROAD, at(36 + 4 * KM, 36.5), "inside"),
        (ROAD, at(36 + 6 * KM, 36.5), "outside"),
        (ROAD, at(35.0 - 4 * KM, 36.0), "inside"),
        (ROAD, at(35.0 - 6 * KM, 36.0), "outside"),
        (SQUARE, at(None, None), "unknown"),
        (SQUARE, at(35.5, 36.5, None), "unknown"),
    ],
)
def test_drawn_ground(parts: dict[str, Any], place: Place, answer: str) -> None:
    assert lies_in(shape(**parts), place) == answer


@pytest.mark.parametrize(
    ("parts", "place", "answer"),
    [
        ({"admin1": ["SY02"]}, at(None, None, None, admin1="SY02"), "inside"),
        ({"admin1": ["SY02"]}, at(None, None, None, admin1="SY04"), "outside"),
        ({"admin1": ["SY02"]}, UNKNOWN_PLACE, "unknown"),
        ({"admin1": ["SY02"]}, UNKNOWN_PLACE._replace(area="foreign:TR"), "outside"),
        ({"admin1": ["SY02"]}, at(None, None), "outside"),
        ({"admin1": ["UA14"]}, at(None, None), "unknown"),
        ({"admin1": ["TR31"]}, UNKNOWN_PLACE._replace(area="foreign:TR"), "unknown"),
        ({"admin2": ["SY0302"]}, at(None, None, None, admin1="SY03", admin2="SY0302"), "inside"),
        ({"admin2": ["SY0302"]}, at(None, None, None, admin1="SY03", admin2="SY0309"), "outside"),
        ({"admin2": ["SY0302"]}, at(None, None, None, admin1="SY03"), "unknown"),
        ({"admin2": ["SY0302"]}, at(None, None, None, admin1="SY04"), "outside"),
        ({"admin1": ["SY07"], **SQUARE}, at(35.5, 36.5, 1, admin1="SY02", admin2="SY0200"), "inside"),
        ({"admin1": ["SY07"], **SQUARE}, at(34.0, 36.5, 1, admin1="SY02", admin2="SY0200"), "outside"),
        ({"admin1": ["SY07"], **SQUARE}, at(35.0, 36.5, 1, admin1="SY02", admin2="SY0200"), "unknown"),
        ({"admin1": ["UA14"], **SQUARE}, at(35.5, 36.5, 1), "inside"),
        ({"admin1": ["UA14"], **SQUARE}, at(34.0, 36.5, 1), "outside"),
        ({"admin1": ["UA14"], **SQUARE}, at(None, None, None, admin1="SY02"), "outside"),
    ],
)
def test_units_and_units_with_drawn_ground(parts: dict[str, Any], place: Place, answer: str) -> None:
    assert lies_in(shape(**parts), place) == answer


POINTS = st.tuples(st.floats(34.5, 36.5), st.floats(35.5, 37.5))


@given(st.sampled_from([CIRCLE, SQUARE, HORSESHOE, ROAD]), POINTS, st.floats(0, 80), st.floats(0, 80))
def test_knowing_a_place_better_never_turns_an_answer_round(parts, point, one, other) -> None:
    narrow, wide = sorted((one, other))
    rough, exact = lies_in(shape(**parts), at(*point, wide)), lies_in(shape(**parts), at(*point, narrow))
    assert rough in (exact, Whereabouts.UNKNOWN)


@given(st.sampled_from([SQUARE, HORSESHOE]), POINTS, st.integers(0, 7))
def test_it_is_the_same_polygon_from_whichever_corner_it_begins(parts, point, turn) -> None:
    (ring,) = parts["polygons"]
    turn %= len(ring)
    turned = shape(polygons=[[*ring[turn:], *ring[:turn]]])
    assert lies_in(turned, at(*point, 3)) == lies_in(shape(**parts), at(*point, 3))
