// The latest assessments: a list that grows from the top without losing the reader's place.

import { arrange, byId, chip, h } from "./dom.js";
import { incidents, interval, sentence, words } from "./format.js";

const rows = new Map();
let first = true;

/** Draw one page of incidents; `open` is called with the id of the one that the reader picks. */
export function drawLatest({ incidents: found, total }, { vocabulary, agreement, parties, open }) {
  const kept = new Map();
  for (const incident of found) {
    const says = JSON.stringify([incident, agreement.id]);
    const old = rows.get(incident.incident_id);
    const row = old ?? { element: h("tr", { class: first ? "" : "new" }), says: "" };
    if (row.says !== says) {
      row.says = says;
      fill(row.element, incident, { vocabulary, agreement, parties, open });
    }
    kept.set(incident.incident_id, row);
  }
  rows.clear();
  for (const [id, row] of kept) rows.set(id, row);
  first = false;
  const body = byId("latest");
  if (found.length) arrange(body, [...kept.values()].map((row) => row.element));
  else body.replaceChildren(h("tr", {}, h("td", { colspan: 3, class: "nothing" }, "No incident matches.")));
  byId("latest-note").textContent = found.length ? `${found.length} of ${incidents(total)}, newest event first` : "";
  byId("more").hidden = found.length >= total || found.length >= 200;
}

/** Fill a row, but keep its button, which may have the focus. */
function fill(row, incident, { vocabulary, agreement, parties, open }) {
  const button =
    row.querySelector(".open") ?? h("button", { type: "button", class: "open", onclick: () => open(incident.incident_id) });
  button.textContent = sentence(words(incident.conduct));
  const { place } = incident;
  const cells = [
    [button, h("div", { class: "second" }, `${words(incident.weapon)}; target: ${words(incident.target)}`)],
    [place.name || "place unknown", h("div", { class: "second" }, interval(incident.start, incident.end, agreement.tz))],
    incident.findings.map((finding) =>
      h(
        "div",
        { class: "finding" },
        chip(finding.verdict, vocabulary.verdicts[finding.verdict].label),
        h("div", {}, parties[finding.party] ?? finding.party),
        finding.reasons.map((code) =>
          h("div", { class: "second" }, vocabulary.reasons[code]?.label ?? code, " ", h("span", { class: "code" }, code)),
        ),
      ),
    ),
  ];
  if (row.children.length) {
    cells.forEach((content, at) => {
      if (at > 0) row.children[at].replaceChildren(...content.flat());
      else row.children[0].lastElementChild.replaceWith(content[1]);
    });
  } else {
    row.append(...cells.map((content) => h("td", {}, content)));
  }
}
