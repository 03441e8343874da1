// @ts-check
/** View of the recommendations or the claims: filters, order, cards. It is also the start page. */

import { fetchJson } from "./api.js";
import { annotationCard } from "./card.js";
import { element } from "./element.js";
import { facetPanel, filterChips } from "./facets.js";
import { themeDefinition, themeLabel, translate } from "./i18n.js";
import { showMoreButton } from "./paging.js";
import { questionForms } from "./questions.js";
import { href, navigate, withParameter } from "./router.js";
import { shareBar } from "./sharing.js";
import { emptyState } from "./states.js";
import { fetchThemes } from "./vocabulary.js";

/** @type {Record<string, string[]>} */
const FACETS = {
  recommendations: [
    "theme",
    "addressee",
    "source",
    "strength",
    "article",
    "beneficiary",
    "place",
    "action",
  ],
  claims: ["theme", "kind", "source", "about", "article", "relation", "place"],
};

/** @type {Record<string, string[]>} */
const SORT_KEYS = {
  recommendations: ["-strength", "-published", "published"],
  claims: ["-published", "published", "kind"],
};

/** Filters of both recommendations and claims. */
const SHARED_FILTERS = [
  "q",
  "theme",
  "place",
  "article",
  "source",
  "publisher",
  "actor",
  "year",
  "published_from",
  "published_to",
  "narrower",
];

/** Cards that fit on a screen. The others follow once these are painted. */
const FIRST_CARDS = 6;
const PAINT_MS = 30;

/**
 * @param {import("./router.js").Route} route
 * @param {import("./explorer.js").Page} page
 */
export async function render({ path, query }, page) {
  const collection = path[0] ?? "recommendations";
  const filtered = [...query].length > 0;
  const atStart = path.length === 0 && !filtered;
  // The query of the view is the query of the call. The API itself reports what it does not know.
  const call = new URLSearchParams(query);
  call.set("facets", FACETS[collection].join(","));
  // The facets need the themes. All calls start at once.
  const [{ data, meta, links, facets }, forms] = await Promise.all([
    fetchJson(`/${collection}`, call),
    atStart ? questionForms() : null,
    fetchThemes(),
  ]);
  const { total } = meta;
  const heading = translate(`count.${collection}`, { count: total });
  const results = element("div", { class: "results" });
  results.append(...data.slice(0, FIRST_CARDS).map(annotationCard));
  const [panel, chips, definition, empty] = await Promise.all([
    facetPanel(facets, FACETS[collection], meta.facets_omitted),
    filterChips(collection, query),
    themeSection(query),
    total === 0 && filtered ? emptyState(collection, query) : null,
  ]);
  page.announce(heading);
  const header = element(
    "div",
    { class: "list-header" },
    element(atStart ? "h2" : "h1", { id: "heading" }, heading),
    total > 1 && sortControl(collection, query),
  );
  return {
    title: heading,
    ready: async () => {
      await new Promise((resolve) => setTimeout(resolve, PAINT_MS));
      results.append(...data.slice(FIRST_CARDS).map(annotationCard));
    },
    node: element(
      "div",
      {},
      forms,
      element(
        "div",
        { class: "columns" },
        panel,
        element(
          "section",
          { class: "list-column", "aria-labelledby": "heading" },
          header,
          chips,
          otherCollectionLink(collection, query),
          definition,
          empty,
          results,
          showMoreButton(links.next, results, annotationCard, page),
          shareBar(`/${collection}`, query),
        ),
      ),
    ),
  };
}

/**
 * Link to the other collection with the filters that both have.
 * @param {string} collection
 * @param {URLSearchParams} query
 */
function otherCollectionLink(collection, query) {
  const shared = [...query].filter(([name]) => SHARED_FILTERS.includes(name));
  if (!shared.length) return null;
  const other = collection === "claims" ? "recommendations" : "claims";
  const link = { href: href(other, new URLSearchParams(shared)) };
  return element("p", { class: "other-list" }, element("a", link, translate(`same.${other}`)));
}

/**
 * @param {string} collection
 * @param {URLSearchParams} query
 */
function sortControl(collection, query) {
  const defaultKey = query.has("q") ? "relevance" : "id";
  const current = query.get("sort") ?? defaultKey;
  const keys = new Set([defaultKey, ...SORT_KEYS[collection], current]);
  const options = [...keys].map((key) =>
    element("option", { value: key, selected: key === current }, translate(`sort.${key}`)),
  );
  const select = element("select", { id: "sort" }, options);
  select.addEventListener("change", () => {
    const sort = select.value === defaultKey ? null : select.value;
    navigate(href(collection, withParameter(query, "sort", sort)));
  });
  const label = element("label", { for: "sort" }, translate("sort"));
  return element("p", { class: "order" }, label, " ", select);
}

/**
 * Define the theme if the list has exactly one, and link to its other views.
 * @param {URLSearchParams} query
 */
async function themeSection(query) {
  const ids = query.getAll("theme");
  if (ids.length !== 1) return null;
  const theme = (await fetchThemes()).find(({ id }) => id === ids[0]);
  if (!theme) return null;
  const label = themeLabel(theme);
  const links = ["voices", "arguments"].map((view) =>
    element(
      "a",
      { href: href(view, { theme: theme.id }) },
      translate(`${view}.on`, { theme: label }),
    ),
  );
  return element(
    "div",
    { class: "definition" },
    element("p", {}, element("strong", {}, label), " — ", themeDefinition(theme)),
    element("p", {}, links[0], " · ", links[1]),
  );
}
