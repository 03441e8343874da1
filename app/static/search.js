// @ts-check
/** Search over everything: recommendations, claims, articles, actors, themes and places in one ranked list. */

import { get, local } from "./api.js";
import { h } from "./element.js";
import { label, t } from "./i18n.js";
import { marked, plain, withMarks } from "./marked.js";
import { themes } from "./names.js";
import { published } from "./references.js";
import { changed, to } from "./router.js";
import { sharing } from "./sharing.js";

/** A question asked in full words is held by few texts, if any. */
const FEW = 4;

/** @type {Record<string, (id: string) => string>} */
const VIEW = {
  recommendation: (id) => to(`recommendations/${id}`),
  claim: (id) => to(`claims/${id}`),
  article: (id) => to(`articles/${id}`),
  actor: (id) => to(`actors/${id}`),
  theme: (id) => to("recommendations", { theme: id }),
  place: (id) => to("recommendations", { place: id }),
};

/**
 * @param {import("./router.js").Route} route
 * @param {{announce: (text: string) => void}} page
 */
export async function show(route, page) {
  const query = new URLSearchParams(route.query);
  const words = query.get("q") ?? "";
  query.set("facets", "type");
  if (!words.trim()) return { title: t("search"), node: h("section", {}, h("h1", {}, t("search")), h("p", {}, t("search.hint"))) };
  const found = await get("/search", query);
  const heading = t("n.hits", { n: found.meta.total, words });
  page.announce(heading);
  const results = h("ol", { class: "hits" }, found.data.map(hit));
  const all = new URLSearchParams({ q: words });
  const tabs = h(
    "nav",
    { class: "tabs", "aria-label": t("search.kinds") },
    h("a", { href: to("search", all), "aria-current": query.has("type") ? null : "page" }, t("search.everything")),
    found.facets.type.map((/** @type {import("./api.js").FacetValue} */ value) =>
      h("a", { href: to("search", changed(all, "type", value.value)), "aria-current": query.get("type") === value.value ? "page" : null }, t(`type.${value.value}`), " ", h("span", { class: "count" }, String(value.count))),
    ),
  );
  return {
    title: heading,
    node: h("div", { class: "narrow" }, h("h1", {}, heading), tabs, found.meta.total < FEW && (await Promise.all([meant(words), found.meta.total ? null : single(words, "empty.search")])), results, found.meta.total > 0 && found.meta.total < FEW && (await single(words, "nearest.fewer")), more(found.links.next, results), sharing("/search", route.query)),
  };
}

/** @param {any} item */
function hit(item) {
  const elsewhere = item.highlight && plain(item.highlight) !== item.title;
  return h(
    "li",
    { class: `hit ${item.type}` },
    h("p", { class: "badges" }, h("span", { class: `badge ${item.type}` }, t(`type.${item.type}`))),
    h("h2", { lang: "en" }, h("a", { href: VIEW[item.type](item.id) }, withMarks(item.title, item.highlight))),
    elsewhere && h("p", { class: "matched", lang: "en" }, marked(item.highlight)),
    item.article && h("p", { class: "origin" }, h("cite", {}, item.article.title), " ", published(item.article)),
  );
}

/** @param {string} words */
function wordsOf(words) {
  return [...new Set(words.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]{2,}/gu) ?? [])];
}

/**
 * A question asked in full: the themes and actors whose names it holds a word of, with what can be asked of them.
 * @param {string} words
 */
async function meant(words) {
  const parts = wordsOf(words).slice(0, 12);
  if (parts.length < 2) return null;
  const [found, known] = await Promise.all([get("/search", { q: parts.join(" OR ").slice(0, 200), type: "theme,actor", limit: 30 }), themes()]);
  const named = found.data.filter((/** @type {any} */ item) => item.matched_in.some((/** @type {string} */ field) => field === "name" || field === "label")).slice(0, 4);
  if (!named.length) return null;
  const questions = (/** @type {any} */ { type, id, title }) => {
    if (type === "actor") return [h("a", { href: to(`actors/${id}`) }, t("actor.asked", { n: 0, name: title }))];
    const theme = label(known.find((one) => one.id === id) ?? { label: title });
    return [h("a", { href: to("arguments", { theme: id }) }, t("arguments.on", { theme })), h("a", { href: to("voices", { theme: id }) }, t("voices.on", { theme })), h("a", { href: to("recommendations", { theme: id }) }, t("recommended.on", { theme }))];
  };
  return h("section", { class: "nothing" }, h("h2", {}, t("meant.questions")), h("ul", {}, named.flatMap(questions).map((/** @type {Node} */ link) => h("li", {}, link))));
}

/**
 * Hardly anything holds all the words, as when a question is asked in full: how much each of them finds alone.
 * @param {string} words
 * @param {string} said
 */
async function single(words, said) {
  const parts = wordsOf(words).slice(0, 8);
  if (parts.length < 2 && said !== "empty.search") return null;
  const found = await Promise.all(parts.map(async (word) => ({ word, total: (await get("/search", { q: word, limit: 1 })).meta.total })));
  const useful = found.filter(({ total }) => total > 0).sort((a, b) => a.total - b.total);
  return h(
    "section",
    { class: "nothing" },
    h("p", { class: "lead" }, t(said)),
    useful.length > 0 && [
      said === "empty.search" && h("p", {}, t("nearest")),
      h("ul", {}, useful.map(({ word, total }) => h("li", {}, h("a", { href: to("search", { q: word }) }, t("nearest.word", { word })), " ", h("span", { class: "count" }, t("n.results", { n: total }))))),
    ],
  );
}

/**
 * @param {string | null} next
 * @param {HTMLElement} results
 */
function more(next, results) {
  if (!next) return null;
  let link = next;
  const button = h("button", { type: "button", class: "more-button" }, t("show.more"));
  button.addEventListener("click", async () => {
    const found = await get(local(link));
    const items = found.data.map(hit);
    results.append(...items);
    items[0]?.querySelector("a")?.focus();
    if (found.links.next) link = found.links.next;
    else button.remove();
  });
  return button;
}
