"""Tallying: what incidents contribute to which counts. Counts are derived, so they may go down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, MutableMapping
from functools import partial

from cohstream.domain.assessment import Judgement
from cohstream.domain.incident import Incident
from cohstream.domain.tally import Contribution, TallyKey
from cohstream.domain.vocabulary import top_two_levels

_contribution = partial(tuple.__new__, Contribution)


def contribution(incident: Incident, judgement: Judgement) -> Contribution:
    """What ``incident`` adds to tallies."""
    weapon = top_two_levels(incident.weapon)
    return _contribution(
        (judgement, incident.conduct, weapon, incident.verification, incident.area, incident.event_day)
    )


def move(counts: MutableMapping[Contribution, int], moved: Contribution, step: int) -> None:
    """Count one incident more (``step`` 1) or less (-1) that adds ``moved``; zero leaves the mapping."""
    count = counts.get(moved, 0) + step
    if count:
        counts[moved] = count
    else:
        del counts[moved]


def tallies_of(counts: Mapping[Contribution, int]) -> dict[TallyKey, int]:
    """The non-zero tallies that ``counts`` of incidents add up to."""
    tallies: Counter[TallyKey] = Counter()
    for contributed, count in counts.items():
        for key in contributed.keys():  # noqa: SIM118 (not a mapping)
            tallies[key] += count
    return dict(tallies)
