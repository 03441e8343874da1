// @ts-check
/** Who speaks on a theme, who is asked to act, who is to benefit: counts from facets, names and kinds from the actors themselves. */

import { every, get } from "./api.js";
import { h } from "./element.js";
import { label, t, word } from "./i18n.js";
import { themes } from "./names.js";
import { pseudonymMark } from "./references.js";
import { go, to } from "./router.js";
import { sharing } from "./sharing.js";

/** @type {[string, string, string][]} what is counted, in which list, by which of its facets */
const ROLES = [
  ["claims", "claims", "source"],
  ["recommendations", "recommendations", "source"],
  ["addressee", "recommendations", "addressee"],
  ["beneficiary", "recommendations", "beneficiary"],
  ["about", "claims", "about"],
];

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const known = await themes();
  const id = route.query.get("theme") ?? known[0]?.id;
  const theme = known.find((one) => one.id === id);
  const called = theme ? label(theme) : String(id);
  const [claims, recommendations] = await Promise.all([
    get("/claims", { theme: id, facets: "source,about", limit: 1, fields: "id" }),
    get("/recommendations", { theme: id, facets: "source,addressee,beneficiary", limit: 1, fields: "id" }),
  ]);
  const pages = /** @type {Record<string, any>} */ ({ claims, recommendations });
  /** @type {Map<string, Record<string, number>>} */
  const counts = new Map();
  for (const [role, list, facet] of ROLES) {
    for (const { value, count } of pages[list].facets[facet]) counts.set(value, { ...counts.get(value), [role]: count });
  }
  const ids = [...counts.keys()];
  /** @type {any[]} */
  const actors = [];
  for (let at = 0; at < ids.length; at += 100) {
    const { items } = await every("/actors", { id: ids.slice(at, at + 100).join(","), fields: "id,name,kind,pseudonym", limit: 100 });
    actors.push(...items);
  }
  const speaks = (/** @type {any} */ actor) => (counts.get(actor.id)?.claims ?? 0) + (counts.get(actor.id)?.recommendations ?? 0);
  const speakers = actors.filter((actor) => speaks(actor)).sort((a, b) => speaks(b) - speaks(a));
  const others = actors.filter((actor) => !speaks(actor));
  const select = h("select", { id: "voices-theme" }, known.map((one) => h("option", { value: one.id, selected: one.id === id }, (one.broader ? "\u2003" : "") + label(one))));
  select.addEventListener("change", () => go(to("voices", { theme: select.value })));
  const table = (/** @type {any[]} */ rows, /** @type {string[]} */ roles, /** @type {string} */ caption) =>
    h(
      "div",
      { class: "scrolling", tabindex: 0, role: "region", "aria-label": caption },
      h(
        "table",
        { class: "figures" },
        h("caption", {}, caption),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("actor")), roles.map((role) => h("th", { scope: "col", class: "number" }, t(`voices.${role}`))))),
        h("tbody", {}, rows.map((actor) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: to(`actors/${actor.id}`) }, actor.name), actor.pseudonym && [" ", pseudonymMark()], h("span", { class: "fine" }, word("actor-kind", actor.kind))), roles.map((role) => cell(actor.id, role, counts.get(actor.id)?.[role] ?? 0, id))))),
      ),
    );
  const heading = t("voices.on", { theme: called });
  return {
    title: heading,
    node: h(
      "div",
      { class: "narrow" },
      h("h1", {}, heading),
      h("p", { class: "lead" }, t("voices.lead", { n: speakers.length, claims: claims.meta.total, recommendations: recommendations.meta.total })),
      h("p", { class: "order" }, h("label", { for: "voices-theme" }, t("filter.theme")), " ", select),
      theme && h("p", { class: "definition" }, (document.documentElement.lang === "fr" && theme.definition_fr) || theme.definition),
      speakers.length ? table(speakers, ["recommendations", "claims", "addressee", "beneficiary"], t("voices.speakers")) : h("p", { class: "none" }, t("voices.none")),
      others.length > 0 && table(others, ["addressee", "beneficiary", "about"], t("voices.others")),
      sharing("/recommendations", { theme: id, facets: "source,addressee,beneficiary" }, { of: t("nav.recommendations") }),
      sharing("/claims", { theme: id, facets: "source,about" }, { of: t("nav.claims") }),
    ),
  };
}

/**
 * @param {string} actor
 * @param {string} role
 * @param {number} count
 * @param {string} theme
 */
function cell(actor, role, count, theme) {
  const [, list, facet] = /** @type {[string, string, string]} */ (ROLES.find(([name]) => name === role));
  return h("td", { class: count ? "number" : "number zero" }, count ? h("a", { href: to(list, { theme, [facet]: actor }) }, String(count)) : "0");
}
