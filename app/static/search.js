// @ts-check
/** View of a search over everything: items of all types in one ranked list. */

import { fetchJson } from "./api.js";
import { element } from "./element.js";
import { highlightNodes, highlightText, markMatches } from "./highlight.js";
import { themeLabel, translate } from "./i18n.js";
import { showMoreButton } from "./paging.js";
import { publication } from "./references.js";
import { href, withParameter } from "./router.js";
import { shareBar } from "./sharing.js";
import { searchWords, suggestionItem } from "./states.js";
import { fetchThemes } from "./vocabulary.js";

/** With fewer results than this, the view also suggests other searches. */
const FEW_RESULTS = 4;

const MAX_WORDS = 8;
const MAX_QUESTION_WORDS = 12;
const MAX_QUERY_LENGTH = 200;
const MAX_SUBJECTS = 4;

/** The address of each type of result. @type {Record<string, (id: string) => string>} */
const RESULT_HREF = {
  recommendation: (id) => href(`recommendations/${id}`),
  claim: (id) => href(`claims/${id}`),
  article: (id) => href(`articles/${id}`),
  actor: (id) => href(`actors/${id}`),
  theme: (id) => href("recommendations", { theme: id }),
  place: (id) => href("recommendations", { place: id }),
};

/**
 * @param {import("./router.js").Route} route
 * @param {import("./explorer.js").Page} page
 */
export async function render(route, page) {
  const query = new URLSearchParams(route.query);
  const text = query.get("q") ?? "";
  if (!text.trim()) return searchHint();
  query.set("facets", "type");
  const { data, meta, links, facets } = await fetchJson("/search", query);
  const { total } = meta;
  const heading = translate("count.hits", { count: total, words: text });
  page.announce(heading);
  const results = element("ol", { class: "hits" }, data.map(searchHit));
  const message = total === 0 ? "empty.search" : "closest.few";
  const [questions, suggestions] = await Promise.all(
    total < FEW_RESULTS ? [answerableQuestions(text), wordSuggestions(text, message)] : [],
  );
  return {
    title: heading,
    node: element(
      "div",
      { class: "narrow" },
      element("h1", {}, heading),
      typeTabs(query, facets.type),
      questions,
      total === 0 && suggestions,
      results,
      total > 0 && suggestions,
      showMoreButton(links.next, results, searchHit, page),
      shareBar("/search", route.query),
    ),
  };
}

function searchHint() {
  const title = translate("search");
  const hint = element("p", {}, translate("search.hint"));
  return { title, node: element("section", {}, element("h1", {}, title), hint) };
}

/**
 * @param {URLSearchParams} query
 * @param {import("./api.js").FacetValue[]} types
 */
function typeTabs(query, types) {
  const all = new URLSearchParams({ q: query.get("q") ?? "" });
  const current = query.get("type");
  return element(
    "nav",
    { class: "tabs", "aria-label": translate("search.types") },
    element(
      "a",
      { href: href("search", all), "aria-current": current === null ? "page" : null },
      translate("search.everything"),
    ),
    types.map(({ value, count }) =>
      element(
        "a",
        {
          href: href("search", withParameter(all, "type", value)),
          "aria-current": current === value ? "page" : null,
        },
        translate(`type.${value}`),
        " ",
        element("span", { class: "count" }, String(count)),
      ),
    ),
  );
}

/** @param {any} item */
function searchHit(item) {
  const elsewhere = item.highlight && highlightText(item.highlight) !== item.title;
  const type = element("span", { class: `badge ${item.type}` }, translate(`type.${item.type}`));
  const title = markMatches(item.title, item.highlight);
  return element(
    "li",
    { class: `hit ${item.type}` },
    element("p", { class: "badges" }, type),
    element("h2", { lang: "en" }, element("a", { href: RESULT_HREF[item.type](item.id) }, title)),
    elsewhere && element("p", { class: "matched", lang: "en" }, highlightNodes(item.highlight)),
    item.article &&
      element(
        "p",
        { class: "origin" },
        element("cite", {}, item.article.title),
        " ",
        publication(item.article),
      ),
  );
}

/**
 * Offer questions about the themes and actors whose names contain a word of the search. Few texts
 * contain all words of a full question.
 * @param {string} text
 */
async function answerableQuestions(text) {
  const words = [...new Set(searchWords(text))].slice(0, MAX_QUESTION_WORDS);
  if (words.length < 2) return null;
  const q = words.join(" OR ").slice(0, MAX_QUERY_LENGTH);
  const [{ data }, themes] = await Promise.all([
    fetchJson("/search", { q, type: "theme,actor", limit: 30 }),
    fetchThemes(),
  ]);
  const matchesName = (/** @type {any} */ item) =>
    item.matched_in.includes("name") || item.matched_in.includes("label");
  const subjects = data.filter(matchesName).slice(0, MAX_SUBJECTS);
  if (!subjects.length) return null;
  const links = subjects.flatMap((/** @type {any} */ { type, id, title }) => {
    if (type === "actor") {
      const question = translate("actor.asked", { count: 0, name: title });
      return [element("a", { href: href(`actors/${id}`) }, question)];
    }
    const theme = themeLabel(themes.find((candidate) => candidate.id === id) ?? { label: title });
    return ["arguments", "voices", "recommendations"].map((view) =>
      element("a", { href: href(view, { theme: id }) }, translate(`${view}.on`, { theme })),
    );
  });
  return element(
    "section",
    { class: "empty-state" },
    element("h2", {}, translate("questions.answerable")),
    element(
      "ul",
      {},
      links.map((/** @type {Node} */ link) => element("li", {}, link)),
    ),
  );
}

/**
 * Suggest a search for each single word, with the number of its results.
 * @param {string} text
 * @param {"empty.search" | "closest.few"} message
 */
async function wordSuggestions(text, message) {
  const words = [...new Set(searchWords(text))].slice(0, MAX_WORDS);
  const empty = message === "empty.search";
  if (words.length < 2 && !empty) return null;
  const results = await Promise.all(
    words.map(async (word) => {
      const { meta } = await fetchJson("/search", { q: word, limit: 1 });
      return { word, total: meta.total };
    }),
  );
  const useful = results.filter(({ total }) => total > 0).sort((a, b) => a.total - b.total);
  const items = useful.map(({ word, total }) =>
    suggestionItem(href("search", { q: word }), translate("closest.word", { word }), total),
  );
  return element(
    "section",
    { class: "empty-state" },
    element("p", { class: "lead" }, translate(message)),
    empty && items.length > 0 && element("p", {}, translate("closest")),
    items.length > 0 && element("ul", {}, items),
  );
}
