// @ts-check
/**
 * View of the actors of a theme: who speaks, who is asked to act, who is to benefit. The counts are
 * from facets, the names and kinds from the actors.
 */

import { fetchJson } from "./api.js";
import { element } from "./element.js";
import { themeDefinition, themeLabel, translate } from "./i18n.js";
import { actorHeaderCell } from "./references.js";
import { href, navigate } from "./router.js";
import { shareBar } from "./sharing.js";
import { fetchActors, fetchThemes, indentedThemeLabel } from "./vocabulary.js";

/** Each role: the collection where it is counted, and its filter there. */
const ROLES = {
  claims: ["claims", "source"],
  recommendations: ["recommendations", "source"],
  addressee: ["recommendations", "addressee"],
  beneficiary: ["recommendations", "beneficiary"],
  about: ["claims", "about"],
};

/** @typedef {keyof typeof ROLES} Role */
/** @typedef {Partial<Record<Role, number>>} Counts */

/** @type {Role[]} */
const SPEAKER_COLUMNS = ["recommendations", "claims", "addressee", "beneficiary"];
/** @type {Role[]} */
const OTHER_COLUMNS = ["addressee", "beneficiary", "about"];

/** @param {import("./router.js").Route} route */
export async function render(route) {
  const themes = await fetchThemes();
  const id = route.query.get("theme") ?? themes[0]?.id;
  const theme = themes.find((candidate) => candidate.id === id);
  const facets = { recommendations: "source,addressee,beneficiary", claims: "source,about" };
  const [claims, recommendations] = await Promise.all([
    fetchJson("/claims", { theme: id, facets: facets.claims, limit: 1, fields: "id" }),
    fetchJson("/recommendations", {
      theme: id,
      facets: facets.recommendations,
      limit: 1,
      fields: "id",
    }),
  ]);
  const counts = countRoles({ claims, recommendations });
  const spoken = (/** @type {any} */ actor) => {
    const { claims: said = 0, recommendations: recommended = 0 } = counts.get(actor.id) ?? {};
    return said + recommended;
  };
  const actors = await fetchActors([...counts.keys()], "id,name,kind,pseudonym");
  const speakers = actors.filter(spoken).sort((a, b) => spoken(b) - spoken(a));
  const others = actors.filter((actor) => !spoken(actor));
  const heading = translate("voices.on", { theme: theme ? themeLabel(theme) : String(id) });
  const lead = translate("voices.lead", {
    count: speakers.length,
    claims: claims.meta.total,
    recommendations: recommendations.meta.total,
  });
  /** @type {(rows: any[], columns: Role[], caption: string) => Node} */
  const table = (rows, columns, caption) =>
    rolesTable(rows, columns, translate(caption), counts, id);
  return {
    title: heading,
    node: element(
      "div",
      { class: "narrow" },
      element("h1", {}, heading),
      element("p", { class: "lead" }, lead),
      themeMenu(themes, id),
      theme && element("p", { class: "definition" }, themeDefinition(theme)),
      speakers.length
        ? table(speakers, SPEAKER_COLUMNS, "voices.speakers")
        : element("p", { class: "none" }, translate("voices.none")),
      others.length > 0 && table(others, OTHER_COLUMNS, "voices.others"),
      ["recommendations", "claims"].map((collection) =>
        shareBar(
          `/${collection}`,
          { theme: id, facets: facets[/** @type {"claims" | "recommendations"} */ (collection)] },
          { caption: translate(`nav.${collection}`) },
        ),
      ),
    ),
  };
}

/**
 * Collect the counts of the facets by actor.
 * @param {Record<string, import("./api.js").Page>} pages by collection
 */
function countRoles(pages) {
  /** @type {Map<string, Counts>} */
  const counts = new Map();
  for (const [role, [collection, filter]] of Object.entries(ROLES)) {
    for (const { value, count } of pages[collection].facets[filter]) {
      counts.set(value, { ...counts.get(value), [role]: count });
    }
  }
  return counts;
}

/**
 * @param {import("./vocabulary.js").Theme[]} themes
 * @param {string} id
 */
function themeMenu(themes, id) {
  const options = themes.map((theme) =>
    element("option", { value: theme.id, selected: theme.id === id }, indentedThemeLabel(theme)),
  );
  const select = element("select", { id: "voices-theme" }, options);
  select.addEventListener("change", () => navigate(href("voices", { theme: select.value })));
  const label = element("label", { for: select.id }, translate("filter.theme"));
  return element("p", { class: "order" }, label, " ", select);
}

/**
 * @param {any[]} actors
 * @param {Role[]} roles
 * @param {string} caption
 * @param {Map<string, Counts>} counts
 * @param {string} theme
 */
function rolesTable(actors, roles, caption, counts, theme) {
  const head = roles.map((role) =>
    element("th", { scope: "col", class: "number" }, translate(`voices.${role}`)),
  );
  const body = actors.map((actor) =>
    element(
      "tr",
      {},
      actorHeaderCell(actor),
      roles.map((role) => countCell(actor.id, role, counts.get(actor.id)?.[role] ?? 0, theme)),
    ),
  );
  return element(
    "div",
    { class: "scrolling", tabindex: 0, role: "region", "aria-label": caption },
    element(
      "table",
      { class: "figures" },
      element("caption", {}, caption),
      element(
        "thead",
        {},
        element("tr", {}, element("th", { scope: "col" }, translate("actor")), head),
      ),
      element("tbody", {}, body),
    ),
  );
}

/**
 * @param {string} actor
 * @param {Role} role
 * @param {number} count
 * @param {string} theme
 */
function countCell(actor, role, count, theme) {
  if (!count) return element("td", { class: "number zero" }, "0");
  const [collection, filter] = ROLES[role];
  const link = { href: href(collection, { theme, [filter]: actor }) };
  return element("td", { class: "number" }, element("a", link, String(count)));
}
