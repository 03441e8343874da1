// @ts-check
/**
 * View of counts by theme and another filter, as a heat map. Zeros are included: they show what the
 * briefs do not say.
 */

import { fetchJson } from "./api.js";
import { chartFigure, chartMark, selectControl, truncate } from "./chart.js";
import { element, svgElement } from "./element.js";
import { filterChips } from "./facets.js";
import { themeLabel, translate } from "./i18n.js";
import { href, navigate, viewHref, withParameter, withoutParameters } from "./router.js";
import { shareBar } from "./sharing.js";
import { fetchThemes, filterValueLabel, findPseudonyms } from "./vocabulary.js";

/** The filters that rows can have. @type {Record<string, string[]>} */
const ROW_FILTERS = {
  recommendations: [
    "addressee",
    "source",
    "article",
    "beneficiary",
    "strength",
    "action",
    "place",
    "year",
  ],
  claims: ["source", "about", "article", "kind", "relation", "place", "year"],
};

/** Rows of these filters keep the order of the API. Others are sorted by count. */
const ORDERED_FILTERS = ["year", "place", "strength"];

/** Parameters of this view. All others are filters of the API. */
const VIEW_PARAMETERS = ["of", "over", "themes", "rows"];

const MAX_ROWS = 60;
const CELL_SIZE = 26;
const MAX_CELL_WIDTH = 64;
const MAX_COLUMN_LABEL = 30;

/** Mean width of a character in a label, in pixels. */
const LABEL_CHARACTER_WIDTH = 6.4;

/** @typedef {{value: string, label: string, count: number, link: string | null}} Value */
/** @typedef {{values: Record<string, string>, count: number, link: string | null}} Cell */
/** @typedef {(column: Value, row: Value) => Cell | undefined} CellOf */
/** @typedef {import("./vocabulary.js").Theme} Theme */

/** @param {import("./router.js").Route} route */
export async function render({ query }) {
  const collection = query.get("of") === "claims" ? "claims" : "recommendations";
  const [defaultFilter] = ROW_FILTERS[collection];
  const requested = query.get("over") ?? "";
  const rowFilter = ROW_FILTERS[collection].includes(requested) ? requested : defaultFilter;
  const filters = withoutParameters(query, VIEW_PARAMETERS);
  const call = withParameter(filters, "by", `theme,${rowFilter}`);
  const [stats, themes] = await Promise.all([
    fetchJson(`/${collection}/stats`, call),
    fetchThemes(),
  ]);
  const [themeDimension, rowDimension] = stats.dimensions;
  // Themes are few and have short names. What may be many stands in rows, where long names fit.
  const columns = themeColumns(themeDimension.values, themes, query.get("themes") === "all");
  const allRows = sortedRows(rowDimension.values, rowFilter);
  const max = query.get("rows") === "all" ? Infinity : MAX_ROWS;
  const rows = await markedRows(allRows.slice(0, max), rowFilter);
  /** @type {Map<string, Cell>} */
  const cells = new Map(
    stats.data.map((/** @type {Cell} */ cell) => [
      `${cell.values.theme}\n${cell.values[rowFilter]}`,
      cell,
    ]),
  );
  /** @type {CellOf} */
  const cellOf = (column, row) => cells.get(`${column.value}\n${row.value}`);
  const maxCount = Math.max(1, ...stats.data.map((/** @type {Cell} */ cell) => cell.count));
  const title = translate(`matrix.title.${collection}`, { over: translate(`noun.${rowFilter}`) });
  const chart = () =>
    chartFigure({
      name: "matrix",
      title,
      svg: matrixSvg(columns, rows, cellOf, maxCount),
      table: matrixTable(columns, rows, cellOf, rowFilter),
      notes: [
        emptyCellsNote(columns, rows, cellOf),
        withoutValueNote(rowDimension.without, rowFilter),
        element("p", {}, translate("matrix.counted", { count: stats.meta.total })),
        rows.length < allRows.length && moreRowsNote(query, rows.length, allRows.length),
      ],
    });
  return {
    title,
    node: element(
      "div",
      {},
      element("h1", {}, title),
      controls(query, collection, rowFilter),
      await filterChips("matrix", filters),
      rows.length && columns.length
        ? chart()
        : element("p", { class: "lead" }, translate("empty.chart")),
      shareBar(`/${collection}/stats`, call),
    ),
  };
}

/**
 * @param {URLSearchParams} query
 * @param {string} collection
 * @param {string} rowFilter
 */
function controls(query, collection, rowFilter) {
  const change = (/** @type {string} */ name, /** @type {string | null} */ value) =>
    navigate(href("matrix", withParameter(query, name, value)));
  return element(
    "p",
    { class: "controls" },
    selectControl({
      id: "matrix-of",
      label: translate("matrix.count"),
      options: Object.keys(ROW_FILTERS).map((name) => [name, translate(`nav.${name}`)]),
      selected: collection,
      // The two collections have different filters, so the others are dropped.
      onChange: (value) => navigate(href("matrix", { of: value })),
    }),
    selectControl({
      id: "matrix-over",
      label: translate("matrix.rows"),
      options: ROW_FILTERS[collection].map((name) => [name, translate(`filter.${name}`)]),
      selected: rowFilter,
      onChange: (value) => change("over", value),
    }),
    selectControl({
      id: "matrix-themes",
      label: translate("matrix.columns"),
      options: [
        ["top", translate("matrix.themes.top")],
        ["all", translate("matrix.themes.all")],
      ],
      selected: query.get("themes") === "all" ? "all" : "top",
      onChange: (value) => change("themes", value === "all" ? "all" : null),
    }),
  );
}

/**
 * @param {Value[]} values
 * @param {Theme[]} themes
 * @param {boolean} all themes, not only the broadest
 */
function themeColumns(values, themes, all) {
  const byId = new Map(themes.map((theme) => [theme.id, theme]));
  return values
    .filter(({ value }) => all || byId.get(value)?.broader === null)
    .map((value) => ({ ...value, label: themeLabel(byId.get(value.value) ?? value) }));
}

/**
 * @param {Value[]} values
 * @param {string} filter
 */
function sortedRows(values, filter) {
  const rows = values.map((value) => ({
    ...value,
    label: filterValueLabel(filter, value.value) ?? value.label,
  }));
  return ORDERED_FILTERS.includes(filter) ? rows : rows.sort((a, b) => b.count - a.count);
}

/**
 * Mark the pseudonyms among the labels of rows.
 * @param {Value[]} rows
 * @param {string} filter
 */
async function markedRows(rows, filter) {
  const ids = rows.map(({ value }) => value);
  const pseudonyms = await findPseudonyms(filter, ids);
  return rows.map((row) => {
    if (!pseudonyms.has(row.value)) return row;
    return { ...row, label: `${row.label} (${translate("pseudonym")})` };
  });
}

/**
 * @param {Value[]} columns
 * @param {Value[]} rows
 * @param {CellOf} cellOf
 * @param {string} rowFilter
 */
function matrixTable(columns, rows, cellOf, rowFilter) {
  const labels = columns.map(({ label }) => label);
  return {
    columns: [translate(`filter.${rowFilter}`), translate("total"), ...labels],
    rows: rows.map((row) => [
      row.label,
      row.count,
      ...columns.map((column) => cellOf(column, row)?.count ?? 0),
    ]),
    links: rows.map((row) => (row.link ? viewHref(row.link) : null)),
  };
}

/**
 * @param {Value[]} columns
 * @param {Value[]} rows
 * @param {CellOf} cellOf
 */
function emptyCellsNote(columns, rows, cellOf) {
  const cells = rows.flatMap((row) => columns.map((column) => cellOf(column, row)));
  const count = cells.filter((cell) => !cell?.count).length;
  return element("p", {}, translate("matrix.gaps", { count }));
}

/**
 * @param {number} count of the items without a value
 * @param {string} rowFilter
 */
function withoutValueNote(count, rowFilter) {
  if (!count) return null;
  const name = translate(`noun.${rowFilter}`);
  return element("p", {}, translate("matrix.without", { count, name }));
}

/**
 * @param {URLSearchParams} query
 * @param {number} shown
 * @param {number} total
 */
function moreRowsNote(query, shown, total) {
  const link = { href: href("matrix", withParameter(query, "rows", "all")) };
  return element(
    "p",
    {},
    translate("first.shown", { count: shown }),
    " ",
    element("a", link, translate("show.all", { count: total })),
  );
}

/**
 * @param {Value[]} columns
 * @param {Value[]} rows
 * @param {CellOf} cellOf
 * @param {number} maxCount
 */
function matrixSvg(columns, rows, cellOf, maxCount) {
  const narrow = innerWidth < 640;
  const left = narrow ? 118 : 220;
  const room = Math.min(innerWidth, 1150) - left - 90;
  const minWidth = narrow ? 20 : CELL_SIZE;
  const cellWidth = Math.max(minWidth, Math.min(MAX_CELL_WIDTH, room / (columns.length + 1)));
  // The labels of columns are slanted, so that they can be read without turning the head.
  const slope = narrow ? 75 : 55;
  const radians = (slope * Math.PI) / 180;
  const lengths = columns.map(({ label }) => Math.min(label.length, MAX_COLUMN_LABEL));
  const longest = Math.max(...lengths) * LABEL_CHARACTER_WIDTH;
  const top = 20 + longest * Math.sin(radians);
  const right = longest * Math.cos(radians);
  const width = left + cellWidth * (columns.length + 1) + right;
  const height = top + rows.length * CELL_SIZE + 8;
  const heading = (/** @type {string} */ label, /** @type {number} */ column) => {
    const place = `translate(${left + cellWidth * (column + 0.55)} ${top - 8})`;
    const transform = `${place} rotate(${-slope})`;
    return svgElement("text", { class: "axis", transform }, truncate(label, MAX_COLUMN_LABEL));
  };
  const headings = [translate("total"), ...columns.map(({ label }) => label)].map(heading);
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  svg.append(svgElement("g", { "aria-hidden": "true" }, headings));
  rows.forEach((row, index) => {
    const y = top + index * CELL_SIZE;
    const label = {
      class: "axis",
      x: left - 8,
      y: y + CELL_SIZE / 2 + 4,
      "text-anchor": "end",
      "aria-hidden": "true",
    };
    const box = { x: left, y, width: cellWidth };
    svg.append(
      svgElement("text", label, truncate(row.label, narrow ? 15 : 34)),
      cellMark(`${row.label}: ${row.count}`, row.count, row.count ? row.link : null, box, 0),
      ...columns.map((column, position) => {
        const { count, link } = cellOf(column, row) ?? { count: 0, link: null };
        const values = { row: row.label, column: column.label, count };
        const cellBox = { ...box, x: left + cellWidth * (position + 1) };
        return cellMark(translate("matrix.cell", values), count, link, cellBox, count / maxCount);
      }),
    );
  });
  return svg;
}

/**
 * @param {string} label
 * @param {number} count
 * @param {string | null} link
 * @param {{x: number, y: number, width: number}} box
 * @param {number} share of the largest count; 0 for totals, which have no colour
 */
function cellMark(label, count, link, { x, y, width }, share) {
  // The square root keeps small counts visible beside large ones.
  const opacity = share ? 0.14 + 0.86 * Math.sqrt(share) : 0;
  const kind = !count ? "empty" : share ? "" : "total";
  const middle = { x: x + width / 2, y: y + CELL_SIZE / 2 + 4, "text-anchor": "middle" };
  return chartMark(
    label,
    link ? viewHref(link) : null,
    svgElement("rect", {
      x: x + 1,
      y: y + 1,
      width: width - 2,
      height: CELL_SIZE - 2,
      rx: 2,
      class: `cell ${kind}`.trim(),
      "fill-opacity": opacity || null,
    }),
    count > 0 &&
      svgElement("text", { ...middle, class: opacity > 0.55 ? "on-dark" : "on-light" }, count),
  );
}
