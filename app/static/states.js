// @ts-check
/** What a view shows instead of data: it is loading, nothing matches, or there was an error. */

import { OfflineError, ProblemError, fetchJson } from "./api.js";
import { element } from "./element.js";
import { translate } from "./i18n.js";
import { href } from "./router.js";
import { fetchValueName } from "./vocabulary.js";

export function loadingState() {
  const widths = [60, 95, 80, 60, 95, 70];
  return element(
    "div",
    { class: "skeleton", "aria-busy": "true" },
    element("p", { class: "visually-hidden" }, translate("loading")),
    widths.map((width) => element("span", { class: `bar w${width}` })),
  );
}

/**
 * Show an error in the words of the API, with a link for each value it suggests.
 * @param {unknown} error
 * @param {import("./router.js").Route} route
 * @param {() => void} retry
 */
export function errorState(error, route, retry) {
  const listeners = { click: retry };
  const button = element("button", { type: "button", on: listeners }, translate("try.again"));
  if (error instanceof OfflineError) {
    return element(
      "section",
      { class: "error-state", role: "alert" },
      element("h1", {}, translate("offline.title")),
      element("p", {}, translate("offline")),
      button,
    );
  }
  if (!(error instanceof ProblemError)) throw error;
  const { problem } = error;
  const suggestions = problem.errors.flatMap(({ parameter, value, did_you_mean }) =>
    did_you_mean.map((suggestion) => {
      const query = replaceValue(route.query, parameter, value, suggestion);
      const link = { href: href(route.path.join("/"), query) };
      return element("li", {}, element("a", link, suggestion));
    }),
  );
  const title = translate(problem.status === 404 ? "not.found" : "problem.title");
  return element(
    "section",
    { class: "error-state", role: "alert" },
    element("h1", {}, title),
    element("p", { class: "detail", lang: "en" }, problem.detail),
    suggestions.length > 0 && [
      element("p", {}, translate("did.you.mean")),
      element("ul", {}, suggestions),
    ],
    problem.status >= 500 ? button : startLink(),
  );
}

/** Show that an address leads to no view. */
export function notFoundState() {
  const heading = element("h1", {}, translate("not.found"));
  return element("section", { class: "error-state" }, heading, startLink());
}

function startLink() {
  return element("p", {}, element("a", { href: href("") }, translate("back.to.start")));
}

/**
 * Replace a wrong value, or the name of an unknown parameter, by a suggestion. Other values of the
 * parameter stay.
 * @param {URLSearchParams} query
 * @param {string} parameter
 * @param {string | null} wrong
 * @param {string} suggestion
 */
function replaceValue(query, parameter, wrong, suggestion) {
  const corrected = new URLSearchParams();
  for (const [name, value] of query) {
    if (name === parameter) {
      const parts = value.split(",").map((part) => {
        const matches = part.replace(/^!/, "") === wrong;
        return matches ? part.replace(String(wrong), suggestion) : part;
      });
      corrected.append(name, parts.join(","));
    } else {
      // For an unknown parameter, the wrong value is its name.
      corrected.append(name === wrong ? suggestion : name, value);
    }
  }
  return corrected;
}

/** The largest number of queries to try when nothing matches. */
const MAX_ATTEMPTS = 8;

/** Shorter words occur in too many texts to be worth a suggestion. */
const SEARCH_WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]{2,}/gu;

/** @param {string} text */
export function searchWords(text) {
  return text.match(SEARCH_WORD) ?? [];
}

/**
 * Create a list item that links to a query, with the number of its results.
 * @param {string} address
 * @param {string} text
 * @param {number} total
 */
export function suggestionItem(address, text, total) {
  const count = element("span", { class: "count" }, translate("count.results", { count: total }));
  return element("li", {}, element("a", { href: address }, text), " ", count);
}

/**
 * Show that nothing matches, with similar queries that have results: each drops one filter, or
 * keeps one word of the search.
 * @param {string} collection
 * @param {URLSearchParams} query
 */
export async function emptyState(collection, query) {
  const filters = [...query].filter(([name]) => name !== "sort");
  /** @type {{text: Promise<string> | string, query: URLSearchParams}[]} */
  const attempts = filters.map(([name, value], index) => ({
    text: filters.length === 1 ? translate("closest.unfiltered") : describeWithout(name, value),
    query: new URLSearchParams(filters.filter((_, other) => other !== index)),
  }));
  // All words must occur. Each word alone shows which one has no matches.
  const words = searchWords(query.get("q") ?? "");
  if (words.length > 1) {
    for (const word of words) {
      const wordQuery = new URLSearchParams(query);
      wordQuery.set("q", word);
      attempts.push({ text: translate("closest.word", { word }), query: wordQuery });
    }
  }
  const results = await Promise.all(
    attempts.slice(0, MAX_ATTEMPTS).map(async (attempt) => {
      const first = new URLSearchParams([...attempt.query, ["limit", "1"]]);
      const { meta } = await fetchJson(`/${collection}`, first);
      return { query: attempt.query, text: await attempt.text, total: meta.total };
    }),
  );
  // The query with the fewest results is the most specific, and so the closest.
  const useful = results.filter(({ total }) => total > 0).sort((a, b) => a.total - b.total);
  const items = useful.map((result) =>
    suggestionItem(href(collection, result.query), result.text, result.total),
  );
  return element(
    "section",
    { class: "empty-state" },
    element("p", { class: "lead" }, translate(`empty.${collection}`)),
    items.length > 0 && [element("p", {}, translate("closest")), element("ul", {}, items)],
  );
}

/**
 * @param {string} name
 * @param {string} value
 */
async function describeWithout(name, value) {
  const filter = translate(`filter.${name}`);
  return translate("closest.without", { filter, value: await fetchValueName(name, value) });
}
