// The parties: a band each, and the same figures as tables.

import { dropChart, drawRange, drawTimeline, makeChart } from "./charts.js";
import { arrange, byId, colour, h, mark, s } from "./dom.js";
import { number, slot } from "./format.js";

const VERDICTS = ["VIOLATION", "CONTESTED", "UNDETERMINED", "NOT_A_VIOLATION", "NOT_ASSESSED"];
const bands = new Map();

const possible = ({ verdicts }) => verdicts.VIOLATION + verdicts.CONTESTED + verdicts.UNDETERMINED;
const anything = (party) => total(party) > 0 || Object.values(party.policies).some(([, most]) => most > 0);
const total = (party) => Object.values(party.verdicts).reduce((sum, value) => sum + value, 0);

/** Draw every party of `summary`; `choose` is called with a policy whose row is clicked. */
export function drawParties(summary, vocabulary, choose) {
  const { timeline, policy } = summary;
  const parties = summary.parties.filter((party) => anything(party));
  const absent = summary.parties.filter((party) => !anything(party)).map(({ label }) => label);
  byId("absent").textContent = absent.length ? `No incident so far is put to: ${absent.join("; ")}.` : "";
  const unit = `per ${timeline.unit}`;
  // Declared parties share one scale, the rest another: what is put to no party may be far more.
  const scales = new Map([true, false].map((declared) => [declared, scaleOf(parties.filter((one) => one.declared === declared), timeline)]));
  for (const [id, band] of bands) {
    if (!parties.some((party) => party.id === id)) {
      band.charts.forEach(dropChart);
      bands.delete(id);
    }
  }
  const rows = parties.map((party) => {
    if (!bands.has(party.id)) bands.set(party.id, makeBand(party, choose));
    return bands.get(party.id);
  });
  arrange(byId("parties"), rows.map((row) => row.element));
  parties.forEach((party, at) => {
    const row = rows[at];
    const scale = scales.get(party.declared);
    row.who.replaceChildren(...figures(party, vocabulary, timeline.undated[party.id] ?? 0));
    row.unit.textContent = `Over event time, ${unit}`;
    row.charts[0].getDom().setAttribute("aria-label", describeTime(party, timeline));
    row.charts[1].getDom().setAttribute("aria-label", describeRange(party, policy, vocabulary));
    drawTimeline(row.charts[0], { timeline, series: timeline.parties[party.id], top: scale.time, labels: vocabulary.verdicts });
    drawRange(row.charts[1], { policies: party.policies, chosen: policy, top: scale.range, labels: vocabulary.policies });
  });
  drawTables(summary, vocabulary);
}

function makeBand(party, choose) {
  const who = h("div", { class: "who" });
  const unit = h("h4");
  const time = h("div", { class: "chart", role: "img" });
  const range = h("div", { class: "chart", role: "img" });
  const element = h(
    "article",
    { class: party.declared ? "band" : "band minor", "data-party": party.id, "aria-label": party.label },
    who,
    h("div", { class: "plot" }, unit, time),
    h("div", { class: "plot range" }, h("h4", {}, "Proven to possible, by coverage policy"), range),
  );
  byId("parties").append(element);
  const charts = [makeChart(time), makeChart(range)];
  charts[1].on("click", ({ dataIndex }) => choose(dataIndex));
  return { element, who, unit, charts };
}

function figures(party, vocabulary, undated) {
  const { VIOLATION: violations } = party.verdicts;
  const listed = VERDICTS.filter((verdict) => party.verdicts[verdict] > 0 && !(party.declared && verdict === "VIOLATION"));
  return [
    h("h3", {}, party.label),
    party.declared
      ? bigFigure(violations, violations === 1 ? "violation assessed" : "violations assessed", `at most ${number(possible(party))} possible`)
      : bigFigure(total(party), total(party) === 1 ? "incident" : "incidents", party.id === "non_party" ? "by those it does not bind" : "put to no single party"),
    split(party),
    h(
      "dl",
      { class: "counts" },
      listed.map((verdict) =>
        h("div", {}, h("dt", {}, vocabulary.verdicts[verdict].label.toLowerCase()), h("dd", {}, mark(verdict), number(party.verdicts[verdict]))),
      ),
    ),
    h(
      "p",
      { class: "aside" },
      party.uncorroborated > 0 ? `${number(party.uncorroborated)} of ${number(violations)} alleged, not corroborated. ` : "",
      undated > 0 ? `${number(undated)} undated, not in the chart.` : "",
    ),
  ];
}

function bigFigure(n, unit, remark) {
  return h("p", { class: "figure" }, h("b", { "data-figure": "main" }, number(n)), h("span", {}, unit, h("br"), remark));
}

function split(party) {
  const all = total(party);
  const bar = s("svg", { class: "split", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  let x = 0;
  for (const verdict of VERDICTS) {
    const width = all ? (100 * party.verdicts[verdict]) / all : 0;
    if (width > 0) bar.append(s("rect", { x, y: 0, width: Math.max(0.3, width - 0.4), height: 10, fill: colour(verdict) }));
    x += width;
  }
  if (!all) bar.append(s("rect", { x: 0, y: 4, width: 100, height: 2, fill: colour("line") }));
  return bar;
}

const scaleOf = (parties, timeline) => ({
  time: Math.max(0, ...parties.flatMap((party) => heights(timeline.parties[party.id]))),
  range: Math.max(0, ...parties.flatMap((party) => Object.values(party.policies).map(([, most]) => most))),
});

const heights = (series) =>
  series ? series.VIOLATION.map((value, at) => value + series.CONTESTED[at] + series.UNDETERMINED[at]) : [];

function describeTime(party, { slots, unit, parties }) {
  const violations = parties[party.id]?.VIOLATION ?? [];
  const most = Math.max(0, ...violations);
  if (most === 0) return `${party.label}: no dated incident is assessed as a violation`;
  return `${party.label}: bars per ${unit}; most violations, ${most}, on ${slot(slots[violations.indexOf(most)], unit)}`;
}

function describeRange(party, policy, { policies }) {
  const spans = Object.entries(party.policies).map(([name, [least, most]]) => `${policies[name].label} ${least} to ${most}`);
  return `${party.label}: proven minimum to possible maximum. ${spans.join(", ")}. Chosen: ${policies[policy].label}`;
}

function drawTables({ parties, timeline, policy }, { verdicts, policies }) {
  const names = Object.keys(verdicts);
  const whole = table(
    `By verdict, under ${policies[policy].label.toLowerCase()}`,
    ["Party", ...names.map((name) => verdicts[name].label)],
    parties.map((party) => [party.label, ...names.map((name) => number(party.verdicts[name]))]),
  );
  const ranges = table(
    "Proven minimum – possible maximum by coverage policy",
    ["Party", ...Object.values(policies).map(({ label }) => label)],
    parties.map((party) => [party.label, ...Object.values(party.policies).map(([least, most]) => `${least}–${most}`)]),
  );
  const days = table(
    `Violations, contested, undetermined per ${timeline.unit}`,
    [timeline.unit === "day" ? "Event day" : "From", ...parties.map((party) => party.label)],
    timeline.slots.map((day, at) => [
      slot(day, timeline.unit),
      ...parties.map((party) => {
        const series = timeline.parties[party.id];
        return series ? `${series.VIOLATION[at]}, ${series.CONTESTED[at]}, ${series.UNDETERMINED[at]}` : "0, 0, 0";
      }),
    ]),
  );
  byId("tables").replaceChildren(whole, ranges, days);
}

export function table(caption, heads, rows) {
  return h(
    "table",
    {},
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell))))),
  );
}
