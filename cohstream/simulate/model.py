"""What is drawn from: the shares of the documented reports, as tables of ready pieces of JSON.

``model.json`` holds counts of rows (``tools/build_simulation_model.py`` makes it). A :data:`Table` repeats each item
as often as it was counted, so that one random number picks an item with its weight, alike in every Python.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

Item = TypeVar("Item")
Table = tuple[Item, ...]

POINT_IN = 3
"""One of so many reports gives a point; the others leave the place to its name."""

MUNITIONS_IN = 7
"""One of so many reports says how many munitions were used."""

HOUR = 3_600


@dataclass(frozen=True)
class Site:
    """What sources say of one place, as members: ``place`` in its spellings, with or without a point; and together
    with an excluded group's presence there.
    """

    place: Table[str]
    place_and_presence: Table[str]


@dataclass(frozen=True)
class Kind:
    """A kind of event: what sources say of weapon, target and perpetrator, and what a denial says."""

    conduct: str
    weapon: Table[str]
    target: str
    perpetrator: Table[str]
    denial: str | None


@dataclass(frozen=True)
class Model:
    """Tables of everything that is drawn; ``harm`` holds, per toll, what sources say of it."""

    sites: Table[Site]
    kinds: Table[Kind]
    sources: Table[str]
    deniers: Table[str]
    statements: Table[tuple[str, str]]
    precisions: Table[str]
    fan_in: Table[int]
    lags: Table[int]
    harm: Table[Table[str]]

    @property
    def reports_per_event(self) -> float:
        return sum(self.fan_in) / len(self.fan_in)


@cache
def load_model() -> Model:
    """The shipped model."""
    raw = json.loads(files("cohstream.simulate").joinpath("model.json").read_text("utf-8"))
    certainties = table((count, word) for count, word in raw["certainties"])
    labels = _texts_by_key(raw["labels"])
    munitions = table((count, number) for count, number in raw["munitions"])
    weapons = {code: _weapons(code, words, munitions) for code, words in _texts_by_key(raw["weapon_words"]).items()}
    accused = {actors: _perpetrators(actors, labels, certainties) for actors in labels}
    return Model(
        sites=table((one[0], _site(*one[1:])) for one in raw["places"]),
        kinds=table(
            (count, Kind(quoted(conduct), weapons[weapon], _target(target), accused[actors], _denial(actors)))
            for count, conduct, weapon, target, actors in raw["events"]
        ),
        sources=table((count, _source(name, stake)) for count, name, stake in raw["sources"]),
        deniers=table((count, _source(name, stake)) for count, name, stake in raw["deniers"]),
        statements=table((count, (word, _source(name, stake))) for count, word, name, stake in raw["statements"]),
        precisions=table((count, word) for count, word in raw["precision"]),
        fan_in=table((count, size) for count, size in raw["fan_in"]),
        lags=tuple(_lag(days, n) for count, days in raw["lag_days"] for n in range(count)),
        harm=table((count, _harm(killed)) for count, killed in raw["killed"]),
    )


def table(counted: Iterable[tuple[int, Item]]) -> Table[Item]:
    """Each item as often as it was counted."""
    return tuple(item for count, item in counted for _ in range(count))


def quoted(value: object) -> str:
    """``value`` as a piece of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _texts_by_key(counted: Iterable[tuple[int, str, str]]) -> dict[str, Table[str]]:
    texts: dict[str, list[tuple[int, str]]] = {}
    for count, key, text in counted:
        texts.setdefault(key, []).append((count, text))
    return {key: table(items) for key, items in texts.items()}


def _source(name: str, stake: str) -> str:
    """A source's name and stake, as members of JSON."""
    return f'"source":{quoted(name)},"stake":{quoted(stake)}'


def _site(point: list[float] | None, presence: dict[str, int], spellings: dict[str, int]) -> Site:
    names: list[dict[str, object]] = [{"text": text} for text in table((n, text) for text, n in spellings.items())]
    where = dict(zip(("lat", "lon", "radius_km"), point, strict=True)) if point else {}
    places = tuple(f'"place":{quoted(name if turn else name | where)}' for name in names for turn in range(POINT_IN))
    words = [*table((3 * count, word) for word, count in presence.items()), "unknown"]
    return Site(places, tuple(f'{place},"excluded_presence":"{word}"' for place in places for word in words))


def _target(code: str) -> str:
    return quoted({"text": None, "class": code})


def _denial(actors: str) -> str | None:
    """What one of ``actors`` says who denies it; ``None`` if the event's actors are unknown."""
    return quoted({"text": None, "candidates": actors.split("|"), "certainty": "denied"}) if actors else None


def _perpetrators(actors: str, labels: dict[str, Table[str]], certainties: Table[str]) -> Table[str]:
    """What sources say of an event by ``actors`` (ids joined by ``|``, empty: unknown).

    Most name them, one in four of these in words alone; some name no one, or a set that overlaps with the actors.
    """
    ids = actors.split("|") if actors else []
    named = [
        quoted({"text": text or None, "candidates": ids if turn else [], "certainty": certainty if ids else None})
        for text in labels[actors]
        for certainty in certainties[:: max(1, len(certainties) // 8)]
        for turn in range(4)
    ]
    unnamed = [quoted({"text": None})]
    wider = [
        quoted({"text": text or None, "candidates": others.split("|")})
        for others in labels
        if others != actors and not set(ids).isdisjoint(others.split("|"))
        for text in labels[others]
    ]
    return mixed((7, named), (2, unnamed), (1, wider))


def mixed(*shares: tuple[int, list[str]]) -> Table[str]:
    """Tenths of several lists, each in its own order; an empty list leaves its share to the others."""
    size = 100
    return tuple(
        texts[n * len(texts) // (size * share)] for share, texts in shares if texts for n in range(size * share)
    )


def _weapons(code: str, words: Table[str], munitions: Table[int]) -> Table[str]:
    """What sources say of a weapon: mostly its class, sometimes only the class above, sometimes words alone.

    One account in :data:`MUNITIONS_IN` counts munitions.
    """
    top, _, below = code.partition(".")
    vague = f"{top}.undetermined" if below else code
    plain = [{"text": text or None, "class": said} for text in words for said in (code, code, code, vague, None)]
    counted = [one | {"count": {"min": munitions[n % len(munitions)], "max": None}} for n, one in enumerate(plain)]
    return tuple(quoted(one) for one in (*counted, *plain * (MUNITIONS_IN - 1)))


def _harm(killed: int) -> Table[str]:
    """What sources say of a toll: half of them nothing, others the figure, "at least" less, or a range around it."""
    less, more = killed - killed // 4, killed + killed // 3
    exact = {"min": killed, "max": killed}
    said = [
        {"killed": exact},
        {"killed": exact, "civilians_killed": exact},
        {"killed": {"min": more, "max": more}, "injured": {"min": 2 * killed, "max": 2 * killed}},
        {"killed": {"min": less, "max": None}},
        {"killed": {"min": killed, "max": None}, "injured": {"min": killed, "max": None}},
        {"killed": {"min": less, "max": more}, "civilians_killed": {"min": less, "max": less}},
    ]
    return (*(quoted(one) for one in said), *["{}"] * 5)


def _lag(days: int, n: int) -> int:
    """Seconds from an event to its publication, spread over the day by ``n``."""
    return days * 24 * HOUR + (1 + 7 * n % 22) * HOUR + 61 * n % HOUR
