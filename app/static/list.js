// @ts-check
/** The lists of recommendations and of claims: facets, search, order, and every state with an address. */

import { get, local } from "./api.js";
import { card } from "./card.js";
import { h } from "./element.js";
import { chips, panel } from "./facets.js";
import { label, t } from "./i18n.js";
import { themes } from "./names.js";
import { questions } from "./questions.js";
import { changed, go, to } from "./router.js";
import { sharing } from "./sharing.js";
import { empty } from "./states.js";

const FACETS = /** @type {Record<string, string[]>} */ ({
  recommendations: ["theme", "addressee", "source", "strength", "article", "beneficiary", "place", "action"],
  claims: ["theme", "kind", "source", "about", "article", "relation", "place"],
});

const SORTS = /** @type {Record<string, string[]>} */ ({
  recommendations: ["-strength", "-published", "published"],
  claims: ["-published", "published", "kind"],
});

/** Cards that a screen has room for are there first; those below it follow once these are painted. */
const IN_SIGHT = 6;
const PAINTED = 30;

/**
 * @param {import("./router.js").Route} route
 * @param {{announce: (text: string) => void}} page
 */
export async function show(route, page) {
  const list = route.path[0] ?? "recommendations";
  const atStart = route.path.length === 0 && ![...route.query].length;
  // The address of the view is the query of the call: what the API does not know, it says so itself.
  const query = new URLSearchParams(route.query);
  query.set("facets", FACETS[list].join(","));
  // The vocabulary is for the facets: everything that is needed is on its way at once.
  const [found, asking] = await Promise.all([get(`/${list}`, query), atStart ? questions() : null, themes()]);
  const { total } = found.meta;
  const heading = t(`n.${list}`, { n: total });
  const cards = (/** @type {any[]} */ items) => items.map((item) => card(item));
  const results = h("div", { class: "results" }, cards(found.data.slice(0, IN_SIGHT)));
  const [side, asked, defined, nothing] = await Promise.all([
    panel(found.facets, FACETS[list], found.meta.facets_omitted),
    chips(list, route.query),
    definition(route.query),
    total === 0 && [...route.query].length ? empty(list, route.query) : null,
  ]);
  page.announce(heading);
  return {
    title: heading,
    ready: async () => {
      await new Promise((shown) => setTimeout(shown, PAINTED));
      results.append(...cards(found.data.slice(IN_SIGHT)));
    },
    node: h(
      "div",
      {},
      asking,
      h(
        "div",
        { class: "columns" },
        side,
        h(
          "section",
          { class: "found", "aria-labelledby": "heading" },
          h("div", { class: "bar-above" }, h(atStart ? "h2" : "h1", { id: "heading" }, heading), total > 1 && order(list, route.query)),
          asked,
          other(list, route.query),
          defined,
          nothing,
          results,
          more(found.links.next, results, page),
          sharing(`/${list}`, route.query),
        ),
      ),
    ),
  };
}

/** The filters that recommendations and claims share. */
const SHARED = ["q", "theme", "place", "article", "source", "publisher", "actor", "year", "published_from", "published_to", "narrower"];

/**
 * The other list, under the same filters.
 * @param {string} list
 * @param {URLSearchParams} query
 */
function other(list, query) {
  const kept = new URLSearchParams([...query].filter(([name]) => SHARED.includes(name)));
  if (![...kept].length) return null;
  const name = list === "claims" ? "recommendations" : "claims";
  return h("p", { class: "other-list" }, h("a", { href: to(name, kept) }, t(`same.${name}`)));
}

/**
 * @param {string} list
 * @param {URLSearchParams} query
 */
function order(list, query) {
  const keys = [query.has("q") ? "relevance" : "id", ...SORTS[list]];
  const chosen = query.get("sort") ?? keys[0];
  const select = h("select", { id: "sort" }, [...new Set([...keys, chosen])].map((key) => h("option", { value: key, selected: key === chosen }, t(`sort.${key}`))));
  select.addEventListener("change", () => go(to(list, changed(query, "sort", select.value === keys[0] ? null : select.value))));
  return h("p", { class: "order" }, h("label", { for: "sort" }, t("sort")), " ", select);
}

/**
 * What a theme means, where the list is about one.
 * @param {URLSearchParams} query
 */
async function definition(query) {
  const asked = query.getAll("theme");
  const theme = asked.length === 1 ? (await themes()).find(({ id }) => id === asked[0]) : null;
  if (!theme) return null;
  const links = [
    h("a", { href: to("voices", { theme: theme.id }) }, t("voices.on", { theme: label(theme) })),
    " · ",
    h("a", { href: to("arguments", { theme: theme.id }) }, t("arguments.on", { theme: label(theme) })),
  ];
  return h("div", { class: "definition" }, h("p", {}, h("strong", {}, label(theme)), " — ", (document.documentElement.lang === "fr" && theme.definition_fr) || theme.definition), h("p", {}, links));
}

/**
 * The next page, by the link that the API gave: it keeps every filter.
 * @param {string | null} next
 * @param {HTMLElement} results
 * @param {{announce: (text: string) => void}} page
 */
function more(next, results, page) {
  if (!next) return null;
  let link = next;
  const button = h("button", { type: "button", class: "more-button" }, t("show.more"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const found = await get(local(link));
      const cards = found.data.map((/** @type {any} */ item) => card(item));
      results.append(...cards);
      cards[0]?.querySelector("a")?.focus();
      page.announce(t("n.more", { n: cards.length }));
      if (found.links.next) link = found.links.next;
      else button.remove();
    } catch (error) {
      page.announce(error instanceof Error && error.message ? error.message : t("offline"));
    }
    button.disabled = false;
  });
  return button;
}
