"""Prometheus metrics: gauges for what is believed, counters for the work done.

Gauges are derived from what is believed when they are scraped, so a retraction makes them fall. They are absent
until the state is recovered (``ready``): absent is not zero. A series that was exposed stays, at 0 if need
be, so that a fall is seen. One thread reads and writes: the loop that feeds it serves the scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from cohstream.publish.belief import AgreementInfo, Belief, Believed, Family, Labels, Readings, belief

MAX_SERIES = 5_000
"""Most series of belief that one process exposes; beyond it details go before totals, the smallest first."""

MAX_SOURCES = 500
"""Most registered sources with a series of their own; any further one is counted as ``other``."""

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
DELAY_BUCKETS = (
    MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
)  # fmt: skip
PROCESSING_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one process over what it believes, in a registry of their own; all series have ``labels``."""

    def __init__(
        self,
        believed: Believed,
        agreements: Mapping[str, AgreementInfo],
        max_series: int = MAX_SERIES,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.ready = False
        self._believed = believed
        self._agreements = agreements
        self._readings = Readings(agreements)
        self._max_series = max_series
        self._reports: Counter[Labels] = Counter()
        self._changes: Counter[Labels] = Counter()
        self._last_report: dict[str, float] = {}
        self._delay = _Buckets(DELAY_BUCKETS)
        self._processing = _Buckets(PROCESSING_BUCKETS)
        self._dropped = 0
        self._shown: dict[Family, frozenset[Labels]] = {}
        self._cache: tuple[object, Belief, int] | None = None
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(self, dict(labels or {})))

    def count_report(self, stake: str, outcome: str, n: int = 1) -> None:
        """Count records read: ``outcome`` is ``accepted``, ``duplicate`` or ``rejected``."""
        self._reports[(str(stake), str(outcome))] += n

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

    def count_change(self, agreement: str, change: str, n: int = 1) -> None:
        """Count changes of assessments: ``change`` is ``new``, ``revised`` or ``retracted``."""
        self._changes[(agreement, change)] += n

    def time_batch(self, seconds: float) -> None:
        """Note how long one batch of reports took from bytes to tallies."""
        self._processing.observe(seconds)

    def expose_too(self, collector: Collector) -> None:
        """Expose what ``collector`` gives, beside our own."""
        self._registry.register(collector)

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """The exposition and its content type: OpenMetrics if the header ``accept`` asks so, else text."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def families(self) -> Iterator[Metric]:
        """Every metric family at this moment."""
        yield GaugeMetricFamily(
            "cohstream_state_ready",
            "1 once the state is recovered; before that no belief is exposed.",
            float(self.ready),
        )
        yield self._rulesets()
        yield from self._work()
        if self.ready:
            yield from self._belief()
        yield _counter(
            "cohstream_series_dropped",
            "Series left out of expositions because of the bound on series, added up over expositions.",
            (),
            {(): self._dropped},
        )

    def _belief(self) -> Iterator[Metric]:
        if self._believed.watermark is not None:
            yield GaugeMetricFamily(
                "cohstream_watermark_timestamp_seconds",
                "Latest start of an event or presence that is currently claimed, in Unix time.",
                self._believed.watermark.timestamp(),
            )
        believed, dropped = self._bounded_belief()
        self._dropped += dropped
        for family, series in believed.items():
            gauge = GaugeMetricFamily(family.name, family.documentation, labels=family.labels)
            for labels, value in sorted(series.items()):
                gauge.add_metric(labels, value)
            yield gauge

    def _bounded_belief(self) -> tuple[Belief, int]:
        """The belief at the present version within the bound, and how many series that left out."""
        if self._cache is None or self._cache[0] != self._believed.version:
            found = belief(self._believed, self._agreements, self._readings)
            for family, labels_shown in self._shown.items():
                for labels in labels_shown:
                    found[family].setdefault(labels, 0)
            dropped = _drop_beyond(found, self._max_series)
            self._shown = {family: frozenset(series) for family, series in found.items()}
            self._cache = (self._believed.version, found, dropped)
        return self._cache[1], self._cache[2]

    def _rulesets(self) -> Metric:
        info = InfoMetricFamily("cohstream_ruleset", "The agreements that incidents are held against.")
        for name, agreement in sorted(self._agreements.items()):
            about = {"title": agreement.title, "status": str(agreement.status), "sha256": agreement.digest}
            info.add_metric([], {"agreement": name, **about})
        return info

    def _work(self) -> Iterator[Metric]:
        labels = ("source_stake", "outcome")
        yield _counter("cohstream_reports", "Records read, by stake of the source.", labels, self._reports)
        yield _counter(
            "cohstream_assessment_changes", "Changes of assessments.", ("agreement", "change"), self._changes
        )
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


def _drop_beyond(found: Belief, limit: int) -> int:
    """Take the least important series out of ``found`` until ``limit`` are left; returns how many went."""
    excess = sum(map(len, found.values())) - limit
    if excess <= 0:
        return 0
    by_importance = sorted(
        (not family.detail, value, family.name, labels, family)
        for family, series in found.items()
        for labels, value in series.items()
    )
    for _, _, _, labels, family in by_importance[:excess]:
        del found[family][labels]
    return excess


def _counter(name: str, documentation: str, labels: Sequence[str], counts: Mapping[Labels, int]) -> Metric:
    counter = CounterMetricFamily(name, documentation, labels=labels)
    for values, count in sorted(counts.items()):
        counter.add_metric(values, count)
    return counter


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


class _Collector(Collector):
    """Lets the registry ask for the families at every scrape."""

    def __init__(self, metrics: Metrics, labels: dict[str, str]) -> None:
        self._metrics = metrics
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        for family in self._metrics.families():
            if self._labels:
                family.samples = [one._replace(labels={**one.labels, **self._labels}) for one in family.samples]
            yield family
