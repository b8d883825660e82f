"""Intake, second half: a report to a claim in our vocabulary, by the knowledge given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import TypeVar

from cohstream.domain.claim import Claim, Span, Wording
from cohstream.domain.place import Place
from cohstream.domain.report import Part, Quantity, Report
from cohstream.domain.vocabulary import TARGET_FAMILY, Certainty, Presence, Stake
from cohstream.knowledge import Knowledge
from cohstream.knowledge.actor_names import Resolved

Question = TypeVar("Question")
Answer = TypeVar("Answer")

Notices = tuple[str, ...]
StatedPoint = tuple[str | None, float | None, float | None, float | None]
StatedActors = tuple[str | None, tuple[str, ...]]
StatedTerm = tuple[str | None, str | None]

NO_ACTORS = Resolved((), ())

CACHE_ENTRIES = 200_000
"""Answers kept per kind of lookup. Sources repeat their words; beyond this the cache starts afresh."""


class Remembered(dict[Question, Answer]):
    """The answers of a pure ``lookup`` by question, found on demand and bounded by :data:`CACHE_ENTRIES`."""

    def __init__(self, lookup: Callable[[Question], Answer]) -> None:
        self._lookup = lookup

    def __missing__(self, question: Question) -> Answer:
        if len(self) >= CACHE_ENTRIES:
            self.clear()
        answer = self[question] = self._lookup(question)
        return answer


class Resolver:
    """Turns reports into claims. Pure: the same report and knowledge give the same claim."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        places, actors, terms = knowledge.places, knowledge.actors, knowledge.terms
        self._place = Remembered[StatedPoint, tuple[Place, Notices]](lambda said: places.resolve(*said))
        self._actors = Remembered[StatedActors, Resolved](lambda said: actors.resolve(*said))
        self._weapon = Remembered[StatedTerm, tuple[str, Notices]](lambda said: terms.weapon(*said))
        self._target = Remembered[StatedTerm, tuple[str, Notices]](lambda said: terms.target(*said))
        self.source = Remembered(knowledge.sources.lookup)

    def claim(self, report: Report, claim_id: str, conflicting: bool) -> Claim:
        """The claim that ``report`` makes; what could not be resolved is told in ``notices``."""
        source = self.source[report.source]
        said_place, said_weapon, said_by = report.place, report.weapon, report.perpetrator
        said_target, harm = report.target, report.harm
        place, notices = self._place[said_place.text, said_place.lat, said_place.lon, said_place.radius_km]
        weapon, weapon_notices = self._weapon[said_weapon.text, said_weapon.code]
        target, target_notices = self._target[said_target.text, said_target.code]
        accused = self._actors[said_by.text, said_by.candidates]
        if said_target.candidates or TARGET_FAMILY.get(target) == "force":
            aimed_at = self._actors[said_target.text, said_target.candidates]
        else:
            aimed_at = NO_ACTORS
        start, end, precision = report.occurred.interval()
        certainty = said_by.certainty or (Certainty.STATED if accused.ids else Certainty.UNDETERMINED)
        # by position: 34 keywords would take longer than all the rest of this function
        return Claim(
            claim_id,
            report.source,
            report.report_id,
            report.revision,
            report.kind,
            place,
            start.astimezone(UTC),
            end.astimezone(UTC),
            precision,
            (report.published_at or end).astimezone(UTC),
            report.conduct,
            report.statement,
            weapon,
            _span(said_weapon.count),
            target,
            aimed_at.ids,
            accused.ids,
            certainty,
            said_by.joint,
            said_by.contested,
            said_by.basis,
            report.stake or source.stake or Stake.UNKNOWN,
            source.group,
            report.verification,
            self._excluded_presence(report),
            report.delineated,
            tuple(sorted(set(report.circumstances))) if report.circumstances else (),
            _span(harm.killed),
            _span(harm.injured),
            _span(harm.civilians_killed),
            Wording(said_place.text, said_weapon.text, said_by.text, said_target.text),
            report.links,
            notices + weapon_notices + target_notices + accused.notices + aimed_at.notices + unknown_fields(report),
            conflicting,
        )

    def _excluded_presence(self, report: Report) -> Presence:
        """The stated grade of an excluded group's presence; a hold of any other actor on a place says nothing of it."""
        if report.presence is not None and report.presence.grade is not None:
            holders = self._actors[report.presence.actor, ()].ids
            if holders and all(holder.startswith("exc.") for holder in holders):
                return report.presence.grade
        return report.excluded_presence or Presence.UNKNOWN


def unknown_fields(report: Report) -> tuple[str, ...]:
    """A notice for each field that the report form does not have; the original bytes keep it.

    A report from the fast decoder has none: it leaves those with unknown fields to the model.
    """
    if type(report) is not Report:
        return ()
    parts: tuple[tuple[str, Part], ...] = (
        ("", report),
        ("occurred.", report.occurred),
        ("place.", report.place),
        ("weapon.", report.weapon),
        ("perpetrator.", report.perpetrator),
        ("target.", report.target),
        ("harm.", report.harm),
    )
    return tuple(f"unknown_field:{prefix}{name}" for prefix, part in parts for name in part.model_extra or ())


def _span(count: Quantity | None) -> Span | None:
    return None if count is None else (count.min, count.max)
