"""Counters and histograms of the work that one process did, and where it stands with it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from cohstream.domain.report import Report
from cohstream.engine.intake import received_at
from cohstream.knowledge.sources import Source
from cohstream.publish.belief import Labels

MAX_SOURCES = 500
"""Most registered sources with a series of their own; any further one is counted as ``other``."""

CHANGES = ("new", "revised", "retracted")

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
DELAY_BUCKETS = (
    MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
)  # fmt: skip
PROCESSING_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Share(NamedTuple):
    """How many of all ``partitions`` of claims a process believes, and how many records it has yet to do.

    ``lag`` has those by noun of the topic and partition, of what the process owns.
    """

    owned: int
    partitions: int
    lag: Mapping[tuple[str, int], int]


ALL = Share(1, 1, {})
"""The share of a process that works alone, and has no topics."""


class Work:
    """What one process did. ``share`` is asked for at every scrape."""

    def __init__(self, agreements: Iterable[str]) -> None:
        self.share: Callable[[], Share] = lambda: ALL
        self._reports: Counter[Labels] = Counter({("unknown", "rejected"): 0})
        self._rejected: Counter[Labels] = Counter()
        self._changes: Counter[Labels] = Counter({(name, change): 0 for name in agreements for change in CHANGES})
        self._last_report: dict[str, float] = {}
        self._delay = _Buckets(DELAY_BUCKETS)
        self._processing = _Buckets(PROCESSING_BUCKETS)
        self._rebalances = 0
        self._recovery: float | None = None

    def count_report(self, stake: str, outcome: str, n: int = 1) -> None:
        """Count records read: ``outcome`` is ``accepted``, ``duplicate`` or ``rejected``."""
        self._reports[(str(stake), str(outcome))] += n

    def count_rejected(self, stage: str, code: str, n: int = 1) -> None:
        """Count dead letters: where they were refused (``intake``, ``assess``), and why in one word."""
        self._rejected[(stage, code)] += n

    def see_report(self, source: str, received_at: datetime, delay_seconds: float) -> None:
        """Note an accepted report of a registered ``source`` (else ``other``) and its delay after the event.

        A report stamped before its event counts as a delay of 0: the sum of a histogram may not fall.
        """
        if source not in self._last_report and len(self._last_report) >= MAX_SOURCES:
            source = "other"
        instant = received_at.timestamp()
        if instant > self._last_report.get(source, float("-inf")):
            self._last_report[source] = instant
        self._delay.observe(max(0.0, delay_seconds))

    def hear(self, report: Report, source: Source) -> datetime:
        """Note that ``report`` of ``source`` was accepted; returns when it was received."""
        received = received_at(report)
        delay = (received - report.occurred.start).total_seconds()
        self.see_report(source.source_id if source.registered else "other", received, delay)
        return received

    def count_change(self, agreement: str, change: str, n: int = 1) -> None:
        """Count changes of assessments: ``change`` is ``new``, ``revised`` or ``retracted``."""
        self._changes[(agreement, change)] += n

    def time_batch(self, seconds: float) -> None:
        """Note how long one batch of reports took from bytes to tallies."""
        self._processing.observe(seconds)

    def count_rebalance(self) -> None:
        """Count that partitions were assigned, or assigned anew."""
        self._rebalances += 1

    def time_recovery(self, seconds: float) -> None:
        """Note how long it took until the state was recovered."""
        self._recovery = seconds

    def work(self) -> Iterator[Metric]:
        """The families of work at this moment."""
        outcomes = ("source_stake", "outcome")
        yield counter("cohstream_reports", "Records read, by stake of the source.", outcomes, self._reports)
        yield counter("cohstream_rejected", "Dead letters: records refused.", ("stage", "code"), self._rejected)
        changes = ("agreement", "change")
        yield counter("cohstream_assessment_changes", "Changes of assessments.", changes, self._changes)
        yield self._delay.family("cohstream_report_delay_seconds", "From the event's start to the report's receipt.")
        yield self._processing.family(
            "cohstream_processing_seconds", "Time to apply one batch of reports, from bytes to tallies."
        )
        last = GaugeMetricFamily(
            "cohstream_last_report_timestamp_seconds",
            "Latest receipt of a report by registered source (else 'other'), in Unix time.",
            labels=("source",),
        )
        for source, instant in sorted(self._last_report.items()):
            last.add_metric((source,), instant)
        yield last
        times: Mapping[Labels, int] = {(): self._rebalances}
        yield counter("cohstream_rebalances", "Times that partitions were assigned, the first included.", (), times)
        if self._recovery is not None:
            yield GaugeMetricFamily(
                "cohstream_recovery_seconds", "Duration of the last recovery of the state.", self._recovery
            )
        yield from self._stand()

    def _stand(self) -> Iterator[Metric]:
        owned, partitions, behind = self.share()
        yield GaugeMetricFamily("cohstream_owned_partitions", "Partitions of claims that this process believes.", owned)
        yield GaugeMetricFamily("cohstream_partitions", "Partitions of claims that there are.", partitions)
        lag = GaugeMetricFamily(
            "cohstream_lag_records",
            "Records on the broker that are not done yet, of partitions that this process owns.",
            labels=("topic", "partition"),
        )
        for (topic, partition), records in sorted(behind.items()):
            lag.add_metric((topic, str(partition)), records)
        yield lag


def counter(name: str, documentation: str, labels: Sequence[str], counts: Mapping[Labels, int]) -> Metric:
    """A counter family of ``counts`` by values of ``labels``."""
    family = CounterMetricFamily(name, documentation, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family


class _Buckets:
    """A histogram without labels."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def family(self, name: str, documentation: str) -> Metric:
        names = [*(str(bound) for bound in self._bounds), "+Inf"]
        totals = list(accumulate(self._counts))
        return HistogramMetricFamily(name, documentation, list(zip(names, totals, strict=True)), self._sum)
