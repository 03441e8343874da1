// @ts-check
/**
 * What bears on what, from the relations that claims and recommendations list.
 *
 * @typedef {{id: string, group: string, statement: string, degree: number}} Node
 * @typedef {{from: string, to: string, type: string, note: string | null, between: boolean}} Edge
 * @typedef {{nodes: Node[], edges: Edge[]}} Graph
 */

/** How claims bear on claims, as seen from the one that does. `supported-by` and `qualified-by` are the same seen from the other. */
export const TYPES = ["contradicts", "qualifies", "supports", "based-on"];

/** @param {string} id */
export function articleOf(id) {
  return id.slice(0, id.lastIndexOf("."));
}

/**
 * @param {any[]} claims
 * @param {any[]} recommendations
 * @returns {Graph}
 */
export function graphOf(claims, recommendations) {
  /** @type {Map<string, Node>} */
  const nodes = new Map();
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  const node = (/** @type {{id: string, statement: string}} */ { id, statement }) => {
    if (!nodes.has(id)) nodes.set(id, { id, statement, group: articleOf(id), degree: 0 });
  };
  const edge = (/** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ type, /** @type {string | null} */ note) => {
    // Each relation is listed at both ends; a contradiction is the same from both.
    if (type === "contradicts" && from > to) [from, to] = [to, from];
    edges.set(`${from} ${type} ${to}`, { from, to, type, note, between: articleOf(from) !== articleOf(to) });
  };
  for (const claim of claims) {
    for (const { type, claim: other, note } of claim.relations) {
      node(claim);
      node(other); // it may be on another theme: what bears on a claim is shown with it
      const turned = type.endsWith("-by");
      const kind = { "supported-by": "supports", "qualified-by": "qualifies" }[/** @type {string} */ (type)] ?? type;
      edge(turned ? other.id : claim.id, turned ? claim.id : other.id, kind, note);
    }
  }
  for (const recommendation of recommendations) {
    for (const ground of recommendation.based_on) {
      node(recommendation);
      node(ground);
      edge(ground.id, recommendation.id, "based-on", null);
    }
  }
  return counted([...nodes.values()], [...edges.values()]);
}

/**
 * Keep some edges, and the nodes that they link.
 * @param {Graph} graph
 * @param {(edge: Edge) => boolean} wanted
 * @returns {Graph}
 */
export function kept(graph, wanted) {
  return counted(graph.nodes, graph.edges.filter(wanted));
}

/**
 * Keep the nodes with most links.
 * @param {Graph} graph
 * @param {number} most
 * @returns {Graph}
 */
export function busiest(graph, most) {
  if (graph.nodes.length <= most) return graph;
  const chosen = new Set([...graph.nodes].sort((a, b) => b.degree - a.degree || (a.id < b.id ? -1 : 1)).slice(0, most).map(({ id }) => id));
  return kept(graph, ({ from, to }) => chosen.has(from) && chosen.has(to));
}

/**
 * @param {Node[]} nodes
 * @param {Edge[]} edges
 * @returns {Graph}
 */
function counted(nodes, edges) {
  /** @type {Map<string, number>} */
  const degrees = new Map();
  for (const { from, to } of edges) for (const id of [from, to]) degrees.set(id, (degrees.get(id) ?? 0) + 1);
  return { nodes: nodes.filter(({ id }) => degrees.has(id)).map((node) => ({ ...node, degree: degrees.get(node.id) ?? 0 })), edges };
}
