"""Every panel and every rule on a running system, by a real Prometheus that scrapes it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cohstream.local.session import Settings, chosen_agreements
from cohstream.publish.belief import ASSESSMENTS, belief
from tests.conftest import REPOSITORY
from tests.deploy.conftest import scraped, serving
from tests.deploy.panels import (
    RULES,
    FaultError,
    Panel,
    check_panel,
    check_rule,
    faults,
    panels_of,
    planted_rule,
    rules_of,
)
from tests.deployments import Deployment, oracle, wait_until
from tools.kafka import Cluster
from tools.prometheus import Prometheus, prometheus

COH = "SY-COH-2016-02"
SAMPLE_FILE = REPOSITORY / "cohstream/samples/coh2016.jsonl"
SAMPLE = SAMPLE_FILE.read_bytes().splitlines()
PANELS = panels_of()
SITUATION = [panel for panel in PANELS if panel.where.startswith("situation")]
PER_PARTY = next(panel for panel in SITUATION if panel.body["title"] == "Violations assessed, per party")

EMPTY_EMBEDDED = {
    "situation: Alerts that fire": "files of 2016, read before the first scrape, give rise to no alert",
    "situation: Delay of reports": "no report came within the last seconds; a range from the beginning shows them",
}
"""Panels that have nothing to show over an embedded run, and why."""

pytestmark = [pytest.mark.prometheus, pytest.mark.usefixtures("prometheus_installed")]


def expected(lines: list[bytes]) -> dict[str, float]:
    """Violations per party as the in-memory oracle has them."""
    found = belief(oracle(lines), chosen_agreements(Settings()))[ASSESSMENTS]
    return {
        party: float(count)
        for (agreement, party, verdict), count in found.items()
        if (agreement, verdict) == (COH, "VIOLATION")
    }


def per_party(running: Prometheus) -> dict[str, float]:
    """What the panel of violations per party shows."""
    return {one.labels["party"]: one.value for one in running.query(PER_PARTY.queries[0].expr)}


@pytest.mark.parametrize("reports", ["shipped", "documented"])
def test_every_panel_of_the_situation_shows_what_an_embedded_run_believes(
    reports: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if reports == "shipped":
        inputs = [SAMPLE_FILE]
    else:
        inputs = [request.getfixturevalue("real_data") / "coh_documented_reports/reports.csv"]
    with serving(inputs, tmp_path) as run, prometheus({"cohstream": [run.http]}, RULES) as running:
        scraped(running, 8)
        shown = [panel for panel in SITUATION if panel.where not in EMPTY_EMBEDDED]
        assert faults(partial(check_panel, running, end=time.time(), seconds=5), shown) == []
        empty = [panel for panel in SITUATION if panel.where in EMPTY_EMBEDDED]
        assert len(faults(partial(check_panel, running, end=time.time(), seconds=5), empty)) == len(EMPTY_EMBEDDED)
        over_all = [over(panel, "1h") for panel in empty if "Delay" in panel.where]
        assert faults(partial(check_panel, running, end=time.time(), seconds=5), over_all) == []
        if reports == "shipped":
            assert {party: count for party, count in per_party(running).items() if count} == {
                party: count for party, count in expected(SAMPLE).items() if count
            }


class LiveSystem:
    """Two workers on Kafka that were fed while Prometheus watched."""

    def __init__(self, live: Deployment, running: Prometheus) -> None:
        self.live = live
        self.running = running
        self.fed: list[bytes] = []

    def feed(self, lines: list[bytes]) -> None:
        self.live.feed(lines)
        self.fed += lines

    def shows(self, counts: dict[str, float]) -> None:
        """Wait until the panel shows ``counts``: the next scrape has them."""
        wanted = {party: count for party, count in counts.items() if count}
        wait_until(
            lambda: {party: count for party, count in per_party(self.running).items() if count} == wanted,
            f"the panel shows {wanted}",
            lambda: f"{per_party(self.running)}\n{self.live.told()}",
        )


@pytest.fixture(scope="module")
def system(
    cluster: Cluster, prometheus_installed: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveSystem]:
    directory = tmp_path_factory.mktemp("live")
    with Deployment(cluster.brokers, directory) as live:
        workers = [live.worker(number) for number in (1, 2)]
        live.ready(*workers)
        with prometheus({"cohstream-worker": [one.http for one in workers]}, RULES) as running:
            made = LiveSystem(live, running)
            scraped(running, 3)
            for start in range(0, len(SAMPLE), 60):
                made.feed(SAMPLE[start : start + 60])
            made.feed([b"no report"])
            live.settled()
            made.shows(expected(SAMPLE))
            scraped(running, 8)
            yield made


kafka = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]


class TestLive:
    pytestmark = kafka

    def test_every_panel_shows_figures(self, system: LiveSystem) -> None:
        check = partial(check_panel, system.running, end=time.time(), seconds=60)
        assert faults(check, PANELS) == []

    def test_every_rule_can_be_evaluated_and_may_fire(self, system: LiveSystem) -> None:
        assert faults(partial(check_rule, system.running), rules_of()) == []
        assert [rule["lastError"] for rule in system.running.rules() if rule["health"] != "ok"] == []

    def test_a_struck_hospital_raises_the_alarm(self, system: LiveSystem) -> None:
        firing = system.running.query('ALERTS{alertname="ProtectedSiteStruck", alertstate="firing"}')
        assert {one.labels["target"] for one in firing} >= {"medical"}

    def test_a_retraction_lowers_what_the_panel_shows(self, system: LiveSystem) -> None:
        before = expected(system.fed)
        system.shows(before)
        withdrawn = next(
            one for one in map(retraction, SAMPLE) if sum(expected([*system.fed, one]).values()) < sum(before.values())
        )
        system.feed([withdrawn])
        after = expected(system.fed)
        assert sum(after.values()) < sum(before.values())
        system.shows(after)

    def test_a_query_that_names_a_missing_metric_is_found(self, system: LiveSystem) -> None:
        for text, wrong, problem in (
            ("cohstream_assessments", "cohstream_asessments", "there is no metric cohstream_asessments"),
            ("verdict=", "verdit=", "has no label verdit"),
            ("VIOLATION", "VIOLATIONS", "nothing matches"),
            ("by (party)", "by (partei)", "has the label partei"),
        ):
            with pytest.raises(FaultError, match=problem):
                check_panel(system.running, altered(PER_PARTY, text, wrong), time.time(), 60)

    def test_an_alert_whose_selector_matches_nothing_is_found(self, system: LiveSystem, tmp_path: Path) -> None:
        for expr, problem in (
            ("agreement_party:cohstream_violations:total > 5", "there is no metric"),
            ('agreement_party_window:cohstream_violations_recent:sum{window="24hours"} > 5', "nothing matches"),
            ('cohstream_lag_records{noun="reports"} > 5', "has no label noun"),
        ):
            (rule,) = rules_of([planted_rule(tmp_path, "NeverFires", expr)])
            with pytest.raises(FaultError, match=problem):
                check_rule(system.running, rule)


def over(panel: Panel, length: str) -> Panel:
    """``panel`` with another range chosen."""
    targets = [{**one, "expr": one["expr"].replace("$__range", length)} for one in panel.body["targets"]]
    return replace(panel, body={**panel.body, "targets": targets})


def altered(panel: Panel, text: str, wrong: str) -> Panel:
    """``panel`` as if somebody had mistyped ``text`` in its query."""
    (target,) = panel.body["targets"]
    assert text in target["expr"]
    return replace(panel, body={**panel.body, "targets": [{**target, "expr": target["expr"].replace(text, wrong)}]})


def retraction(line: bytes) -> bytes:
    report = json.loads(line)
    return json.dumps({**report, "revision": report.get("revision", 0) + 1, "retracts": True}).encode()
