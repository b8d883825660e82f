// The map of incidents: rings whose size is the number of incidents and whose parts are verdicts.
/* global L */

import { byId, colour, h, s } from "./dom.js";
import { incidents, number } from "./format.js";
import { table } from "./parties.js";

const SYRIA = [[32.3, 35.6], [37.3, 42.4]];
const BEYOND = 0.1; // share of incidents outside Syria from which on the map opens wider
const VERDICTS = ["VIOLATION", "CONTESTED", "UNDETERMINED", "NOT_A_VIOLATION", "NOT_ASSESSED"];
const TOWNS = [
  ["Damascus", 33.513, 36.292], ["Aleppo", 36.202, 37.134], ["Homs", 34.731, 36.709], ["Hama", 35.132, 36.758],
  ["Latakia", 35.517, 35.783], ["Idlib", 35.931, 36.634], ["Hasakah", 36.507, 40.748], ["Deir ez-Zor", 35.336, 40.141],
  ["Tartus", 34.889, 35.887], ["Raqqa", 35.951, 39.009], ["Daraa", 32.625, 36.106], ["Suwayda", 32.709, 36.569],
  ["Quneitra", 33.126, 35.824], ["Palmyra", 34.56, 38.28],
];
const COUNTRIES = [["TURKEY", 37.55, 39.2], ["IRAQ", 34.2, 42.4], ["JORDAN", 31.75, 37.1], ["LEBANON", 33.98, 35.75], ["SYRIA", 35.1, 38.9]];

const total = (counts) => Object.values(counts).reduce((sum, value) => sum + value, 0);
const size = (n) => Math.min(46, 13 + 4.5 * Math.sqrt(n));

export class IncidentMap {
  /** `choose` is called with a place when the reader picks it. */
  constructor(choose) {
    this.choose = choose;
    this.places = [];
    this.towns = [];
    this.fitted = false;
    this.shown = false;
    this.map = L.map("map", {
      zoomSnap: 0.25,
      scrollWheelZoom: false,
      dragging: !L.Browser.mobile,
      attributionControl: false,
      keyboard: false,
    }).fitBounds(SYRIA);
    this.spots = L.layerGroup().addTo(this.map);
    this.map.on("zoomend", () => this.place());
    new ResizeObserver(() => this.resize()).observe(byId("map"));
    this.drawGround();
  }

  async drawGround() {
    const ground = await (await fetch("assets/basemap.json")).json();
    this.ground = L.geoJSON(ground, { interactive: false }).addTo(this.map);
    this.ground.bringToBack();
    for (const [names, kind] of [[COUNTRIES, "country"], [TOWNS, "town"]]) {
      for (const [name, lat, lon] of names) {
        const icon = L.divIcon({ className: kind, html: h("span", {}, name), iconSize: null });
        const label = L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "overlayPane" }).addTo(this.map);
        if (kind === "town") this.towns.push(label);
      }
    }
    this.colour();
  }

  /** The map is made while the figures are hidden, so it learns its size when they first show. */
  resize() {
    this.map.invalidateSize({ animate: false });
    if (this.shown || !byId("map").clientWidth) return;
    this.shown = true;
    this.map.fitBounds(SYRIA, { animate: false });
    this.fit();
    this.place();
  }

  /** Take the colours of the page anew. */
  colour() {
    this.ground?.setStyle(({ properties }) => ({
      color: colour("border"),
      weight: properties.name === "Syria" ? 1.6 : 0.8,
      fillColor: colour(properties.name === "Syria" ? "home" : "land"),
      fillOpacity: 1,
    }));
    this.place();
  }

  draw({ places, unplaced, left_off: leftOff }, vocabulary) {
    this.places = places;
    this.labels = vocabulary.verdicts;
    byId("map-note").textContent = [
      unplaced ? `${incidents(unplaced)} without a known point` : "",
      leftOff ? `${number(leftOff)} smaller places left off` : "",
    ].filter(Boolean).join(", ");
    this.fit();
    this.place();
    this.list();
  }

  /** If many incidents lie beyond Syria, show all places; decided once, so that the map keeps still. */
  fit() {
    if (this.fitted || !this.shown || !this.places.length) return;
    this.fitted = true;
    const home = L.latLngBounds(SYRIA).pad(0.15);
    const count = (places) => places.reduce((sum, { counts }) => sum + total(counts), 0);
    const beyond = this.places.filter(({ lat, lon }) => !home.contains([lat, lon]));
    if (count(beyond) < BEYOND * count(this.places)) return;
    this.map.fitBounds(L.latLngBounds(this.places.map(({ lat, lon }) => [lat, lon])).pad(0.1), { animate: false });
  }

  /** Rings that would overlap are drawn as one; it opens when the reader zooms in. */
  place() {
    this.spots.clearLayers();
    if (!this.shown) return;
    const clusters = this.clusters();
    this.towns.forEach((town) => this.moveAside(town, clusters));
    for (const cluster of clusters) {
      const n = total(cluster.counts);
      const d = size(n);
      const icon = L.divIcon({ className: "spot", html: ring(cluster.counts, n, d), iconSize: [d, d] });
      L.marker([cluster.lat, cluster.lon], { icon, keyboard: false, zIndexOffset: Math.round(-n) })
        .bindTooltip(this.say(cluster), { direction: "top", offset: [0, -d / 2] })
        .on("click", () => this.open(cluster))
        .addTo(this.spots);
    }
  }

  /** Put a town's name to the right of the rings that would cover it. */
  moveAside(town, clusters) {
    const at = this.map.latLngToLayerPoint(town.getLatLng());
    let right = at.x - 2;
    for (const cluster of clusters) {
      const r = size(total(cluster.counts)) / 2;
      if (Math.abs(cluster.at.y - at.y) < r + 4 && Math.abs(cluster.at.x - right) < r + 6) right = cluster.at.x + r;
    }
    town.getElement().style.marginLeft = `${right - at.x + 4}px`;
  }

  clusters() {
    const made = [];
    for (const place of this.places) {
      const at = this.map.latLngToLayerPoint([place.lat, place.lon]);
      const reach = (one) => (size(total(one.counts)) + size(total(place.counts))) * 0.48;
      const near = made.find((one) => one.at.distanceTo(at) < reach(one));
      if (near) {
        near.members.push(place);
        for (const [verdict, n] of Object.entries(place.counts)) near.counts[verdict] = (near.counts[verdict] ?? 0) + n;
      } else {
        made.push({ at, lat: place.lat, lon: place.lon, counts: { ...place.counts }, members: [place] });
      }
    }
    return made;
  }

  say({ members, counts }) {
    const more = members.length > 1 ? ` and ${number(members.length - 1)} more` : "";
    const parts = VERDICTS.filter((verdict) => counts[verdict]).map((verdict) => `${this.labels[verdict].label}: ${number(counts[verdict])}`);
    return h("span", {}, [`${members[0].name || "unnamed place"}${more}`, ...parts].join("\n"));
  }

  open(cluster) {
    if (cluster.members.length > 1 && this.map.getZoom() < 11) {
      this.map.fitBounds(L.latLngBounds(cluster.members.map(({ lat, lon }) => [lat, lon])).pad(0.3), { maxZoom: 11 });
    } else {
      this.choose(cluster.members[0]);
    }
  }

  list() {
    const shown = VERDICTS.filter((verdict) => this.places.some(({ counts }) => counts[verdict]));
    byId("places").replaceChildren(
      table(
        "Incidents by place and strongest verdict",
        ["Place", ...shown.map((verdict) => this.labels[verdict].label)],
        this.places.slice(0, 300).map((place) => [
          h("button", { type: "button", class: "open", onclick: () => this.choose(place) }, place.name || `${place.lat}, ${place.lon}`),
          ...shown.map((verdict) => number(place.counts[verdict] ?? 0)),
        ]),
      ),
    );
  }
}

/** A ring cut by verdict, with the number in it. */
function ring(counts, n, d) {
  const r = d / 2;
  const thick = Math.max(3.5, d * 0.17);
  const radius = r - thick / 2 - 0.5;
  const round = 2 * Math.PI * radius;
  const picture = s("svg", { width: d, height: d, viewBox: `0 0 ${d} ${d}`, "aria-hidden": "true" });
  picture.append(s("circle", { class: "hole", cx: r, cy: r, r: r - 0.5 }));
  let done = 0;
  for (const verdict of VERDICTS) {
    const part = ((counts[verdict] ?? 0) / n) * round;
    if (part === 0) continue;
    picture.append(
      s("circle", {
        cx: r, cy: r, r: radius, fill: "none", stroke: colour(verdict), "stroke-width": thick,
        "stroke-dasharray": `${part} ${round - part}`, "stroke-dashoffset": round / 4 - done,
      }),
    );
    done += part;
  }
  if (n > 1) picture.append(s("text", { x: r, y: r }, n > 999 ? `${Math.round(n / 1000)}k` : String(n)));
  return picture;
}
