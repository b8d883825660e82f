"""What is drawn from: shares of the documented reports, as ready pieces of JSON."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Draw(Generic[Item]):
    """A weighted choice that needs one random number, alike in every version of Python."""

    def __init__(self, weighted: Iterable[tuple[Item, float]]) -> None:
        pairs = list(weighted)
        self._items = [item for item, _ in pairs]
        self._bounds = list(accumulate(weight for _, weight in pairs))

    def __call__(self, random: Random) -> Item:
        return self._items[bisect_right(self._bounds, random.random() * self._bounds[-1])]


@dataclass(frozen=True)
class Site:
    """A place: its spellings as JSON text, its point and radius as JSON, the presence words said of it."""

    spelling: Draw[str]
    point: str | None
    presence: Draw[str]


@dataclass(frozen=True)
class Event:
    """A kind of event: conduct, weapon and target as JSON, and the actors accused."""

    conduct: str
    weapon_text: str
    weapon_class: str
    target: str
    actors: str


@dataclass(frozen=True)
class Model:
    sites: Draw[Site]
    events: Draw[Event]
    labels: dict[str, Draw[str]]
    sources: Draw[tuple[str, str]]
    precision: Draw[str]
    fan_in: Draw[int]
    killed: Draw[int]
    reports_per_event: float


@cache
def load_model() -> Model:
    """The shipped shares."""
    raw = json.loads(files("cohstream.simulate").joinpath("model.json").read_text("utf-8"))
    fan_in = raw["fan_in"]
    return Model(
        sites=Draw((_site(one), one["weight"]) for one in raw["places"]),
        events=Draw(
            (Event(quoted(conduct), quoted(text or None), quoted(code or None), quoted(target), actors), count)
            for conduct, text, code, target, actors, count in raw["kinds"]
        ),
        labels={actors: Draw((quoted(text or None), n) for text, n in texts) for actors, texts in raw["labels"].items()},
        sources=Draw(((quoted(name), quoted(stake)), count) for name, stake, count in raw["sources"]),
        precision=Draw(raw["precision"]),
        fan_in=Draw(fan_in),
        killed=Draw(raw["killed"]),
        reports_per_event=sum(size * count for size, count in fan_in) / sum(count for _, count in fan_in),
    )


def quoted(value: str | None) -> str:
    """``value`` as a piece of JSON."""
    return json.dumps(value, ensure_ascii=False)


def _site(raw: dict[str, object]) -> Site:
    point = raw["point"]
    texts, presence = raw["texts"], raw["presence"]
    assert isinstance(texts, list)
    assert isinstance(presence, list)
    return Site(
        spelling=Draw((quoted(text), count) for text, count in texts),
        point='"lat":{},"lon":{},"radius_km":{}'.format(*point) if isinstance(point, list) else None,
        presence=Draw((quoted(word), count) for word, count in presence),
    )
