"""The dashboard *Pipeline*: whether the figures of *Situation* can be relied on, and why not."""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.grafana.parts import (
    AMBER,
    BLUE,
    GREEN,
    RED,
    WIDTH,
    Query,
    Said,
    bars,
    figure,
    grown,
    lines,
    rows,
    steps,
    words,
)

LIVE = 'run=""'
"""Replays have a run id, and do not belong to the live system."""

WATERMARK = f"max(cohstream_watermark_timestamp_seconds{{{LIVE}}})"
HOUR, DAY = 3_600, 86_400


def pipeline() -> Dashboard:
    dashboard = (
        Dashboard("cohstream: Pipeline")
        .uid("cohstream-pipeline")
        .description("Readiness, throughput, lag, latency, dead letters, rebalances and recovery of all processes.")
        .tags(["cohstream"])
        .time("now-1h", "now")
        .refresh("10s")
        .readonly()
    )
    for title, panels in (
        ("Is it there?", _there()),
        ("Does it keep up?", _keeps_up()),
        ("What is refused?", _refused()),
        ("What moves and restarts?", _moves()),
    ):
        dashboard.with_row(Row(title))
        for panel in panels:
            dashboard.with_panel(panel)
    return dashboard


def _there() -> list[Any]:
    return [
        figure(
            Said("Processes that answer", "Of those that Prometheus is told to scrape."),
            Query('sum(up{job=~"cohstream.*"})', "up"),
            Query('count(up{job=~"cohstream.*"})', "of"),
        ).thresholds(steps((None, RED), (1, GREEN))),
        figure(
            Said(
                "Partitions believed",
                "By all processes together, and how many there are. Fewer: a worker is down or recovering. More: a "
                "partition has just moved, for one scrape.",
            ),
            Query(f"sum(cohstream_owned_partitions{{{LIVE}}})", "believed"),
            Query(f"max(cohstream_partitions{{{LIVE}}})", "of"),
        ).thresholds(steps((None, RED), (1, GREEN))),
        figure(
            Said("Latest event known", "The watermark, in event time.", unit="dateTimeAsIso"),
            Query(f"{WATERMARK} * 1000", "watermark"),
        ),
        figure(
            Said("Watermark behind now", "Below zero: a report claims an event in the future.", unit="s"),
            Query(f"time() - {WATERMARK}", "behind"),
        ).thresholds(steps((None, RED), (-HOUR, GREEN), (2 * DAY, AMBER), (7 * DAY, RED))),
        rows(
            Said("Readiness", "1 once the state is recovered; no belief is exposed before, nor while partitions move."),
            Query(f"min by (job, instance) (cohstream_state_ready{{{LIVE}}})"),
            {"job": "Job", "instance": "Process", "Value": "Ready"},
        ).mappings(words({"0": ("not ready", RED), "1": ("ready", GREEN)})),
        lines(
            Said(
                "Watermark, over time",
                "A flat line while reports come in: late reports, or something is stuck.",
                unit="dateTimeAsIso",
            ),
            Query(f"{WATERMARK} * 1000", "watermark"),
        ),
    ]


def _keeps_up() -> list[Any]:
    took = f"sum by (le) (rate(cohstream_processing_seconds_bucket{{{LIVE}}}[$__rate_interval]))"
    late = f"sum by (le) (rate(cohstream_report_delay_seconds_bucket{{{LIVE}}}[$__rate_interval]))"
    return [
        lines(
            Said("Throughput", "Records read, by outcome.", unit="suffix: records/s"),
            Query(f"sum by (outcome) (rate(cohstream_reports_total{{{LIVE}}}[$__rate_interval]))", "{{outcome}}"),
        ),
        lines(
            Said(
                "Lag",
                "Records on the broker that are not done yet: reports to take in, claims to assess.",
                unit="suffix: records",
            ),
            Query(f"sum by (topic) (cohstream_lag_records{{{LIVE}}})", "{{topic}}"),
        ).thresholds(steps((None, GREEN), (1_000, AMBER), (100_000, RED))),
        lines(
            Said("Latency of a batch", "From bytes to tallies and the committed log.", unit="s"),
            Query(f"histogram_quantile(0.5, {took})", "half"),
            Query(f"histogram_quantile(0.99, {took})", "99 of 100"),
            span=8,
        ),
        lines(
            Said(
                "Delay of reports",
                "From an event's start to the receipt of its report: of sources, not of us.",
                unit="s",
            ),
            Query(f"histogram_quantile(0.5, {late})", "half"),
            Query(f"histogram_quantile(0.95, {late})", "19 of 20"),
            span=8,
        ),
        bars(
            Said(
                "Lag by partition",
                "One far above the others: a key that has most of the traffic.",
                unit="suffix: records",
                none="no topics: embedded",
            ),
            Query(f"sum by (topic, partition) (cohstream_lag_records{{{LIVE}}})", "{{topic}} {{partition}}"),
            span=8,
        ).thresholds(steps((None, GREEN), (1_000, AMBER), (100_000, RED))),
    ]


def _refused() -> list[Any]:
    letters = grown(f"cohstream_rejected_total{{{LIVE}}}")
    rejected = f'sum(rate(cohstream_reports_total{{{LIVE}, outcome="rejected"}}[$__rate_interval]))'
    return [
        bars(
            Said(
                "Dead letters in the chosen range",
                "By stage and reason; `cohstream deadletters list` has the bytes.",
                none="none",
            ),
            Query(f"sum by (stage, code) {letters}", "{{stage}}: {{code}}"),
        ).thresholds(steps((None, BLUE))),
        lines(
            Said("Share of reports refused", "Of all records read; nothing while none is read.", unit="percentunit"),
            Query(f"{rejected} / (sum(rate(cohstream_reports_total{{{LIVE}}}[$__rate_interval])) > 0)", "refused"),
        ).thresholds(steps((None, GREEN), (0.05, RED))),
    ]


def _moves() -> list[Any]:
    rebalances = grown(f"cohstream_rebalances_total{{{LIVE}}}")
    return [
        bars(
            Said("Rebalances in the chosen range", "Times that partitions were assigned: workers come and go."),
            Query(f"sum by (instance) {rebalances}", "{{instance}}"),
            span=6,
        ).thresholds(steps((None, BLUE), (10, AMBER))),
        bars(
            Said("Last recovery", "From the assignment of partitions until the worker was ready.", unit="s"),
            Query(f"max by (instance) (cohstream_recovery_seconds{{{LIVE}}})", "{{instance}}"),
            span=6,
        ).thresholds(steps((None, GREEN), (60, AMBER), (600, RED))),
        lines(
            Said("Memory", "Resident memory of each process.", unit="bytes"),
            Query('max by (instance) (process_resident_memory_bytes{job=~"cohstream.*"})', "{{instance}}"),
            span=6,
        ),
        lines(
            Said("Processor", "Cores that each process uses; one is the most that a worker can.", unit="short"),
            Query(
                'sum by (instance) (rate(process_cpu_seconds_total{job=~"cohstream.*"}[$__rate_interval]))',
                "{{instance}}",
            ),
            span=6,
        ),
        lines(
            Said("Series left out", "Because of the bound on series, added up over scrapes; should be 0."),
            Query(f"sum(increase(cohstream_series_dropped_total{{{LIVE}}}[$__rate_interval]))", "left out"),
            span=WIDTH,
            height=5,
        ).thresholds(steps((None, GREEN), (1, RED))),
    ]
