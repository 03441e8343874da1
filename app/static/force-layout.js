// @ts-check
/**
 * Layout of the argument map: nodes repel each other, links attract them, and each article's nodes
 * stay near the centre of their cluster. Nothing is random, so the same map always looks the same.
 *
 * @typedef {{id: string, cluster: string, x: number, y: number}} Point
 * @typedef {{from: string, to: string}} Link
 * @typedef {{name: string, x: number, y: number, radius: number}} Cluster
 */

const ROUNDS = 260;

/** At the end only repulsion acts, so that no two nodes overlap. */
const SEPARATION_ROUNDS = 60;

const NODE_DISTANCE = 38;
const LINK_LENGTH = NODE_DISTANCE * 1.6;
const CLUSTER_GAP = 70;
const MIN_CLUSTER_RADIUS = 92;
const MARGIN = 16;

/** Space above the clusters, for their names. */
const TOP_MARGIN = 40;

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Strength of the forces. */
const INNER_LINK_FORCE = 0.06;
const OUTER_LINK_FORCE = 0.004;
const CENTRE_FORCE = 0.035;

/** Nodes that overlap separate at once, others gradually. */
const OVERLAP_FORCE = 0.5;
const REPULSION_FORCE = 0.12;

/**
 * @param {{id: string, cluster: string}[]} nodes
 * @param {Link[]} links
 * @param {number} width available for a row of clusters
 */
export function forceLayout(nodes, links, width) {
  const clusters = clusterRows(nodes, width);
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const points = startPoints(nodes, byName);
  const byId = new Map(points.map((point) => [point.id, point]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const heat = 1 - round / ROUNDS;
    attract(points, links, byId, byName, heat);
    repel(points, heat);
  }
  for (let round = 0; round < SEPARATION_ROUNDS; round += 1) repel(points, 0);
  for (const cluster of clusters) fitToPoints(cluster, points);
  const right = Math.max(...clusters.map(({ x, radius }) => x + radius)) + MARGIN;
  const bottom = Math.max(...clusters.map(({ y, radius }) => y + radius)) + MARGIN;
  const left = Math.min(...clusters.map(({ x, radius }) => x - radius)) - MARGIN;
  const top = Math.min(...clusters.map(({ y, radius }) => y - radius)) - TOP_MARGIN;
  for (const shape of [...points, ...clusters]) {
    shape.x -= left;
    shape.y -= top;
  }
  return { points: byId, clusters, width: right - left, height: bottom - top };
}

/**
 * Put the clusters in rows, the largest first.
 * @param {{cluster: string}[]} nodes
 * @param {number} width
 * @returns {Cluster[]}
 */
function clusterRows(nodes, width) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { cluster } of nodes) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  const sorted = [...sizes].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  let [x, y, rowHeight] = [0, 0, 0];
  /** @type {Cluster[]} */
  let row = [];
  const endRow = () => {
    // The centres of a row are on one line.
    for (const cluster of row) cluster.y = y + (rowHeight - CLUSTER_GAP) / 2;
  };
  const clusters = sorted.map(([name, size]) => {
    const radius = Math.max(MIN_CLUSTER_RADIUS, NODE_DISTANCE * 0.72 * Math.sqrt(size) + 22);
    if (x > 0 && x + 2 * radius > width) {
      endRow();
      [x, y, rowHeight, row] = [0, y + rowHeight, 0, []];
    }
    const cluster = { name, x: x + radius, y, radius };
    row.push(cluster);
    x += 2 * radius + CLUSTER_GAP;
    rowHeight = Math.max(rowHeight, 2 * radius + CLUSTER_GAP);
    return cluster;
  });
  endRow();
  return clusters;
}

/**
 * Spread the nodes of each cluster evenly over a disc, like the seeds of a sunflower.
 * @param {{id: string, cluster: string}[]} nodes
 * @param {Map<string, Cluster>} clusters
 * @returns {Point[]}
 */
function startPoints(nodes, clusters) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  return nodes.map(({ id, cluster }) => {
    const index = counts.get(cluster) ?? 0;
    counts.set(cluster, index + 1);
    const centre = /** @type {Cluster} */ (clusters.get(cluster));
    const distance = NODE_DISTANCE * 0.62 * Math.sqrt(index + 0.5);
    const angle = index * GOLDEN_ANGLE;
    const x = centre.x + distance * Math.cos(angle);
    const y = centre.y + distance * Math.sin(angle);
    return { id, cluster, x, y };
  });
}

/**
 * Move linked nodes towards each other, and all nodes towards the centre of their cluster.
 * @param {Point[]} points
 * @param {Link[]} links
 * @param {Map<string, Point>} byId
 * @param {Map<string, Cluster>} clusters
 * @param {number} heat
 */
function attract(points, links, byId, clusters, heat) {
  for (const { from, to } of links) {
    const [a, b] = [byId.get(from), byId.get(to)];
    if (!a || !b) continue;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const distance = Math.hypot(dx, dy) || 1;
    const strength = a.cluster === b.cluster ? INNER_LINK_FORCE : OUTER_LINK_FORCE;
    const force = strength * heat * (distance - LINK_LENGTH);
    const [fx, fy] = [(force * dx) / distance, (force * dy) / distance];
    a.x += fx;
    a.y += fy;
    b.x -= fx;
    b.y -= fy;
  }
  for (const point of points) {
    const { x, y } = /** @type {Cluster} */ (clusters.get(point.cluster));
    point.x += CENTRE_FORCE * (x - point.x);
    point.y += CENTRE_FORCE * (y - point.y);
  }
}

/**
 * Move nodes apart that are too near.
 * @param {Point[]} points
 * @param {number} heat
 */
function repel(points, heat) {
  const reach = NODE_DISTANCE * (1 + heat);
  for (let i = 0; i < points.length; i += 1) {
    for (let j = i + 1; j < points.length; j += 1) {
      const [a, b] = [points[i], points[j]];
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      if (Math.abs(dx) > reach || Math.abs(dy) > reach) continue;
      const distance = Math.hypot(dx, dy);
      if (distance > reach) continue;
      const strength = distance < NODE_DISTANCE ? OVERLAP_FORCE : REPULSION_FORCE;
      const step = ((reach - distance) / distance) * strength;
      // Nodes at the same point have no direction: their numbers give one.
      const [sx, sy] = distance ? [dx * step, dy * step] : [(i % 7) - 3, (j % 5) - 2];
      a.x -= sx;
      a.y -= sy;
      b.x += sx;
      b.y += sy;
    }
  }
}

/**
 * Move and resize a cluster so that it encloses its nodes.
 * @param {Cluster} cluster
 * @param {Point[]} points
 */
function fitToPoints(cluster, points) {
  const own = points.filter((point) => point.cluster === cluster.name);
  cluster.x = own.reduce((sum, { x }) => sum + x, 0) / own.length;
  cluster.y = own.reduce((sum, { y }) => sum + y, 0) / own.length;
  const distances = own.map(({ x, y }) => Math.hypot(x - cluster.x, y - cluster.y));
  cluster.radius = Math.max(86, ...distances.map((distance) => distance + 22));
}
