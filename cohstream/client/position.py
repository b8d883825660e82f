"""Where a follower is: text to be kept, and given back after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

import msgspec
from msgspec import Struct

from cohstream.errors import ConfigError
from cohstream.live.topics import CURRENT

TOMBSTONES_KEPT = timedelta(milliseconds=int(CURRENT["delete.retention.ms"]))
ANEW = "follow without a position, and replace what you kept by the state that is told"


class Position(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a topic was told. ``str()`` gives its text, JSON of one line; :meth:`of` reads it.

    ``offsets`` has the next offset of each partition, ``times`` the timestamp in ms of the record before it; both are
    empty as long as the state so far is not told whole. ``at`` is when the position was taken, with a zone.
    """

    topic: str
    offsets: dict[int, int]
    times: dict[int, int]
    at: datetime

    @classmethod
    def of(cls, text: str | bytes) -> Self:
        """Read a position. Raises :class:`ConfigError` if ``text`` is none."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise ConfigError(f"{text[:80]!r} is no position: {error}; give back what str(position) gave") from None

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def held_against(self, topic: str, begins: dict[int, int], ends: dict[int, int], compacted: bool) -> None:
        """Raises :class:`ConfigError` if going on from here on ``topic`` would miss something."""
        if self.topic != topic:
            raise ConfigError(f"the position is one of {self.topic}, not of {topic}; keep one for each topic")
        for number, offset in self.offsets.items():
            if offset > ends.get(number, 0):
                raise ConfigError(
                    f"the position is at offset {offset} of partition {number} of {topic}, which ends at "
                    f"{ends.get(number, 0)}: the topic was made anew; {ANEW}"
                )
            if offset < begins.get(number, 0):
                raise ConfigError(
                    f"the position is at offset {offset} of partition {number} of {topic}, which begins at "
                    f"{begins.get(number, 0)}: records between are gone; {ANEW}"
                )
        if compacted and self.offsets and datetime.now(UTC) - self.at > TOMBSTONES_KEPT:
            raise ConfigError(
                f"the position is of {self.at:%Y-%m-%d %H:%M}, and what vanished is told for {TOMBSTONES_KEPT.days} "
                f"days only; {ANEW}"
            )
