"""Intake, second half: a report to a claim in our vocabulary, by the knowledge given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import TypeVar

from cohstream.domain.claim import Claim, Wording
from cohstream.domain.place import Place
from cohstream.domain.report import Part, Report
from cohstream.domain.vocabulary import TARGET_FAMILY, Certainty, Presence, Stake
from cohstream.knowledge import Knowledge

Answer = TypeVar("Answer")

CACHE_ENTRIES = 200_000
"""Answers kept per kind of lookup. Sources repeat their words; beyond this the cache starts afresh."""


class Resolver:
    """Turns reports into claims. Pure: the same report and knowledge give the same claim."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        places, actors, terms = knowledge.places, knowledge.actors, knowledge.terms
        self._place = remembered(places.resolve)
        self._actors = remembered(actors.resolve)
        self._weapon = remembered(terms.weapon)
        self._target = remembered(terms.target)
        self._source = remembered(knowledge.sources.lookup)

    def claim(self, report: Report, claim_id: str, conflicting: bool) -> Claim:
        """The claim that ``report`` makes; what could not be resolved is told in ``notices``."""
        source = self._source(report.source)
        stated_place, stated_by, stated_target = report.place, report.perpetrator, report.target
        place: Place
        place, notices = self._place(stated_place.text, stated_place.lat, stated_place.lon, stated_place.radius_km)
        weapon, weapon_notices = self._weapon(report.weapon.text, report.weapon.code)
        target, target_notices = self._target(stated_target.text, stated_target.code)
        accused = self._actors(stated_by.text, stated_by.candidates)
        names_a_force = stated_target.candidates or TARGET_FAMILY.get(target) == "force"
        aimed_at = self._actors(stated_target.text if names_a_force else None, stated_target.candidates)
        start, end, precision = report.occurred.interval()
        certainty = stated_by.certainty or (Certainty.STATED if accused.ids else Certainty.UNDETERMINED)
        return Claim(
            claim_id=claim_id,
            source=report.source,
            report_id=report.report_id,
            revision=report.revision,
            kind=report.kind,
            place=place,
            start=start.astimezone(UTC),
            end=end.astimezone(UTC),
            precision=precision,
            published_at=(report.published_at or end).astimezone(UTC),
            conduct=report.conduct,
            statement=report.statement,
            weapon=weapon,
            munitions=report.weapon.count,
            target=target,
            target_actors=aimed_at.ids,
            perpetrators=accused.ids,
            certainty=certainty,
            joint=stated_by.joint,
            contested=stated_by.contested,
            basis=stated_by.basis,
            stake=report.stake or source.stake or Stake.UNKNOWN,
            group=source.group,
            verification=report.verification,
            excluded_presence=self._excluded_presence(report),
            delineated=report.delineated,
            circumstances=tuple(sorted(set(report.circumstances))) if report.circumstances else (),
            killed=report.harm.killed,
            injured=report.harm.injured,
            civilians_killed=report.harm.civilians_killed,
            wording=Wording(stated_place.text, report.weapon.text, stated_by.text, stated_target.text),
            links=report.links,
            notices=(
                *notices,
                *weapon_notices,
                *target_notices,
                *accused.notices,
                *aimed_at.notices,
                *unknown_fields(report),
            ),
            conflicting=conflicting,
        )

    def _excluded_presence(self, report: Report) -> Presence:
        """The stated grade of an excluded group's presence; a hold of any other actor on a place says nothing of it."""
        if report.presence is not None and report.presence.grade is not None:
            holders = self._actors(report.presence.actor, ()).ids
            if holders and all(holder.startswith("exc.") for holder in holders):
                return report.presence.grade
        return report.excluded_presence or Presence.UNKNOWN


def unknown_fields(report: Report) -> tuple[str, ...]:
    """A notice for each field that the report form does not have; the original bytes keep it.

    A report from the fast decoder has none: it leaves those with unknown fields to the model.
    """
    if not isinstance(report, Part):
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


def remembered(lookup: Callable[..., Answer]) -> Callable[..., Answer]:
    """``lookup`` with its answers kept, bounded by :data:`CACHE_ENTRIES`."""
    answers: dict[tuple[object, ...], Answer] = {}

    def answer(*question: object) -> Answer:
        found = answers.get(question)
        if found is None:
            if len(answers) >= CACHE_ENTRIES:
                answers.clear()
            found = answers[question] = lookup(*question)
        return found

    return answer
