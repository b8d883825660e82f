// The page: what is selected, what is shown, and when it is drawn again.

import { openDetail } from "./detail.js";
import { byId, chip, h, setOptions } from "./dom.js";
import { incidents, moment, number } from "./format.js";
import { drawLatest } from "./latest.js";
import { IncidentMap } from "./map.js";
import { drawParties } from "./parties.js";
import { ask, follow } from "./stream.js";

const PAGE = 15;
const LIST_PAUSE = 1_000; // list and map follow at most once a second, and more slowly when they are dear
const ANNOUNCE_PAUSE = 15_000;
const STATUS = {
  in_force: "In force",
  draft: "Draft, never in force",
  leaked_draft: "Leaked draft, never in force",
  suspended: "Suspended",
  lapsed: "Lapsed",
  superseded: "Superseded",
  disputed: "Disputed",
};

const state = {
  vocabulary: null,
  agreement: null,
  policy: "",
  party: "",
  verdict: "",
  place: null,
  area: "",
  shown: PAGE,
  summary: null,
  heard: null,
};
let map;
let stop = () => {};
let listTimer = null;
let listedAt = 0;
let pause = LIST_PAUSE;
let announcedAt = 0;

const parties = () => Object.fromEntries((state.summary?.parties ?? []).map(({ id, label }) => [id, label]));
const selection = () => ({ agreement: state.agreement.id, policy: state.policy });
const filter = () => ({ party: state.party, verdict: state.verdict, area: state.area });
const context = () => ({ vocabulary: state.vocabulary, agreement: state.agreement, policy: state.policy, parties: parties() });

async function start() {
  state.vocabulary = await ask("api/vocabulary");
  const { agreements, title } = state.vocabulary;
  document.title = `${title} · cohstream`.replace(/^cohstream · |^cohstream (\w+) · cohstream$/, "cohstream $1");
  const wanted = new URLSearchParams(location.search);
  for (const name of Object.keys(filter())) state[name] = wanted.get(name) ?? "";
  setOptions(byId("agreement"), agreements.map(({ id, title: name }) => [id, `${name} (${id})`]), wanted.get("agreement") ?? "");
  const policies = Object.entries(state.vocabulary.policies);
  byId("legend").replaceChildren(
    ...Object.entries(state.vocabulary.verdicts).slice(0, 4).map(([verdict, { label, sentence }]) =>
      h("li", { title: sentence }, chip(verdict, label)),
    ),
  );
  map = new IncidentMap((place) => {
    state.place = place;
    state.shown = PAGE;
    refreshLists();
    byId("latest-heading").scrollIntoView({ block: "nearest" });
  });
  const pick = (policy) => {
    state.agreement = agreements.find(({ id }) => id === byId("agreement").value);
    setOptions(byId("policy"), policies.map(([id, { label }]) => [id, id === state.agreement.default_policy ? `${label} (default)` : label]),
      policy || state.agreement.default_policy);
    state.policy = byId("policy").value;
    select();
  };
  byId("agreement").addEventListener("change", () => pick(""));
  byId("policy").addEventListener("change", () => pick(byId("policy").value));
  byId("choice").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const [id, name] of [["filter-party", "party"], ["filter-verdict", "verdict"]]) {
    byId(id).addEventListener("change", () => {
      state[name] = byId(id).value;
      state.shown = PAGE;
      keepInAddress();
      refreshLists();
    });
  }
  byId("filter-place").addEventListener("click", () => {
    state.place = null;
    state.area = "";
    keepInAddress();
    refreshLists();
    byId("filter-verdict").focus();
  });
  byId("more").addEventListener("click", () => {
    state.shown = Math.min(200, state.shown + PAGE);
    refreshLists();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    map.colour();
    if (state.summary) draw(state.summary);
  });
  pick(wanted.get("policy") ?? "");
}

function select() {
  const { agreement, policy, vocabulary } = state;
  byId("kicker").textContent = `${STATUS[agreement.status] ?? agreement.status} · ${agreement.id}`;
  const what = agreement.status.endsWith("draft") ? "Hypothetical violations" : "Violations assessed";
  byId("headline").textContent = `${what} under the ${agreement.title}`.replace(/the the /i, "the ");
  byId("policy-sentence").textContent = vocabulary.policies[policy].sentence;
  keepInAddress();
  stop();
  stop = follow(selection(), { onSummary: draw, onLost: lost });
}

/** The address names what is shown, so that it can be sent on. */
function keepInAddress() {
  const shown = Object.entries({ ...selection(), ...filter() }).filter(([, value]) => value);
  history.replaceState(null, "", `?${new URLSearchParams(shown)}`);
}

function draw(summary) {
  const changed = state.summary?.version !== summary.version || state.summary?.policy !== summary.policy ||
    state.summary?.agreement !== summary.agreement;
  state.summary = summary;
  state.heard = new Date();
  drawStream(summary);
  const empty = summary.incidents === 0;
  byId("empty").hidden = !empty || !summary.ready;
  byId("figures").hidden = empty || !summary.ready;
  if (empty || !summary.ready) return;
  drawParties(summary, state.vocabulary, (at) => {
    byId("policy").value = Object.keys(state.vocabulary.policies)[at];
    byId("policy").dispatchEvent(new Event("change"));
  });
  setOptions(byId("filter-party"), [["", "All parties"], ...Object.entries(parties())], state.party);
  setOptions(byId("filter-verdict"), [["", "All verdicts"], ...Object.entries(state.vocabulary.verdicts).map(([id, { label }]) => [id, label])], state.verdict);
  announce(summary);
  if (changed) refreshListsSoon();
}

function drawStream({ progress, incidents: known, watermark, ready }) {
  const { read, rejected, duplicate, total, finished, event_time: now } = progress;
  const connection = byId("connection");
  connection.dataset.state = finished ? "finished" : ready ? "live" : "waiting";
  connection.textContent = finished ? "All reports read" : ready ? "Live" : "Recovering";
  byId("banner").hidden = true;
  byId("event-time").textContent = now ? moment(now, state.agreement.tz) : "–";
  byId("reports-read").textContent = total ? `${number(read)} of ${number(total)}` : number(read);
  byId("reports-rejected").textContent = number(rejected);
  byId("reports-duplicate").textContent = number(duplicate);
  byId("incidents-count").textContent = number(known);
  const bar = byId("progress");
  bar.hidden = !total || finished;
  if (total) bar.value = read / total;
  byId("standfirst").replaceChildren(
    ...(known
      ? [
          h("strong", {}, incidents(known)),
          ` from ${number(read)} reports, with events up to ${moment(watermark, state.agreement.tz)}. `,
          "These are assessments of what was reported, not proof of what happened.",
        ]
      : ["Waiting for the first report."]),
  );
}

function lost() {
  byId("connection").dataset.state = "lost";
  byId("connection").textContent = "Connection lost";
  byId("banner").hidden = false;
  byId("banner").textContent = state.heard
    ? `The connection is lost. The figures are as of ${state.heard.toLocaleTimeString("en-GB")}; trying again.`
    : "The server does not answer yet; trying again.";
}

/** Tell screen readers now and then, not at every change. */
function announce({ parties: rows, progress }) {
  if (Date.now() - announcedAt < ANNOUNCE_PAUSE && !progress.finished) return;
  announcedAt = Date.now();
  const said = rows.map(({ label, verdicts }) => `${label}: ${verdicts.VIOLATION} violations assessed`).join("; ");
  if (byId("announcer").textContent !== said) byId("announcer").textContent = said;
}

function refreshListsSoon() {
  if (listTimer !== null) return;
  listTimer = setTimeout(refreshLists, Math.max(0, listedAt + pause - Date.now()));
}

async function refreshLists() {
  clearTimeout(listTimer);
  listTimer = null;
  listedAt = Date.now();
  const { place, area, shown } = state;
  const tag = byId("filter-place");
  tag.hidden = place === null && !area;
  tag.textContent = place ? place.name || "this place" : state.vocabulary.areas[area] ?? `area ${area}`;
  tag.setAttribute("aria-label", `Show all places, not only ${tag.textContent}`);
  const wanted = { ...selection(), ...filter() };
  const asked = JSON.stringify([wanted, place, shown]);
  state.asked = asked;
  const began = performance.now();
  try {
    const [list, places] = await Promise.all([
      ask("api/incidents", { ...wanted, point: place ? `${place.lat},${place.lon}` : "", limit: shown }),
      ask("api/map", wanted),
    ]);
    if (state.asked !== asked) return;
    drawLatest(list, { ...context(), open: (id) => openDetail(id, context()) });
    map.draw(places, state.vocabulary);
    pause = Math.max(LIST_PAUSE, 5 * (performance.now() - began));
    if (Math.min(list.version, places.version) < state.summary.version) refreshListsSoon();
  } catch {
    refreshListsSoon();
  }
}

start().catch(lost);
