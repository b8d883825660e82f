"""The history of a run as OpenMetrics: the gauges of belief as they stood at the end of each event day.

Prometheus takes such a file in as blocks (``promtool tsdb create-blocks-from openmetrics``), so that the dashboards of
the live system show the past. What could not be dated to one day is in no series of days: it is a gauge of its own.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from cohstream.domain.assessment import Judgement
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import UNDETERMINED
from cohstream.publish.belief import RECENT, WINDOWS, AgreementInfo, Belief, Family, Readings, Series, belief
from cohstream.publish.standing import standing

UNDATED = Family(
    "cohstream_violations_undated",
    "Violations under the default coverage policy that could not be dated to one day; they are in no other series.",
    ("agreement", "party"),
    detail=False,
)
LAST_MOMENT = time(23, 59, 59)

Daily = Iterable[tuple[str, Mapping[Contribution, int]]]
"""What incidents contribute, by event day in order; ``undetermined`` comes last."""


def history(daily: Daily, agreements: Mapping[str, AgreementInfo], run: str, zone: tzinfo) -> bytes:
    """The gauges at the last second of each day of ``zone`` from the first event to the last, labelled with ``run``."""
    registry = CollectorRegistry()
    registry.register(_History(list(_families(daily, agreements, run, zone))))
    exported: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return exported


class _History(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


@dataclass(frozen=True)
class _Day:
    """The belief in the incidents of one day."""

    counts: Mapping[Contribution, int]
    version: object = None
    watermark: datetime | None = None
    watermarks: Mapping[str, datetime] = field(default_factory=dict)

    def judged_since(self, instant: datetime) -> Iterator[tuple[datetime, Judgement]]:  # noqa: ARG002
        return iter(())


def _families(daily: Daily, agreements: Mapping[str, AgreementInfo], run: str, zone: tzinfo) -> Iterator[Metric]:
    readings = Readings(agreements)
    by_day = {day: belief(_Day(counts), agreements, readings) for day, counts in daily}
    undated = by_day.pop(UNDETERMINED, None)
    if not by_day:
        return
    points: dict[Family, dict[tuple[str, ...], list[tuple[float, int]]]] = {}
    ends: list[float] = []
    for end, believed in _cumulated(by_day, zone):
        ends.append(end)
        for family, series in believed.items():
            known = points.setdefault(family, {})
            for labels, value in series.items():
                known.setdefault(labels, []).append((end, value))
    for family, histories in points.items():
        gauge = _gauge(family)
        for labels, values in sorted(histories.items()):
            for at, value in values:
                gauge.add_metric((*labels, run), value, timestamp=at)
        yield gauge
    if undated is not None:
        gauge = _gauge(UNDATED)
        for labels, value in sorted(_violations(undated).items()):
            gauge.add_metric((*labels, run), value, timestamp=ends[-1])
        yield gauge
    for standing_family in standing(agreements):
        standing_family.samples = [
            sample._replace(labels={**sample.labels, "run": run}, timestamp=at)
            for sample in standing_family.samples
            for at in ends
        ]
        yield standing_family
    watermark = GaugeMetricFamily(
        "cohstream_watermark_timestamp_seconds", "End of the event day, in Unix time.", labels=("run",)
    )
    for at in ends:
        watermark.add_metric((run,), at, timestamp=at)
    yield watermark


def _gauge(family: Family) -> GaugeMetricFamily:
    return GaugeMetricFamily(family.name, family.documentation, labels=(*family.labels, "run"))


def _cumulated(by_day: Mapping[str, Belief], zone: tzinfo) -> Iterator[tuple[float, Belief]]:
    """Each day's end in Unix time, and what is believed of all days up to it."""
    total: Belief = {}
    windows = {name: deque[Series](maxlen=length.days) for name, length in WINDOWS.items()}
    day, last = (date.fromisoformat(found(by_day)) for found in (min, max))
    while day <= last:
        of_day = by_day.get(day.isoformat(), {})
        for family, series in of_day.items():
            total.setdefault(family, Counter()).update(series)
        recent = total.setdefault(RECENT, Counter())
        for name, days in windows.items():
            days.append(_violations(of_day))
            for agreement, party, window in [key for key in recent if key[2] == name]:
                recent[agreement, party, window] = sum(one[agreement, party] for one in days)
            for (agreement, party), count in days[-1].items():
                recent.setdefault((agreement, party, name), count)
        yield datetime.combine(day, LAST_MOMENT, zone).timestamp(), total
        day += timedelta(days=1)


def _violations(believed: Belief) -> Series:
    """Violations by agreement and party."""
    counts: Series = Counter()
    for family, series in believed.items():
        if family.name == "cohstream_violations":
            for (agreement, party, *_), count in series.items():
                counts[agreement, party] += count
    return counts
