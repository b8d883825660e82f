"""How well clusters agree with labels: pairs of items, and B-cubed.

Both are computed from how many items each label and cluster share, never from pairs of items, so they take as long
as there are items. An item that only one of the two mappings has is a mistake of the caller.

- *Pairwise*: of the pairs that clusters put together, how many labels do too (precision), and the other way round
  (recall). Where there is no pair to be wrong about, nothing is wrong: 1.
- *B-cubed* (Bagga and Baldwin, "Algorithms for Scoring Coreference Chains", LREC 1998): for each item, the share of
  its cluster that has its label (precision), and the share of its label that is in its cluster (recall); the mean of
  all items. Large clusters weigh less in it than in pairs, and an item alone counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from math import fsum
from typing import NamedTuple


class Score(NamedTuple):
    """Precision and recall, each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean; 0 where both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def pairs_in(sizes: Iterable[int]) -> int:
    """How many pairs groups of such sizes hold."""
    return sum(size * (size - 1) // 2 for size in sizes)


def pairwise(labels: Mapping[str, Hashable], clusters: Mapping[str, Hashable]) -> Score:
    """Of the pairs that share a cluster those that share a label, and of those that share a label the ones found."""
    right = pairs_in(_shared(labels, clusters).values())
    found, true = pairs_in(Counter(clusters.values()).values()), pairs_in(Counter(labels.values()).values())
    return Score(right / found if found else 1.0, right / true if true else 1.0)


def bcubed(labels: Mapping[str, Hashable], clusters: Mapping[str, Hashable]) -> Score:
    """The mean, over items, of what share of an item's cluster has its label, and of its label is in its cluster."""
    if not labels:
        return Score(1.0, 1.0)
    of_label, of_cluster = Counter(labels.values()), Counter(clusters.values())
    shared = _shared(labels, clusters).items()
    precision = fsum(count * count / of_cluster[cluster] for (_, cluster), count in shared)
    recall = fsum(count * count / of_label[label] for (label, _), count in shared)
    return Score(precision / len(labels), recall / len(labels))


def _shared(labels: Mapping[str, Hashable], clusters: Mapping[str, Hashable]) -> Counter[tuple[Hashable, Hashable]]:
    """How many items each label and cluster share."""
    return Counter((label, clusters[item]) for item, label in labels.items())
