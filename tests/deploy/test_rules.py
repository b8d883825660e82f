"""Prometheus' configuration and rules, by its own tool; test_running.py evaluates them on a running system."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from cohstream.publish.belief import FAMILIES
from tests.deploy.panels import (
    DEPLOY,
    RULES,
    FaultError,
    Rule,
    check_alerts_fire,
    check_calls,
    check_run,
    planted_rule,
    rules_of,
    selectors_of,
)
from tools.prometheus import PrometheusUnavailableError, program

ALERTS = [rule for rule in rules_of() if rule.alert]
GUIDE = Path("docs/panels.md")


@pytest.fixture(scope="module")
def promtool() -> str:
    try:
        return program("promtool")
    except PrometheusUnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.prometheus
def test_promtool_accepts_the_configuration(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "check", "config", "deploy/prometheus/prometheus.yml"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prometheus
def test_every_alert_fires_when_it_should_and_is_quiet_when_not(promtool: str) -> None:
    check_alerts_fire()


CONTRADICTION = "sum by (party) (cohstream_violations) > 5 < 3"


@pytest.mark.prometheus
def test_an_alert_that_cannot_fire_is_found(promtool: str, tmp_path: Path) -> None:
    never = planted_rule(tmp_path, "NeverFires", CONTRADICTION)
    with pytest.raises(FaultError, match="NeverFires: no unit test shows it firing"):
        check_alerts_fire(rules=[*RULES, never])

    claimed = tmp_path / "claimed.yml"
    asked = {"alertname": "NeverFires", "eval_time": "5m"}
    series = {"series": 'cohstream_violations{party="gos"}', "values": "%dx10"}
    tests = [
        {
            "interval": "1m",
            "input_series": [{**series, "values": f"{value}x10"}],
            "alert_rule_test": [{**asked, "exp_alerts": alerts}],
        }
        for value, alerts in ((9, [{"exp_labels": {"party": "gos"}}]), (0, []))
    ]
    claimed.write_text(yaml.safe_dump({"rule_files": [str(never)], "tests": tests}))
    with pytest.raises(FaultError, match="got:"):
        check_alerts_fire(rules=[never], tests=[claimed])


@pytest.mark.parametrize("rule", ALERTS, ids=[rule.alert for rule in ALERTS])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    body = rule.body
    assert body["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description", "runbook"} <= set(body["annotations"])
    page, _, anchor = body["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", Path(page).read_text("utf-8"), re.MULTILINE)
    assert page == str(GUIDE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_gauges_are_not_taken_for_counters_nor_replays_for_the_live_system() -> None:
    for rule in rules_of():
        for one in selectors_of(rule.expr, rule.where):
            check_calls(one, rule.where)
            check_run(one, rule.where)


def test_alerts_on_belief_use_sums_that_are_complete() -> None:
    """A sum over workers dips while a partition moves; an alert may not take that for news."""
    raw = {family.name for family in FAMILIES} | {"cohstream_watermark_timestamp_seconds"}
    for rule in ALERTS:
        assert not raw & {one.name for one in selectors_of(rule.expr, rule.where)}, rule.where


def test_what_serve_believes_is_not_counted_beside_the_workers() -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    (dropped,) = next(job for job in jobs if job["job_name"] == "cohstream-serve")["metric_relabel_configs"]
    assert dropped["action"] == "drop"
    summed = {one.name for rule in rules_of() for one in selectors_of(rule.expr, rule.where) if one.name in BELIEF}
    assert summed
    for name in BELIEF:
        assert re.fullmatch(dropped["regex"], name), name


BELIEF = {family.name for family in FAMILIES} | {
    "cohstream_watermark_timestamp_seconds",
    "cohstream_area_watermark_timestamp_seconds",
    "cohstream_owned_partitions",
    "cohstream_partitions",
    "cohstream_reports_total",
    "cohstream_assessment_changes_total",
}


def test_the_jobs_are_named_as_panels_and_rules_select_them() -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert all(re.fullmatch("cohstream.*", job["job_name"]) for job in jobs)
