"""What the law is told of one incident."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence, FirstShot, Presence, Verification

ANY_AGREEMENT = "*"


class Facts(NamedTuple):
    """The facts of one incident that any agreement may ask for; hashable, times in UTC, half-open.

    ``perpetrators`` and ``target_actors`` are sorted actor ids (empty = unknown); ``denied_by`` are the
    accused who deny; ``circumstances`` are claimed exceptions (``self_defence``, ``agreed_strike``,
    ``notified``, ``exercise`` ...). ``civilians_harmed``: whether some source counts civilians killed. ``first_shots``:
    what was found of the attack that self-defence would answer, by agreement; empty if nobody looked.
    ``noticed``: whether a notice beforehand was found; ``None`` if nobody looked.
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
    first_shots: tuple[tuple[str, FirstShot], ...] = ()
    noticed: bool | None = None

    @property
    def discrete(self) -> tuple[object, ...]:
        """The facts that are discrete as they are: all but time, place and verification."""
        return self[4:]

    def first_shot_under(self, agreement_id: str) -> FirstShot:
        """What is known of the first shot as ``agreement_id`` means it; contested where nobody looked."""
        known = (word for name, word in self.first_shots if name in (agreement_id, ANY_AGREEMENT))
        return next(known, FirstShot.CONTESTED)
