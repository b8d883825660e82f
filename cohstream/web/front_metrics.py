"""What ``cohstream serve`` exposes: its own work. Belief is exposed by workers alone, or sums would count it twice."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from cohstream.live.follower import Follower


class FrontMetrics(Collector):
    """How far the page has followed the claims, and what ``others`` give."""

    def __init__(self, follower: Follower, *others: Collector) -> None:
        self._follower = follower
        self._registry = CollectorRegistry()
        for one in (self, *others):
            self._registry.register(one)

    @property
    def ready(self) -> bool:
        """Whether the page shows all that was there at the start."""
        return self._follower.caught_up

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """The exposition and its content type: OpenMetrics if the header ``accept`` asks so, else text."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def collect(self) -> Iterator[Metric]:
        follower = self._follower
        yield GaugeMetricFamily(
            "cohstream_serve_ready", "1 once the page has caught up with the claims.", float(follower.caught_up)
        )
        yield CounterMetricFamily("cohstream_serve_claims", "Claims read off their topic.", follower.read)
        yield GaugeMetricFamily(
            "cohstream_serve_lag_records", "Claims on their topic that the page does not show yet.", float(follower.lag)
        )
        if follower.ledger.watermark is not None:
            yield GaugeMetricFamily(
                "cohstream_serve_watermark_timestamp_seconds",
                "Latest start of an event or presence that the page shows, in Unix time.",
                follower.ledger.watermark.timestamp(),
            )
