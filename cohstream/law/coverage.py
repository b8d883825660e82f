"""The six coverage policies: what an excluded group's presence does to the protection of others.

Source: domain reference §3.4, default reading, for an attack by a bound party whose target is not known to be
the excluded group.
"""

from __future__ import annotations

from cohstream.domain.vocabulary import Policy, Presence

COVERED, EXCLUDED = "covered", "N-EXCLUDED-TARGET"
DISPUTED, UNKNOWN = "C-COVERAGE-AREA", "U-CONTROL-UNKNOWN"

STRIPPED_BY = {
    Policy.STRICT_EXCLUSION: frozenset({Presence.MINOR, Presence.JOINT, Presence.DOMINANT, Presence.SOLE}),
    Policy.DOMINANCE: frozenset({Presence.DOMINANT, Presence.SOLE}),
    Policy.JOINT_IS_COVERED: frozenset({Presence.SOLE}),
}
"""Grades of presence that strip a place of protection, for the policies that decide by presence."""


def protection(policy: Policy, presence: Presence, delineated: bool, target_known: bool) -> str:
    """``covered``, or the reason code that stands against it.

    ``target_known`` says that who was hit is known to be covered: a covered force, civilians, a protected site.
    """
    if policy in (Policy.TARGET_BASED, Policy.PRECAUTION):
        return COVERED if target_known else "U-TARGET"
    if policy is Policy.DELINEATED_ONLY:
        return EXCLUDED if delineated else COVERED
    if presence is Presence.DISPUTED:
        return DISPUTED
    if presence is Presence.UNKNOWN:
        return UNKNOWN
    return EXCLUDED if presence in STRIPPED_BY[policy] else COVERED
