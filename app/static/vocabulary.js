// @ts-check
/** Themes, and the names that stand for the ids in filters. */

import { fetchAll, fetchCached, memoize } from "./api.js";
import { themeLabel, translateCode } from "./i18n.js";

/**
 * @typedef {{
 *   id: string, label: string, label_fr: string, definition: string, definition_fr: string,
 *   broader: {id: string} | null, narrower: {id: string}[],
 *   counts: {claims: number, recommendations: number, articles: number}
 * }} Theme
 */

/** The largest number of ids in one call. */
const MAX_IDS = 100;

/**
 * Fetch all themes, each before its narrower themes.
 * @returns {Promise<Theme[]>}
 */
export function fetchThemes() {
  return memoize("themes", async () => (await fetchAll("/themes", { limit: 100 })).items);
}

/**
 * Return the label of a theme, indented under its broader theme, for lists of choices.
 * @param {Theme} theme
 */
export function indentedThemeLabel(theme) {
  return (theme.broader ? "\u2003" : "") + themeLabel(theme);
}

/**
 * Return the label of a value from a fixed list (`must`, `armed-group`), or undefined. Claims,
 * actors and articles have different kinds, but no code means two things.
 * @param {string} filter
 * @param {string} value
 * @returns {string | undefined}
 */
export function filterValueLabel(filter, value) {
  const groups = filter === "kind" ? ["kind", "actor-kind", "article-kind"] : [filter];
  return groups.map((group) => translateCode(group, value)).find((label) => label !== value);
}

const ACTOR_FILTERS = ["source", "addressee", "beneficiary", "about", "actor", "publisher"];

/**
 * Fetch some fields of actors by their ids.
 * @param {string[]} ids
 * @param {string} fields
 * @returns {Promise<any[]>}
 */
export async function fetchActors(ids, fields) {
  const actors = [];
  for (let start = 0; start < ids.length; start += MAX_IDS) {
    const id = ids.slice(start, start + MAX_IDS).join(",");
    const page = await fetchCached("/actors", { id, fields, limit: MAX_IDS });
    actors.push(...page.data);
  }
  return actors;
}

/**
 * Find the actors with a pseudonym. Facets and statistics contain names only, and a pseudonym must
 * be marked wherever it is shown.
 * @param {string} filter
 * @param {string[]} ids
 * @returns {Promise<Set<string>>} empty if the values of the filter are not actors
 */
export async function findPseudonyms(filter, ids) {
  if (!ACTOR_FILTERS.includes(filter)) return new Set();
  const actors = await fetchActors(ids, "id,pseudonym");
  return new Set(actors.filter((actor) => actor.pseudonym).map((actor) => actor.id));
}

/**
 * Fetch the name that a filter value stands for.
 * @param {string} filter
 * @param {string} value may begin with `!`
 * @returns {Promise<string>} the value itself if it is not an id
 */
export async function fetchValueName(filter, value) {
  const id = value.replace(/^!/, "");
  const path = encodeURIComponent(id);
  try {
    if (filter === "theme") {
      const theme = (await fetchThemes()).find((candidate) => candidate.id === id);
      return theme ? themeLabel(theme) : id;
    }
    if (ACTOR_FILTERS.includes(filter)) return (await fetchCached(`/actors/${path}`)).name;
    if (filter === "place") return (await fetchCached(`/places/${path}`)).name;
    if (filter === "article") return (await fetchCached(`/articles/${path}`)).title;
  } catch {
    return id; // filters also accept names and aliases
  }
  return filterValueLabel(filter, id) ?? id;
}
