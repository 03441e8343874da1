// @ts-check
/**
 * What all charts share: marks that show their exact value when pointed at or focused, arrow keys
 * that move between marks, a table with the same numbers, and both as downloads.
 *
 * @typedef {{
 *   columns: string[], rows: (string | number)[][], links?: (string | null)[]
 * }} Table `links` has one address for each row
 */

import { element, svgElement } from "./element.js";
import { translate } from "./i18n.js";

/**
 * Create a mark of a chart, as a link if there is something to open.
 * @param {string} label says what the mark stands for, with its exact value
 * @param {string | null} address
 * @param {...(Node | false | null)} shapes
 */
export function chartMark(label, address, ...shapes) {
  return svgElement(
    "a",
    {
      class: "point",
      href: address,
      role: address ? null : "img",
      tabindex: -1,
      "aria-label": label,
      "data-label": label,
    },
    shapes,
  );
}

/**
 * Create a chart with its readout, downloads and table.
 * @param {object} parts
 * @param {string} parts.name of the class and of the files
 * @param {string} parts.title
 * @param {SVGSVGElement} parts.svg
 * @param {Table} parts.table
 * @param {import("./element.js").Child[]} [parts.notes] below the picture
 */
export function chartFigure({ name, title, svg, table, notes = [] }) {
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", title);
  svg.classList.add("chart");
  enableArrowKeys(svg);
  const saveSvg = () => saveFile(`${name}.svg`, "image/svg+xml", standaloneSvg(svg));
  const saveTable = () => saveFile(`${name}.csv`, "text/csv", tableCsv(table));
  const tableRegion = { class: "scrolling", tabindex: 0, role: "region", "aria-label": title };
  return element(
    "figure",
    { class: `figure ${name}` },
    element("div", { class: "scrolling" }, svg),
    readout(svg),
    element("figcaption", {}, notes),
    element(
      "p",
      { class: "tools" },
      element("button", { type: "button", on: { click: saveSvg } }, translate("chart.svg")),
      " ",
      element("button", { type: "button", on: { click: saveTable } }, translate("chart.table")),
    ),
    element(
      "details",
      { class: "as-table" },
      element("summary", {}, translate("chart.as.table")),
      element("div", tableRegion, htmlTable(table, title)),
    ),
  );
}

/**
 * Create the line that shows the label of the mark that is pointed at or focused.
 * @param {SVGSVGElement} svg
 */
function readout(svg) {
  const line = element("p", { class: "readout", "aria-live": "polite" }, translate("chart.hint"));
  for (const type of ["pointerover", "focusin"]) {
    svg.addEventListener(type, (event) => {
      const point = markAt(event);
      if (point) line.textContent = point.dataset.label ?? "";
    });
  }
  return line;
}

/**
 * Return the mark that an event happened at.
 * @param {Event} event
 */
export function markAt(event) {
  const point = event.target instanceof Element ? event.target.closest(".point") : null;
  return point instanceof SVGElement ? point : null;
}

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/**
 * Make the chart a single tab stop where arrow keys move to the nearest mark in their direction.
 * A chart can have hundreds of marks, too many tab stops.
 * @param {SVGSVGElement} svg
 */
function enableArrowKeys(svg) {
  const points = () => /** @type {SVGElement[]} */ ([...svg.querySelectorAll(".point")]);
  points()[0]?.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const direction = DIRECTIONS[event.key];
    const from = markAt(event);
    if (!direction || !from) return;
    event.preventDefault();
    nearestMark(from, points(), direction)?.focus();
  });
  svg.addEventListener("focusin", (event) => {
    for (const point of points()) {
      point.setAttribute("tabindex", point === event.target ? "0" : "-1");
    }
  });
}

/** A mark must be this many pixels further in the direction of the key. */
const MIN_STEP = 0.5;

/** Weight of the distance across the direction of the key, so that keys follow rows and columns. */
const ACROSS_WEIGHT = 3;

/**
 * @param {SVGElement} from
 * @param {SVGElement[]} points
 * @param {[number, number]} direction
 */
function nearestMark(from, points, [dx, dy]) {
  const [x, y] = centreOf(from);
  let nearest = null;
  let shortest = Infinity;
  for (const point of points) {
    const [px, py] = centreOf(point);
    const along = (px - x) * dx + (py - y) * dy;
    if (point === from || along <= MIN_STEP) continue;
    const across = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
    const distance = along + ACROSS_WEIGHT * across;
    if (distance < shortest) [nearest, shortest] = [point, distance];
  }
  return nearest;
}

/** @param {Element} node */
function centreOf(node) {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}

/** Style properties that a downloaded picture needs. */
const SVG_PROPERTIES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
];

/**
 * Serialize a picture as a file of its own: the computed styles become attributes, on a background
 * in the colour of the page.
 * @param {SVGSVGElement} svg
 */
function standaloneSvg(svg) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const copies = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((original, index) => {
    const target = copies[index];
    const style = getComputedStyle(original);
    for (const name of SVG_PROPERTIES) {
      const value = style.getPropertyValue(name);
      if (value && value !== "normal") target.setAttribute(name, value);
    }
    for (const name of ["class", "tabindex", "data-label"]) target.removeAttribute(name);
    const address = target.getAttribute("href");
    // Links must also work outside this page.
    if (address) target.setAttribute("href", new URL(address, location.href).href);
  });
  const { x, y, width, height } = svg.viewBox.baseVal;
  const fill = getComputedStyle(document.body).backgroundColor;
  copy.prepend(svgElement("rect", { x, y, width, height, fill }));
  copy.removeAttribute("class");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return new XMLSerializer().serializeToString(copy);
}

/** Spreadsheets run a cell that begins like this as a formula. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|[\t\r]/;

/**
 * Write a table as CSV like the API does: with a byte order mark for Excel, and with an apostrophe
 * before text that a spreadsheet would run as a formula.
 * @param {Table} table
 */
function tableCsv({ columns, rows }) {
  const cell = (/** @type {string | number} */ value) => {
    const isFormula = typeof value === "string" && FORMULA.test(value);
    const text = isFormula ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`);
  return `\uFEFF${lines.join("")}`;
}

/**
 * @param {Table} table
 * @param {string} caption
 */
function htmlTable({ columns, rows, links = [] }, caption) {
  const head = columns.map((name, column) => {
    const isNumber = typeof rows[0]?.[column] === "number";
    return element("th", { scope: "col", class: isNumber ? "number" : null }, name);
  });
  const body = rows.map(([name, ...values], index) => {
    const address = links[index];
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, address ? element("a", { href: address }, name) : name),
      values.map((value) =>
        element("td", { class: typeof value === "number" ? "number" : null }, String(value)),
      ),
    );
  });
  return element(
    "table",
    { class: "figures" },
    element("caption", { class: "visually-hidden" }, caption),
    element("thead", {}, element("tr", {}, head)),
    element("tbody", {}, body),
  );
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} content
 */
function saveFile(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a"); // element() does not accept blob: addresses
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/**
 * Create a menu above a chart.
 * @param {object} parts
 * @param {string} parts.id
 * @param {string} parts.label
 * @param {[string, string][]} parts.options value and label
 * @param {string} parts.selected
 * @param {(value: string) => void} parts.onChange
 */
export function selectControl({ id, label, options, selected, onChange }) {
  const select = element(
    "select",
    { id },
    options.map(([value, name]) =>
      element("option", { value, selected: value === selected }, name),
    ),
  );
  select.addEventListener("change", () => onChange(select.value));
  return element("span", { class: "control" }, element("label", { for: id }, label), " ", select);
}

/**
 * Shorten a text to what a label has room for.
 * @param {string} text
 * @param {number} maxLength
 */
export function truncate(text, maxLength) {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).trimEnd()}…`;
}
