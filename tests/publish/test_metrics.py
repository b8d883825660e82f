from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest
from ledgers import ALEPPO, COH, DARAYA, START, Feed, SampleAgreement, findings_of, make_incident
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from cohstream.domain.assessment import Finding
from cohstream.domain.place import UNKNOWN_PLACE, Place
from cohstream.domain.vocabulary import Policy, Verdict, Verification
from cohstream.publish.belief import admin1_label
from cohstream.publish.disclosure import SHIELDED_TARGETS
from cohstream.publish.metrics import MAX_SERIES, Metrics
from cohstream.publish.work import MAX_SOURCES, Share


def ready_metrics(feed: Feed, max_series: int = MAX_SERIES) -> Metrics:
    metrics = Metrics(feed.ledger, {COH: SampleAgreement()}, max_series=max_series)
    metrics.ready = True
    return metrics


def samples(metrics: Metrics) -> list[Sample]:
    body, _ = metrics.exposition()
    return [sample for family in text_string_to_metric_families(body.decode()) for sample in family.samples]


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    for sample in samples(metrics):
        if sample.name == name and labels.items() <= sample.labels.items():
            return float(sample.value)
    return None


def test_nothing_is_believed_until_the_state_is_recovered() -> None:
    feed = Feed()
    feed.put(make_incident())
    metrics = Metrics(feed.ledger, {COH: SampleAgreement()})
    names = {sample.name for sample in samples(metrics)}
    assert value(metrics, "cohstream_state_ready") == 0
    assert not names & {
        "cohstream_violations",
        "cohstream_assessments",
        "cohstream_watermark_timestamp_seconds",
    }


def test_violations_carry_the_documented_labels() -> None:
    feed = Feed()
    feed.put(make_incident())
    found = [s for s in samples(ready_metrics(feed)) if s.name == "cohstream_violations"]
    assert [(s.labels, s.value) for s in found] == [
        (
            {
                "agreement": COH,
                "party": "gos",
                "conduct": "air_strike",
                "weapon": "air_delivered.barrel_bomb",
                "verification": "alleged",
            },
            1.0,
        )
    ]


def test_a_retraction_makes_violations_fall_visibly() -> None:
    feed = Feed()
    feed.put(make_incident(1))
    feed.put(make_incident(2))
    metrics = ready_metrics(feed)
    assert value(metrics, "cohstream_violations") == 2
    feed.take_back("i1")
    assert value(metrics, "cohstream_violations") == 1
    feed.take_back("i2")
    assert value(metrics, "cohstream_violations") == 0
    assert value(metrics, "cohstream_violations_by_area", area="SY02") == 0


def test_declared_parties_stand_at_zero_once_ready() -> None:
    metrics = ready_metrics(Feed())
    assert value(metrics, "cohstream_assessments", party="opposition", verdict="VIOLATION") == 0
    assert value(metrics, "cohstream_violations") is None


def test_the_policy_range_runs_from_proven_to_possible() -> None:
    feed = Feed()
    feed.put(make_incident(1), findings_of(but={Policy.STRICT_EXCLUSION: Verdict.UNDETERMINED}))
    feed.put(make_incident(2), findings_of(but={Policy.STRICT_EXCLUSION: Verdict.CONTESTED}))
    feed.put(make_incident(3), findings_of(but={Policy.STRICT_EXCLUSION: Verdict.NOT_A_VIOLATION}))
    metrics = ready_metrics(feed)
    bounds = {
        bound: value(metrics, "cohstream_policy_violations", policy="strict_exclusion", bound=bound)
        for bound in ("min", "max")
    }
    assert bounds == {"min": 0, "max": 2}
    assert value(metrics, "cohstream_policy_violations", policy="target_based", bound="min") == 3


def test_recent_looks_back_in_event_time_from_the_watermark() -> None:
    feed = Feed()
    for number, ago in enumerate((timedelta(0), timedelta(hours=24), timedelta(days=6), timedelta(days=7))):
        feed.put(make_incident(number, start=START - ago))
    metrics = ready_metrics(feed)
    assert value(metrics, "cohstream_violations_recent", party="gos", window="24h") == 1
    assert value(metrics, "cohstream_violations_recent", party="gos", window="7d") == 3
    assert value(metrics, "cohstream_watermark_timestamp_seconds") == START.timestamp()


def test_unregulated_incidents_count_once_whatever_the_number_of_parties() -> None:
    feed = Feed()
    both = findings_of("gos", Verdict.NOT_A_VIOLATION, ("N-NO-CLAUSE",)) + findings_of(
        "opposition", Verdict.NOT_A_VIOLATION, ("N-NO-CLAUSE",)
    )
    feed.put(make_incident(conduct="shelling", weapon="indirect_fire.artillery.122mm"), both)
    metrics = ready_metrics(feed)
    found = value(metrics, "cohstream_unregulated_incidents", conduct="shelling", weapon="indirect_fire.artillery")
    assert found == 1


@pytest.mark.parametrize(
    ("area", "label"),
    [("SY0200", "SY02"), ("SY02", "SY02"), ("cell:sv8w", "other"), ("unknown", "unknown"), ("", "other")],
)
def test_areas_are_labelled_by_governorate(area: str, label: str) -> None:
    assert admin1_label(area) == label


def test_members_sum_to_totals() -> None:
    feed = Feed()
    for number, place in enumerate((ALEPPO, UNKNOWN_PLACE, ALEPPO)):
        feed.put(make_incident(number, place=place, verification=list(Verification)[number]))
    found = samples(ready_metrics(feed))

    def total(name: str, **labels: str) -> float:
        return sum(s.value for s in found if s.name == name and labels.items() <= s.labels.items())

    assert total("cohstream_violations") == total("cohstream_violations_by_area") == 3
    assert total("cohstream_assessments", verdict="VIOLATION") == 3


def test_ten_thousand_sources_and_places_stay_within_the_bound() -> None:
    feed = Feed()
    findings = findings_of()
    for number in range(10_000):
        place = Place(f"p{number}", f"place {number}", 36.0, 37.0, 1.0, "", "", f"cell:{number}")
        feed.put(make_incident(number, place=place, weapon=f"invented.w{number}"), findings)
    metrics = ready_metrics(feed)
    for number in range(10_000):
        metrics.see_report(f"source {number}", START, 60.0)
    found = samples(metrics)
    believed = [s for s in found if s.name.startswith(("cohstream_violations", "cohstream_assess"))]
    assert len(believed) <= MAX_SERIES
    assert len([s for s in found if s.name == "cohstream_last_report_timestamp_seconds"]) <= MAX_SOURCES + 1
    assert (value(metrics, "cohstream_series_dropped_total") or 0) > 4_000
    assert value(metrics, "cohstream_assessments", party="gos", verdict="VIOLATION") == 10_000


def test_the_smallest_details_are_dropped_first() -> None:
    feed = Feed()
    for number in range(5):
        feed.put(make_incident(number))
    feed.put(make_incident(9, conduct="shelling", weapon="indirect_fire.mortar"))
    declared = 2 * (5 + 2 + 12) + (2 + 3) * len(SHIELDED_TARGETS)
    metrics = ready_metrics(feed, max_series=declared + 2)
    found = [s for s in samples(metrics) if s.name == "cohstream_violations"]
    assert [s.labels["conduct"] for s in found] == ["air_strike"]
    assert value(metrics, "cohstream_violations_by_area", area="SY02") == 6


def test_work_is_counted() -> None:
    metrics = Metrics(Feed().ledger, {COH: SampleAgreement()})
    metrics.count_report("ngo", "accepted")
    metrics.count_report("ngo", "accepted", 2)
    metrics.count_change(COH, "revised", 4)
    metrics.see_report("snhr", START, 7_200.0)
    metrics.see_report("snhr", START - timedelta(days=1), -5.0)
    metrics.time_batch(0.02)
    assert value(metrics, "cohstream_reports_total", source_stake="ngo", outcome="accepted") == 3
    assert value(metrics, "cohstream_assessment_changes_total", change="revised") == 4
    assert value(metrics, "cohstream_last_report_timestamp_seconds", source="snhr") == START.timestamp()
    assert value(metrics, "cohstream_report_delay_seconds_count") == 2
    assert value(metrics, "cohstream_report_delay_seconds_sum") == 7_200
    assert value(metrics, "cohstream_report_delay_seconds_bucket", le="10800.0") == 2
    assert value(metrics, "cohstream_processing_seconds_bucket", le="0.025") == 1
    assert value(metrics, "cohstream_ruleset_info", agreement=COH, status="in_force") == 1
    assert not [s for s in samples(metrics) if s.name.endswith("_created")]


def test_attacks_on_protected_sites_are_told_by_party_and_kind_of_site() -> None:
    def struck(target: str, party: str = "gos", **changes: Any) -> tuple[Finding, ...]:
        found = findings_of(party, **changes)
        return tuple(one._replace(used=(f"target={target}",)) for one in found)

    feed = Feed()
    feed.put(make_incident(1), struck("medical"))
    feed.put(make_incident(2), struck("medical", verdict=Verdict.UNDETERMINED))
    feed.put(make_incident(3), struck("school", "undetermined"))
    feed.put(make_incident(4), struck("medical", verdict=Verdict.NOT_ASSESSED))
    feed.put(make_incident(5), struck("market"))
    feed.put(make_incident(6), tuple(one._replace(flags=()) for one in struck("medical")))
    metrics = ready_metrics(feed)
    found = {
        (s.labels["party"], s.labels["target"]): s.value
        for s in samples(metrics)
        if s.name == "cohstream_protected_site_incidents"
    }
    assert {key: count for key, count in found.items() if count} == {
        ("gos", "medical"): 2,
        ("undetermined", "school"): 1,
    }
    assert found["joint", "idp_camp"] == 0
    feed.take_back("i1")
    assert value(metrics, "cohstream_protected_site_incidents", party="gos", target="medical") == 1


def test_what_nothing_is_said_of_has_no_watermark() -> None:
    feed = Feed()
    feed.put(make_incident(1))
    feed.put(make_incident(2, place=DARAYA, start=START + timedelta(days=1)))
    feed.put(make_incident(3, place=UNKNOWN_PLACE, start=START - timedelta(days=1)))
    metrics = ready_metrics(feed)
    heard = {s.labels["area"]: s.value for s in samples(metrics) if s.name.startswith("cohstream_area_watermark")}
    assert heard == {
        "SY02": START.timestamp(),
        "SY03": (START + timedelta(days=1)).timestamp(),
        "unknown": (START - timedelta(days=1)).timestamp(),
    }
    known = {s.labels["area"]: s.labels["name"] for s in samples(metrics) if s.name == "cohstream_area_info"}
    assert len(known) == 14 + len({"unknown", "other"})
    assert known["SY03"] == "Rif Dimashq"


@pytest.mark.parametrize(
    ("start", "ends", "told"),
    [
        (None, (), {"from": -inf, "first": inf, "last": inf}),
        (
            START,
            ((START + timedelta(days=1), "a"), (START + timedelta(days=9), "b")),
            {
                "from": START.timestamp(),
                "first": START.timestamp() + 86_400,
                "last": START.timestamp() + 9 * 86_400,
            },
        ),
    ],
)
def test_from_when_and_until_when_an_agreement_holds(
    start: datetime | None, ends: tuple[tuple[datetime, str], ...], told: dict[str, float]
) -> None:
    metrics = Metrics(Feed().ledger, {COH: SampleAgreement(start=start, ends=ends)})
    assert {
        "from": value(metrics, "cohstream_agreement_valid_from_timestamp_seconds", agreement=COH),
        "first": value(metrics, "cohstream_agreement_valid_until_timestamp_seconds", claim="first"),
        "last": value(metrics, "cohstream_agreement_valid_until_timestamp_seconds", claim="last"),
    } == told


def test_where_a_process_stands_with_its_work_is_told() -> None:
    metrics = Metrics(Feed().ledger, {COH: SampleAgreement()})
    assert value(metrics, "cohstream_owned_partitions") == value(metrics, "cohstream_partitions") == 1
    assert value(metrics, "cohstream_recovery_seconds") is None
    assert value(metrics, "cohstream_reports_total", outcome="rejected") == 0
    metrics.share = lambda: Share(2, 4, {("reports", 3): 17, ("claims", 0): 0})
    metrics.count_rejected("intake", "naive_time")
    metrics.count_rejected("intake", "naive_time")
    metrics.count_rebalance()
    metrics.time_recovery(1.5)
    assert value(metrics, "cohstream_owned_partitions") == 2
    assert value(metrics, "cohstream_partitions") == 4
    assert value(metrics, "cohstream_lag_records", topic="reports", partition="3") == 17
    assert value(metrics, "cohstream_lag_records", topic="claims", partition="0") == 0
    assert value(metrics, "cohstream_rejected_total", stage="intake", code="naive_time") == 2
    assert value(metrics, "cohstream_rebalances_total") == 1
    assert value(metrics, "cohstream_recovery_seconds") == 1.5
    assert (value(metrics, "process_resident_memory_bytes") or 0) > 0


def test_openmetrics_is_served_to_those_who_ask() -> None:
    feed = Feed()
    feed.put(make_incident())
    metrics = ready_metrics(feed)
    metrics.count_report("ngo", "accepted")
    body, content_type = metrics.exposition("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
    assert {family.name for family in parse_openmetrics(body.decode())} >= {"cohstream_violations"}


@pytest.mark.prometheus
def test_promtool_has_no_complaint() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; install Debian's package prometheus")
    feed = Feed()
    feed.put(make_incident())
    feed.put(make_incident(2), findings_of(verdict=Verdict.NOT_A_VIOLATION, reasons=("N-NO-CLAUSE",)))
    metrics = ready_metrics(feed)
    metrics.count_report("ngo", "accepted")
    metrics.count_change(COH, "new", 1)
    metrics.see_report("snhr", datetime(2016, 2, 28, tzinfo=UTC), 60.0)
    metrics.time_batch(0.1)
    body, _ = metrics.exposition()
    checked = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
