// @ts-check
/**
 * Filters beside a list. Each value has a link from the API, which adds the value to the query or
 * removes it, and a count, which is the `total` of the list behind the link. So this file needs no
 * knowledge of the filter grammar.
 */

import { element } from "./element.js";
import { themeLabel, translate } from "./i18n.js";
import { pseudonymMark } from "./references.js";
import { href, viewHref } from "./router.js";
import { fetchThemes, fetchValueName, filterValueLabel, findPseudonyms } from "./vocabulary.js";

/** @typedef {import("./api.js").FacetValue} FacetValue */

/** The number of values shown before the rest is folded. */
const VISIBLE_VALUES = 7;

/** Filters whose value is free text, where a comma separates nothing. */
const FREE_TEXT = ["q", "published_from", "published_to"];

/**
 * @param {Record<string, FacetValue[]>} facets
 * @param {string[]} names in the order of display
 * @param {Record<string, number>} omitted the number of values left out of each facet
 */
export async function facetPanel(facets, names, omitted) {
  const shown = names.filter((name) => facets[name]?.length);
  const sections = await Promise.all(
    shown.map(async (name) => {
      const values = facets[name];
      const heading = element("h3", {}, translate(`filter.${name}`));
      const body =
        name === "theme" ? await themeTree(values) : valueList(name, values, omitted[name] ?? 0);
      return element("section", { class: "facet" }, heading, body);
    }),
  );
  const open = matchMedia("(min-width: 62rem)").matches;
  const summary = element("summary", {}, translate("filters"));
  return element(
    "aside",
    { "aria-label": translate("filters"), class: "side" },
    skipButton(),
    element("details", { class: "facets", open }, summary, sections),
  );
}

/** Create the button that lets keyboard users skip the many links of the filters. */
function skipButton() {
  const skip = () => {
    const first = document.querySelector(".list-column :is(a, button, select, input)");
    if (first instanceof HTMLElement) first.focus();
  };
  const attributes = { type: "button", class: "skip-filters", on: { click: skip } };
  return element("button", attributes, translate("skip.filters"));
}

/**
 * @param {FacetValue} value
 * @param {string} label
 */
function facetChoice(value, label) {
  const parts = [
    element("span", { class: "label" }, label),
    element("span", { class: "count" }, String(value.count)),
  ];
  if (!value.link) return element("span", { class: "choice" }, parts);
  return element(
    "a",
    {
      href: viewHref(value.link),
      class: `choice${value.selected ? " active" : ""}`,
      "aria-current": value.selected ? "true" : null,
    },
    parts,
    value.selected && element("span", { class: "visually-hidden" }, translate("facet.remove")),
  );
}

/**
 * @param {string} name
 * @param {FacetValue[]} values
 * @param {number} omitted
 */
function valueList(name, values, omitted) {
  const items = values.map((value) =>
    element("li", {}, facetChoice(value, filterValueLabel(name, value.value) ?? value.label)),
  );
  markPseudonyms(name, values, items);
  if (items.length <= VISIBLE_VALUES + 1) return element("ul", {}, items);
  const rest = items.slice(VISIBLE_VALUES);
  const note = omitted > 0 && translate("facet.omitted", { count: omitted });
  return [
    element("ul", {}, items.slice(0, VISIBLE_VALUES)),
    element(
      "details",
      {},
      element("summary", {}, translate("count.more", { count: rest.length })),
      element("ul", {}, rest),
      note && element("p", { class: "fine" }, note),
    ),
  ];
}

/**
 * Mark pseudonyms as soon as they are known. The filters do not wait for it, and stay without marks
 * if the call fails.
 * @param {string} name
 * @param {FacetValue[]} values
 * @param {HTMLElement[]} items
 */
async function markPseudonyms(name, values, items) {
  const ids = values.map(({ value }) => value);
  const pseudonyms = await findPseudonyms(name, ids).catch(() => new Set());
  ids.forEach((id, index) => {
    if (pseudonyms.has(id)) items[index].querySelector(".label")?.append(" ", pseudonymMark());
  });
}

/**
 * Show theme values as the tree of their themes.
 * @param {FacetValue[]} values
 */
async function themeTree(values) {
  const byId = new Map(values.map((value) => [value.value, value]));
  const themes = await fetchThemes();
  /** @param {string | null} broader @returns {Node[]} */
  const branches = (broader) =>
    themes
      .filter((theme) => (theme.broader?.id ?? null) === broader && byId.has(theme.id))
      .map((theme) => {
        const value = /** @type {FacetValue} */ (byId.get(theme.id));
        const narrower = branches(theme.id);
        // Only branches with a selected theme are open, so that the tree stays short.
        const open = value.selected || theme.narrower.some(({ id }) => byId.get(id)?.selected);
        const label = themeLabel(theme);
        return element(
          "li",
          {},
          narrower.length > 0 && themeBranch(label, open, narrower),
          facetChoice(value, label),
        );
      });
  return element("ul", { class: "tree" }, branches(null));
}

/**
 * @param {string} theme
 * @param {boolean} open
 * @param {Node[]} narrower
 */
function themeBranch(theme, open, narrower) {
  const summary = { "aria-label": translate("facet.narrower", { theme }) };
  return element(
    "details",
    { class: "branch", open },
    element("summary", summary),
    element("ul", {}, narrower),
  );
}

/**
 * Show the active filters, each as a link that removes it.
 * @param {string} view
 * @param {URLSearchParams} query
 */
export async function filterChips(view, query) {
  const filters = [...query].filter(([name]) => name !== "sort");
  if (!filters.length) return null;
  const chips = await Promise.all(
    filters.map(async ([name, value]) => {
      const rest = [...query].filter((pair) => pair[0] !== name || pair[1] !== value);
      return element(
        "li",
        {},
        element(
          "a",
          { href: href(view, new URLSearchParams(rest)), class: "chip" },
          await describeFilter(name, value),
          element("span", { "aria-hidden": "true" }, " ×"),
          element("span", { class: "visually-hidden" }, translate("chip.remove")),
        ),
      );
    }),
  );
  const removeAll = element("a", { href: href(view), class: "chip all" }, translate("remove.all"));
  return element(
    "ul",
    { class: "chips", "aria-label": translate("filters.active") },
    chips,
    chips.length > 1 && element("li", {}, removeAll),
  );
}

/**
 * Say what a filter finds: the alternatives, and what is excluded from them.
 * @param {string} name
 * @param {string} value alternatives separated by commas; `!` excludes one
 */
async function describeFilter(name, value) {
  const parts = FREE_TEXT.includes(name) ? [value] : value.split(",");
  const names = await Promise.all(parts.map((part) => fetchValueName(name, part)));
  const isExcluded = (/** @type {number} */ index) => parts[index].startsWith("!");
  const included = names.filter((_, index) => !isExcluded(index));
  const excluded = names.filter((_, index) => isExcluded(index));
  const text = [
    ...(included.length ? [included.join(` ${translate("or")} `)] : []),
    ...excluded.map((excludedName) => `${translate("not")} ${excludedName}`),
  ].join(", ");
  return translate("chip", { filter: translate(`filter.${name}`), value: text });
}
