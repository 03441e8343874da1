// @ts-check
/** A heat map of counts by two filters, zeros included: what the briefs say, to whom, and what they do not say. */

import { get } from "./api.js";
import { chart, control, mark, shortened } from "./chart.js";
import { h, s } from "./element.js";
import { chips } from "./facets.js";
import { label, t } from "./i18n.js";
import { pseudonymsAmong, themes, wordFor } from "./names.js";
import { changed, go, to, viewOf } from "./router.js";
import { sharing } from "./sharing.js";

const OVER = /** @type {Record<string, string[]>} */ ({
  recommendations: ["addressee", "source", "article", "beneficiary", "strength", "action", "place", "year"],
  claims: ["source", "about", "article", "kind", "relation", "place", "year"],
});
const CELL = 26;
const LONGEST_ROWS = 60;
const OURS = ["of", "over", "themes", "rows"];

/** @typedef {{value: string, label: string, count: number, link: string | null}} Value */

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const { query } = route;
  const list = query.get("of") === "claims" ? "claims" : "recommendations";
  const over = OVER[list].includes(query.get("over") ?? "") ? String(query.get("over")) : OVER[list][0];
  const filters = new URLSearchParams([...query].filter(([name]) => !OURS.includes(name)));
  const call = new URLSearchParams(filters);
  call.set("by", `theme,${over}`);
  const [stats, known] = await Promise.all([get(`/${list}/stats`, call), themes()]);
  const named = (/** @type {string} */ dimension, /** @type {Value} */ value) => ({ ...value, label: nameIn(dimension, value, known) });
  const all = query.get("themes") === "all";
  const top = new Set(known.filter((theme) => theme.broader === null).map((theme) => theme.id));
  // What stands across has few values with short names; what may be many stands below one another, where names can be read.
  /** @type {Value[]} */
  const across = stats.dimensions[0].values.filter((/** @type {Value} */ value) => all || top.has(value.value)).map((/** @type {Value} */ value) => named("theme", value));
  /** @type {Value[]} */
  let down = stats.dimensions[1].values.map((/** @type {Value} */ value) => named(over, value));
  if (!["year", "place", "strength"].includes(over)) down = down.sort((a, b) => b.count - a.count);
  const omitted = Math.max(0, down.length - (query.get("rows") === "all" ? Infinity : LONGEST_ROWS));
  if (omitted) down = down.slice(0, LONGEST_ROWS);
  const pseudonyms = await pseudonymsAmong(over, down.map(({ value }) => value));
  down = down.map((row) => (pseudonyms.has(row.value) ? { ...row, label: `${row.label} (${t("pseudonym")})` } : row));
  /** @type {Map<string, any>} */
  const cells = new Map(stats.data.map((/** @type {any} */ cell) => [`${cell.values.theme}\n${cell.values[over]}`, cell]));
  const set = (/** @type {string} */ name, /** @type {string | null} */ value) => go(to("matrix", changed(query, name, value)));
  const title = t(`matrix.title.${list}`, { over: t(`noun.${over}`) });
  const empty = down.reduce((sum, row) => sum + across.filter((column) => !cells.get(`${column.value}\n${row.value}`)?.count).length, 0);
  const table = {
    columns: [t(`filter.${over}`), t("total"), ...across.map((value) => value.label)],
    rows: down.map((row) => [row.label, row.count, ...across.map((column) => cells.get(`${column.value}\n${row.value}`)?.count ?? 0)]),
    links: down.map((row) => (row.link ? viewOf(row.link) : null)),
  };
  return {
    title,
    node: h(
      "div",
      {},
      h("h1", {}, title),
      h(
        "p",
        { class: "controls" },
        control("matrix-of", t("matrix.count"), Object.keys(OVER).map((name) => [name, t(`nav.${name}`)]), list, (value) => go(to("matrix", { of: value }))),
        control("matrix-over", t("matrix.down"), OVER[list].map((name) => [name, t(`filter.${name}`)]), over, (value) => set("over", value)),
        control("matrix-themes", t("matrix.across"), [["top", t("matrix.themes.top")], ["all", t("matrix.themes.all")]], all ? "all" : "top", (value) => set("themes", value === "all" ? "all" : null)),
      ),
      await chips("matrix", filters),
      down.length && across.length
        ? chart({
            name: "matrix",
            title,
            svg: drawn(across, down, cells),
            table,
            below: [
              h("p", {}, t("matrix.gaps", { n: empty })),
              stats.dimensions[1].without > 0 && h("p", {}, t("matrix.without", { n: stats.dimensions[1].without, name: t(`noun.${over}`) })),
              h("p", {}, t("matrix.counted", { n: stats.meta.total })),
              omitted > 0 && h("p", {}, t("first.shown", { n: LONGEST_ROWS }), " ", h("a", { href: to("matrix", changed(query, "rows", "all")) }, t("show.all", { n: omitted + LONGEST_ROWS }))),
            ],
          })
        : h("p", { class: "lead" }, t("empty.chart")),
      sharing(`/${list}/stats`, call),
    ),
  };
}

/**
 * @param {string} dimension
 * @param {Value} value
 * @param {import("./names.js").Theme[]} known
 */
function nameIn(dimension, value, known) {
  if (dimension === "theme") {
    const theme = known.find((one) => one.id === value.value);
    return theme ? label(theme) : value.label;
  }
  return wordFor(dimension, value.value) ?? value.label;
}

/**
 * @param {Value[]} across
 * @param {Value[]} down
 * @param {Map<string, any>} cells
 */
function drawn(across, down, cells) {
  const narrow = innerWidth < 640;
  const left = narrow ? 112 : 220;
  const step = Math.max(narrow ? 20 : CELL, Math.min(64, (Math.min(innerWidth, 1150) - left - 90) / (across.length + 1)));
  const longest = Math.max(...across.map((value) => Math.min(value.label.length, 30)));
  // Names above the columns lean over, so that they are read without turning the head.
  const above = 20 + longest * 4.9;
  const right = narrow ? 10 : longest * 3.2;
  const width = left + step * (across.length + 1) + right;
  const height = above + down.length * CELL + 8;
  const most = Math.max(1, ...[...cells.values()].map((cell) => cell.count));
  const heading = (/** @type {string} */ text, /** @type {number} */ at) =>
    s("text", { class: "axis", transform: `translate(${left + step * (at + 0.55)} ${above - 8}) rotate(${narrow ? -75 : -55})` }, shortened(text, 30));
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  svg.append(s("g", { "aria-hidden": "true" }, heading(t("total"), 0), across.map((value, at) => heading(value.label, at + 1))));
  down.forEach((row, y) => {
    const top = above + y * CELL;
    svg.append(s("text", { class: "axis", x: left - 8, y: top + CELL / 2 + 4, "text-anchor": "end", "aria-hidden": "true" }, shortened(row.label, narrow ? 16 : 34)));
    svg.append(cell(`${row.label}: ${row.count}`, row.link && row.count ? viewOf(row.link) : null, left, top, step, row.count, 0));
    across.forEach((column, x) => {
      const found = cells.get(`${column.value}\n${row.value}`);
      const count = found?.count ?? 0;
      const said = t("matrix.cell", { row: row.label, column: column.label, n: count });
      svg.append(cell(said, found?.link ? viewOf(found.link) : null, left + step * (x + 1), top, step, count, count / most));
    });
  });
  return svg;
}

/**
 * @param {string} said
 * @param {string | null} href
 * @param {number} x
 * @param {number} y
 * @param {number} step
 * @param {number} count
 * @param {number} share of the most in any cell, 0 for what is not coloured
 */
function cell(said, href, x, y, step, count, share) {
  // The eye takes area for amount: a root keeps small counts visible beside large ones.
  const depth = share ? 0.14 + 0.86 * Math.sqrt(share) : 0;
  return mark(
    said,
    href,
    s("rect", { x: x + 1, y: y + 1, width: step - 2, height: CELL - 2, rx: 2, class: count ? (share ? "cell" : "cell sum") : "cell empty", "fill-opacity": depth || null }),
    count > 0 && s("text", { x: x + step / 2, y: y + CELL / 2 + 4, "text-anchor": "middle", class: depth > 0.55 ? "on-dark" : "on-light" }, count),
  );
}
