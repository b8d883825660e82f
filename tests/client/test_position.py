"""A position is kept as text, and is refused where going on from it would miss something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cohstream.client import Position
from cohstream.errors import ConfigError

NOW = datetime.now(UTC)
TOPIC = "cohstream.tallies.v1"


def position(offset: int = 7, at: datetime = NOW, topic: str = TOPIC) -> Position:
    return Position(topic, {0: offset, 1: 3}, {0: 1_000, 1: 2_000}, at)


def test_it_is_read_back_as_it_was_written() -> None:
    assert Position.of(str(position())) == position()


@pytest.mark.parametrize("text", ["", "{}", '{"topic":3}', "null", '{"topic":"t","offsets":{},"times":{},"at":"now"}'])
def test_what_is_no_position_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is no position: .*; give back what str\(position\) gave"):
        Position.of(text)


def test_it_holds_where_nothing_is_missed() -> None:
    position().held_against(TOPIC, {0: 0, 1: 0, 2: 0}, {0: 7, 1: 9, 2: 4}, compacted=True)


@pytest.mark.parametrize(
    ("one", "begins", "ends", "told"),
    [
        (position(topic="other.tallies.v1"), {0: 0, 1: 0}, {0: 9, 1: 9}, "is one of other.tallies.v1"),
        (position(), {0: 0, 1: 0}, {0: 6, 1: 9}, "the topic was made anew"),
        (position(), {0: 0}, {0: 9}, "the topic was made anew"),
        (position(), {0: 8, 1: 0}, {0: 9, 1: 9}, "records between are gone"),
        (position(at=NOW - timedelta(days=8)), {0: 0, 1: 0}, {0: 9, 1: 9}, "what vanished is told for 7 days only"),
    ],
)
def test_it_is_refused_where_something_would_be(
    one: Position, begins: dict[int, int], ends: dict[int, int], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        one.held_against(TOPIC, begins, ends, compacted=True)


def test_what_tells_changes_has_no_tombstones_to_miss() -> None:
    old = position(at=NOW - timedelta(days=80))
    old.held_against(TOPIC, {0: 0, 1: 0}, {0: 9, 1: 9}, compacted=False)
