"""Describing an incident: what the claims of one cluster add up to. By documented rules, never by vote or by mean.

What is stated of words is chosen by standing, specificity and protection (:mod:`cohstream.engine.words`), of times and
places by precision, and of counts it is the span. The rules and where they come from stand in ``docs/evidence.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import inf

from cohstream.domain.claim import Claim, Span
from cohstream.domain.incident import Incident
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import FOUNDING_KINDS, Presence, TimePrecision, Verification
from cohstream.engine.attribution import attribute, attribute_lone
from cohstream.engine.fuse import canonical_order
from cohstream.engine.placing import is_coarse, seat_of
from cohstream.engine.words import OTHER, VERIFYING, conduct_of, target_of, verification_of, weapon_of

BY_PRECISION = {precision: rank for rank, precision in enumerate(TimePrecision)}
ALLEGED = Verification.ALLEGED
NOTHING_SAID: frozenset[Presence] = frozenset()

SaidAt = Callable[[Place, datetime], frozenset[Presence]]
"""What presence reports say of a place at a time."""


def describe(
    founder: Claim,
    members: Sequence[Claim],
    attached: Sequence[Claim],
    event_day: Callable[[datetime, datetime], str],
    said_at: SaidAt | None = None,
) -> Incident:
    """The incident of ``members``, its founding claims, and of the denials and admissions ``attached`` to it.

    Both are in canonical order; ``founder`` is the sharpest member. ``said_at`` adds what presence reports say of its
    place and time.
    """
    if len(members) == 1 and not attached:
        return _describe_one(members[0], event_day, said_at)
    everyone = [*members, *attached] if attached else members
    anchor = members[0]
    groups = {claim.group for claim in members}
    place = _narrowest(founder, members)
    start, end = _span(members)
    circumstances = _union([claim.circumstances for claim in everyone])
    return Incident(
        anchor.claim_id,
        tuple([claim.claim_id for claim in everyone]),
        place.area,
        place,
        start,
        end,
        event_day(start, end),
        conduct_of(members),
        weapon_of(members),
        target_of(members),
        _union([claim.target_actors for claim in members]),
        attribute(members, attached),
        verification_of(members, len(groups)),
        _presence(members, said_at(place, start) if said_at else NOTHING_SAID),
        any([claim.delineated for claim in members]),
        circumstances,
        len({claim.source for claim in members}),
        len(groups),
        _count([claim.munitions for claim in members]),
        _count([claim.killed for claim in members]),
        _count([claim.injured for claim in members]),
        _count([claim.civilians_killed for claim in members]),
        any([claim.conflicting for claim in members]),
        bool(circumstances) and any([claim.circumstances != circumstances for claim in members]),
    )


def accounts(members: Sequence[Claim], joined: Sequence[Claim]) -> tuple[Sequence[Claim], Sequence[Claim]]:
    """What :func:`describe` takes: all founding claims of those, and the denials and admissions, in canonical order."""
    if not joined:
        return members, ()
    founding = [claim for claim in joined if claim.kind in FOUNDING_KINDS]
    attached = [claim for claim in joined if claim.kind not in FOUNDING_KINDS]
    return sorted([*members, *founding], key=canonical_order) if founding else members, attached


def _describe_one(claim: Claim, event_day: Callable[[datetime, datetime], str], said_at: SaidAt | None) -> Incident:
    """The incident of a lone claim: :func:`describe` without choices and spans, because most incidents are this."""
    silent = claim.verification is None and claim.stake not in VERIFYING
    return Incident(
        claim.claim_id,
        (claim.claim_id,),
        claim.place.area,
        claim.place,
        claim.start,
        claim.end,
        event_day(claim.start, claim.end),
        claim.conduct or OTHER,
        claim.weapon,
        claim.target,
        claim.target_actors,
        attribute_lone(claim),
        ALLEGED if silent else verification_of([claim], 1),
        _presence([claim], said_at(claim.place, claim.start)) if said_at else claim.excluded_presence,
        claim.delineated,
        claim.circumstances,
        1,
        1,
        claim.munitions,
        claim.killed,
        claim.injured,
        claim.civilians_killed,
        claim.conflicting,
    )


def _narrowest(founder: Claim, members: Sequence[Claim]) -> Place:
    """The place with the least radius at the founder's seat: wide claims that joined say nothing of where."""
    seat = seat_of(founder.place)
    best, least = founder.place, founder.place.radius_km or inf
    for claim in members:
        radius = claim.place.radius_km
        if radius is not None and radius < least and seat_of(claim.place) == seat:
            best, least = claim.place, radius
    return best


def _span(members: Sequence[Claim]) -> tuple[datetime, datetime]:
    """The span of the most precisely timed members."""
    start, end, best = members[0].start, members[0].end, len(BY_PRECISION)
    for claim in members:
        rank = BY_PRECISION[claim.precision]
        if rank < best:
            start, end, best = claim.start, claim.end, rank
        elif rank == best:
            start, end = min(start, claim.start), max(end, claim.end)
    return start, end


def _union(words: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """All words of several claims, sorted, each once."""
    return tuple(sorted(set().union(*words))) if any(words) else ()


def _presence(members: Sequence[Claim], also: frozenset[Presence]) -> Presence:
    """The one grade that is stated; two different grades are a dispute, none is unknown.

    A wide place's grade says nothing of one spot in it, so it counts only where no member is sharper.
    """
    grades = {claim.excluded_presence for claim in members}
    if len(grades) > 1:
        grades = {claim.excluded_presence for claim in members if not is_coarse(claim.place)} or grades
    grades |= also
    grades.discard(Presence.UNKNOWN)
    if not grades:
        return Presence.UNKNOWN
    return grades.pop() if len(grades) == 1 else Presence.DISPUTED


def _count(counts: Sequence[Span | None]) -> Span | None:
    """The span of several counts: least lower bound to greatest upper one, open if one of them is."""
    told = [count for count in counts if count is not None] if any(counts) else None
    if not told:
        return None
    highs = [high for _, high in told if high is not None]
    return min([low for low, _ in told]), max(highs) if len(highs) == len(told) else None
