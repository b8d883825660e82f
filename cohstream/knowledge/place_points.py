"""Points on the ground: distance, geohash, and the nearest of many."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

_KM_PER_DEGREE = 111.195
_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
_CELL_DEGREES = 0.25


class Located(Protocol):
    """Anything with a latitude and a longitude in degrees WGS-84 (``None`` = no position)."""

    @property
    def lat(self) -> float | None: ...
    @property
    def lon(self) -> float | None: ...


T = TypeVar("T", bound=Located)


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Distance in km on a sphere, by the equirectangular formula: within 0.5 % up to 300 km at these latitudes."""
    x = (lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return _KM_PER_DEGREE * math.hypot(x, lat2 - lat1)


def geohash(lat: float, lon: float, length: int = 3) -> str:
    """The standard geohash of a point (three characters: a cell of about 156 km × 156 km or less)."""
    lows, highs = [-180.0, -90.0], [180.0, 90.0]
    value = (lon, lat)
    code, bits, axis = "", 0, 0
    for n in range(1, 5 * length + 1):
        middle = (lows[axis] + highs[axis]) / 2
        upper = value[axis] >= middle
        (lows if upper else highs)[axis] = middle
        bits, axis = bits * 2 + upper, 1 - axis
        if n % 5 == 0:
            code, bits = code + _BASE32[bits], 0
    return code


class Nearest(Generic[T]):
    """Finds the nearest of a fixed set of located things: a grid of quarter degrees, searched ring by ring."""

    def __init__(self, items: Iterable[T]) -> None:
        self._cells: dict[tuple[int, int], list[tuple[float, float, T]]] = {}
        for item in items:
            if item.lat is not None and item.lon is not None:
                self._cells.setdefault(_cell(item.lat, item.lon), []).append((item.lat, item.lon, item))

    def find(self, lat: float, lon: float, within_km: float) -> tuple[T, float] | None:
        """The nearest item not farther than ``within_km`` and its distance in km; the first listed wins a tie."""
        row, column = _cell(lat, lon)
        cell_km = _CELL_DEGREES * _KM_PER_DEGREE
        narrow_km = cell_km * max(0.2, math.cos(math.radians(min(89.0, abs(lat) + 1))))
        best: T | None = None
        best_km = within_km
        ring = 0
        # a ring's cells are at least (ring - 1) narrow cell widths away
        while (ring - 1) * narrow_km <= best_km:
            for i, j in _ring(row, column, ring):
                for item_lat, item_lon, item in self._cells.get((i, j), ()):
                    km = distance_km(lat, lon, item_lat, item_lon)
                    if km < best_km or (best is None and km == best_km):
                        best, best_km = item, km
            ring += 1
        return None if best is None else (best, best_km)


def _cell(lat: float, lon: float) -> tuple[int, int]:
    return math.floor(lat / _CELL_DEGREES), math.floor(lon / _CELL_DEGREES)


def _ring(row: int, column: int, ring: int) -> Iterable[tuple[int, int]]:
    if ring == 0:
        return ((row, column),)
    span = range(-ring, ring + 1)
    edges = [(row + s * ring, column + c) for s in (-1, 1) for c in span]
    return edges + [(row + r, column + s * ring) for s in (-1, 1) for r in span if abs(r) != ring]
