// @ts-check
/** What ids are called, for filters that stand in an address. The vocabulary is asked for once. */

import { every, getOnce, once } from "./api.js";
import { label, word } from "./i18n.js";

/** @typedef {{id: string, label: string, label_fr: string, definition: string, definition_fr: string, broader: {id: string} | null,
 *   narrower: {id: string}[], counts: {claims: number, recommendations: number, articles: number}}} Theme */

/**
 * The themes, each before what is narrower: the tree can be drawn from the list.
 * @returns {Promise<Theme[]>}
 */
export function themes() {
  return once("themes", async () => (await every("/themes", { limit: 100 })).items);
}

/**
 * The word for a value of a fixed list (`must`, `armed-group`); undefined where a filter has other values. What kinds there are depends
 * on what they are kinds of, and none means two things.
 * @param {string} filter
 * @param {string} value
 * @returns {string | undefined}
 */
export function wordFor(filter, value) {
  const groups = filter === "kind" ? ["kind", "actor-kind", "article-kind"] : [filter];
  return groups.map((group) => word(group, value)).find((said) => said !== value);
}

const ACTORS = ["source", "addressee", "beneficiary", "about", "actor", "publisher"];

/**
 * Which of some actors bear a pseudonym: counts give names alone, and a pseudonym is to be marked wherever it is shown.
 * @param {string} filter
 * @param {string[]} ids
 * @returns {Promise<Set<string>>} empty where the values of the filter are no actors
 */
export async function pseudonymsAmong(filter, ids) {
  const found = new Set();
  if (!ACTORS.includes(filter)) return found;
  for (let at = 0; at < ids.length; at += 100) {
    const { data } = await getOnce("/actors", { id: ids.slice(at, at + 100).join(","), fields: "id,pseudonym", limit: 100 });
    for (const { id, pseudonym } of data) if (pseudonym) found.add(id);
  }
  return found;
}

/**
 * What a value of a filter is called; the value itself where it is no id.
 * @param {string} filter
 * @param {string} value may begin with `!`
 * @returns {Promise<string>}
 */
export async function nameOf(filter, value) {
  const id = value.replace(/^!/, "");
  try {
    if (filter === "theme") {
      const theme = (await themes()).find((found) => found.id === id);
      return theme ? label(theme) : id;
    }
    if (ACTORS.includes(filter)) return (await getOnce(`/actors/${encodeURIComponent(id)}`)).name;
    if (filter === "place") return (await getOnce(`/places/${encodeURIComponent(id)}`)).name;
    if (filter === "article") return (await getOnce(`/articles/${encodeURIComponent(id)}`)).title;
  } catch {
    return id; // a name or alias, which the filter takes as well
  }
  return wordFor(filter, id) ?? id;
}
