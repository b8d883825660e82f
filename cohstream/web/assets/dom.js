// Building elements. Text is always set as text, never parsed.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; a child may be text, an element, or null. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** The mark of a verdict: a coloured shape. */
export const mark = (verdict) => h("span", { class: "mark", "data-verdict": verdict, "aria-hidden": "true" });

/** A verdict in words with its mark. */
export const chip = (verdict, label) => h("span", { class: "chip" }, mark(verdict), label);

/** A colour of the page's palette, as it is now (light or dark). */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Options of a select, keeping the choice if it is still there. */
export function setOptions(select, options, chosen = select.value) {
  const now = JSON.stringify(options);
  if (select.dataset.options !== now) {
    select.replaceChildren(...options.map(([value, label]) => h("option", { value }, label)));
    select.dataset.options = now;
  }
  select.value = options.some(([value]) => value === chosen) ? chosen : options[0]?.[0] ?? "";
}

/** Put `rows` into `parent` in this order without moving those that stand right, so that focus stays. */
export function arrange(parent, rows) {
  const wanted = new Set(rows);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  rows.forEach((row, at) => {
    if (parent.children[at] !== row) parent.insertBefore(row, parent.children[at] ?? null);
  });
}
