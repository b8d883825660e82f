"""What stands however many reports there are, as metrics: the agreements, when they hold, and the governorates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import inf

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from cohstream.publish.belief import AgreementInfo
from cohstream.publish.disclosure import area_names

Agreements = Mapping[str, AgreementInfo]


def standing(agreements: Agreements) -> Iterator[Metric]:
    """The metric families of ``agreements`` and of areas."""
    yield _rulesets(agreements)
    yield from _validity(agreements)
    yield _areas()


def _rulesets(agreements: Agreements) -> Metric:
    info = InfoMetricFamily("cohstream_ruleset", "The agreements that incidents are held against.")
    for name, agreement in sorted(agreements.items()):
        about = {
            "title": agreement.title,
            "status": str(agreement.status),
            "default_policy": str(agreement.default_policy),
            "sha256": agreement.digest,
        }
        info.add_metric([], {"agreement": name, **about})
    return info


def _validity(agreements: Agreements) -> Iterator[Metric]:
    start = GaugeMetricFamily(
        "cohstream_agreement_valid_from_timestamp_seconds",
        "From when the agreement holds, in Unix time; -Inf: it names no beginning.",
        labels=("agreement",),
    )
    until = GaugeMetricFamily(
        "cohstream_agreement_valid_until_timestamp_seconds",
        "First and last end that an authority claims, in Unix time; between them it is disputed. +Inf: no end.",
        labels=("agreement", "claim"),
    )
    for name, agreement in sorted(agreements.items()):
        ends = [end for end, _ in agreement.ends]
        start.add_metric((name,), _unix(agreement.start, -inf))
        until.add_metric((name, "first"), _unix(min(ends, default=None), inf))
        until.add_metric((name, "last"), _unix(max(ends, default=None), inf))
    yield start
    yield until


def _areas() -> Metric:
    """The governorates and their names, so that one of which nothing is heard can be shown."""
    info = InfoMetricFamily("cohstream_area", "Governorates, whether anything is heard from there or not.")
    governorates = {code: name for code, name in area_names().items() if len(code) == len("SY01")}
    for code, name in [*sorted(governorates.items()), ("other", "beyond the gazetteer"), ("unknown", "unknown place")]:
        info.add_metric([], {"area": code, "name": name})
    return info


def _unix(instant: datetime | None, none: float) -> float:
    return none if instant is None else instant.timestamp()
