"""What the law is told of one incident."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence, Presence, Verification


class Facts(NamedTuple):
    """The facts of one incident that any agreement may ask for; hashable, times in UTC, half-open.

    ``perpetrators`` and ``target_actors`` are sorted actor ids (empty = unknown); ``denied_by`` are the
    accused who deny; ``circumstances`` are claimed exceptions (``self_defence``, ``agreed_strike``,
    ``notified``, ``exercise`` ...). ``civilians_harmed``: whether some source counts civilians killed.
    """

    start: datetime
    end: datetime
    place: Place
    verification: Verification
    conduct: str
    weapon: str
    target: str
    target_actors: tuple[str, ...]
    perpetrators: tuple[str, ...]
    confidence: AttributionConfidence
    denied_by: tuple[str, ...]
    presence: Presence
    delineated: bool
    circumstances: tuple[str, ...]
    civilians_harmed: bool = False

    @property
    def discrete(self) -> tuple[object, ...]:
        """The facts that are discrete as they are: all but time, place and verification."""
        return self[4:]
