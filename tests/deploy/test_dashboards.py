"""What dashboards promise without a running system; test_running.py evaluates their queries."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from deploy.grafana.generate import dashboards
from tests.deploy.panels import DASHBOARDS, FaultError, Panel, Query, check_form, faults, panels_of

PANELS = panels_of()
SITUATION = [panel for panel in PANELS if panel.where.startswith("situation")]
PROVISIONING = Path("deploy/grafana/provisioning")


def test_the_json_is_what_the_code_makes() -> None:
    written = {file.name: file.read_text("utf-8") for file in DASHBOARDS}
    assert written == dashboards(), "run: python -m deploy.grafana.generate"


def test_every_query_sums_over_workers_and_fixes_the_agreement() -> None:
    queries = [(panel, query) for panel in PANELS for query in panel.queries]

    def check(asked: tuple[Panel, Query]) -> None:
        panel, query = asked
        check_form(query.expr, panel.where, by_agreement=panel.where.startswith("situation"))

    assert len(queries) > 40
    assert faults(check, queries) == []


@pytest.mark.parametrize(
    ("expr", "problem"),
    [
        ('sum(rate(cohstream_violations{agreement="A", run=""}[5m]))', "is a gauge"),
        ('sum(delta(cohstream_assessment_changes_total{agreement="A", run=""}[5m]))', "is a counter"),
        ('cohstream_violations{agreement="A"}', "not summed over workers"),
        ("sum by (party) (cohstream_violations)", "mixes agreements"),
        ('sum by (party) (cohstream_violations{agreement="A"})', "adds replays"),
        ('sum by (party) (cohstream_violations{agreement=~".*"})', "mixes agreements"),
        ("sum by (party (cohstream_violations)", "panel"),
    ],
)
def test_a_query_of_the_wrong_form_is_found(expr: str, problem: str) -> None:
    with pytest.raises(FaultError, match=problem):
        check_form(expr, "a panel", by_agreement=True)


@pytest.mark.parametrize("panel", PANELS, ids=[panel.where for panel in PANELS])
def test_a_panel_says_what_it_shows(panel: Panel) -> None:
    assert len(panel.body["description"]) > 15
    defaults = panel.body["fieldConfig"]["defaults"]
    assert defaults["unit"]
    assert defaults["noValue"] not in ("", "0")
    assert panel.body["datasource"]["uid"] == provisioned_source()["uid"]
    colours = defaults.get("thresholds") or defaults.get("mappings")
    assert colours or panel.body["type"] in ("timeseries", "barchart", "table", "stat")


def test_figures_of_belief_are_called_assessed_or_alleged() -> None:
    of_belief = re.compile(r"cohstream_(violations|assessments|policy_violations|unregulated|protected)")
    for panel in SITUATION:
        if any(of_belief.search(query.expr) for query in panel.queries):
            said = f"{panel.body['title']} {panel.body['description']}".lower()
            assert "assessed" in said or "alleged" in said, panel.where


def test_what_the_situation_must_show_is_there() -> None:
    titles = " | ".join(str(panel.body["title"]) for panel in SITUATION).lower()
    for word in (
        "per party",
        "over time",
        "verdicts",
        "minimum to possible maximum",
        "contested share",
        "24 h and 7 d of event time",
        "by governorate",
        "changes of assessments in the chosen range",
        "agreement in force",
        "delay of reports",
        "silence of sources",
        "where nobody is heard from",
    ):
        assert word in titles, word


def test_what_the_pipeline_must_show_is_there() -> None:
    titles = " | ".join(str(panel.body["title"]) for panel in PANELS if panel.where.startswith("pipeline")).lower()
    for word in ("throughput", "lag", "latency", "dead letters", "recovery", "rebalances", "watermark", "readiness"):
        assert word in titles, word


def test_figures_of_violations_lead_to_the_incidents_behind_them() -> None:
    for panel in SITUATION:
        if not any("VIOLATION" in query.expr or "cohstream_violations" in query.expr for query in panel.queries):
            continue
        (link,) = panel.body["fieldConfig"]["defaults"]["links"]
        assert link["url"].startswith("${page}/?agreement=${agreement}"), panel.where


def test_the_variables_are_there() -> None:
    situation = json.loads(next(file for file in DASHBOARDS if file.stem == "situation").read_text("utf-8"))
    variables = {one["name"]: one for one in situation["templating"]["list"]}
    assert set(variables) == {"agreement", "party", "policy", "run", "page"}
    for name in ("agreement", "party", "policy"):
        assert f", {name})" in variables[name]["query"]["query"]


def test_panels_have_numbers_and_dashboards_uids_of_their_own() -> None:
    uids = []
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text("utf-8"))
        uids.append(dashboard["uid"])
        numbers = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(numbers)) == len(numbers)
    assert len(set(uids)) == len(DASHBOARDS) == 2


def provisioned_source() -> dict[str, str]:
    (source,) = yaml.safe_load((PROVISIONING / "datasources/prometheus.yml").read_text())["datasources"]
    return dict(source)


def test_dashboards_are_provisioned_from_files() -> None:
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards/cohstream.yml").read_text())["providers"]
    assert provider["type"] == "file"
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
