// @ts-check
/** Places with counts, by their coordinates alone: no tiles, no borders, nothing from another host. */

import { every, get } from "./api.js";
import { chart, control, mark } from "./chart.js";
import { h, s } from "./element.js";
import { language, t } from "./i18n.js";
import { changed, go, to } from "./router.js";
import { sharing } from "./sharing.js";

/** @typedef {{id: string, name: string, name_fr: string, kind: string, part_of: {id: string} | null, latitude: number | null, longitude: number | null}} Place */
/** @typedef {Place & {all: number, direct: number, called: string}} Counted */

const STEPS = [0.25, 0.5, 1, 2, 5, 10, 20, 30];

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const list = route.query.get("of") === "claims" ? "claims" : "recommendations";
  const filters = new URLSearchParams([...route.query].filter(([name]) => !["of", "within"].includes(name)));
  const call = new URLSearchParams([...filters, ["by", "place"]]);
  const [{ items }, counted, direct] = await Promise.all([
    every("/places", { limit: 100, fields: "id,name,name_fr,kind,part_of,latitude,longitude" }),
    get(`/${list}/stats`, call),
    get(`/${list}/stats`, new URLSearchParams([...call, ["narrower", "false"]])),
  ]);
  const numbers = (/** @type {any} */ stats) => new Map(stats.dimensions[0].values.map((/** @type {any} */ value) => [value.value, value.count]));
  const [all, own] = [numbers(counted), numbers(direct)];
  /** @type {Counted[]} */
  const places = items.map((place) => ({ ...place, called: (language() === "fr" && place.name_fr) || place.name, all: all.get(place.id) ?? 0, direct: own.get(place.id) ?? 0 }));
  const wide = places.filter((place) => inside(places, place.id).filter(placed).length > 1);
  const within = route.query.get("within") ?? framing(wide, places, counted.meta.total);
  const shown = (within === "everywhere" ? places : inside(places, within)).filter((place) => placed(place) && place.all > 0);
  const outside = places.filter((place) => place.all > 0 && !shown.includes(place));
  const title = t("map.title");
  const link = (/** @type {Counted} */ place) => {
    const query = new URLSearchParams(filters);
    query.set("place", place.id);
    return to(list, query);
  };
  const counts = (/** @type {Counted} */ place) => t("map.mark", { place: place.called, n: place.all, direct: place.direct });
  const others = [
    { heading: t("map.outside"), places: outside.filter(placed) },
    { heading: t("map.unplaced"), places: outside.filter((place) => !placed(place)) },
  ].filter((group) => group.places.length);
  const sorted = places.filter((place) => place.all > 0).sort((a, b) => b.all - a.all);
  return {
    title,
    node: h(
      "div",
      {},
      h("h1", {}, title),
      h("p", { class: "lead" }, t("map.lead")),
      h(
        "p",
        { class: "controls" },
        control("map-of", t("matrix.count"), [["recommendations", t("nav.recommendations")], ["claims", t("nav.claims")]], list, (value) => go(to("map", changed(route.query, "of", value)))),
        control("map-within", t("map.within"), [["everywhere", t("map.everywhere")], ...wide.map((place) => /** @type {[string, string]} */ ([place.id, place.called]))], within, (value) => go(to("map", changed(route.query, "within", value)))),
      ),
      shown.length
        ? chart({
            name: "map",
            title,
            svg: drawn(shown, link, counts),
            table: {
              columns: [t("place"), t("map.all"), t("map.direct")],
              rows: sorted.map((place) => [place.called, place.all, place.direct]),
              links: sorted.map(link),
            },
          })
        : h("p", { class: "lead" }, t("empty.chart")),
      others.map((group) => h("section", { class: "elsewhere" }, h("h2", {}, group.heading), h("ul", { class: "chips" }, group.places.map((place) => h("li", {}, h("a", { class: "chip", href: link(place) }, counts(place))))))),
      sharing(`/${list}/stats`, call),
    ),
  };
}

/** @param {Place} place */
function placed(place) {
  return place.latitude !== null && place.longitude !== null;
}

/**
 * A place and all that is in it.
 * @param {Counted[]} places
 * @param {string} id
 */
function inside(places, id) {
  const found = new Set([id]);
  // A part stands after its whole in the gazetteer, but nothing hangs on that: look until nothing is new.
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const place of places) if (place.part_of && found.has(place.part_of.id)) found.add(place.id);
  }
  return places.filter((place) => found.has(place.id));
}

/**
 * The narrowest frame that holds most of what was found: far-off places would press the others together.
 * @param {Counted[]} wide
 * @param {Counted[]} places
 * @param {number} total
 */
function framing(wide, places, total) {
  const fitting = wide.filter((place) => place.all >= 0.75 * total).sort((a, b) => inside(places, a.id).length - inside(places, b.id).length);
  return fitting[0]?.id ?? "everywhere";
}

/**
 * @param {Counted[]} places
 * @param {(place: Counted) => string} link
 * @param {(place: Counted) => string} said
 */
function drawn(places, link, said) {
  const width = Math.max(288, Math.min(document.getElementById("main")?.clientWidth ?? 900, 1000) - 40);
  const most = Math.max(...places.map((place) => place.all));
  const longitudes = places.map((place) => Number(place.longitude));
  const latitudes = places.map((place) => Number(place.latitude));
  const ends = (/** @type {number[]} */ values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = Math.max((high - low) * 0.16, 0.4);
    return [low - room, high + room];
  };
  const [[west, east], [south, north]] = [ends(longitudes), ends(latitudes)];
  // A degree of longitude is shorter away from the equator: distances near the middle of the map are true.
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const height = Math.max(260, Math.min(640, (width * (north - south)) / ((east - west) * squeeze)));
  const scale = Math.min(width / ((east - west) * squeeze), height / (north - south));
  const x = (/** @type {number} */ longitude) => width / 2 + (longitude - (west + east) / 2) * squeeze * scale;
  const y = (/** @type {number} */ latitude) => height / 2 - (latitude - (south + north) / 2) * scale;
  const largest = width < 500 ? 24 : 38;
  const radius = (/** @type {number} */ count) => (count ? Math.max(3, Math.sqrt(count / most) * largest) : 0);
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  svg.append(graticule({ x, y, width, height, squeeze, scale, middle: [(west + east) / 2, (south + north) / 2] }));
  /** @type {[number, number, number, number][]} */
  const taken = [];
  // Large ones first, so that small ones lie on top of them and can be reached.
  for (const place of [...places].sort((a, b) => b.all - a.all)) {
    const [cx, cy] = [x(Number(place.longitude)), y(Number(place.latitude))];
    const [ring, disc] = [radius(place.all), radius(place.direct)];
    svg.append(
      mark(
        said(place),
        link(place),
        s("circle", { class: "ring", cx, cy, r: ring }),
        disc > 0 && s("circle", { class: "disc", cx, cy, r: disc }),
        named(`${place.called} ${place.all}`, cx, cy, ring, width, taken, place.kind === "country"),
      ),
    );
  }
  return svg;
}

/**
 * A name beside its disc, where no other name stands yet.
 * @param {string} text
 * @param {number} cx
 * @param {number} cy
 * @param {number} ring
 * @param {number} width
 * @param {[number, number, number, number][]} taken
 * @param {boolean} country
 */
function named(text, cx, cy, ring, width, taken, country) {
  const size = 13;
  const long = text.length * size * 0.56;
  const sides = /** @type {[string, number, number][]} */ ([
    ["start", cx + ring + 4, cy + 4],
    ["end", cx - ring - 4, cy + 4],
    ["middle", cx, cy - ring - 6],
    ["middle", cx, cy + ring + size + 2],
  ]);
  const boxed = sides.map(([anchor, tx, ty]) => {
    const from = anchor === "start" ? tx : anchor === "end" ? tx - long : tx - long / 2;
    return { anchor, tx, ty, box: /** @type {[number, number, number, number]} */ ([from, ty - size, from + long, ty + 3]) };
  });
  const free = boxed.find(({ box }) => box[0] >= 0 && box[2] <= width && !taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) ?? boxed.find(({ box }) => box[0] >= 0 && box[2] <= width) ?? boxed[0];
  taken.push(free.box);
  return s("text", { class: country ? "name country" : "name", x: free.tx, y: free.ty, "text-anchor": free.anchor, "font-size": size }, text);
}

/**
 * Lines of longitude and latitude, with their degrees: the scale of a map without borders.
 * @param {{x: (longitude: number) => number, y: (latitude: number) => number, width: number, height: number, squeeze: number, scale: number, middle: [number, number]}} frame
 */
function graticule({ x, y, width, height, squeeze, scale, middle }) {
  const step = STEPS.find((degrees) => degrees * scale >= 130) ?? 30;
  const lines = s("g", { "aria-hidden": "true" });
  const [halfWide, halfHigh] = [width / 2 / (squeeze * scale), height / 2 / scale];
  const degrees = (/** @type {number} */ value, /** @type {string} */ positive, /** @type {string} */ negative) => (Math.abs(value) < 1e-9 ? "0°" : `${Math.abs(value)}° ${value > 0 ? positive : negative}`);
  for (let at = Math.ceil((middle[0] - halfWide) / step) * step; at <= middle[0] + halfWide; at += step) {
    lines.append(s("line", { class: "grid", x1: x(at), x2: x(at), y1: 0, y2: height }), s("text", { class: "degree", x: x(at) + 3, y: height - 4 }, degrees(at, "E", language() === "fr" ? "O" : "W")));
  }
  for (let at = Math.ceil((middle[1] - halfHigh) / step) * step; at <= middle[1] + halfHigh; at += step) {
    lines.append(s("line", { class: "grid", x1: 0, x2: width, y1: y(at), y2: y(at) }), s("text", { class: "degree", x: 3, y: y(at) - 3 }, degrees(at, "N", "S")));
  }
  return lines;
}
