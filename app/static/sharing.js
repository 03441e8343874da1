// @ts-check
/** Use a view elsewhere: the API call behind it, its rows as CSV, and how to cite it. */

import { apiPath, fetchCached } from "./api.js";
import { element } from "./element.js";
import { translate } from "./i18n.js";

/** @typedef {import("./api.js").Query} Query */

/** Citation formats of the API, with the names that reference managers use. */
const CITATION_FORMATS = [
  ["bibtex", "BibTeX"],
  ["ris", "RIS"],
  ["csl", "CSL"],
];

/**
 * Link to the citations of an item.
 * @param {string} path of an article, a claim or a recommendation
 */
export function citationLinks(path) {
  return CITATION_FORMATS.map(([format, name]) =>
    element("a", { href: apiPath(path, { format }), download: "" }, name),
  );
}

/**
 * Create a button that copies a text and confirms it.
 * @param {string} text
 */
function copyButton(text) {
  const button = element("button", { type: "button" }, translate("copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = translate("copied");
    } catch {
      // There is no clipboard without https.
      button.textContent = translate("copy.failed");
    }
  });
  return button;
}

/**
 * Create the bar below a view: API call, CSV, citation.
 * @param {string} path of the call behind the view
 * @param {Query} query
 * @param {object} [options]
 * @param {boolean} [options.csv] false if the call has no CSV
 * @param {string} [options.itemPath] the path of the item, if the view shows a single one
 * @param {string} [options.caption] names the call, if the view has several
 */
export function shareBar(path, query, { csv = true, itemPath, caption } = {}) {
  const call = new URL(apiPath(path, query), location.href).href;
  const command = `curl '${call.replaceAll("'", "%27")}'`;
  const csvUrl = new URL(call);
  for (const name of ["limit", "cursor", "facets"]) csvUrl.searchParams.delete(name);
  csvUrl.searchParams.set("format", "csv");
  const csvLink = { href: csvUrl.pathname + csvUrl.search, download: "", class: "button" };
  return element(
    "div",
    { class: "sharing" },
    caption && element("span", { class: "share-caption" }, caption),
    disclosure(
      translate("api.call"),
      element("code", {}, call),
      copyButton(call),
      element("code", {}, command),
      copyButton(command),
    ),
    csv && element("a", csvLink, translate("csv")),
    citationPanel(itemPath),
  );
}

/**
 * Create the panel with the citation of the data set. It is fetched when the panel is opened.
 * @param {string | undefined} itemPath
 */
function citationPanel(itemPath) {
  const body = element("div", { class: "citation" });
  const panel = disclosure(translate("cite"), body);
  panel.addEventListener("toggle", async () => {
    if (!panel.open || body.childNodes.length) return;
    const offline = { citation: translate("offline"), rights: {} };
    const { citation, rights } = await fetchCached("/dataset").catch(() => offline);
    const text = `${citation} ${location.href}`;
    body.append(element("p", { lang: "en" }, text), copyButton(text));
    if (rights.annotations) {
      const notice = { class: "fine", lang: "en" };
      body.append(element("p", notice, rights.annotations, " ", rights.texts));
    }
    if (itemPath) {
      const links = citationLinks(itemPath).flatMap((link) => [link, " "]);
      body.append(element("p", {}, translate("cite.item"), " ", links));
    }
  });
  return panel;
}

/**
 * @param {string} summary
 * @param {...Node} children
 */
function disclosure(summary, ...children) {
  return element(
    "details",
    { class: "disclosure" },
    element("summary", { class: "button" }, summary),
    element("div", { class: "disclosure-body" }, children),
  );
}
