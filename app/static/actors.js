// @ts-check
/** View of all actors in a table, with filters and a search by name. */

import { fetchAll, fetchJson } from "./api.js";
import { element } from "./element.js";
import { facetPanel, filterChips } from "./facets.js";
import { highlightNodes, highlightText } from "./highlight.js";
import { translate } from "./i18n.js";
import { actorHeaderCell } from "./references.js";
import { href, navigate, withParameter } from "./router.js";
import { shareBar } from "./sharing.js";

const COLUMNS = ["addressee", "recommendations", "claims", "about", "articles"];
const ACTOR_FACETS = ["kind", "theme", "article"];
const MAX_ACTORS = 500;

/**
 * @param {import("./router.js").Route} route
 * @param {import("./explorer.js").Page} page
 */
export async function render({ query }, page) {
  const rowsCall = new URLSearchParams([...query, ["limit", "100"]]);
  if (!query.has("sort") && !query.has("q")) rowsCall.set("sort", "name");
  const facetsCall = new URLSearchParams([
    ...query,
    ["facets", ACTOR_FACETS.join(",")],
    ["limit", "1"],
  ]);
  const [{ items, total }, { facets, meta }] = await Promise.all([
    fetchAll("/actors", rowsCall, MAX_ACTORS),
    fetchJson("/actors", facetsCall),
  ]);
  const heading = translate("count.actors", { count: total });
  page.announce(heading);
  const [panel, chips] = await Promise.all([
    facetPanel(facets, ACTOR_FACETS, meta.facets_omitted),
    filterChips("actors", query),
  ]);
  const tableRegion = { class: "scrolling", tabindex: 0, role: "region", "aria-label": heading };
  return {
    title: heading,
    node: element(
      "div",
      { class: "columns" },
      panel,
      element(
        "section",
        { class: "list-column" },
        element("h1", {}, heading),
        nameFilter(query),
        chips,
        total > MAX_ACTORS &&
          element("p", { class: "none" }, translate("first.shown", { count: MAX_ACTORS })),
        total === 0 && element("p", { class: "lead" }, translate("empty.actors")),
        total > 0 && element("div", tableRegion, actorTable(items, heading)),
        shareBar("/actors", query),
      ),
    ),
  };
}

/** @param {URLSearchParams} query */
function nameFilter(query) {
  const input = element("input", {
    type: "search",
    id: "actor-words",
    value: query.get("q") ?? "",
    maxlength: 200,
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    navigate(href("actors", withParameter(query, "q", input.value.trim())));
  };
  return element(
    "form",
    { class: "name-filter", on: { submit } },
    element("label", { for: input.id }, translate("actors.find")),
    " ",
    input,
    " ",
    element("button", { type: "submit" }, translate("search")),
  );
}

/**
 * @param {any[]} actors
 * @param {string} caption
 */
function actorTable(actors, caption) {
  const head = COLUMNS.map((name) =>
    element("th", { scope: "col", class: "number" }, translate(`column.${name}`)),
  );
  return element(
    "table",
    { class: "figures" },
    element("caption", { class: "visually-hidden" }, caption),
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col" }, translate("actor")), head),
    ),
    element("tbody", {}, actors.map(actorRow)),
  );
}

/** @param {any} actor */
function actorRow(actor) {
  // A search can match an alias.
  const alias = actor.highlight && highlightText(actor.highlight) !== actor.name;
  const matches = alias && highlightNodes(actor.highlight);
  return element(
    "tr",
    {},
    actorHeaderCell(actor, alias && element("span", { class: "fine", lang: "en" }, matches)),
    COLUMNS.map((name) => {
      const count = actor.counts[name];
      return element("td", { class: count ? "number" : "number zero" }, String(count));
    }),
  );
}
