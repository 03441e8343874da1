// @ts-check
/**
 * Where the statements of an argument map stand: pushed apart, drawn together by their links, held near those of their brief.
 * Nothing is left to chance, so the same map looks the same each time.
 *
 * @typedef {{id: string, group: string, x: number, y: number}} Placed
 * @typedef {{from: string, to: string}} Link
 * @typedef {{group: string, x: number, y: number, radius: number}} Cluster
 */

const ROUNDS = 260;
/** At the end nothing pulls any more, so that what is still too near comes apart. */
const LAST_ROUNDS = 60;
const APART = 38;
const BESIDE = 70;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/**
 * @param {{id: string, group: string}[]} nodes
 * @param {Link[]} links
 * @param {number} width for which the clusters are put into rows
 * @returns {{placed: Map<string, Placed>, clusters: Cluster[], width: number, height: number}}
 */
export function layout(nodes, links, width) {
  const clusters = rows(nodes, width);
  const centre = new Map(clusters.map((cluster) => [cluster.group, cluster]));
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @type {Placed[]} */
  const points = nodes.map(({ id, group }) => {
    // A sunflower's order fills a disc evenly: a good place to begin from.
    const at = seen.get(group) ?? 0;
    seen.set(group, at + 1);
    const { x, y } = /** @type {Cluster} */ (centre.get(group));
    const distance = APART * 0.62 * Math.sqrt(at + 0.5);
    return { id, group, x: x + distance * Math.cos(at * GOLDEN), y: y + distance * Math.sin(at * GOLDEN) };
  });
  const placed = new Map(points.map((point) => [point.id, point]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const heat = 1 - round / ROUNDS;
    pull(points, links, placed, centre, heat);
    push(points, heat);
  }
  for (let round = 0; round < LAST_ROUNDS; round += 1) push(points, 0);
  for (const cluster of clusters) enclose(cluster, points);
  const right = Math.max(...clusters.map((cluster) => cluster.x + cluster.radius)) + 16;
  const bottom = Math.max(...clusters.map((cluster) => cluster.y + cluster.radius)) + 16;
  const left = Math.min(...clusters.map((cluster) => cluster.x - cluster.radius)) - 16;
  const top = Math.min(...clusters.map((cluster) => cluster.y - cluster.radius)) - 40;
  for (const point of [...points, ...clusters]) {
    point.x -= left;
    point.y -= top;
  }
  return { placed, clusters, width: right - left, height: bottom - top };
}

/**
 * The briefs beside one another, in as many rows as the width asks for.
 * @param {{group: string}[]} nodes
 * @param {number} width
 * @returns {Cluster[]}
 */
function rows(nodes, width) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { group } of nodes) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  let [x, y, tallest] = [0, 0, 0];
  /** @type {Cluster[]} */
  let row = [];
  const clusters = [...sizes]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .map(([group, size]) => {
      const radius = Math.max(92, APART * 0.72 * Math.sqrt(size) + 22);
      if (x > 0 && x + 2 * radius > width) {
        level(row, y + (tallest - BESIDE) / 2);
        [x, y, tallest, row] = [0, y + tallest, 0, []];
      }
      const cluster = { group, x: x + radius, y, radius };
      row.push(cluster);
      x += 2 * radius + BESIDE;
      tallest = Math.max(tallest, 2 * radius + BESIDE);
      return cluster;
    });
  level(row, y + (tallest - BESIDE) / 2);
  return clusters;
}

/**
 * Put the middles of a row on one line.
 * @param {Cluster[]} row
 * @param {number} y
 */
function level(row, y) {
  for (const cluster of row) cluster.y = y;
}

/**
 * @param {Placed[]} points
 * @param {Link[]} links
 * @param {Map<string, Placed>} placed
 * @param {Map<string, Cluster>} centre
 * @param {number} heat
 */
function pull(points, links, placed, centre, heat) {
  for (const { from, to } of links) {
    const [a, b] = [placed.get(from), placed.get(to)];
    if (!a || !b) continue;
    const near = a.group === b.group;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const distance = Math.hypot(dx, dy) || 1;
    const force = (near ? 0.06 : 0.004) * heat * (distance - APART * 1.6);
    for (const [point, sign] of /** @type {[Placed, number][]} */ ([[a, 1], [b, -1]])) {
      point.x += (sign * force * dx) / distance;
      point.y += (sign * force * dy) / distance;
    }
  }
  for (const point of points) {
    const { x, y } = /** @type {Cluster} */ (centre.get(point.group));
    point.x += 0.035 * (x - point.x);
    point.y += 0.035 * (y - point.y);
  }
}

/**
 * @param {Placed[]} points
 * @param {number} heat
 */
function push(points, heat) {
  const reach = APART * (1 + heat);
  for (let i = 0; i < points.length; i += 1) {
    for (let j = i + 1; j < points.length; j += 1) {
      const [a, b] = [points[i], points[j]];
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      if (Math.abs(dx) > reach || Math.abs(dy) > reach) continue;
      const distance = Math.hypot(dx, dy) || 0.01;
      if (distance > reach) continue;
      const step = ((reach - distance) / distance) * (distance < APART ? 0.5 : 0.12);
      const [sx, sy] = distance === 0.01 ? [(i % 7) - 3, (j % 5) - 2] : [dx * step, dy * step];
      a.x -= sx;
      a.y -= sy;
      b.x += sx;
      b.y += sy;
    }
  }
}

/**
 * Draw the ring round a brief where its statements have come to stand.
 * @param {Cluster} cluster
 * @param {Placed[]} points
 */
function enclose(cluster, points) {
  const own = points.filter((point) => point.group === cluster.group);
  cluster.x = own.reduce((sum, point) => sum + point.x, 0) / own.length;
  cluster.y = own.reduce((sum, point) => sum + point.y, 0) / own.length;
  cluster.radius = Math.max(86, ...own.map((point) => Math.hypot(point.x - cluster.x, point.y - cluster.y) + 22));
}
