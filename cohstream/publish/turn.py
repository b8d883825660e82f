"""A turn: law or knowledge is another than when incidents were last judged, and what was told of them follows.

What differs is told as changes, like those that reports make, with the turn as their cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from cohstream.domain.assessment import Finding, Findings
from cohstream.engine.memory import RememberedByIdentity
from cohstream.publish.records import SHARED_ENTRIES, verdicts_of

Key = tuple[str, str, str]
"""An assessment: area, incident and agreement."""


class Step(NamedTuple):
    """From one hash to another; ``before`` is ``None`` where it is not known."""

    before: str | None
    after: str


@dataclass(frozen=True)
class Turn:
    """What became another: the law, the knowledge, or both."""

    law: Step | None = None
    knowledge: Step | None = None

    def cause(self) -> dict[str, Any]:
        """The cause of a change; where both turned, the knowledge may have moved more, so it gives the word."""
        steps = {"knowledge": self.knowledge, "law": self.law}
        told = {name: {"after": step.after, "before": step.before} for name, step in steps.items() if step}
        return {"claims": [], "kind": next(iter(told)), **told}


class Said(NamedTuple):
    """Verdicts by party and policy, and a mark of the findings behind them; no mark: only the verdicts are known."""

    verdicts: Any
    mark: bytes | None


class Moved(NamedTuple):
    """An assessment that is not what was told."""

    key: Key
    change: str
    before: Any
    after: Any
    mark: bytes | None

    def record(self, turn: Turn) -> dict[str, Any]:
        """The record on the topic of changes."""
        area, incident_id, agreement = self.key
        return {
            "after": self.after,
            "agreement": agreement,
            "area": area,
            "before": self.before,
            "cause": turn.cause(),
            "change": self.change,
            "incident_id": incident_id,
        }


class Earlier:
    """What was told, held against what is found now, one assessment after the other."""

    def __init__(self, said: Mapping[Key, Said]) -> None:
        self._left = dict(said)

    def move(self, key: Key, findings: Findings) -> Moved | None:
        """What ``findings`` change of what was told under ``key``; ``None`` if they are what was told."""
        former, mark = self._left.pop(key, None), mark_of(findings)
        if former is None:
            return Moved(key, "new", None, verdicts_of(findings), mark)
        if former.mark == mark or (former.mark is None and former.verdicts == verdicts_of(findings)):
            return None
        return Moved(key, "revised", former.verdicts, verdicts_of(findings), mark)

    def gone(self) -> Iterator[Moved]:
        """What was told, and of which nothing was found until now, in order of key."""
        for key in sorted(self._left):
            yield Moved(key, "retracted", self._left[key].verdicts, None, None)
        self._left.clear()


def _mark(findings: Iterable[Iterable[object]]) -> bytes:
    return sha256(_encode(findings)).digest()[:16]


def said_in(records: Sequence[Mapping[str, Any]]) -> Said:
    """What the findings of an assessment's record say."""
    findings = msgspec.convert([[one[name] for name in Finding._fields] for one in records], Findings)
    return Said(verdicts_of(findings), _mark(findings))


_encode = msgspec.json.Encoder().encode
mark_of = RememberedByIdentity(_mark, SHARED_ENTRIES)
"""A hash of what findings say."""
