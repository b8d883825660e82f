// One incident in full: facts, sources, and how each coverage policy decides it.

import { byId, chip, h } from "./dom.js";
import { count, interval, moment, sentence, words } from "./format.js";
import { ask } from "./stream.js";

/** Open the dialog for one incident. Escape or the button closes it; focus returns where it was. */
export async function openDetail(id, { vocabulary, agreement, policy, parties }) {
  const dialog = byId("detail");
  dialog.replaceChildren(head(dialog, "Loading", ""));
  if (!dialog.open) dialog.showModal();
  try {
    const found = await ask(`api/incidents/${encodeURIComponent(id)}`);
    const { incident } = found;
    const when = interval(incident.start, incident.end, agreement.tz);
    dialog.replaceChildren(
      head(dialog, `${sentence(words(incident.conduct))}, ${incident.place.name || "place unknown"}`, `${when} (${agreement.tz})`),
      h(
        "div",
        { class: "body" },
        ...found.assessments
          .sort((one, other) => (other.agreement === agreement.id) - (one.agreement === agreement.id))
          .map((assessment) => assessed(assessment, vocabulary, policy, parties)),
        facts(incident),
        sources(found.sources, agreement.tz),
        keptApart(found.kept_apart ?? []),
        h("p", { class: "second" }, "Incident ", h("span", { class: "code" }, incident.incident_id),
          found.asked === incident.incident_id ? "" : `, now also standing for ${found.asked}`),
      ),
    );
    dialog.querySelector(".close").focus();
  } catch (error) {
    dialog.replaceChildren(head(dialog, "Not available", error.message));
    dialog.querySelector(".close").focus();
  }
}

function head(dialog, title, subtitle) {
  return h(
    "header",
    {},
    h("div", {}, h("h2", { id: "detail-heading" }, title), h("p", { class: "second" }, subtitle)),
    h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×"),
  );
}

function assessed(assessment, vocabulary, policy, parties) {
  const names = [...new Set(assessment.findings.map((finding) => finding.party))];
  return h(
    "section",
    {},
    names.map((name) => [
      h("h3", {}, `${assessment.parties[name] ?? parties[name] ?? name}, under ${assessment.agreement}`),
      assessment.findings
        .filter((finding) => finding.party === name)
        .map((finding) => decided(finding, vocabulary, finding.policy === policy)),
    ]),
    missing(assessment, vocabulary, parties),
  );
}

/** What is missing, first what would change most, with what each answer would come to. */
function missing({ agreement, missing: asked, parties: ours, findings }, { verdicts }, parties) {
  if (!asked.length) return null;
  const told = ([said, policies]) => {
    const [party, verdict] = said.split(" ");
    return `${verdicts[verdict].label}, ${ours[party] ?? parties[party] ?? party} (${policies} of ${findings.length})`;
  };
  return [
    h("h3", {}, `What would change it, under ${agreement}`),
    asked.map((one) =>
      h(
        "details",
        { class: "policy question" },
        h(
          "summary",
          {},
          h("span", { class: "name" }, sentence(one.fact)),
          h("span", { class: "second" }, `up to ${one.changes} of ${findings.length} policies would decide otherwise`),
        ),
        h(
          "dl",
          { class: "inside facts" },
          one.answers.map((answer) =>
            h("div", {}, h("dt", {}, answer.value), h("dd", {}, Object.entries(answer.verdicts).map(told).join("; ")))),
        ),
      )),
  ];
}

function decided(finding, { verdicts, policies, reasons, flags }, open) {
  const short = finding.reasons.map((code) => reasons[code]?.label ?? code).join(", ");
  return h(
    "details",
    { class: "policy", open },
    h(
      "summary",
      {},
      h("span", { class: "name" }, policies[finding.policy].label),
      chip(finding.verdict, verdicts[finding.verdict].label),
      h("span", { class: "second" }, short),
    ),
    h(
      "div",
      { class: "inside" },
      h("p", { class: "second" }, policies[finding.policy].sentence),
      finding.reasons.map((code) => h("p", {}, h("span", { class: "code" }, code), " ", reasons[code]?.sentence ?? "")),
      finding.flags.map((code) => h("p", {}, h("span", { class: "code" }, code), " ", flags[code]?.sentence ?? "")),
      values("Clauses", finding.clauses),
      values("Facts used", finding.used),
      values("Facts missing", finding.missing),
      finding.trace.length
        ? [h("h4", {}, "How it was decided"), h("ol", { class: "trace" }, finding.trace.map((step) => h("li", {}, step)))]
        : null,
    ),
  );
}

function values(title, list) {
  return list.length ? [h("h4", {}, title), h("ul", { class: "values" }, list.map((value) => h("li", {}, value)))] : null;
}

function facts(incident) {
  const { place, attribution, suspects } = incident;
  const suspected = Object.entries(attribution.candidates)
    .sort(([, one], [, other]) => other - one)
    .map(([id, weight]) => `${suspects[id] ?? id} (${Math.round(100 * weight)} %)`)
    .join(", ");
  const where = [
    place.name || "unknown",
    place.radius_km ? `within ${place.radius_km} km` : "",
    place.coarsened ? "shown by district to protect the site" : "",
  ].filter(Boolean);
  const rows = [
    ["Weapon", words(incident.weapon)],
    ["Target", words(incident.target)],
    ["Place", where.join("; ")],
    ["Named as perpetrator", suspected ? `${suspected}; ${words(attribution.confidence)}` : "no one"],
    ["Denied by", attribution.denied_by.map((id) => suspects[id] ?? id).join(", ")],
    ["Verification", words(incident.verification)],
    ["Excluded group at the place", words(incident.excluded_presence)],
    ["Killed", incident.killed && count(incident.killed)],
    ["Of them civilians", incident.civilians_killed && count(incident.civilians_killed)],
    ["Injured", incident.injured && count(incident.injured)],
    ["Munitions", incident.munitions && count(incident.munitions)],
    ["Said in defence", incident.circumstances.map(words).join(", ")],
    ["Independent sources", `${incident.groups} of ${incident.sources}`],
  ];
  return h(
    "section",
    {},
    h("h3", {}, "What is reported"),
    h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
  );
}

function sources(list, zone) {
  return h(
    "section",
    {},
    h("h3", {}, "Who reports it"),
    h(
      "ul",
      { class: "sources" },
      list.map((one) =>
        h(
          "li",
          {},
          h("strong", {}, one.source), ` (${words(one.stake)}), ${words(one.kind)}, published ${moment(one.published_at, zone)}, `,
          h("span", { class: "code" }, one.report_id),
          one.links.map((link) => [" ", h("a", { href: link, rel: "noopener noreferrer nofollow", target: "_blank" }, new URL(link).hostname)]),
          one.why ? membership(one) : null,
        ),
      ),
    ),
  );
}

/** Why a report is part of the incident, and what it contributes. */
function membership({ why, contributes }) {
  const likeness = why.weight === null || !why.parts.length ? "" : `; likeness ${signed(why.weight)}`;
  return h(
    "details",
    { class: "policy" },
    h("summary", {}, h("span", { class: "second" }, `Part of it: ${why.rule}${likeness}`)),
    h(
      "div",
      { class: "inside" },
      h("p", {}, sentence(why.sentence)),
      values("Held against the founder", why.parts.map((part) => `${part.field}: ${part.comparison}, ${plain(part.said)} ${signed(part.weight)}`)),
      values("Contributes", contributes.map((one) => `${words(one.field)}: ${plain(one.value)}${one.alone && one.without ? ` (without it: ${plain(one.without)})` : ""}`)),
    ),
  );
}

const plain = (text) => text.replaceAll("_", " ");

function signed(weight) {
  return `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`;
}

/** The nearest incidents of the area and days that are other ones, and why. */
function keptApart(list) {
  const told = ({ incident_id: id, conduct, place, km, sentence: why, detail }) => {
    const where = id ? `${sentence(words(conduct))} at ${place}${km === null ? "" : `, ${km} km`}` : "One that is not named, to protect a site";
    return h("li", {}, `${where}: ${why}${detail ? ` (${plain(detail)})` : ""} `, h("span", { class: "code" }, id));
  };
  return list.length ? h("section", {}, h("h3", {}, "Kept apart from it"), h("ul", { class: "sources" }, list.map(told))) : null;
}
