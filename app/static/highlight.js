// @ts-check
/**
 * Show where a search matched. The API's `highlight` has `<mark>` around the matches and everything
 * else escaped. It becomes DOM nodes, never HTML.
 */

import { element } from "./element.js";

/** @type {Record<string, string>} */
const ENTITIES = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
  "&#39;": "'",
};

/** @param {string} text */
function unescapeEntities(text) {
  return text.replace(/&(amp|lt|gt|quot|#x27|#39);/g, (entity) => ENTITIES[entity]);
}

/**
 * Convert a highlight to nodes.
 * @param {string} highlight
 * @returns {(Node | string)[]}
 */
export function highlightNodes(highlight) {
  return highlight.split(/(<mark>.*?<\/mark>)/s).map((part) => {
    const match = /^<mark>(.*)<\/mark>$/s.exec(part);
    return match ? element("mark", {}, unescapeEntities(match[1])) : unescapeEntities(part);
  });
}

/**
 * Convert a highlight to plain text, to compare it with the text it may come from.
 * @param {string} highlight
 */
export function highlightText(highlight) {
  return unescapeEntities(highlight.replace(/<\/?mark>/g, ""));
}

/**
 * Mark the matches in a text if the highlight comes from this text.
 * @param {string} text
 * @param {string | null | undefined} highlight
 */
export function markMatches(text, highlight) {
  return highlight && highlightText(highlight) === text ? highlightNodes(highlight) : [text];
}
