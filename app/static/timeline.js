// @ts-check
/**
 * View of recommendations over time: a row for each theme, a disc for each date, sized by its
 * count.
 */

import { fetchAll, fetchJson } from "./api.js";
import { chartFigure, chartMark } from "./chart.js";
import { element, svgElement } from "./element.js";
import { filterChips } from "./facets.js";
import { formatDate, themeLabel, translate } from "./i18n.js";
import { href, withParameter, withoutParameters } from "./router.js";
import { shareBar } from "./sharing.js";
import { fetchThemes } from "./vocabulary.js";

const ROW_HEIGHT = 62;
const MIN_RADIUS = 5;
const MAX_RADIUS = 19;

/** With more dates than this, discs are per year, since single dates would cover each other. */
const MAX_DATES = 40;

/** @typedef {import("./vocabulary.js").Theme} Theme */
/**
 * @typedef {{theme: Theme, date: string, count: number, articles: string[], address: string}} Disc
 */

/** @param {import("./router.js").Route} route */
export async function render({ query }) {
  const call = withParameter(query, "by", "theme,article");
  const [stats, themes, articles] = await Promise.all([
    fetchJson("/recommendations/stats", call),
    fetchThemes(),
    fetchAll("/articles", { limit: 100, fields: "id,published" }),
  ]);
  /** @type {Map<string, string | null>} */
  const dates = new Map(articles.items.map((article) => [article.id, article.published]));
  const selected = query.get("theme");
  // The rows are the selected theme and its narrower themes, or else the broadest themes.
  const candidates = themes.filter((theme) =>
    selected ? theme.id === selected || theme.broader?.id === selected : theme.broader === null,
  );
  const { discs, undated } = collectDiscs(stats.data, candidates, dates, query);
  const themesShown = candidates.filter((theme) => discs.some((disc) => disc.theme === theme));
  const title = translate("timeline.title");
  const chart = () =>
    chartFigure({
      name: "timeline",
      title,
      svg: timelineSvg(themesShown, discs, yearRange(dates)),
      table: timelineTable(themesShown, discs),
      notes: [
        undated > 0 && element("p", {}, translate("timeline.undated", { count: undated })),
        element("p", {}, translate("matrix.counted", { count: stats.meta.total })),
      ],
    });
  return {
    title,
    node: element(
      "div",
      {},
      element("h1", {}, title),
      element("p", { class: "lead" }, translate("timeline.lead")),
      await filterChips("timeline", query),
      themesShown.length ? chart() : element("p", { class: "lead" }, translate("empty.chart")),
      shareBar("/recommendations/stats", call),
    ),
  };
}

/**
 * Add up the counts by theme and date.
 * @param {{values: Record<string, string>, count: number}[]} cells by theme and article
 * @param {Theme[]} themes
 * @param {Map<string, string | null>} dates by article
 * @param {URLSearchParams} query
 */
function collectDiscs(cells, themes, dates, query) {
  const byYear = new Set([...dates.values()].filter(Boolean)).size > MAX_DATES;
  const selected = query.get("theme");
  const filters = withoutParameters(query, ["theme"]);
  /** @type {Map<string, Disc>} */
  const discs = new Map();
  let undated = 0;
  for (const { values, count } of cells) {
    const theme = themes.find(({ id }) => id === values.theme);
    if (!count || !theme) continue;
    const published = dates.get(values.article);
    if (!published) {
      // A narrower theme is counted with the selected one already.
      if (!selected || theme.id === selected) undated += count;
      continue;
    }
    const date = byYear ? published.slice(0, 4) : published;
    const key = `${theme.id}\n${date}`;
    const total = (discs.get(key)?.count ?? 0) + count;
    const briefs = [...(discs.get(key)?.articles ?? []), values.article];
    const list = new URLSearchParams(filters);
    list.set("theme", theme.id);
    if (byYear) {
      list.set("published_from", date);
      list.set("published_to", date);
    } else {
      // Not by date: a month would also find a brief of one of its days, which has its own disc.
      list.set("article", briefs.join(","));
    }
    const address = href("recommendations", list);
    discs.set(key, { theme, date, count: total, articles: briefs, address });
  }
  const sorted = [...discs.values()].sort((a, b) => a.date.localeCompare(b.date));
  return { discs: sorted, undated };
}

/**
 * Return the first and the last year of the briefs.
 * @param {Map<string, string | null>} dates
 */
function yearRange(dates) {
  const years = [...dates.values()].flatMap((date) => (date ? [Number(date.slice(0, 4))] : []));
  return { first: Math.min(...years), last: Math.max(...years) };
}

/**
 * @param {Theme[]} themes
 * @param {Disc[]} discs
 */
function timelineTable(themes, discs) {
  const sorted = themes.flatMap((theme) => discs.filter((disc) => disc.theme === theme));
  return {
    columns: [translate("filter.theme"), translate("date"), translate("nav.recommendations")],
    rows: sorted.map(({ theme, date, count }) => [themeLabel(theme), date, count]),
    links: sorted.map(({ address }) => address),
  };
}

/**
 * Return the start and the end of a date in years. A month or a year is known only as a period.
 * @param {string} date
 */
function datePeriod(date) {
  const [year, month, day] = date.split("-").map(Number);
  if (!month) return [year, year + 1];
  const start = year + (month - 1) / 12;
  // All months have 31 days here: only the order within a month matters.
  return day ? [start + (day - 1) / 372, start + day / 372] : [start, start + 1 / 12];
}

/**
 * @param {Theme[]} themes
 * @param {Disc[]} discs
 * @param {{first: number, last: number}} years
 */
function timelineSvg(themes, discs, { first, last }) {
  const pageWidth = document.getElementById("main")?.clientWidth ?? 900;
  const width = Math.max(300, Math.min(pageWidth, 1150) - 40);
  const [left, right, top] = [16, 22, 30];
  const height = top + themes.length * ROW_HEIGHT + 10;
  const yearWidth = (width - left - right) / (last + 1 - first);
  const x = (/** @type {number} */ year) => left + (year - first) * yearWidth;
  const maxCount = Math.max(...discs.map((disc) => disc.count));
  const radius = (/** @type {number} */ count) =>
    Math.max(MIN_RADIUS, Math.sqrt(count / maxCount) * MAX_RADIUS);
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  for (let year = first; year <= last + 1; year += 1) {
    const line = { class: "grid", x1: x(year), x2: x(year), y1: top - 6, y2: height };
    svg.append(svgElement("line", line));
    if (year > last) break;
    const label = {
      class: "axis",
      x: x(year + 0.5),
      y: 16,
      "text-anchor": "middle",
      "aria-hidden": "true",
    };
    svg.append(svgElement("text", label, width < 560 ? `’${String(year).slice(2)}` : year));
  }
  themes.forEach((theme, index) => {
    const y = top + index * ROW_HEIGHT + 38;
    const label = { class: "lane", x: left + 2, y: y - 24, "aria-hidden": "true" };
    svg.append(
      svgElement("line", { class: "rule", x1: left, x2: width - right, y1: y, y2: y }),
      svgElement("text", label, themeLabel(theme)),
      ...discs
        .filter((disc) => disc.theme === theme)
        .map((disc) => discMark(disc, datePeriod(disc.date).map(x), y, radius(disc.count))),
    );
  });
  return svg;
}

/**
 * @param {Disc} disc
 * @param {number[]} period where its date starts and ends
 * @param {number} y
 * @param {number} radius
 */
function discMark({ theme, date, count, address }, [start, end], y, radius) {
  const values = { theme: themeLabel(theme), date: formatDate(date), count };
  const x = (start + end) / 2;
  // A small disc has no room for its count.
  const number =
    radius > 8 ? { class: "on-dark", y: y + 4 } : { class: "on-light", y: y - radius - 3 };
  return chartMark(
    translate("timeline.mark", values),
    address,
    svgElement("line", { class: "period", x1: start, x2: end, y1: y + 21, y2: y + 21 }),
    svgElement("circle", { class: "disc", cx: x, cy: y, r: radius }),
    svgElement("text", { ...number, x, "text-anchor": "middle" }, count),
  );
}
