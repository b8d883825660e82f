"""What the intake counts of its own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class IntakeMetrics(Collector):
    """Records by what became of them, requests by status, and how many requests are in flight."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._reports: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()

    def count_reports(self, outcome: str, n: int = 1) -> None:
        """Count records: ``outcome`` is ``accepted``, ``duplicate``, ``rejected`` or ``forbidden``."""
        self._reports[outcome] += n

    def count_request(self, status: int) -> None:
        self._requests[str(status)] += 1

    def collect(self) -> Iterator[Metric]:
        reports = CounterMetricFamily(
            "cohstream_http_reports", "Records posted, by what became of them.", labels=["outcome"]
        )
        for outcome, count in sorted(self._reports.items()):
            reports.add_metric([outcome], count)
        yield reports
        requests = CounterMetricFamily(
            "cohstream_http_requests", "Requests that posted reports, by status of the answer.", labels=["status"]
        )
        for status, count in sorted(self._requests.items()):
            requests.add_metric([status], count)
        yield requests
        yield GaugeMetricFamily(
            "cohstream_http_requests_in_flight", "Requests that are being read or kept.", float(self.in_flight)
        )
