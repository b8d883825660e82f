"""Intake, second half: a report to a claim in our vocabulary, by the knowledge given."""

from __future__ import annotations

from datetime import UTC
from typing import TypeVar

from cohstream.domain.claim import Claim, Order, Wording
from cohstream.domain.place import Place
from cohstream.domain.published_total import notices_of_total
from cohstream.domain.report import Override, Part, Report
from cohstream.domain.vocabulary import CONDUCT_FAMILY, TARGET_FAMILY, Certainty, Presence
from cohstream.engine.intake import claim_id_of, readings_of
from cohstream.engine.memory import Remembered
from cohstream.knowledge import Knowledge
from cohstream.knowledge.sources import Source

Notices = tuple[str, ...]
ActorIds = tuple[str, ...]
StatedPoint = tuple[str | None, float | None, float | None, float | None]
StatedActors = tuple[str | None, tuple[str, ...]]
StatedTerm = tuple[str | None, str | None]

# names of their own, because Python 3.11 takes 0.1 µs to find a member of an enumeration
STATED, UNDETERMINED = Certainty.STATED, Certainty.UNDETERMINED
UNKNOWN = Presence.UNKNOWN

Thing = TypeVar("Thing")
Meaning = tuple[Thing, Notices, str | None]
"""What was meant, notices, and the text that said so: claims share that one, and each report's own copy is dropped."""

CONDUCT_WORD = {word: word for word in CONDUCT_FAMILY}
"""The one copy of each word that all claims share."""


class Resolver:
    """Turns reports into claims. Pure: the same report and knowledge give the same claim."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        places, actors, terms = knowledge.places, knowledge.actors, knowledge.terms
        self._place = Remembered[StatedPoint, Meaning[Place]](lambda said: (*places.resolve(*said), said[0]))
        self._actors = Remembered[StatedActors, Meaning[ActorIds]](lambda said: (*actors.resolve(*said), said[0]))
        self._weapon = Remembered[StatedTerm, Meaning[str]](lambda said: (*terms.weapon(*said), said[0]))
        self._target = Remembered[StatedTerm, Meaning[str]](lambda said: (*terms.target(*said), said[0]))
        self.source = Remembered(knowledge.sources.lookup)
        self._named = Remembered[str, tuple[Source, str]](lambda name: (self.source[name], name))

    def claim(self, report: Report, claim_id: str, conflicting: bool) -> Claim:
        """The claim that ``report`` makes; what could not be resolved is told in ``notices``."""
        source, name = self._named[report.source]
        said_place, said_weapon, said_by = report.place, report.weapon, report.perpetrator
        said_target, harm = report.target, report.harm
        place, place_notices, place_text = self._place[
            said_place.text, said_place.lat, said_place.lon, said_place.radius_km
        ]
        weapon, weapon_notices, weapon_text = self._weapon[said_weapon.text, said_weapon.code]
        target, target_notices, target_text = self._target[said_target.text, said_target.code]
        accused, accused_notices, accused_text = self._actors[said_by.text, said_by.candidates]
        notices = place_notices + weapon_notices + target_notices + accused_notices
        aimed_at: ActorIds = ()
        if said_target.candidates or TARGET_FAMILY.get(target) == "force":
            aimed_at, aimed_at_notices, _ = self._actors[said_target.text, said_target.candidates]
            notices += aimed_at_notices
        if report.count is not None:
            notices += notices_of_total(report.count)
        if type(report) is Report:  # the fast decoder leaves reports with unknown fields to the model
            notices += unknown_fields(report)
        start, end, precision = report.occurred.interval()
        begun = start.astimezone(UTC)  # the other times are reckoned from it: converting each takes three times as long
        munitions, killed, injured, civilians = said_weapon.count, harm.killed, harm.injured, harm.civilians_killed
        # by position: 34 keywords would take longer than all the rest of this function
        claim = Claim(
            claim_id,
            name,
            report.report_id,
            report.revision,
            report.kind,
            place,
            begun,
            begun + (end - start),
            precision,
            begun + ((report.published_at or end) - start),
            report.conduct and CONDUCT_WORD[report.conduct],
            report.statement,
            weapon,
            None if munitions is None else (munitions.min, munitions.max),
            target,
            aimed_at,
            accused,
            said_by.certainty or (STATED if accused else UNDETERMINED),
            said_by.joint,
            said_by.contested,
            said_by.basis,
            report.stake or source.stake,
            source.group,
            report.verification,
            self._excluded_presence(report) if report.presence else report.excluded_presence or UNKNOWN,
            report.delineated,
            tuple(sorted(set(report.circumstances))) if report.circumstances else (),
            None if killed is None else (killed.min, killed.max),
            None if injured is None else (injured.min, injured.max),
            None if civilians is None else (civilians.min, civilians.max),
            Wording(place_text, weapon_text, accused_text, target_text),
            report.links,
            notices,
            conflicting,
        )
        if report.override is not None:
            claim.order = order_of(report.override)
        return claim

    def _excluded_presence(self, report: Report) -> Presence:
        """The stated grade of an excluded group's presence; a hold of any other actor on a place says nothing of it."""
        if report.presence is not None and report.presence.grade is not None:
            holders, _, _ = self._actors[report.presence.actor, ()]
            if holders and all(holder.startswith("exc.") for holder in holders):
                return report.presence.grade
        return report.excluded_presence or UNKNOWN


def order_of(override: Override) -> Order:
    """The order that an override gives, its reports by the claim ids that ``source/report_id`` may mean."""
    named = tuple(
        tuple(claim_id_of(source, report_id) for source, report_id in readings_of(name)) for name in override.reports
    )
    return Order(override.action, named, override.author, override.reason)


def unknown_fields(report: Report) -> tuple[str, ...]:
    """A notice for each field that the report form does not have; the original bytes keep it."""
    parts: tuple[tuple[str, Part], ...] = (
        ("", report),
        ("occurred.", report.occurred),
        ("place.", report.place),
        ("weapon.", report.weapon),
        ("perpetrator.", report.perpetrator),
        ("target.", report.target),
        ("harm.", report.harm),
        *((("count.", report.count),) if report.count is not None else ()),
    )
    return tuple(f"unknown_field:{prefix}{name}" for prefix, part in parts for name in part.model_extra or ())
