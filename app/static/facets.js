// @ts-check
/**
 * Filters beside a list. Each value is a link that the API gave: it adds the value or, where it is chosen, takes it away; its count
 * is the total behind it. So this file knows nothing of how filters are written.
 */

import { h } from "./element.js";
import { label, t } from "./i18n.js";
import { nameOf, pseudonymsAmong, themes, wordFor } from "./names.js";
import { pseudonymMark } from "./references.js";
import { to, viewOf } from "./router.js";

/** @typedef {import("./api.js").FacetValue} FacetValue */

const SHOWN = 7;
const NEVER_CHIPS = ["sort"];

/**
 * @param {Record<string, FacetValue[]>} facets
 * @param {string[]} names in the order to show them
 * @param {Record<string, number>} omitted how many further values each has
 */
export async function panel(facets, names, omitted) {
  const groups = await Promise.all(
    names.filter((name) => facets[name]?.length).map(async (name) => {
      const values = facets[name];
      const body = name === "theme" ? await tree(values) : flat(name, values, omitted[name] ?? 0);
      return h("section", { class: "facet" }, h("h3", {}, t(`filter.${name}`)), body);
    }),
  );
  const past = h("button", { type: "button", class: "past" }, t("skip.filters"));
  past.addEventListener("click", () => /** @type {HTMLElement | null} */ (document.querySelector(".found :is(a, button, select, input)"))?.focus());
  const all = h("details", { class: "facets", open: matchMedia("(min-width: 62rem)").matches }, h("summary", {}, t("filters")), groups);
  return h("aside", { "aria-label": t("filters"), class: "side" }, past, all);
}

/**
 * @param {FacetValue} value
 * @param {string} shown
 */
function choice(value, shown) {
  const inner = [h("span", { class: "label" }, shown), h("span", { class: "count" }, String(value.count))];
  if (!value.link) return h("span", { class: "choice" }, inner);
  return h(
    "a",
    { href: viewOf(value.link), class: `choice${value.selected ? " chosen" : ""}`, "aria-current": value.selected ? "true" : null },
    inner,
    value.selected && h("span", { class: "unseen" }, t("chosen.remove")),
  );
}

/**
 * @param {string} name
 * @param {FacetValue[]} values
 * @param {number} omitted
 */
function flat(name, values, omitted) {
  const items = values.map((value) => h("li", {}, choice(value, wordFor(name, value.value) ?? value.label)));
  // Filters need not wait for it.
  pseudonymsAmong(name, values.map(({ value }) => value)).then(
    (found) => values.forEach(({ value }, at) => found.has(value) && items[at].querySelector(".label")?.append(" ", pseudonymMark())),
    () => null,
  );
  if (items.length <= SHOWN + 1) return h("ul", {}, items);
  const rest = items.slice(SHOWN);
  const more = omitted ? h("p", { class: "fine" }, t("facet.omitted", { n: omitted })) : null;
  return [h("ul", {}, items.slice(0, SHOWN)), h("details", { class: "more" }, h("summary", {}, t("facet.more", { n: rest.length })), h("ul", {}, rest), more)];
}

/**
 * The themes found, as the tree they form.
 * @param {FacetValue[]} values
 */
async function tree(values) {
  const found = new Map(values.map((value) => [value.value, value]));
  const all = await themes();
  /** @param {string | null} broader @returns {Node[]} */
  const below = (broader) =>
    all
      .filter((theme) => (theme.broader?.id ?? null) === broader && found.has(theme.id))
      .map((theme) => {
        const value = /** @type {FacetValue} */ (found.get(theme.id));
        const narrower = below(theme.id);
        // An opened branch shows what is chosen inside; the others stay closed, so that the tree is seen at a glance.
        const open = value.selected || theme.narrower.some(({ id }) => found.get(id)?.selected);
        return h(
          "li",
          {},
          narrower.length
            ? h("details", { class: "branch", open }, h("summary", { "aria-label": t("facet.narrower", { theme: label(theme) }) }), h("ul", {}, narrower))
            : null,
          choice(value, label(theme)),
        );
      });
  return h("ul", { class: "tree" }, below(null));
}

/**
 * What is asked for, each condition with a way to take it back.
 * @param {string} view
 * @param {URLSearchParams} query
 */
export async function chips(view, query) {
  const conditions = [...query].filter(([name]) => !NEVER_CHIPS.includes(name));
  if (!conditions.length) return null;
  const items = await Promise.all(
    conditions.map(async ([name, value], at) => {
      const rest = new URLSearchParams([...query].filter((pair) => pair[0] !== name || pair[1] !== value));
      const parts = ["q", "published_from", "published_to"].includes(name) ? [value] : value.split(",");
      const names = await Promise.all(parts.map(async (part) => (part.startsWith("!") ? `${t("not")} ` : "") + (await nameOf(name, part))));
      const said = t("chip", { filter: t(`filter.${name}`), value: names.join(` ${t("or")} `) });
      return h("li", {}, h("a", { href: to(view, rest), class: "chip", "data-at": at }, said, h("span", { "aria-hidden": "true" }, " ×"), h("span", { class: "unseen" }, t("chip.remove"))));
    }),
  );
  return h("ul", { class: "chips", "aria-label": t("chosen.filters") }, items, conditions.length > 1 && h("li", {}, h("a", { href: to(view), class: "chip all" }, t("remove.all"))));
}
