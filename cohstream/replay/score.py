"""Fusion held against labels: how well incidents agree with them, what was wrongly joined and parted, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, islice
from typing import NamedTuple

from cohstream.domain.claim import Claim
from cohstream.domain.place import UNKNOWN_PLACE
from cohstream.engine.apart import RANK, Apart, is_fine, km_between, reason_apart
from cohstream.engine.fuse import canonical_order
from cohstream.engine.ledger import Ledger
from cohstream.engine.scores import Score, bcubed, pairs_in, pairwise

COMPARED = 20
"""So many members of each of two clusters are compared for what stands between them."""


class Scores(NamedTuple):
    """How one way of putting reports together agrees with the labels, and how many clusters it makes."""

    pairwise: Score
    bcubed: Score
    clusters: int


class Places(NamedTuple):
    """Where the scored reports lie: at a place fine enough to fuse by, at a wider one, or nowhere known."""

    fine: int
    wide: int
    unknown: int

    @property
    def resolved(self) -> int:
        """The reports whose place has a position."""
        return self.fine + self.wide


class Borders(NamedTuple):
    """What fusion areas cost: pairs of one label that can never meet, of all such pairs.

    ``across``: both areas are known, and differ; ``fine`` are those of them whose places are both fine, so that the
    border alone parts them. ``unknown``: the area of one or both is not known.
    """

    pairs: int
    across: int
    fine: int
    unknown: int

    @property
    def recall_lost(self) -> float:
        """The recall of pairs that known areas cost at the most; what wide places cost is part of it."""
        return self.across / self.pairs if self.pairs else 0.0

    @property
    def recall_lost_fine(self) -> float:
        """The recall of pairs that borders alone cost."""
        return self.fine / self.pairs if self.pairs else 0.0


@dataclass(frozen=True)
class Merge:
    """A cluster of more than one label; ``near`` says how far apart its nearest members of two labels are."""

    incident_id: str
    members: tuple[Claim, ...]
    labels: tuple[str, ...]
    wrong_pairs: int
    near: str


@dataclass(frozen=True)
class Part:
    """One cluster of a label, and what keeps it from the label's largest one; ``None`` for that one itself."""

    members: tuple[Claim, ...]
    apart: Apart | None


@dataclass(frozen=True)
class Split:
    """A label whose reports are in more than one cluster, the largest first."""

    label: str
    parts: tuple[Part, ...]
    missed_pairs: int


@dataclass(frozen=True)
class Findings:
    """All that holding fusion against labels found. ``label_of`` are the labels of the scored reports, by claim."""

    label_of: Mapping[str, str]
    retracted: int
    unlabelled: int
    alone: int
    fusion: Scores
    plain_key: Scores
    places: Places
    borders: Borders
    largest_incident: int
    largest_label: tuple[str, int]
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]

    def reasons(self) -> dict[str, int]:
        """How many parts of labels each obstacle keeps from the label's largest part, most first."""
        counted = Counter(part.apart.reason.value for split in self.splits for part in split.parts if part.apart)
        return dict(counted.most_common())


def held_against(ledger: Ledger, label_of: Mapping[str, str], day_of: Callable[[datetime], str]) -> Findings:
    """The incidents of ``ledger`` held against ``label_of``, the labels of reports by their claims' ids.

    A report in no incident stands alone; one that is retracted is left out; one without a label is not scored.
    """
    claims = {claim.claim_id: claim for claim in ledger.claims() if claim.claim_id in label_of}
    labels = {claim_id: label_of[claim_id] for claim_id in claims}
    incidents = {claim_id: ledger.resolve(claim_id) for claim_id in claims}
    clusters = {claim_id: found or claim_id for claim_id, found in incidents.items()}
    keys = {claim_id: plain_key(claim, day_of) for claim_id, claim in claims.items()}
    kept = [ledger.reports[claim_id] for claim_id in label_of if claim_id in ledger.reports]
    sizes = Counter(labels.values())
    return Findings(
        labels,
        sum(one.claim is None for one in kept),
        sum(one.claim is not None for one in ledger.reports.values()) - len(claims),
        sum(found is None for found in incidents.values()),
        _scores(labels, clusters),
        _scores(labels, keys),
        _places(claims.values()),
        _borders(labels, claims),
        max((len(one.members) for one in ledger.incidents.values()), default=0),
        min(sizes.items(), key=lambda one: (-one[1], one[0]), default=("", 0)),
        _merges(labels, _grouped(clusters, claims)),
        _splits(clusters, _grouped(labels, claims)),
    )


def plain_key(claim: Claim, day_of: Callable[[datetime], str]) -> tuple[str, ...]:
    """What a plain join would fuse by: the exact words for the place, and the day. Without words it stands alone."""
    text = claim.wording.place
    return (text, day_of(claim.start)) if text else (claim.claim_id,)


def _scores(labels: Mapping[str, str], clusters: Mapping[str, str] | Mapping[str, tuple[str, ...]]) -> Scores:
    return Scores(pairwise(labels, clusters), bcubed(labels, clusters), len(set(clusters.values())))


def _places(claims: Iterable[Claim]) -> Places:
    grades = Counter("fine" if is_fine(one.place) else one.place.lat is not None for one in claims)
    return Places(grades["fine"], grades[True], grades[False])


def _borders(labels: Mapping[str, str], claims: Mapping[str, Claim]) -> Borders:
    known = [(labels[one.claim_id], one.place) for one in claims.values() if one.place.area != UNKNOWN_PLACE.area]
    seated = [(label, place.area) for label, place in known]
    fine = [(label, place.area) for label, place in known if is_fine(place)]
    pairs = pairs_in(Counter(labels.values()).values())
    of_known = pairs_in(Counter(label for label, _ in seated).values())
    return Borders(pairs, _across(seated), _across(fine), pairs - of_known)


def _across(seated: Iterable[tuple[str, str]]) -> int:
    """How many pairs of one label lie in two areas; ``seated`` are labels with areas."""
    by_label_and_area = Counter(seated)
    by_label: Counter[str] = Counter()
    for (label, _), count in by_label_and_area.items():
        by_label[label] += count
    return pairs_in(by_label.values()) - pairs_in(by_label_and_area.values())


def _grouped(groups: Mapping[str, str], claims: Mapping[str, Claim]) -> dict[str, list[Claim]]:
    """The claims of each group, in canonical order."""
    found: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in sorted(claims.values(), key=canonical_order):
        found[groups[claim.claim_id]].append(claim)
    return found


def _merges(labels: Mapping[str, str], by_cluster: Mapping[str, list[Claim]]) -> tuple[Merge, ...]:
    made = []
    for incident_id, members in by_cluster.items():
        counts = Counter(labels[claim.claim_id] for claim in members)
        if len(counts) > 1:
            wrong = pairs_in([len(members)]) - pairs_in(counts.values())
            near = _nearest(labels, members)
            made.append(Merge(incident_id, tuple(members), tuple(sorted(counts)), wrong, near))
    return tuple(sorted(made, key=lambda one: (-one.wrong_pairs, one.incident_id)))


def _nearest(labels: Mapping[str, str], members: Iterable[Claim]) -> str:
    """How far apart the nearest two of ``members`` with different labels are, in km and hours."""
    measured = []
    for one, other in combinations(islice(members, 2 * COMPARED), 2):
        if labels[one.claim_id] != labels[other.claim_id]:
            hours = max((other.start - max(one.end, one.start)).total_seconds() / 3600, 0.0)
            measured.append((hours, km_between(one.place, other.place) or 0.0))
    hours, km = min(measured, default=(0.0, 0.0))
    return f"{km:.1f} km and {hours:.1f} h apart"


def _splits(clusters: Mapping[str, str], by_label: Mapping[str, list[Claim]]) -> tuple[Split, ...]:
    made = []
    for label, claims in by_label.items():
        parts: defaultdict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            parts[clusters[claim.claim_id]].append(claim)
        if len(parts) > 1:
            largest, *others = sorted(parts.values(), key=lambda members: -len(members))
            missed = pairs_in([len(claims)]) - pairs_in(len(members) for members in parts.values())
            told = [Part(tuple(members), _obstacle(largest, members)) for members in others]
            made.append(Split(label, (Part(tuple(largest), None), *told), missed))
    return tuple(sorted(made, key=lambda one: (-one.missed_pairs, one.label)))


def _obstacle(largest: Iterable[Claim], members: Iterable[Claim]) -> Apart:
    """What stands between the two claims, one of each cluster, that come nearest to being of one event."""
    found = (reason_apart(one, other) for one in islice(largest, COMPARED) for other in islice(members, COMPARED))
    return max(found, key=lambda apart: RANK[apart.reason])
