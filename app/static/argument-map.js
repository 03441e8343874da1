// @ts-check
/** View of the arguments: claims and recommendations as a graph, and their links as sentences. */

import { fetchAll } from "./api.js";
import { LINK_TYPES, buildGraph, filterEdges, limitNodes } from "./argument-graph.js";
import { chartFigure, chartMark, markAt, selectControl, truncate } from "./chart.js";
import { element, svgElement } from "./element.js";
import { filterChips } from "./facets.js";
import { forceLayout } from "./force-layout.js";
import { formatDate, themeLabel, translate } from "./i18n.js";
import * as references from "./references.js";
import { href, navigate, withParameter, withoutParameters } from "./router.js";
import { shareBar } from "./sharing.js";
import { fetchThemes, indentedThemeLabel } from "./vocabulary.js";

/** @typedef {import("./argument-graph.js").Graph} Graph */
/** @typedef {import("./argument-graph.js").Edge} Edge */
/** @typedef {import("./force-layout.js").Point} Point */
/** @typedef {import("./vocabulary.js").Theme} Theme */
/** @typedef {{title: string, published: string | null}} Brief */

const MAX_ITEMS = 5000;
const MAX_NODES = 200;

/** Half the width of a node. */
const NODE_SIZE = 12;

/** Mean width of a character in the title of a brief, in pixels. */
const TITLE_CHARACTER_WIDTH = 8;

/** A longer list of links is closed at first. */
const MAX_OPEN_LINKS = 15;

/** Relation types between claims, in the order of the summary. */
const SUMMARY_TYPES = ["supports", "qualifies", "contradicts"];

/** @param {import("./router.js").Route} route */
export async function render({ query }) {
  const filters = withoutParameters(query, ["links"]);
  const call = (/** @type {string} */ fields) =>
    new URLSearchParams([...filters, ["fields", fields], ["limit", "100"]]);
  const [claims, recommendations, articles, themes] = await Promise.all([
    fetchAll("/claims", call("id,statement,relations"), MAX_ITEMS),
    fetchAll("/recommendations", call("id,statement,based_on"), MAX_ITEMS),
    fetchAll("/articles", { limit: 100, fields: "id,title,published" }),
    fetchThemes(),
  ]);
  /** @type {Map<string, Brief>} */
  const briefs = new Map(articles.items.map((article) => [article.id, article]));
  const whole = buildGraph(claims.items, recommendations.items);
  const theme = themes.find(({ id }) => id === filters.get("theme"));
  const links = query.get("links") ?? (theme ? "all" : "between");
  const selected = filterEdges(whole, (edge) => {
    if (links === "between") return edge.crossArticle;
    return links === "all" || edge.type === links;
  });
  const graph = limitNodes(selected, MAX_NODES);
  const title = theme
    ? translate("arguments.on", { theme: themeLabel(theme) })
    : translate("arguments.title");
  const totals = { count: selected.nodes.length, shown: graph.nodes.length };
  const relations = ["relation", "supports,qualifies,contradicts"];
  const chart = () =>
    chartFigure({
      name: "arguments",
      title,
      svg: graphSvg(graph, briefs),
      table: linkTable(selected),
    });
  return {
    title,
    node: element(
      "div",
      {},
      element("h1", {}, title),
      element("p", { class: "lead" }, translate("arguments.lead")),
      summary(whole),
      controls(query, themes, theme, links),
      await filterChips("arguments", withoutParameters(filters, ["theme"])),
      totals.shown < totals.count &&
        element("p", { class: "none" }, translate("arguments.many", totals)),
      key(),
      graph.nodes.length ? chart() : element("p", { class: "lead" }, translate("empty.chart")),
      linkSentences(whole, briefs),
      shareBar("/claims", new URLSearchParams([...filters, relations])),
    ),
  };
}

/**
 * Say how often claims of different briefs support, qualify or contradict each other.
 * @param {Graph} graph
 */
function summary(graph) {
  const edges = graph.edges.filter((edge) => edge.crossArticle);
  const items = SUMMARY_TYPES.map((type) => {
    const count = edges.filter((edge) => edge.type === type).length;
    const text = translate(`arguments.count.${type}`, { count });
    return element("li", { class: type }, element("b", {}, String(count)), " ", text);
  });
  return element("ul", { class: "verdict" }, items);
}

/**
 * @param {URLSearchParams} query
 * @param {Theme[]} themes
 * @param {Theme | undefined} theme
 * @param {string} links
 */
function controls(query, themes, theme, links) {
  const change = (/** @type {string} */ name, /** @type {string} */ value) =>
    navigate(href("arguments", withParameter(query, name, value)));
  /** @type {[string, string][]} */
  const themeOptions = themes.map((option) => [option.id, indentedThemeLabel(option)]);
  /** @type {[string, string][]} */
  const typeOptions = LINK_TYPES.map((type) => [type, translate(`arguments.${type}`)]);
  return element(
    "p",
    { class: "controls" },
    selectControl({
      id: "arguments-theme",
      label: translate("filter.theme"),
      options: [["", translate("arguments.all.themes")], ...themeOptions],
      selected: theme?.id ?? "",
      onChange: (value) => change("theme", value),
    }),
    selectControl({
      id: "arguments-links",
      label: translate("arguments.links"),
      options: [
        ["all", translate("arguments.all")],
        ["between", translate("arguments.between")],
        ...typeOptions,
      ],
      selected: links,
      onChange: (value) => change("links", value),
    }),
  );
}

/** Explain the shapes and the lines. */
function key() {
  const picture = (/** @type {number} */ width, /** @type {number} */ height) =>
    svgElement("svg", { width, height, class: "chart", "aria-hidden": "true" });
  const claim = picture(18, 18);
  claim.append(svgElement("circle", { class: "node claims", cx: 9, cy: 9, r: 7 }));
  const recommendation = picture(18, 18);
  const square = { class: "node recommendations", x: 2, y: 2, width: 14, height: 14 };
  recommendation.append(svgElement("rect", square));
  const lines = LINK_TYPES.map((type) => {
    const line = picture(34, 16);
    line.append(
      svgElement("path", { class: `edge ${type}`, d: "M2 8H24" }),
      svgElement("path", { class: `head ${type}`, d: "M24 3.5L32 8L24 12.5Z" }),
    );
    return element("span", {}, line, translate(`arguments.${type}`));
  });
  return element(
    "p",
    { class: "key" },
    element("span", {}, claim, translate("type.claim")),
    element("span", {}, recommendation, translate("type.recommendation")),
    lines,
  );
}

/** @param {Graph} graph */
function linkTable(graph) {
  const statements = statementsById(graph);
  return {
    columns: ["first", "link", "second", "why"].map((name) => translate(`arguments.${name}`)),
    rows: graph.edges.map(({ from, type, to, note }) => [
      statements(from),
      translate(`arguments.${type}`),
      statements(to),
      note ?? "",
    ]),
    links: graph.edges.map(({ from }) => references.annotationHref(from)),
  };
}

/** @param {Graph} graph */
function statementsById(graph) {
  const statements = new Map(graph.nodes.map(({ id, statement }) => [id, statement]));
  return (/** @type {string} */ id) => statements.get(id) ?? id;
}

/**
 * @param {Graph} graph
 * @param {Map<string, Brief>} briefs
 */
function graphSvg(graph, briefs) {
  const available = Math.min(Math.max(innerWidth - 60, 700), 1180);
  const nodes = graph.nodes.map(({ id, article }) => ({ id, cluster: article }));
  const { points, clusters, width, height } = forceLayout(nodes, graph.edges, available);
  const titleOf = (/** @type {string} */ article) => briefs.get(article)?.title ?? article;
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  const background = svgElement("g", { "aria-hidden": "true" });
  for (const { x, y, radius } of clusters) {
    background.append(svgElement("circle", { class: "hull", cx: x, cy: y, r: radius }));
  }
  for (const edge of graph.edges) background.append(...arrow(edge, points));
  svg.append(background);
  for (const node of graph.nodes) svg.append(nodeMark(node, points, titleOf(node.article)));
  const names = clusters.map(({ name, x, y, radius }) => {
    const title = truncate(titleOf(name), Math.floor((2 * radius) / TITLE_CHARACTER_WIDTH));
    return svgElement("text", { class: "brief", x, y: y - radius - 8 }, title);
  });
  svg.append(svgElement("g", { "aria-hidden": "true" }, names));
  dimUnrelated(svg, graph);
  return svg;
}

/**
 * @param {import("./argument-graph.js").GraphNode} node
 * @param {Map<string, Point>} points
 * @param {string} article
 */
function nodeMark({ id, statement, degree }, points, article) {
  const { x, y } = /** @type {Point} */ (points.get(id));
  const collection = references.collectionOf(id);
  const number = references.shortId(id);
  const type = translate(`type.${collection.slice(0, -1)}`);
  const values = { type, number, article, statement, count: degree };
  const attributes = { class: `node ${collection}` };
  const side = 2 * NODE_SIZE;
  const corner = { x: x - NODE_SIZE, y: y - NODE_SIZE, width: side, height: side, rx: 2 };
  const shape =
    collection === "claims"
      ? svgElement("circle", { ...attributes, cx: x, cy: y, r: NODE_SIZE })
      : svgElement("rect", { ...attributes, ...corner });
  const name = svgElement("text", { class: `node-name ${collection}`, x, y: y + 3.5 }, number);
  const label = translate("arguments.node", values);
  const point = chartMark(label, references.annotationHref(id), shape, name);
  point.dataset.id = id;
  return point;
}

/**
 * Draw an edge as an arrow between the borders of its nodes.
 * @param {Edge} edge
 * @param {Map<string, Point>} points
 */
function arrow(edge, points) {
  const from = /** @type {Point} */ (points.get(edge.from));
  const to = /** @type {Point} */ (points.get(edge.to));
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  /** A point near an end of the edge, and aside from it. */
  const at = (
    /** @type {Point} */ { x, y },
    /** @type {number} */ along,
    /** @type {number} */ aside,
  ) => `${(x + ux * along - uy * aside).toFixed(1)} ${(y + uy * along + ux * aside).toFixed(1)}`;
  const start = at(from, NODE_SIZE, 0);
  const end = at(to, -NODE_SIZE - 8, 0);
  const tip = at(to, -NODE_SIZE - 1, 0);
  const [left, right] = [at(to, -NODE_SIZE - 8, 4), at(to, -NODE_SIZE - 8, -4)];
  const classes = `${edge.type}${edge.crossArticle ? " cross-article" : ""}`;
  const ends = { "data-from": edge.from, "data-to": edge.to };
  return [
    svgElement("path", { class: `edge ${classes}`, d: `M${start}L${end}`, ...ends }),
    svgElement("path", { class: `head ${classes}`, d: `M${left}L${tip}L${right}Z`, ...ends }),
  ];
}

/**
 * Dim what is not linked to the node that is pointed at or focused.
 * @param {SVGSVGElement} svg
 * @param {Graph} graph
 */
function dimUnrelated(svg, graph) {
  const update = (/** @type {Event} */ event) => {
    const id = markAt(event)?.dataset.id;
    svg.classList.toggle("focused", id !== undefined);
    const edges = graph.edges.filter(({ from, to }) => from === id || to === id);
    const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
    /** @type {NodeListOf<SVGElement>} */
    const parts = svg.querySelectorAll(".point, [data-from]");
    for (const { classList, dataset } of parts) {
      const isLinked = dataset.id
        ? linked.has(dataset.id)
        : [dataset.from, dataset.to].includes(id);
      classList.toggle("linked", isLinked);
    }
  };
  for (const type of ["pointerover", "focusin", "pointerleave", "focusout"]) {
    svg.addEventListener(type, update);
  }
}

/**
 * List the links as sentences, those between briefs first. They are also for everybody who cannot
 * see the picture.
 * @param {Graph} graph
 * @param {Map<string, Brief>} briefs
 */
function linkSentences(graph, briefs) {
  const statements = statementsById(graph);
  const groups = [true, false].flatMap((crossArticle) =>
    LINK_TYPES.map((type) => ({
      crossArticle,
      type,
      edges: graph.edges.filter((edge) => edge.crossArticle === crossArticle && edge.type === type),
    })),
  );
  const lists = groups
    .filter(({ edges }) => edges.length)
    .map(({ crossArticle, type, edges }) => {
      const where = translate(crossArticle ? "arguments.across" : "arguments.inside");
      const count = element("span", { class: "count" }, `(${edges.length})`);
      const items = edges.map((edge) => linkSentence(edge, statements, briefs));
      return element(
        "details",
        { open: crossArticle && edges.length <= MAX_OPEN_LINKS },
        element("summary", {}, `${translate(`arguments.${type}`)} · ${where} `, count),
        element("ul", { class: "pairs" }, items),
      );
    });
  if (!lists.length) return null;
  return element(
    "section",
    { "aria-labelledby": "sentences" },
    element("h2", { id: "sentences" }, translate("arguments.sentences")),
    lists,
  );
}

/**
 * @param {Edge} edge
 * @param {(id: string) => string} statements
 * @param {Map<string, Brief>} briefs
 */
function linkSentence({ from, to, type, note, crossArticle }, statements, briefs) {
  const origin = (/** @type {string} */ id) => {
    const article = references.articleIdOf(id);
    const { title = article, published = null } = briefs.get(article) ?? {};
    const date = formatDate(published);
    return element("span", { class: "origin" }, element("cite", {}, title), ", ", date);
  };
  const link = (/** @type {string} */ id) => [
    references.annotationLink({ id, statement: statements(id) }),
    crossArticle && origin(id),
  ];
  const verb = { class: "verb", lang: document.documentElement.lang };
  return element(
    "li",
    { class: `pair ${type}`, lang: "en" },
    link(from),
    element("span", verb, "↓ ", translate(`arguments.${type}`)),
    link(to),
    note && element("p", { class: "why" }, note),
  );
}
