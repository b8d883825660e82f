"""As published at a moment: what a reader of the log of changes believed then. Read from the log, never derived anew.

It differs from what was known then: it has the law and the knowledge of the day, and what a mishap told late is in it
late.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from cohstream.publish.turn import Key


class Told(NamedTuple):
    """A change, when it was told, and the verdicts by party and policy that it tells of; ``None``: none any more."""

    told_at: datetime
    key: Key
    after: Any
    cause: dict[str, Any]

    @classmethod
    def of(cls, told_at: datetime, body: bytes) -> Told:
        """The change whose record ``body`` is."""
        said = orjson.loads(body)
        return cls(told_at, (said["area"], said["incident_id"], said["agreement"]), said["after"], said["cause"])


def as_published(told: Iterable[Told], moment: datetime) -> dict[Key, Any]:
    """The verdicts that all told up to ``moment`` left standing, by assessment; ``told`` is in order of the log."""
    held: dict[Key, Any] = {}
    for one in told:
        if one.told_at <= moment:
            held[one.key] = one.after
    return {key: verdicts for key, verdicts in held.items() if verdicts is not None}
