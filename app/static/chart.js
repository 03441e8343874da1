// @ts-check
/**
 * What every picture has: marks that say their exact value when pointed at or focused, arrow keys from mark to mark, the same
 * numbers as a table, and both to take away.
 *
 * @typedef {{columns: string[], rows: (string | number)[][], links?: (string | null)[]}} Table `links` has one for each row
 */

import { h, s } from "./element.js";
import { t } from "./i18n.js";

/**
 * A mark: a link, where there is something to open, that says what it stands for.
 * @param {string} said
 * @param {string | null} href
 * @param {...(Node | false | null)} shapes
 */
export function mark(said, href, ...shapes) {
  return s("a", { class: "point", href, role: href ? null : "img", tabindex: -1, "aria-label": said, "data-said": said }, shapes);
}

/**
 * A picture with everything round it.
 * @param {{name: string, title: string, svg: SVGSVGElement, table: Table, below?: import("./element.js").Child[]}} what
 */
export function chart({ name, title, svg, table, below = [] }) {
  const said = h("p", { class: "readout", "aria-live": "polite" }, t("chart.hint"));
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", title);
  svg.classList.add("chart");
  for (const kind of ["pointerover", "focusin"]) {
    svg.addEventListener(kind, (event) => {
      const point = event.target instanceof Element ? event.target.closest(".point") : null;
      if (point instanceof SVGElement) said.textContent = point.dataset.said ?? "";
    });
  }
  stepping(svg);
  const svgButton = h("button", { type: "button", on: { click: () => save(`${name}.svg`, "image/svg+xml", standalone(svg)) } }, t("chart.svg"));
  const tableButton = h("button", { type: "button", on: { click: () => save(`${name}.csv`, "text/csv", csv(table)) } }, t("chart.table"));
  return h(
    "figure",
    { class: `figure ${name}` },
    h("div", { class: "scrolling" }, svg),
    said,
    h("figcaption", {}, below),
    h("p", { class: "tools" }, svgButton, " ", tableButton),
    h("details", { class: "as-table" }, h("summary", {}, t("chart.as.table")), h("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": title }, tabular(table, title))),
  );
}

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/**
 * One stop for the tab key; arrows go to the nearest mark in their direction, so that nobody tabs through hundreds.
 * @param {SVGSVGElement} svg
 */
function stepping(svg) {
  const points = () => /** @type {SVGElement[]} */ ([...svg.querySelectorAll(".point")]);
  points()[0]?.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const direction = DIRECTIONS[event.key];
    const from = event.target instanceof Element ? event.target.closest(".point") : null;
    if (!direction || !from) return;
    event.preventDefault();
    const next = nearest(from, points(), direction);
    if (next) next.focus();
  });
  svg.addEventListener("focusin", (event) => {
    for (const point of points()) point.setAttribute("tabindex", point === event.target ? "0" : "-1");
  });
}

/**
 * @param {Element} from
 * @param {SVGElement[]} points
 * @param {[number, number]} direction
 */
function nearest(from, points, [dx, dy]) {
  const middle = (/** @type {Element} */ element) => {
    const box = element.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const point of points) {
    const [px, py] = middle(point);
    const along = (px - x) * dx + (py - y) * dy;
    const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
    if (point === from || along <= 0.5) continue;
    const distance = along + 3 * aside;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-family", "font-size", "font-weight", "font-style", "text-anchor"];

/**
 * The picture as a file of its own: what the style sheets say is written into it, on a ground of the page's colour.
 * @param {SVGSVGElement} svg
 */
function standalone(svg) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [drawn, copied] = [svg, copy].map((one) => [...one.querySelectorAll("*")]);
  drawn.forEach((element, at) => {
    const style = getComputedStyle(element);
    for (const name of KEPT) {
      const value = style.getPropertyValue(name);
      if (value && !["normal", "none 0px"].includes(value)) copied[at].setAttribute(name, value);
    }
    for (const name of ["class", "tabindex", "data-said"]) copied[at].removeAttribute(name);
    const href = copied[at].getAttribute("href");
    if (href) copied[at].setAttribute("href", new URL(href, location.href).href);
  });
  const { width, height } = svg.viewBox.baseVal;
  const ground = getComputedStyle(document.body).backgroundColor;
  copy.prepend(s("rect", { x: svg.viewBox.baseVal.x, y: svg.viewBox.baseVal.y, width, height, fill: ground }));
  copy.removeAttribute("class");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(copy);
}

/**
 * The table as CSV, as the API writes it: a byte order mark for Excel, and no cell that a spreadsheet would run.
 * @param {Table} table
 */
function csv({ columns, rows }) {
  const cell = (/** @type {string | number} */ value) => {
    const text = typeof value === "string" && /^\s*[=+\-@＝＋－＠]|[\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\uFEFF${[columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

/**
 * @param {Table} table
 * @param {string} caption
 */
function tabular({ columns, rows, links = [] }, caption) {
  const body = rows.map((row, at) =>
    h("tr", {}, row.map((value, column) => (column === 0 ? h("th", { scope: "row" }, links[at] ? h("a", { href: links[at] }, value) : value) : h("td", { class: typeof value === "number" ? "number" : null }, String(value))))),
  );
  const head = columns.map((name, column) => h("th", { scope: "col", class: typeof rows[0]?.[column] === "number" ? "number" : null }, name));
  return h("table", { class: "figures" }, h("caption", { class: "unseen" }, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, body));
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} content
 */
function save(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a"); // not by h(), which knows no address but those of pages
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/**
 * A choice above a picture.
 * @param {string} id
 * @param {string} said
 * @param {[string, string][]} options value and label
 * @param {string} chosen
 * @param {(value: string) => void} change
 */
export function control(id, said, options, chosen, change) {
  const select = h("select", { id }, options.map(([value, name]) => h("option", { value, selected: value === chosen }, name)));
  select.addEventListener("change", () => change(select.value));
  return h("span", { class: "control" }, h("label", { for: id }, said), " ", select);
}

/**
 * A text cut to what a label has room for.
 * @param {string} text
 * @param {number} most characters
 */
export function shortened(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
