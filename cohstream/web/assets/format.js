// Times, numbers and codes in words.

const NUMBER = new Intl.NumberFormat("en");
const SPECIAL = {
  asm: "air-to-surface missile",
  hmg_aa: "heavy machine gun",
  agl: "grenade launcher",
  ifv_cannon: "armoured vehicle cannon",
  rpg: "RPG",
  atgm: "anti-tank missile",
  manpads: "MANPADS",
  ied: "IED",
  svbied: "vehicle bomb",
  mlrs: "multiple rocket launcher",
  iram: "improvised rocket",
  armed_uav: "armed drone",
  undetermined_weapon: "weapon unknown",
  undetermined_explosion: "explosion of unknown kind",
  undetermined: "undetermined",
  monitor_un: "UN or monitors",
  water_power_food: "water, power or food",
  ngo: "NGO",
  un: "UN",
};

export const number = (value) => value === null ? "–" : NUMBER.format(value);

/** `1–3`, `at least 2`, or `5` for a count given as [min, max]. */
export function count([least, most]) {
  if (most === null) return `at least ${number(least)}`;
  return least === most ? number(least) : `${number(least)}–${number(most)}`;
}

/** `n incident(s)`. */
export const incidents = (n) => `${number(n)} ${n === 1 ? "incident" : "incidents"}`;

/** A code as words: its last part that says something. */
export function words(code) {
  const parts = code.split(".");
  const last = parts.at(-1);
  if (last === "undetermined" && parts.length > 1) return `${words(parts.slice(0, -1).join("."))}, type unknown`;
  return SPECIAL[last] ?? last.replaceAll("_", " ");
}

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const formats = new Map();

function format(zone, options) {
  const key = `${zone}|${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

const DAY = { day: "numeric", month: "short", year: "numeric" };
const MINUTE = { hour: "2-digit", minute: "2-digit" };

/** An instant as local day and time of the agreement's zone. */
export const moment = (iso, zone) => format(zone, { ...DAY, ...MINUTE }).format(new Date(iso));

/** A half-open interval, as short as its precision allows. */
export function interval(start, end, zone) {
  const [from, to] = [new Date(start), new Date(end)];
  const hours = (to - from) / 3_600_000;
  if (hours === 0) return moment(start, zone);
  const day = format(zone, DAY);
  const minute = format(zone, MINUTE);
  const wholeDays = minute.format(from) === "00:00" && minute.format(to) === "00:00";
  const lastDay = day.format(new Date(to - 1));
  if (wholeDays) return day.format(from) === lastDay ? lastDay : `${day.format(from)} – ${lastDay}`;
  if (day.format(from) === lastDay) return `${day.format(from)}, ${minute.format(from)}–${minute.format(to)}`;
  return `${moment(start, zone)} – ${moment(end, zone)}`;
}

/** A slot of the timeline. */
export function slot(isoDay, unit) {
  const options = { day: DAY, week: DAY, month: { month: "short", year: "numeric" }, year: { year: "numeric" } }[unit];
  const text = format("UTC", options).format(new Date(`${isoDay}T00:00:00Z`));
  return unit === "week" ? `week of ${text}` : text;
}

/** The short form for an axis. */
export function tick(isoDay, unit) {
  const options = {
    day: { day: "numeric", month: "short" },
    week: { day: "numeric", month: "short", year: "2-digit" },
    month: { month: "short", year: "2-digit" },
    year: { year: "numeric" },
  }[unit];
  return format("UTC", options).format(new Date(`${isoDay}T00:00:00Z`));
}
