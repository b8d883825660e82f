// The two charts of a party: counts over event time, and the range across coverage policies.
/* global echarts */

import { colour } from "./dom.js";
import { number, slot, tick } from "./format.js";

const STACKED = ["VIOLATION", "CONTESTED", "UNDETERMINED"];
const still = matchMedia("(prefers-reduced-motion: reduce)");

const open = new Set();

/** A chart in `element` that follows its size and can be drawn again. */
export function makeChart(element) {
  const chart = echarts.init(element, null, { renderer: "canvas" });
  open.add(chart);
  new ResizeObserver(() => chart.resize()).observe(element);
  return chart;
}

/** Let go of a chart whose element leaves the page. */
export function dropChart(chart) {
  open.delete(chart);
  chart.dispose();
}

const text = () => ({ color: colour("soft"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily });

function tooltip() {
  // Rich text: the default is HTML with inline styles, which the content security policy forbids.
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: colour("ink"),
    borderWidth: 0,
    padding: [6, 9],
    textStyle: { ...text(), color: colour("paper"), fontSize: 12, lineHeight: 17 },
  };
}

/** The next round and even number from 4 on, so that every axis ends on a tick and has one in its middle. */
function roundUp(value) {
  const step = 10 ** Math.floor(Math.log10(Math.max(value, 4)));
  const bounds = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((times) => Math.round(times * step));
  return bounds.find((bound) => bound >= Math.max(value, 4) && bound % 2 === 0);
}

/** Stacked bars per slot of event time; `top` is the common height of all parties' axes. */
export function drawTimeline(chart, { timeline, series, top, labels }) {
  const { slots, unit } = timeline;
  chart.setOption(
    {
      animation: !still.matches,
      animationDuration: 300,
      animationDurationUpdate: 300,
      grid: { left: 30, right: 6, top: 8, bottom: 22 },
      tooltip: {
        ...tooltip(),
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { color: colour("ink"), opacity: 0.07 } },
        formatter: (points) =>
          [
            slot(slots[points[0].dataIndex], unit),
            ...points.filter((point) => point.value > 0).map((point) => `${point.seriesName}: ${number(point.value)}`),
          ].join("\n"),
      },
      xAxis: {
        type: "category",
        data: slots,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colour("border") } },
        axisLabel: { ...text(), hideOverlap: true, formatter: (value) => tick(value, unit) },
      },
      yAxis: {
        type: "value",
        max: roundUp(top),
        interval: roundUp(top) / 2,
        axisLabel: text(),
        splitLine: { lineStyle: { color: colour("line") } },
      },
      series: STACKED.map((verdict) => ({
        name: labels[verdict].label,
        type: "bar",
        stack: "all",
        barCategoryGap: slots.length > 60 ? "10%" : "25%",
        barMaxWidth: 26,
        itemStyle: { color: colour(verdict) },
        data: series?.[verdict] ?? slots.map(() => 0),
      })),
    },
    true,
  );
}

/** Proven minimum to possible maximum under each coverage policy; the chosen one stands out. */
export function drawRange(chart, { policies, chosen, top, labels }) {
  const names = Object.keys(policies);
  const spans = Object.values(policies);
  chart.setOption(
    {
      animation: !still.matches,
      animationDuration: 300,
      grid: { left: 116, right: 58, top: 2, bottom: 20 },
      tooltip: {
        ...tooltip(),
        trigger: "item",
        formatter: ({ dataIndex }) =>
          `${labels[names[dataIndex]].label}\nproven minimum ${number(spans[dataIndex][0])}, ` +
          `possible maximum ${number(spans[dataIndex][1])}`,
      },
      xAxis: {
        type: "value",
        min: 0,
        max: roundUp(top),
        interval: roundUp(top) / 2,
        axisLabel: text(),
        splitLine: { lineStyle: { color: colour("line") } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: names,
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: {
          ...text(),
          fontSize: 11.5,
          formatter: (name) => (name === chosen ? `{chosen|${labels[name].label}}` : labels[name].label),
          rich: { chosen: { color: colour("ink"), fontWeight: 700, fontSize: 11.5 } },
        },
      },
      series: [
        { type: "bar", stack: "span", silent: true, itemStyle: { color: "transparent" }, data: spans.map(([least]) => least) },
        {
          type: "bar",
          stack: "span",
          barWidth: 5,
          itemStyle: { color: colour("border") },
          data: spans.map(([least, most]) => most - least),
        },
        {
          type: "scatter",
          symbolSize: 9,
          z: 4,
          itemStyle: { color: colour("sheet"), borderColor: colour("soft"), borderWidth: 2 },
          label: {
            show: true,
            position: "right",
            ...text(),
            formatter: ({ dataIndex }) => {
              const [least, most] = spans[dataIndex];
              return least === most ? number(most) : `${number(least)}–${number(most)}`;
            },
          },
          data: spans.map(([, most], at) => [most, at]),
        },
        {
          type: "scatter",
          symbol: "rect",
          symbolSize: 9,
          z: 5,
          itemStyle: { color: colour("VIOLATION") },
          data: spans.map(([least], at) => [least, at]),
        },
      ],
    },
    true,
  );
}
