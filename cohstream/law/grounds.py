"""Grounds: places, with the presence of an excluded group there, that the texts in hand tell apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Presence, Verification
from cohstream.knowledge import load_knowledge
from cohstream.law.agreement import Agreement
from cohstream.law.case import spot_in_zone, where_is
from cohstream.law.coverage import protection
from cohstream.law.facts import Facts
from cohstream.law.ground import GAZETTEER_COUNTRY
from cohstream.law.text import Point, ShapeText

KNOWN_PRESENCES = (Presence.NONE, Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.SOLE)
"""The grades of presence that are facts; disputed and unknown are states of knowledge, and no cells of a text."""
IN_IT = ("inside", "disputed")
SHARP_KM = 0.1
ANY_TIME = datetime(2016, 1, 1, tzinfo=UTC)
"""For questions that hang on no time."""
NEAR_THE_EDGE = 0.9
"""Where in a corridor or circle a spot is taken, so that of those around one line each has a spot of its own."""
_KM_PER_DEGREE = 111.195


class Ground(NamedTuple):
    """Places and presence of an excluded group that every text in hand sees alike, by one of them."""

    label: str
    place: Place
    presence: Presence


class _Sight(NamedTuple):
    """How one text sees a spot: in its area, in each of its zones, and whether presence strips protection."""

    where: str
    zones: tuple[tuple[str, str], ...]
    covered: str

    @property
    def known(self) -> bool:
        return "unknown" not in (self.where, *(answer for _, answer in self.zones))


def grounds_of(agreements: Sequence[Agreement], policies: Sequence[Policy]) -> list[Ground]:
    """The grounds that the texts tell apart under ``policies`` (one for each); zones are taken as if always there."""
    classes: dict[tuple[_Sight, ...], list[tuple[Place, Presence]]] = {}
    for place in _spots(agreements):
        for presence in KNOWN_PRESENCES:
            facts = _facts(place, presence)
            key = tuple(
                _Sight(
                    where_is(one, facts),
                    tuple((zone.id, str(spot_in_zone(zone, facts))) for zone in one.zones.values()),
                    protection(policy, presence, False, True),
                )
                for one, policy in zip(agreements, policies, strict=True)
            )
            if any(one.where in IN_IT for one in key):
                classes.setdefault(key, []).append((place, presence))
    sharp = {key: spots for key, spots in classes.items() if all(one.known for one in key)} or classes
    grounds = []
    for key, spots in sharp.items():
        place, presence = min(spots, key=lambda spot: KNOWN_PRESENCES.index(spot[1]))
        grounds.append(Ground(_label(agreements, key, sharp), place, presence))
    return grounds


def _spots(agreements: Sequence[Agreement]) -> list[Place]:
    """Places that stand for the ground spoken of: a town of each district, units abroad, spots of each drawing."""
    shapes = [shape for one in agreements for shape in _shapes(one)]
    gazetteer = load_knowledge().places
    towns: dict[str, Place] = {}
    for entry in gazetteer.places():
        if entry.country == GAZETTEER_COUNTRY and entry.lat is not None and entry.admin2 and entry.admin2 not in towns:
            found, _ = gazetteer.resolve(None, entry.lat, entry.lon, None)
            towns[found.admin2] = found._replace(radius_km=SHARP_KM)
    abroad = {unit for shape in shapes for unit in shape.admin1 if unit[:2] != GAZETTEER_COUNTRY}
    units = [Place("", "", None, None, 1.0, unit, "", unit) for unit in sorted(abroad)]
    drawn = [gazetteer.resolve(None, *point, None)[0] for shape in shapes for point in _points(shape)]
    return [*towns.values(), *units, *dict.fromkeys(place._replace(radius_km=SHARP_KM) for place in drawn)]


def _shapes(agreement: Agreement) -> list[ShapeText]:
    text = agreement.text
    return [text.area, *text.area.claims, *text.zones]


def _points(shape: ShapeText) -> Iterator[Point]:
    """Spots inside each drawn part."""
    for circle in shape.circles:
        yield circle.lat, circle.lon
        yield from _beside((circle.lat, circle.lon), circle.radius_km * NEAR_THE_EDGE)
    for corridor in shape.corridors:
        for point in corridor.line:
            yield point
            yield from _beside(point, corridor.within_km * NEAR_THE_EDGE)
    for polygon in shape.polygons:
        yield sum(lat for lat, _ in polygon) / len(polygon), sum(lon for _, lon in polygon) / len(polygon)


def _beside(point: Point, km: float) -> Iterator[Point]:
    """Points so far to the north, south, east and west."""
    lat, lon = point
    wide = km / _KM_PER_DEGREE
    narrow = wide / math.cos(math.radians(lat))
    yield from ((lat + wide, lon), (lat - wide, lon), (lat, lon + narrow), (lat, lon - narrow))


def _facts(place: Place, presence: Presence) -> Facts:
    return Facts(
        start=ANY_TIME,
        end=ANY_TIME,
        place=place,
        verification=Verification.VERIFIED,
        conduct="shelling",
        weapon="indirect_fire",
        target="undetermined",
        target_actors=(),
        perpetrators=(),
        confidence=AttributionConfidence.PROBABLE,
        denied_by=(),
        presence=presence,
        delineated=False,
        circumstances=(),
    )


def _label(
    agreements: Sequence[Agreement],
    key: tuple[_Sight, ...],
    classes: dict[tuple[_Sight, ...], list[tuple[Place, Presence]]],
) -> str:
    """What sets a class apart: zones it lies in or not, an area it is outside of, the presence there.

    In the order of the texts; what several say alike is said once.
    """
    if len(classes) == 1:
        return "anywhere"
    areas_differ = len({tuple(one.where for one in other) for other in classes}) > 1
    parts = []
    for text, sight in zip(agreements, key, strict=True):
        if sight.where not in IN_IT:
            parts.append(f"outside {text.agreement_id}")
            continue
        if sight.where == "disputed":
            parts.append(f"in {text.agreement_id} as some draw it")
        elif areas_differ and len(agreements) == 1:
            parts.append(f"in {text.agreement_id}")
        inside = [
            f"{'inside' if answer == 'inside' else 'by some inside'} {zone}"
            for zone, answer in sight.zones
            if answer in IN_IT
        ]
        parts += inside or [f"outside {zone}" for zone, _ in sight.zones]
    same_place = [other for other in classes if [one[:2] for one in other] == [one[:2] for one in key]]
    presences = sorted({presence for _, presence in classes[key]}, key=KNOWN_PRESENCES.index)
    if len(same_place) > 1 or not parts:
        only_none = presences == [Presence.NONE]
        parts.append("no excluded group present" if only_none else f"an excluded group present: {', '.join(presences)}")
    return "; ".join(dict.fromkeys(parts))
