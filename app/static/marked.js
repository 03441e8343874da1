// @ts-check
/** Where a search matched, from the API's `highlight`: `<mark>` round the words, all else escaped. Read into nodes, never into HTML. */

import { h } from "./element.js";

/** @type {Record<string, string>} */
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'" };

/** @param {string} text */
function unescaped(text) {
  return text.replace(/&(amp|lt|gt|quot|#x27|#39);/g, (entity) => ENTITIES[entity]);
}

/**
 * The highlight as nodes.
 * @param {string} highlight
 * @returns {(Node | string)[]}
 */
export function marked(highlight) {
  return highlight.split(/(<mark>.*?<\/mark>)/s).map((part) => {
    const inside = /^<mark>(.*)<\/mark>$/s.exec(part);
    return inside ? h("mark", {}, unescaped(inside[1])) : unescaped(part);
  });
}

/**
 * The highlight as plain text, to see which text it is of.
 * @param {string} highlight
 */
export function plain(highlight) {
  return unescaped(highlight.replace(/<\/?mark>/g, ""));
}

/**
 * A text with its matches marked, if the highlight is of this very text.
 * @param {string} text
 * @param {string | null | undefined} highlight
 */
export function withMarks(text, highlight) {
  return highlight && plain(highlight) === text ? marked(highlight) : [text];
}
