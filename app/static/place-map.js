// @ts-check
/**
 * View of the places with counts. The map uses coordinates only: no tiles, no borders, and nothing
 * from another host.
 */

import { fetchAll, fetchJson } from "./api.js";
import { chartFigure, chartMark, selectControl } from "./chart.js";
import { element, svgElement } from "./element.js";
import { currentLanguage, translate } from "./i18n.js";
import { href, navigate, withParameter, withoutParameters } from "./router.js";
import { shareBar } from "./sharing.js";

/**
 * @typedef {{
 *   id: string, name: string, name_fr: string, kind: string, part_of: {id: string} | null,
 *   latitude: number | null, longitude: number | null
 * }} Place
 * @typedef {Place & {label: string, total: number, direct: number}} PlaceCount
 *   `total` includes the places within, `direct` does not
 */

/** Parameters of this view. All others are filters of the API. */
const VIEW_PARAMETERS = ["of", "within"];

/** A frame is narrow enough if it still has this share of all items. */
const FRAME_SHARE = 0.75;

const EVERYWHERE = "everywhere";

/** @param {import("./router.js").Route} route */
export async function render({ query }) {
  const collection = query.get("of") === "claims" ? "claims" : "recommendations";
  const filters = withoutParameters(query, VIEW_PARAMETERS);
  const call = new URLSearchParams([...filters, ["by", "place"]]);
  const [gazetteer, totals, direct] = await Promise.all([
    fetchAll("/places", { limit: 100, fields: "id,name,name_fr,kind,part_of,latitude,longitude" }),
    fetchJson(`/${collection}/stats`, call),
    fetchJson(`/${collection}/stats`, new URLSearchParams([...call, ["narrower", "false"]])),
  ]);
  const places = countPlaces(gazetteer.items, totals, direct);
  const counted = places.filter((place) => place.total > 0);
  const frames = places.filter(({ id }) => placesWithin(places, id).filter(hasPoint).length > 1);
  const frame = query.get("within") ?? bestFrame(frames, places, totals.meta.total);
  const framed = frame === EVERYWHERE ? places : placesWithin(places, frame);
  const shown = counted.filter((place) => framed.includes(place) && hasPoint(place));
  const others = counted.filter((place) => !shown.includes(place));
  const listHref = (/** @type {PlaceCount} */ place) =>
    href(collection, withParameter(filters, "place", place.id));
  const title = translate("map.title");
  const sorted = [...counted].sort((a, b) => b.total - a.total);
  const chart = () =>
    chartFigure({
      name: "map",
      title,
      svg: mapSvg(shown, listHref),
      table: {
        columns: [translate("place"), translate("map.total"), translate("map.direct")],
        rows: sorted.map((place) => [place.label, place.total, place.direct]),
        links: sorted.map(listHref),
      },
    });
  return {
    title,
    node: element(
      "div",
      {},
      element("h1", {}, title),
      element("p", { class: "lead" }, translate("map.lead")),
      controls(query, collection, frames, frame),
      shown.length ? chart() : element("p", { class: "lead" }, translate("empty.chart")),
      placeList("map.outside", others.filter(hasPoint), listHref),
      placeList(
        "map.unplaced",
        others.filter((place) => !hasPoint(place)),
        listHref,
      ),
      shareBar(`/${collection}/stats`, call),
    ),
  };
}

/**
 * @param {Place[]} places
 * @param {any} totals statistics by place, with the places within
 * @param {any} direct statistics by place alone
 * @returns {PlaceCount[]}
 */
function countPlaces(places, totals, direct) {
  const byId = (/** @type {any} */ { dimensions: [{ values }] }) =>
    new Map(values.map((/** @type {any} */ { value, count }) => [value, count]));
  const [totalById, directById] = [byId(totals), byId(direct)];
  return places.map((place) => ({
    ...place,
    label: (currentLanguage() === "fr" && place.name_fr) || place.name,
    total: totalById.get(place.id) ?? 0,
    direct: directById.get(place.id) ?? 0,
  }));
}

/**
 * @param {URLSearchParams} query
 * @param {string} collection
 * @param {PlaceCount[]} frames
 * @param {string} frame
 */
function controls(query, collection, frames, frame) {
  const change = (/** @type {string} */ name, /** @type {string} */ value) =>
    navigate(href("map", withParameter(query, name, value)));
  return element(
    "p",
    { class: "controls" },
    selectControl({
      id: "map-of",
      label: translate("matrix.count"),
      options: [
        ["recommendations", translate("nav.recommendations")],
        ["claims", translate("nav.claims")],
      ],
      selected: collection,
      onChange: (value) => change("of", value),
    }),
    selectControl({
      id: "map-within",
      label: translate("map.within"),
      options: [
        [EVERYWHERE, translate("map.everywhere")],
        ...frames.map(({ id, label }) => /** @type {[string, string]} */ ([id, label])),
      ],
      selected: frame,
      onChange: (value) => change("within", value),
    }),
  );
}

/**
 * List places that the map does not show.
 * @param {string} heading key of the heading
 * @param {PlaceCount[]} places
 * @param {(place: PlaceCount) => string} listHref
 */
function placeList(heading, places, listHref) {
  if (!places.length) return null;
  const items = places.map((place) => {
    const link = { class: "chip", href: listHref(place) };
    return element("li", {}, element("a", link, describePlace(place)));
  });
  return element(
    "section",
    { class: "other-places" },
    element("h2", {}, translate(heading)),
    element("ul", { class: "chips" }, items),
  );
}

/** @param {PlaceCount} place */
function describePlace({ label, total, direct }) {
  return translate("map.mark", { place: label, total, direct });
}

/** @param {Place} place */
function hasPoint(place) {
  return place.latitude !== null && place.longitude !== null;
}

/**
 * Return a place and all places within it.
 * @param {PlaceCount[]} places
 * @param {string} id
 */
function placesWithin(places, id) {
  const ids = new Set([id]);
  // The order of the places does not matter: repeat until nothing is new.
  for (let size = 0; size !== ids.size;) {
    size = ids.size;
    for (const place of places) if (place.part_of && ids.has(place.part_of.id)) ids.add(place.id);
  }
  return places.filter((place) => ids.has(place.id));
}

/**
 * Return the narrowest frame with most of the items. A few distant places would press all others
 * together.
 * @param {PlaceCount[]} frames
 * @param {PlaceCount[]} places
 * @param {number} total
 */
function bestFrame(frames, places, total) {
  const size = (/** @type {PlaceCount} */ frame) => placesWithin(places, frame.id).length;
  const candidates = frames.filter((frame) => frame.total >= FRAME_SHARE * total);
  const [narrowest] = candidates.sort((a, b) => size(a) - size(b));
  return narrowest?.id ?? EVERYWHERE;
}

/**
 * @typedef {{
 *   width: number, height: number, pixelsPerDegree: number,
 *   x: (longitude: number) => number, longitudes: [west: number, east: number],
 *   y: (latitude: number) => number, latitudes: [south: number, north: number]
 * }} Projection `pixelsPerDegree` is for latitude
 */

/**
 * Fit an equirectangular projection to some places. It is scaled so that distances near the middle
 * of the map are right: a degree of longitude is shorter away from the equator.
 * @param {PlaceCount[]} places
 * @param {number} width
 * @returns {Projection}
 */
function projection(places, width) {
  const [west, east] = rangeWithMargin(places.map((place) => Number(place.longitude)));
  const [south, north] = rangeWithMargin(places.map((place) => Number(place.latitude)));
  const [centreX, centreY] = [(west + east) / 2, (south + north) / 2];
  const squeeze = Math.cos((centreY * Math.PI) / 180);
  const ratio = (north - south) / ((east - west) * squeeze);
  const height = Math.max(260, Math.min(640, width * ratio));
  const scale = Math.min(width / ((east - west) * squeeze), height / (north - south));
  const [halfWidth, halfHeight] = [width / 2 / (squeeze * scale), height / 2 / scale];
  return {
    width,
    height,
    pixelsPerDegree: scale,
    x: (longitude) => width / 2 + (longitude - centreX) * squeeze * scale,
    y: (latitude) => height / 2 - (latitude - centreY) * scale,
    longitudes: [centreX - halfWidth, centreX + halfWidth],
    latitudes: [centreY - halfHeight, centreY + halfHeight],
  };
}

/** @param {number[]} values */
function rangeWithMargin(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max((high - low) * 0.16, 0.4);
  return [low - margin, high + margin];
}

/**
 * @param {PlaceCount[]} places
 * @param {(place: PlaceCount) => string} listHref
 */
function mapSvg(places, listHref) {
  const pageWidth = document.getElementById("main")?.clientWidth ?? 900;
  const map = projection(places, Math.max(288, Math.min(pageWidth, 1000) - 40));
  const { width, height } = map;
  const maxRadius = width < 500 ? 24 : 38;
  const maxTotal = Math.max(...places.map((place) => place.total));
  const radius = (/** @type {number} */ count) =>
    count ? Math.max(3, Math.sqrt(count / maxTotal) * maxRadius) : 0;
  const svg = svgElement("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  svg.append(graticule(map));
  /** @type {Box[]} */
  const occupied = [];
  // Large discs come first, so that small ones lie on top and can be pointed at.
  for (const place of [...places].sort((a, b) => b.total - a.total)) {
    const [cx, cy] = [map.x(Number(place.longitude)), map.y(Number(place.latitude))];
    const [ring, disc] = [radius(place.total), radius(place.direct)];
    svg.append(
      chartMark(
        describePlace(place),
        listHref(place),
        svgElement("circle", { class: "ring", cx, cy, r: ring }),
        disc > 0 && svgElement("circle", { class: "disc", cx, cy, r: disc }),
        placeName(place, cx, cy, ring, width, occupied),
      ),
    );
  }
  return svg;
}

/** @typedef {[left: number, top: number, right: number, bottom: number]} Box */

const FONT_SIZE = 13;

/** Mean width of a character, as a share of the font size. */
const CHARACTER_WIDTH = 0.56;

/**
 * Put a name beside its disc, where no other name is yet.
 * @param {PlaceCount} place
 * @param {number} cx
 * @param {number} cy
 * @param {number} radius
 * @param {number} width of the map
 * @param {Box[]} occupied boxes of other names; the new one is added
 */
function placeName(place, cx, cy, radius, width, occupied) {
  const text = `${place.label} ${place.total}`;
  const length = text.length * FONT_SIZE * CHARACTER_WIDTH;
  const positions = [
    { anchor: "start", x: cx + radius + 4, y: cy + 4, left: cx + radius + 4 },
    { anchor: "end", x: cx - radius - 4, y: cy + 4, left: cx - radius - 4 - length },
    { anchor: "middle", x: cx, y: cy - radius - 6, left: cx - length / 2 },
    { anchor: "middle", x: cx, y: cy + radius + FONT_SIZE + 2, left: cx - length / 2 },
  ].map((position) => ({
    ...position,
    box: /** @type {Box} */ ([
      position.left,
      position.y - FONT_SIZE,
      position.left + length,
      position.y + 3,
    ]),
  }));
  const inside = positions.filter(({ box }) => box[0] >= 0 && box[2] <= width);
  const free = inside.find(({ box }) => !occupied.some((other) => overlap(box, other)));
  const { anchor, x, y, box } = free ?? inside[0] ?? positions[0];
  occupied.push(box);
  return svgElement(
    "text",
    {
      class: place.kind === "country" ? "name country" : "name",
      x,
      y,
      "text-anchor": anchor,
      "font-size": FONT_SIZE,
    },
    text,
  );
}

/**
 * @param {Box} a
 * @param {Box} b
 */
function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/** Distances between grid lines, in degrees. */
const GRID_STEPS = [0.25, 0.5, 1, 2, 5, 10, 20, 30];
const MIN_GRID_PIXELS = 130;

/**
 * Draw lines of longitude and latitude with their degrees. They are the scale of the map.
 * @param {Projection} map
 */
function graticule({ width, height, pixelsPerDegree, x, y, longitudes, latitudes }) {
  const step = GRID_STEPS.find((degrees) => degrees * pixelsPerDegree >= MIN_GRID_PIXELS) ?? 30;
  const west = currentLanguage() === "fr" ? "O" : "W";
  const lines = svgElement("g", { "aria-hidden": "true" });
  for (const degree of multiples(step, longitudes)) {
    const line = { class: "grid", x1: x(degree), x2: x(degree), y1: 0, y2: height };
    const label = { class: "degree", x: x(degree) + 3, y: height - 4 };
    const text = formatDegree(degree, "E", west);
    lines.append(svgElement("line", line), svgElement("text", label, text));
  }
  for (const degree of multiples(step, latitudes)) {
    const line = { class: "grid", x1: 0, x2: width, y1: y(degree), y2: y(degree) };
    const label = { class: "degree", x: 3, y: y(degree) - 3 };
    const text = formatDegree(degree, "N", "S");
    lines.append(svgElement("line", line), svgElement("text", label, text));
  }
  return lines;
}

/**
 * Return the multiples of a number in a range.
 * @param {number} step
 * @param {[low: number, high: number]} range
 */
function multiples(step, [low, high]) {
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) values.push(value);
  return values;
}

/**
 * @param {number} degree
 * @param {string} positive
 * @param {string} negative
 */
function formatDegree(degree, positive, negative) {
  if (Math.abs(degree) < 1e-9) return "0°";
  return `${Math.abs(degree)}° ${degree > 0 ? positive : negative}`;
}
