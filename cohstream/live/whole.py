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
    """What :class:`cohstream.publish.metrics.Metrics` asks for, over ``beliefs`` by partition.

    Windows are cut at the watermark of all partitions, so that the gauges of several workers may be summed.
    ``elsewhere`` gives the watermarks that other workers told, by partition.
    """

    def __init__(self, beliefs: Mapping[int, PartitionBelief], elsewhere: Mapping[int, datetime | None]) -> None:
        self.beliefs = beliefs
        self.elsewhere = elsewhere
        self._version = 0

    @property
    def version(self) -> tuple[int, datetime | None]:
        return self._version, self.watermark

    def changed(self) -> None:
        self._version += 1

    @property
    def watermark(self) -> datetime | None:
        own = {number: one.watermark for number, one in self.beliefs.items()}
        return max((one for one in {**self.elsewhere, **own}.values() if one), default=None)

    @property
    def watermarks(self) -> Mapping[str, datetime]:
        """Of the areas here; each has one owner."""
        return {area: instant for one in self.beliefs.values() for area, instant in one.watermarks.items()}

    @property
    def counts(self) -> Mapping[Contribution, int]:
        sums: Counter[Contribution] = Counter()
        for one in self.beliefs.values():
            sums.update(one.sums)
        return sums

    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:
        return chain.from_iterable(one.judged_since(instant) for one in self.beliefs.values())
