"""Camps: which actors fight on one side, so that enemies' fire at one place is not fused into one event.

Coarser than parties and independent of any agreement: it says who shoots *with* whom, not who is bound or covered.
"""

from __future__ import annotations

from collections.abc import Iterable

CAMP_OF_BLOC = {
    "gov": "government",
    "ally": "government",
    "opp": "insurgent",
    "coa": "insurgent",
    "amb": "insurgent",
    "kur": "kurdish",
}
CAMP_OF_ACTOR = {
    "ext.russia": "government",
    "exc.nusra": "insurgent",
    "exc.ansar_islam": "insurgent",
}
"""Against their bloc: Nusra is excluded from agreements, but fought beside the insurgents (domain reference §3.1)."""


def camps(actor_ids: Iterable[str]) -> dict[str, str]:
    """The camp of each actor; one of no camp stands alone, under its own id."""
    return {
        actor_id: CAMP_OF_ACTOR.get(actor_id) or CAMP_OF_BLOC.get(actor_id.split(".", 1)[0], actor_id)
        for actor_id in actor_ids
    }
