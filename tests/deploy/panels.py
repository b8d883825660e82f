"""Dashboards and rules as files, and what is demanded of each query; a :class:`FaultError` says what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser as promql
import yaml

from tools.prometheus import Prometheus, PrometheusRefusedError, Series, program

DEPLOY = Path("deploy")
DASHBOARDS = sorted(DEPLOY.glob("grafana/dashboards/*.json"))
RULES = sorted(DEPLOY.glob("prometheus/rules/*.yml"))
RULE_TESTS = sorted(DEPLOY.glob("prometheus/tests/*.yml"))

STEP_SECONDS = 1.0
VARIABLES = {
    "${page}": "http://page.test",
    "$run": "",
    "$agreement": "SY-COH-2016-02",
    "$party": ".+",
    "$policy": "target_based",
    "$__range": "5s",
    "$__rate_interval": "10s",
}
"""What Grafana puts in the place of variables; ranges are those of a test."""

OF_COUNTERS = {"rate", "irate", "increase", "resets"}
OF_GAUGES = {"delta", "idelta", "deriv", "predict_linear"}
COUNTER = re.compile(r".*_(total|bucket|count|sum)")
OF_REPLAYS = {"run"}
"""A label that the live system does not have: an empty value asks for its absence."""


class FaultError(AssertionError):
    """A query does not do what it is there for."""


class Query(NamedTuple):
    expr: str
    legend: str
    instant: bool


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard's JSON. ``where`` names it in messages."""

    where: str
    body: Mapping[str, Any]

    @property
    def queries(self) -> list[Query]:
        return [
            Query(resolved(one["expr"]), one.get("legendFormat", ""), one.get("instant", False))
            for one in self.body.get("targets", ())
        ]

    @property
    def columns(self) -> set[str]:
        """Labels that the panel arranges its figures by."""
        found: set[str] = set()
        for one in self.body.get("transformations", ()):
            options = one["options"]
            found |= {options[name] for name in ("rowField", "columnField") if name in options}
            found |= set(options.get("renameByName", {}))
        return found - {"Value"}


@dataclass(frozen=True)
class Rule:
    """A recording or alerting rule of a file."""

    where: str
    body: Mapping[str, Any]

    @property
    def expr(self) -> str:
        return str(self.body["expr"])

    @property
    def alert(self) -> str:
        return str(self.body.get("alert", ""))


def panels_of(files: Iterable[Path] = DASHBOARDS) -> list[Panel]:
    """The panels of dashboards, but for rows."""
    found = []
    for file in files:
        dashboard = json.loads(file.read_text("utf-8"))
        found += [Panel(f"{file.stem}: {one['title']}", one) for one in dashboard["panels"] if one["type"] != "row"]
    return found


def rules_of(files: Iterable[Path] = RULES) -> list[Rule]:
    groups = [(file, group) for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return [
        Rule(f"{file.name}: {rule.get('alert') or rule['record']}", rule)
        for file, group in groups
        for rule in group["rules"]
    ]


def resolved(text: str) -> str:
    """``text`` with values for Grafana's variables."""
    for name, value in VARIABLES.items():
        text = text.replace(name, value)
    return text


@dataclass(frozen=True)
class Selector:
    """A metric as an expression names it: its matchers, and the calls and aggregations that it stands in."""

    node: Any
    around: tuple[Any, ...]

    @property
    def name(self) -> str:
        return str(self.node.name)

    @property
    def matchers(self) -> Mapping[str, Any]:
        return {one.name: one for one in self.node.matchers.matchers}

    @property
    def text(self) -> str:
        told = ", ".join(f"{one.name}{_sign(one)}{json.dumps(one.value)}" for one in self.matchers.values())
        return f"{self.name}{{{told}}}"


def _sign(matcher: Any) -> str:
    signs = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
    return signs[str(matcher.op).rpartition(".")[2]]


def selectors_of(expr: str, where: str) -> list[Selector]:
    """Every metric that ``expr`` names."""
    try:
        tree = promql.parse(expr)
    except ValueError as error:
        raise FaultError(f"{where}: {error}\n{expr}") from None
    found: list[Selector] = []
    around: list[Any] = []

    def enter(node: Any) -> bool:
        if isinstance(node, promql.VectorSelector):
            found.append(Selector(node, tuple(around)))
        around.append(node)
        return True

    def leave(_: Any) -> bool:
        around.pop()
        return True

    promql.walk(tree, enter, leave)
    return found


def labels_named(expr: str) -> set[str]:
    """Labels that aggregations and matchings of ``expr`` speak of."""
    found: set[str] = set()

    def enter(node: Any) -> bool:
        modifier = getattr(node, "modifier", None)
        if isinstance(node, promql.AggregateExpr) and modifier:
            found.update(modifier.labels)
        elif isinstance(node, promql.BinaryExpr) and modifier:
            found.update(modifier.matching.labels if modifier.matching else ())
            found.update(modifier.group_labels or ())
        return True

    promql.walk(promql.parse(expr), enter)
    return found


def check_form(expr: str, where: str, by_agreement: bool = False) -> None:
    """What needs no data: sums over workers, no rate of a gauge, one agreement where ``by_agreement``."""
    for one in selectors_of(expr, where):
        if not any(isinstance(node, promql.AggregateExpr) for node in one.around):
            raise FaultError(
                f"{where}: {one.name} is not summed over workers; put sum by (...) or max by (...) around it"
            )
        agreement = one.matchers.get("agreement")
        if by_agreement and _has_agreement(one.name) and (agreement is None or _sign(agreement) != "="):
            raise FaultError(f'{where}: {one.name} mixes agreements; write agreement="$agreement"')
        check_run(one, where)
        check_calls(one, where)


def check_run(one: Selector, where: str) -> None:
    """The live system and replays are not added up."""
    run = one.matchers.get("run")
    if one.name.startswith("cohstream_") and (run is None or _sign(run) != "="):
        raise FaultError(f'{where}: {one.name} adds replays to the live system; write run=""')


def check_calls(one: Selector, where: str) -> None:
    """No rate of a gauge, no difference of a counter."""
    calls = {node.func.name for node in one.around if isinstance(node, promql.Call)}
    if calls & OF_COUNTERS and not COUNTER.fullmatch(one.name):
        raise FaultError(
            f"{where}: {one.name} is a gauge, which may fall; {calls & OF_COUNTERS} takes that for a restart"
        )
    if calls & OF_GAUGES and COUNTER.fullmatch(one.name):
        raise FaultError(f"{where}: {one.name} is a counter; write increase() or rate(), not {calls & OF_GAUGES}")


def _has_agreement(name: str) -> bool:
    of_work = ("cohstream_report", "cohstream_rejected", "cohstream_last_report", "cohstream_processing")
    belief = ("cohstream_violations", "cohstream_assessment", "cohstream_polic", "cohstream_unregulated")
    law = ("cohstream_protected", "cohstream_agreement", "cohstream_ruleset")
    return name.startswith((*belief, *law)) and not name.startswith(of_work)


def check_names(running: Prometheus, expr: str, where: str, absent: Iterable[str] = ()) -> None:
    """Every metric and label in ``expr`` exists there, and every selector matches something that was ever there.

    ``absent`` are metrics that Prometheus makes up itself now and then.
    """
    known: set[str] = set()
    for one in selectors_of(expr, where):
        if one.name in absent:
            known |= labels_named(expr)
            continue
        every = running.series(one.name)
        if not every:
            raise FaultError(f"{where}: there is no metric {one.name}\n{expr}")
        labels = {label for series in every for label in series}
        known |= labels
        missing = set(one.matchers) - labels - OF_REPLAYS
        if missing:
            raise FaultError(f"{where}: {one.name} has no label {', '.join(sorted(missing))}, it has {sorted(labels)}")
        if not running.series(one.text):
            raise FaultError(f"{where}: nothing matches {one.text}, so the query can never give anything\n{expr}")
    missing = labels_named(expr) - known
    if missing:
        raise FaultError(f"{where}: none of its metrics has the label {', '.join(sorted(missing))}\n{expr}")


def check_panel(running: Prometheus, panel: Panel, end: float, seconds: float) -> list[Series]:
    """Every query of ``panel`` gives figures at ``end`` (Unix time), or within the ``seconds`` before it."""
    if not panel.queries:
        raise FaultError(f"{panel.where}: it asks for nothing")
    given: list[Series] = []
    for query in panel.queries:
        check_names(running, query.expr, panel.where, absent=("ALERTS",))
        given += _answer(running, query, panel, end, seconds)
    return given


def _answer(running: Prometheus, query: Query, panel: Panel, end: float, seconds: float) -> list[Series]:
    try:
        if query.instant:
            found = running.query(query.expr, end)
        else:
            found = running.query_range(query.expr, end - seconds, end, STEP_SECONDS)
    except PrometheusRefusedError as error:
        raise FaultError(f"{panel.where}: {error}") from None
    if not any(one.known for one in found):
        raise FaultError(f"{panel.where}: it gives nothing\n{query.expr}")
    labels = {label for one in found for label in one.labels}
    wanted = set(re.findall(r"{{(\w+)}}", query.legend)) | panel.columns
    wanted |= set(re.findall(r"__field\.labels\.(\w+)", json.dumps(panel.body)))
    if wanted - labels:
        raise FaultError(f"{panel.where}: its figures have no label {', '.join(sorted(wanted - labels))}\n{query.expr}")
    return found


def check_rule(running: Prometheus, rule: Rule) -> None:
    """A recording rule gives figures; of an alert, every selector matches something, so that it may fire one day."""
    check_names(running, rule.expr, rule.where)
    try:
        found = running.query(rule.expr)
    except PrometheusRefusedError as error:
        raise FaultError(f"{rule.where}: {error}") from None
    if not rule.alert and not any(one.known for one in found):
        raise FaultError(f"{rule.where}: it gives nothing\n{rule.expr}")


def check_alerts_fire(rules: Sequence[Path] = RULES, tests: Sequence[Path] = RULE_TESTS) -> None:
    """Every alert of ``rules`` fires in a unit test of ``tests``, is quiet in another, and promtool agrees.

    Raises :class:`tools.prometheus.PrometheusUnavailableError` without promtool.
    """
    fires, quiet = set[str](), set[str]()
    for file in tests:
        for test in yaml.safe_load(file.read_text("utf-8"))["tests"]:
            for asked in test.get("alert_rule_test", ()):
                (fires if asked["exp_alerts"] else quiet).add(asked["alertname"])
    for rule in rules_of(rules):
        if rule.alert and rule.alert not in fires:
            raise FaultError(f"{rule.where}: no unit test shows it firing; add one to deploy/prometheus/tests")
        if rule.alert and rule.alert not in quiet:
            raise FaultError(f"{rule.where}: no unit test shows it quiet; add one to deploy/prometheus/tests")
    done = subprocess.run(
        [program("promtool"), "test", "rules", *map(str, tests)], capture_output=True, text=True, timeout=110
    )
    if done.returncode:
        raise FaultError(f"promtool test rules:\n{done.stdout}{done.stderr}")


def planted_rule(directory: Path, alert: str, expr: str) -> Path:
    """A file with one alert."""
    file = directory / f"{alert}.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "planted", "rules": [{"alert": alert, "expr": expr}]}]}))
    return file


def faults(check: Callable[[Any], object], items: Iterable[Any]) -> list[str]:
    """What ``check`` says of each of ``items`` that fails it."""
    told = []
    for item in items:
        try:
            check(item)
        except FaultError as fault:
            told.append(str(fault))
    return told
