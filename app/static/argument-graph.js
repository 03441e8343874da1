// @ts-check
/**
 * The graph of the argument map: claims and recommendations, and the links between them.
 *
 * @typedef {{id: string, article: string, statement: string, degree: number}} GraphNode
 * @typedef {{
 *   from: string, to: string, type: string, note: string | null, crossArticle: boolean
 * }} Edge
 * @typedef {{nodes: GraphNode[], edges: Edge[]}} Graph
 */

import { articleIdOf } from "./references.js";

/** Relation types, and `based-on` from a claim to a recommendation that it is a reason for. */
export const LINK_TYPES = ["contradicts", "qualifies", "supports", "based-on"];

/**
 * The API lists each relation at both ends. These types are the passive form of another one.
 * @type {Record<string, string>}
 */
const PASSIVE_TYPES = { "supported-by": "supports", "qualified-by": "qualifies" };

/**
 * @param {any[]} claims
 * @param {any[]} recommendations
 * @returns {Graph}
 */
export function buildGraph(claims, recommendations) {
  /** @type {Map<string, GraphNode>} */
  const nodes = new Map();
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  const addNode = (/** @type {{id: string, statement: string}} */ { id, statement }) => {
    if (!nodes.has(id)) nodes.set(id, { id, statement, article: articleIdOf(id), degree: 0 });
  };
  /** @type {(from: string, to: string, type: string, note: string | null) => void} */
  const addEdge = (from, to, type, note) => {
    const crossArticle = articleIdOf(from) !== articleIdOf(to);
    edges.set(`${from} ${type} ${to}`, { from, to, type, note, crossArticle });
  };
  for (const claim of claims) {
    for (const { type, claim: other, note } of claim.relations) {
      addNode(claim);
      addNode(other); // it may have another theme than the one selected
      const active = PASSIVE_TYPES[type];
      // A contradiction is the same from both ends, so its ends are sorted.
      const reversed = active ?? (type === "contradicts" && claim.id > other.id);
      const [from, to] = reversed ? [other.id, claim.id] : [claim.id, other.id];
      addEdge(from, to, active ?? type, note);
    }
  }
  for (const recommendation of recommendations) {
    for (const reason of recommendation.based_on) {
      addNode(recommendation);
      addNode(reason);
      addEdge(reason.id, recommendation.id, "based-on", null);
    }
  }
  return linkedGraph([...nodes.values()], [...edges.values()]);
}

/**
 * Return a graph with some of the edges and the nodes that they link.
 * @param {Graph} graph
 * @param {(edge: Edge) => boolean} predicate
 * @returns {Graph}
 */
export function filterEdges(graph, predicate) {
  return linkedGraph(graph.nodes, graph.edges.filter(predicate));
}

/**
 * Return a graph with only the nodes that have the most links.
 * @param {Graph} graph
 * @param {number} maxNodes
 * @returns {Graph}
 */
export function limitNodes(graph, maxNodes) {
  if (graph.nodes.length <= maxNodes) return graph;
  const byDegree = [...graph.nodes].sort((a, b) => b.degree - a.degree || (a.id < b.id ? -1 : 1));
  const ids = new Set(byDegree.slice(0, maxNodes).map(({ id }) => id));
  return filterEdges(graph, ({ from, to }) => ids.has(from) && ids.has(to));
}

/**
 * Count the links of each node and drop the nodes without any.
 * @param {GraphNode[]} nodes
 * @param {Edge[]} edges
 * @returns {Graph}
 */
function linkedGraph(nodes, edges) {
  /** @type {Map<string, number>} */
  const degrees = new Map();
  for (const id of edges.flatMap(({ from, to }) => [from, to])) {
    degrees.set(id, (degrees.get(id) ?? 0) + 1);
  }
  const linked = nodes.filter(({ id }) => degrees.has(id));
  return { nodes: linked.map((node) => ({ ...node, degree: degrees.get(node.id) ?? 0 })), edges };
}
