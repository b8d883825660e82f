"""All that a worker believes, for its gauges: the sums over the partitions it owns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from cohstream.domain.assessment import Judgement
from cohstream.domain.tally import Contribution
from cohstream.live.belief import PartitionBelief


class Whole:
    """What :class:`cohstream.publish.metrics.Metrics` asks for, over ``beliefs`` by partition."""

    def __init__(self, beliefs: Mapping[int, PartitionBelief]) -> None:
        self.beliefs = beliefs
        self.version = 0

    @property
    def watermark(self) -> datetime | None:
        return max((one.watermark for one in self.beliefs.values() if one.watermark), default=None)

    @property
    def counts(self) -> Mapping[Contribution, int]:
        sums: Counter[Contribution] = Counter()
        for one in self.beliefs.values():
            sums.update(one.sums)
        return sums

    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:
        return chain.from_iterable(one.judged_since(instant) for one in self.beliefs.values())
