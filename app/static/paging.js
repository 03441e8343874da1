// @ts-check
/** Further pages of a list. */

import { fetchJson, localPath } from "./api.js";
import { element } from "./element.js";
import { translate } from "./i18n.js";

/**
 * Create a button that appends the next page to a list. The API's `next` link keeps every filter.
 * @param {string | null} next the link to the next page
 * @param {HTMLElement} list
 * @param {(item: any) => HTMLElement} createItem
 * @param {import("./explorer.js").Page} page
 */
export function showMoreButton(next, list, createItem, page) {
  if (!next) return null;
  let link = next;
  const attributes = { type: "button", class: "more-button" };
  const button = element("button", attributes, translate("show.more"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { data, links } = await fetchJson(localPath(link));
      const items = data.map(createItem);
      list.append(...items);
      items[0]?.querySelector("a")?.focus();
      page.announce(translate("count.more", { count: items.length }));
      if (links.next) link = links.next;
      else button.remove();
    } catch (error) {
      const message = error instanceof Error ? error.message : "";
      page.announce(message || translate("offline"));
    }
    button.disabled = false;
  });
  return button;
}
