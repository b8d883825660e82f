"""What the panels of both dashboards are made of: queries, kinds of panel, links, thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import barchart, bargauge, common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef("prometheus", "cohstream")
WIDTH = 24
"""Columns of Grafana's grid."""

GREEN, AMBER, RED, BLUE, GREY = "green", "orange", "red", "blue", "#8e8e8e"


class Query(NamedTuple):
    """PromQL, and what its series are called."""

    expr: str
    legend: str = ""


def grown(counter: str) -> str:
    """How much a counter has grown over the chosen range, also one that began in it.

    ``increase()`` alone misses what a process did before it was scraped for the first time.
    """
    return f"((increase({counter}[$__range]) and {counter} offset $__range) or {counter})"


class Said(NamedTuple):
    """What every panel says of itself: title, meaning, unit; ``none`` stands where there is no series."""

    title: str
    description: str
    unit: str = "short"
    none: str = "no data"


def figure(said: Said, *queries: Query, span: int = 6, name: bool = False) -> stat.Panel:
    """The latest value in large letters; with ``name`` the name of its series instead."""
    panel = (
        stat.Panel().graph_mode(BigValueGraphMode.NONE).color_mode(BigValueColorMode.VALUE).reduce_options(_latest())
    )
    if name:
        panel.text_mode(BigValueTextMode.NAME)
    return _made(panel, said, queries, span, height=4, instant=True)


def bars(said: Said, *queries: Query, span: int = 12, height: int = 8) -> bargauge.Panel:
    """The latest values, a bar each."""
    panel = bargauge.Panel().orientation(VizOrientation.HORIZONTAL).display_mode(BarGaugeDisplayMode.BASIC)
    panel.reduce_options(_latest()).min(0)
    return _made(panel, said, queries, span, height, instant=True)


def lines(said: Said, *queries: Query, span: int = 12, height: int = 8) -> timeseries.Panel:
    """Values over time. A gap stays a gap: nothing known is not zero."""
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    panel = timeseries.Panel().span_nulls(False).legend(legend.show_legend(True)).fill_opacity(5)
    return _made(panel, said, queries, span, height, instant=False)


def matrix(said: Said, query: Query, row: str, column: str, span: int = 12, stacked: bool = False) -> barchart.Panel:
    """The latest values as bars, by one label along the axis and another by colour."""
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    panel = barchart.Panel().orientation(VizOrientation.HORIZONTAL).legend(legend.show_legend(True)).min(0)
    if stacked:
        panel.stacking(StackingMode.NORMAL)
    panel.with_transformation(
        DataTransformerConfig(
            "groupingToMatrix", options={"columnField": column, "rowField": row, "valueField": "Value"}
        )
    )
    return _made(panel, said, (query,), span, height=8, instant=True, as_table=True)


def rows(said: Said, query: Query, columns: Mapping[str, str], span: int = 12, height: int = 8) -> table.Panel:
    """The latest values as a table: ``columns`` maps labels, and ``Value``, to headings."""
    panel = table.Panel().filterable(True)
    panel.with_transformation(
        DataTransformerConfig(
            "organize",
            options={
                "excludeByName": {"Time": True},
                "indexByName": {name: at for at, name in enumerate(columns)},
                "renameByName": dict(columns),
            },
        )
    )
    return _made(panel, said, (query,), span, height, instant=True, as_table=True)


def _latest() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _made(
    panel: Any, said: Said, queries: Sequence[Query], span: int, height: int, instant: bool, as_table: bool = False
) -> Any:
    panel.title(said.title).description(said.description).unit(said.unit).no_value(said.none)
    panel.datasource(SOURCE).span(span).height(height)
    for number, query in enumerate(queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id("ABCDEFGH"[number]).datasource(SOURCE)
        target.legend_format(query.legend or "__auto")
        if instant:
            target.instant()
        if as_table:
            target.format(PromQueryFormat.TABLE)
        panel.with_target(target)
    return panel


def steps(*upwards: tuple[float | None, str]) -> dashboard.ThresholdsConfig:
    """Colours by value: each from its value on, the first from minus infinity (``None``)."""
    found = [Threshold(value, colour) for value, colour in upwards]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def words(said: Mapping[str, tuple[str, str]]) -> list[ValueMap]:
    """Words and colours in the place of values."""
    return [
        ValueMap(
            options={
                value: ValueMappingResult(text=text, color=colour, index=at)
                for at, (value, (text, colour)) in enumerate(said.items())
            }
        )
    ]


def to_incidents(**filters: str) -> list[dashboard.DashboardLink]:
    """A link from a value to the page's list of the incidents behind it."""
    address = "&".join(f"{name}={value}" for name, value in {"agreement": "${agreement}", **filters}.items())
    link = dashboard.DashboardLink("Incidents on the page").url(f"${{page}}/?{address}").target_blank(True)
    return [link.type(DashboardLinkType.LINK)]


def choice(name: str, label: str, description: str, series: str, several: bool = False) -> dashboard.QueryVariable:
    """A variable with the values that the label ``name`` has in ``series``."""
    variable = (
        dashboard.QueryVariable(name)
        .label(label)
        .description(description)
        .datasource(SOURCE)
        .query({"query": f"label_values({series}, {name})", "refId": name})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
    if several:
        every = VariableOption(text="All", value="$__all")
        variable.multi(True).include_all(True).all_value(".+").current(every)
    return variable


def run_variable() -> dashboard.TextBoxVariable:
    return (
        dashboard.TextBoxVariable("run")
        .label("Run")
        .description("Empty: the live system. Else the id of a replay, whose metrics or exported history are loaded.")
        .default_value("")
    )


def page_variable() -> dashboard.TextBoxVariable:
    return (
        dashboard.TextBoxVariable("page")
        .label("Page")
        .description("Address of cohstream's page, without a slash at the end; links to incidents lead there.")
        .default_value("http://localhost:8080")
    )
