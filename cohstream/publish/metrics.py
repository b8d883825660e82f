"""Prometheus metrics: gauges for what is believed, counters for the work done.

Gauges are derived from what is believed when they are scraped, so a retraction makes them fall. They are absent
until the state is recovered (``ready``): absent is not zero. A series that was exposed stays, at 0 if need
be, so that a fall is seen. One thread reads and writes: the loop that feeds it serves the scrape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from cohstream.publish.belief import AgreementInfo, Belief, Believed, Family, Labels, Readings, belief, heard_from
from cohstream.publish.standing import standing
from cohstream.publish.work import Work, counter

MAX_SERIES = 5_000
"""Most series of belief that one process exposes; beyond it details go before totals, the smallest first."""


class Metrics(Work):
    """The metrics of one process over what it did and believes, in a registry of their own; all have ``labels``."""

    def __init__(
        self,
        believed: Believed,
        agreements: Mapping[str, AgreementInfo],
        max_series: int = MAX_SERIES,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(agreements)
        self.ready = False
        self._believed = believed
        self._agreements = agreements
        self._readings = Readings(agreements)
        self._max_series = max_series
        self._dropped = 0
        self._shown: dict[Family, frozenset[Labels]] = {}
        self._cache: tuple[object, Belief, int] | None = None
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(self, dict(labels or {})))
        ProcessCollector(registry=self._registry)

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
        yield from standing(self._agreements)
        yield from self.work()
        if self.ready:
            yield from self._belief()
        yield counter(
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
        heard = GaugeMetricFamily(
            "cohstream_area_watermark_timestamp_seconds",
            "Latest start of an event or presence that is currently claimed in the governorate, in Unix time.",
            labels=("area",),
        )
        for area, instant in sorted(heard_from(self._believed).items()):
            heard.add_metric((area,), instant.timestamp())
        yield heard
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
