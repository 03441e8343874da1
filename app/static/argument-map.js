// @ts-check
/** Do the briefs agree? Claims and recommendations as a graph, and the same links as sentences. */

import { every } from "./api.js";
import { TYPES, articleOf, busiest, graphOf, kept } from "./argument-graph.js";
import { chart, control, mark, shortened } from "./chart.js";
import { h, s } from "./element.js";
import { chips } from "./facets.js";
import { layout } from "./force.js";
import { date, label, t } from "./i18n.js";
import { themes } from "./names.js";
import { annotationLink, listOf } from "./references.js";
import { changed, go, to } from "./router.js";
import { sharing } from "./sharing.js";

/** @typedef {import("./argument-graph.js").Graph} Graph */
/** @typedef {import("./argument-graph.js").Edge} Edge */

const MOST = 200;
const SIZE = 12;
const OURS = ["links"];
/** More links of one kind than this are listed when they are asked for. */
const OPENED = 15;

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const filters = new URLSearchParams([...route.query].filter(([name]) => !OURS.includes(name)));
  const asked = (/** @type {string} */ fields) => new URLSearchParams([...filters, ["fields", fields], ["limit", "100"]]);
  const [claims, recommendations, articles, known] = await Promise.all([
    every("/claims", asked("id,statement,relations"), 5000),
    every("/recommendations", asked("id,statement,based_on"), 5000),
    every("/articles", { limit: 100, fields: "id,title,published" }),
    themes(),
  ]);
  /** @type {Map<string, any>} */
  const briefs = new Map(articles.items.map((article) => [article.id, article]));
  const whole = graphOf(claims.items, recommendations.items);
  const theme = known.find(({ id }) => id === filters.get("theme"));
  const links = route.query.get("links") ?? (theme ? "all" : "between");
  const wanted = kept(whole, (edge) => links === "all" || (links === "between" ? edge.between : edge.type === links));
  const graph = busiest(wanted, MOST);
  const between = (/** @type {string} */ type) => whole.edges.filter((edge) => edge.between && edge.type === type).length;
  const title = theme ? t("arguments.on", { theme: label(theme) }) : t("arguments.title");
  const set = (/** @type {string} */ name, /** @type {string | null} */ value) => go(to("arguments", changed(route.query, name, value)));
  const statements = new Map(whole.nodes.map((node) => [node.id, node.statement]));
  return {
    title,
    node: h(
      "div",
      {},
      h("h1", {}, title),
      h("p", { class: "lead" }, t("arguments.lead")),
      h("ul", { class: "verdict" }, ["supports", "qualifies", "contradicts"].map((type) => h("li", { class: type }, h("b", {}, String(between(type))), " ", t(`arguments.n.${type}`, { n: between(type) })))),
      h(
        "p",
        { class: "controls" },
        control("arguments-theme", t("filter.theme"), [["", t("arguments.within.theme")], ...known.map((one) => /** @type {[string, string]} */ ([one.id, (one.broader ? "\u2003" : "") + label(one)]))], theme?.id ?? "", (value) => set("theme", value)),
        control("arguments-links", t("arguments.shown"), [["all", t("arguments.all")], ["between", t("arguments.between")], ...TYPES.map((type) => /** @type {[string, string]} */ ([type, t(`arguments.${type}`)]))], links, (value) => set("links", value)),
      ),
      await chips("arguments", new URLSearchParams([...filters].filter(([name]) => name !== "theme"))),
      wanted.nodes.length > MOST && h("p", { class: "none" }, t("arguments.many", { n: wanted.nodes.length, shown: graph.nodes.length })),
      key(),
      graph.nodes.length
        ? chart({
            name: "arguments",
            title,
            svg: drawn(graph, briefs),
            table: {
              columns: [t("arguments.one"), t("arguments.link"), t("arguments.other"), t("arguments.why")],
              rows: wanted.edges.map((edge) => [statements.get(edge.from) ?? edge.from, t(`arguments.${edge.type}`), statements.get(edge.to) ?? edge.to, edge.note ?? ""]),
              links: wanted.edges.map((edge) => to(`${listOf(edge.from)}/${edge.from}`)),
            },
          })
        : h("p", { class: "lead" }, t("empty.chart")),
      sentences(whole, statements, briefs),
      sharing("/claims", new URLSearchParams([...filters, ["relation", "supports,qualifies,contradicts"]])),
    ),
  };
}

/** What shapes and lines mean. */
function key() {
  const line = (/** @type {string} */ type) => s("svg", { width: 34, height: 16, class: "chart", "aria-hidden": "true" }, s("path", { class: `edge ${type}`, d: "M2 8H24" }), s("path", { class: `head ${type}`, d: "M24 3.5L32 8L24 12.5Z" }));
  return h(
    "p",
    { class: "key" },
    h("span", {}, s("svg", { width: 18, height: 18, class: "chart", "aria-hidden": "true" }, s("circle", { class: "node claims", cx: 9, cy: 9, r: 7 })), t("type.claim")),
    h("span", {}, s("svg", { width: 18, height: 18, class: "chart", "aria-hidden": "true" }, s("rect", { class: "node recommendations", x: 2, y: 2, width: 14, height: 14 })), t("type.recommendation")),
    TYPES.map((type) => h("span", {}, line(type), t(`arguments.${type}`))),
  );
}

/**
 * @param {Graph} graph
 * @param {Map<string, any>} briefs
 */
function drawn(graph, briefs) {
  const { placed, clusters, width, height } = layout(graph.nodes, graph.edges, Math.min(Math.max(innerWidth - 60, 700), 1180));
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  const title = (/** @type {string} */ id) => briefs.get(id)?.title ?? id;
  svg.append(
    s(
      "g",
      { "aria-hidden": "true" },
      clusters.map((cluster) => s("circle", { class: "hull", cx: cluster.x, cy: cluster.y, r: cluster.radius })),
      graph.edges.flatMap((edge) => line(edge, placed)),
    ),
  );
  for (const node of graph.nodes) {
    const { x, y } = /** @type {import("./force.js").Placed} */ (placed.get(node.id));
    const list = listOf(node.id);
    const number = node.id.slice(node.id.lastIndexOf(".") + 1);
    const said = t("arguments.node", { type: t(`type.${list.slice(0, -1)}`), number, article: title(node.group), statement: node.statement, n: node.degree });
    const shape = list === "claims" ? s("circle", { class: "node claims", cx: x, cy: y, r: SIZE }) : s("rect", { class: "node recommendations", x: x - SIZE, y: y - SIZE, width: 2 * SIZE, height: 2 * SIZE, rx: 2 });
    const point = mark(said, to(`${list}/${node.id}`), shape, s("text", { class: `node-name ${list}`, x, y: y + 3.5 }, number));
    point.dataset.id = node.id;
    svg.append(point);
  }
  svg.append(s("g", { "aria-hidden": "true" }, clusters.map((cluster) => s("text", { class: "brief", x: cluster.x, y: cluster.y - cluster.radius - 8 }, shortened(title(cluster.group), Math.round(cluster.radius / 3.4))))));
  nearby(svg, graph);
  return svg;
}

/**
 * @param {Edge} edge
 * @param {Map<string, import("./force.js").Placed>} placed
 */
function line(edge, placed) {
  const from = /** @type {import("./force.js").Placed} */ (placed.get(edge.from));
  const until = /** @type {import("./force.js").Placed} */ (placed.get(edge.to));
  const distance = Math.hypot(until.x - from.x, until.y - from.y) || 1;
  const [ux, uy] = [(until.x - from.x) / distance, (until.y - from.y) / distance];
  const [sx, sy] = [from.x + ux * SIZE, from.y + uy * SIZE];
  const [ex, ey] = [until.x - ux * (SIZE + 8), until.y - uy * (SIZE + 8)];
  const [tx, ty] = [until.x - ux * (SIZE + 1), until.y - uy * (SIZE + 1)];
  const classes = `${edge.type}${edge.between ? " between" : ""}`;
  const ends = { "data-from": edge.from, "data-to": edge.to };
  return [
    s("path", { class: `edge ${classes}`, d: `M${sx.toFixed(1)} ${sy.toFixed(1)}L${ex.toFixed(1)} ${ey.toFixed(1)}`, ...ends }),
    s("path", { class: `head ${classes}`, d: `M${(ex - uy * 4).toFixed(1)} ${(ey + ux * 4).toFixed(1)}L${tx.toFixed(1)} ${ty.toFixed(1)}L${(ex + uy * 4).toFixed(1)} ${(ey - ux * 4).toFixed(1)}Z`, ...ends }),
  ];
}

/**
 * Pointing at a statement dims what has nothing to do with it.
 * @param {SVGSVGElement} svg
 * @param {Graph} graph
 */
function nearby(svg, graph) {
  const show = (/** @type {Event} */ event) => {
    const point = event.target instanceof Element ? event.target.closest(".point") : null;
    const id = point instanceof SVGElement ? point.dataset.id : undefined;
    svg.classList.toggle("focused", id !== undefined);
    const near = new Set(graph.edges.filter((edge) => edge.from === id || edge.to === id).flatMap((edge) => [edge.from, edge.to]));
    for (const element of /** @type {NodeListOf<SVGElement>} */ (svg.querySelectorAll(".point"))) element.classList.toggle("near", near.has(String(element.dataset.id)));
    for (const element of /** @type {NodeListOf<SVGElement>} */ (svg.querySelectorAll("[data-from]"))) element.classList.toggle("near", element.dataset.from === id || element.dataset.to === id);
  };
  for (const kind of ["pointerover", "focusin", "pointerleave", "focusout"]) svg.addEventListener(kind, show);
}

/**
 * The links as sentences, those between briefs first: what an analyst reads, and everybody who does not see the picture.
 * @param {Graph} graph
 * @param {Map<string, string>} statements
 * @param {Map<string, any>} briefs
 */
function sentences(graph, statements, briefs) {
  const origin = (/** @type {string} */ id) => {
    const brief = briefs.get(articleOf(id));
    return h("span", { class: "origin" }, h("cite", {}, brief?.title ?? articleOf(id)), ", ", date(brief?.published ?? null));
  };
  const pair = (/** @type {Edge} */ edge) =>
    h(
      "li",
      { class: `pair ${edge.type}`, lang: "en" },
      annotationLink({ id: edge.from, statement: statements.get(edge.from) ?? edge.from }),
      edge.between && origin(edge.from),
      h("span", { class: "verb", lang: document.documentElement.lang }, "↓ ", t(`arguments.${edge.type}`)),
      annotationLink({ id: edge.to, statement: statements.get(edge.to) ?? edge.to }),
      edge.between && origin(edge.to),
      edge.note && h("p", { class: "why" }, edge.note),
    );
  const groups = [true, false].flatMap((between) => TYPES.map((type) => ({ between, type, edges: graph.edges.filter((edge) => edge.between === between && edge.type === type) }))).filter(({ edges }) => edges.length);
  if (!groups.length) return null;
  return h(
    "section",
    { "aria-labelledby": "sentences" },
    h("h2", { id: "sentences" }, t("arguments.list")),
    groups.map(({ between, type, edges }) =>
      h("details", { open: between && edges.length <= OPENED }, h("summary", {}, `${t(`arguments.${type}`)} · ${between ? t("arguments.between.short") : t("arguments.inside.short")} `, h("span", { class: "count" }, `(${edges.length})`)), h("ul", { class: "pairs" }, edges.map(pair))),
    ),
  );
}
