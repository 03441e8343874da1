// @ts-check
/** Taking a view elsewhere: the call behind it, its rows as CSV, how to cite it. */

import { address, getOnce } from "./api.js";
import { h } from "./element.js";
import { t } from "./i18n.js";

/** @typedef {import("./api.js").Query} Query */

/**
 * Links to an item's citation in the forms that reference managers read.
 * @param {string} path of an article, a claim or a recommendation
 */
export function citeLinks(path) {
  return [
    ["bibtex", "BibTeX"],
    ["ris", "RIS"],
    ["csl", "CSL"],
  ].map(([format, name]) => h("a", { href: address(path, { format }), download: "" }, name));
}

/**
 * A button that copies a text and says that it did.
 * @param {() => string} text
 */
function copyButton(text) {
  const button = h("button", { type: "button" }, t("copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = t("copied");
    } catch {
      button.textContent = t("copy.failed"); // without https there is no clipboard: the text can be selected
    }
  });
  return button;
}

/**
 * What stands below a view: “as API call”, “CSV”, “cite”.
 * @param {string} path of the call behind the view
 * @param {Query} query
 * @param {{csv?: boolean, cited?: string, of?: string}} [options] whether the call has a CSV form; the path of the one item that is shown; of
 *   what, where a view rests on several calls
 */
export function sharing(path, query, { csv = true, cited, of } = {}) {
  const call = new URL(address(path, query), location.href).href;
  const command = `curl '${call.replaceAll("'", "%27")}'`;
  const table = new URL(call);
  for (const name of ["limit", "cursor", "facets"]) table.searchParams.delete(name);
  table.searchParams.set("format", "csv");
  return h(
    "div",
    { class: "sharing" },
    of && h("span", { class: "of" }, of),
    disclosure(t("as.api.call"), h("code", {}, call), copyButton(() => call), h("code", {}, command), copyButton(() => command)),
    csv && h("a", { href: table.pathname + table.search, download: "", class: "button" }, t("csv")),
    citing(cited),
  );
}

/** @param {string | undefined} cited */
function citing(cited) {
  const place = h("div", { class: "citation" });
  const panel = disclosure(t("cite"), place);
  panel.addEventListener("toggle", async () => {
    if (!panel.open || place.childNodes.length) return;
    const { citation, rights } = await getOnce("/dataset").catch(() => ({ citation: t("offline"), rights: {} }));
    const text = `${citation} ${location.href}`;
    place.append(h("p", { lang: "en" }, text), copyButton(() => text));
    if (rights.annotations) place.append(h("p", { class: "fine", lang: "en" }, rights.annotations, " ", rights.texts));
    if (cited) place.append(h("p", {}, t("cite.item"), " ", citeLinks(cited).flatMap((link) => [link, " "])));
  });
  return panel;
}

/**
 * @param {string} summary
 * @param {...Node} children
 */
function disclosure(summary, ...children) {
  return h("details", { class: "disclosure" }, h("summary", { class: "button" }, summary), h("div", { class: "disclosed" }, children));
}
