// @ts-check
/** What was recommended when: themes below one another, time across, a disc for each brief's date, as large as its count. */

import { every, get } from "./api.js";
import { chart, mark } from "./chart.js";
import { h, s } from "./element.js";
import { chips } from "./facets.js";
import { date, label, t } from "./i18n.js";
import { themes } from "./names.js";
import { to } from "./router.js";
import { sharing } from "./sharing.js";

const ROW = 62;
/** More dates than this are put together by year: their discs would cover each other. */
const MOST_DATES = 40;

/** @typedef {{theme: string, when: string, count: number, href: string}} Disc */

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const call = new URLSearchParams(route.query);
  call.set("by", "theme,article");
  const [stats, known, { items: articles }] = await Promise.all([get("/recommendations/stats", call), themes(), every("/articles", { limit: 100, fields: "id,published" })]);
  const dates = new Map(articles.map((article) => [article.id, article.published]));
  const byYear = new Set([...dates.values()].filter(Boolean)).size > MOST_DATES;
  // Under a theme, what is narrower than it; else the main themes.
  const asked = route.query.get("theme");
  const inside = known.filter((theme) => (asked ? theme.id === asked || theme.broader?.id === asked : theme.broader === null));
  /** @type {Map<string, Disc>} */
  const discs = new Map();
  let undated = 0;
  for (const { values, count } of stats.data) {
    if (!count || !inside.some((theme) => theme.id === values.theme)) continue;
    const published = dates.get(values.article);
    if (!published) {
      if (!asked || values.theme === asked) undated += count;
      continue;
    }
    const when = byYear ? published.slice(0, 4) : published;
    const key = `${values.theme}\n${when}`;
    const query = new URLSearchParams([...route.query].filter(([name]) => name !== "theme"));
    for (const [name, value] of [["theme", values.theme], ["published_from", when], ["published_to", when]]) query.set(name, value);
    discs.set(key, { theme: values.theme, when, count: (discs.get(key)?.count ?? 0) + count, href: to("recommendations", query) });
  }
  const marks = [...discs.values()].sort((a, b) => a.when.localeCompare(b.when));
  const years = [...dates.values()].filter(Boolean).map((value) => Number(value.slice(0, 4)));
  const rows = inside.filter((theme) => marks.some((one) => one.theme === theme.id));
  const title = t("timeline.title");
  const name = (/** @type {string} */ id) => label(known.find((theme) => theme.id === id) ?? { label: id });
  const table = {
    columns: [t("filter.theme"), t("date"), t("nav.recommendations")],
    rows: rows.flatMap((theme) => marks.filter((one) => one.theme === theme.id).map((one) => [label(theme), one.when, one.count])),
    links: rows.flatMap((theme) => marks.filter((one) => one.theme === theme.id).map((one) => one.href)),
  };
  return {
    title,
    node: h(
      "div",
      {},
      h("h1", {}, title),
      h("p", { class: "lead" }, t("timeline.silent")),
      await chips("timeline", route.query),
      rows.length
        ? chart({ name: "timeline", title, svg: drawn(rows, marks, Math.min(...years), Math.max(...years), name), table, below: [undated > 0 && h("p", {}, t("timeline.undated", { n: undated })), h("p", {}, t("matrix.counted", { n: stats.meta.total }))] })
        : h("p", { class: "lead" }, t("empty.chart")),
      sharing("/recommendations/stats", call),
    ),
  };
}

/**
 * Where a date is, in years, and how long it may have lasted: only a month or a year may be known.
 * @param {string} when
 */
function span(when) {
  const [year, month, day] = when.split("-").map(Number);
  if (!month) return [year, year + 1];
  const start = year + (month - 1) / 12;
  return day ? [start + (day - 1) / 372, start + day / 372] : [start, start + 1 / 12];
}

/**
 * @param {import("./names.js").Theme[]} rows
 * @param {Disc[]} marks
 * @param {number} first
 * @param {number} last
 * @param {(id: string) => string} name
 */
function drawn(rows, marks, first, last, name) {
  const width = Math.max(300, Math.min(document.getElementById("main")?.clientWidth ?? 900, 1150) - 40);
  const [left, right, above] = [16, 22, 30];
  const x = (/** @type {number} */ year) => left + ((year - first) / (last + 1 - first)) * (width - left - right);
  const height = above + rows.length * ROW + 10;
  const most = Math.max(...marks.map((one) => one.count));
  const radius = (/** @type {number} */ count) => Math.max(5, Math.sqrt(count / most) * Math.min(20, ROW / 2 - 12));
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  for (let year = first; year <= last + 1; year += 1) {
    svg.append(s("line", { class: "grid", x1: x(year), x2: x(year), y1: above - 6, y2: height }));
    if (year <= last) svg.append(s("text", { class: "axis", x: x(year + 0.5), y: 16, "text-anchor": "middle", "aria-hidden": "true" }, width < 560 ? `’${String(year).slice(2)}` : year));
  }
  rows.forEach((theme, at) => {
    const middle = above + at * ROW + 38;
    svg.append(s("line", { class: "rule", x1: left, x2: width - right, y1: middle, y2: middle }));
    svg.append(s("text", { class: "lane", x: left + 2, y: middle - 24, "aria-hidden": "true" }, label(theme)));
    for (const one of marks.filter(({ theme: id }) => id === theme.id)) {
      const [from, until] = span(one.when);
      const centre = x((from + until) / 2);
      svg.append(
        mark(
          t("timeline.mark", { theme: name(one.theme), date: date(one.when), n: one.count }),
          one.href,
          s("line", { class: "extent", x1: x(from), x2: x(until), y1: middle + 21, y2: middle + 21 }),
          s("circle", { class: "disc", cx: centre, cy: middle, r: radius(one.count) }),
          radius(one.count) > 8 ? s("text", { class: "on-dark", x: centre, y: middle + 4, "text-anchor": "middle" }, one.count) : s("text", { class: "on-light", x: centre, y: middle - radius(one.count) - 3, "text-anchor": "middle" }, one.count),
        ),
      );
    }
  });
  return svg;
}
