// Builds cohstream/web/assets/basemap.json: country shapes around Syria, as GeoJSON.
//
//   npm install --no-save world-atlas@2.0.2 topojson-client@3.1.0 @turf/bbox-clip@7
//   node tools/build_basemap.mjs
//
// Source: Natural Earth 1:10m (public domain) as packaged by world-atlas (ISC).
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const require = createRequire(`${process.cwd()}/`);
const { feature } = require("topojson-client");
const { bboxClip } = require("@turf/bbox-clip");

const BOX = [33.5, 31.3, 44.0, 38.2]; // west, south, east, north: room around the Levant for panning
const DIGITS = 3; // about 100 m
const OUTPUT = new URL("../cohstream/web/assets/basemap.json", import.meta.url);

const rounded = (value) =>
  Array.isArray(value) ? value.map(rounded) : Number(value.toFixed(DIGITS));

const withoutRepeats = (ring) =>
  ring.filter((point, at) => at === 0 || point[0] !== ring[at - 1][0] || point[1] !== ring[at - 1][1]);

const polygons = (geometry) =>
  geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];

const atlas = JSON.parse(readFileSync(require.resolve("world-atlas/countries-10m.json"), "utf8"));
const features = feature(atlas, atlas.objects.countries)
  .features.map((country) => bboxClip(country, BOX))
  .map((country) => ({
    type: "Feature",
    properties: { name: country.properties.name },
    geometry: {
      type: "MultiPolygon",
      coordinates: polygons(country.geometry)
        .map((rings) => rings.map((ring) => withoutRepeats(rounded(ring))).filter((ring) => ring.length > 3))
        .filter((rings) => rings.length > 0),
    },
  }))
  .filter((country) => country.geometry.coordinates.length > 0);

writeFileSync(OUTPUT, `${JSON.stringify({ type: "FeatureCollection", features })}\n`);
console.log(`${features.length} countries: ${features.map((one) => one.properties.name).join(", ")}`);
