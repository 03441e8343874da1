// @ts-check
/** One claim or recommendation, whole: the sentence with the words round it, who, on what grounds, what other claims say of it. */

import { get } from "./api.js";
import { actions, badge, roles } from "./card.js";
import { h } from "./element.js";
import { date, t, word } from "./i18n.js";
import { annotationLink, articleLink, placeLinks, published, themeLinks } from "./references.js";
import { sharing } from "./sharing.js";

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const [list, id] = route.path;
  const path = `/${list}/${encodeURIComponent(id)}`;
  /** @type {import("./api.js").Annotation} */
  const item = await get(path);
  return {
    title: item.statement,
    node: h(
      "article",
      { class: `item ${list}` },
      h("p", { class: "crumb" }, t(`type.${list.slice(0, -1)}`), " ", h("span", { class: "id" }, item.id)),
      badge(item),
      h("h1", { lang: "en" }, item.statement),
      roles(item),
      inContext(item.quote),
      h("p", { class: "origin" }, articleLink(item.article, item.id), h("br"), published(item.article), ", ", t("paragraph", { number: item.quote.paragraph })),
      !item.quote.link && h("p", { class: "none" }, t("no.address")),
      actions(item),
      h("dl", { class: "facts" }, fact("filter.theme", themeLinks(item.themes, list)), fact("filter.place", placeLinks(item.places, list)), item.action && fact("filter.action", [word("action", item.action)])),
      based(item),
      relations(item),
      item.note && h("section", {}, h("h2", {}, t("note")), h("p", { lang: "en" }, item.note)),
      h("p", { class: "fine" }, t("coded", { coder: item.coding.coder, date: date(item.coding.coded_on), confidence: word("confidence", item.coding.confidence) })),
      sharing(path, {}, { cited: path }),
    ),
  };
}

/**
 * @param {string} name
 * @param {import("./element.js").Child[]} value
 */
function fact(name, value) {
  return value.length ? h("div", {}, h("dt", {}, t(name)), h("dd", {}, value)) : null;
}

/** @param {import("./api.js").Quote} quote */
function inContext(quote) {
  return h("blockquote", { class: "in-context", lang: "en", cite: quote.link }, h("p", {}, h("span", { class: "around" }, "…", quote.prefix), h("strong", {}, quote.exact), h("span", { class: "around" }, quote.suffix, "…")));
}

/** @param {import("./api.js").Annotation} item */
function based(item) {
  const grounds = item.based_on ?? item.basis_of ?? [];
  const heading = item.based_on ? "grounds.heading" : "basis.heading";
  if (!grounds.length) return item.based_on ? h("p", { class: "none" }, t("grounds.none")) : null;
  return h("section", {}, h("h2", {}, t(heading)), h("ul", { class: "statements", lang: "en" }, grounds.map((claim) => h("li", {}, annotationLink(claim)))));
}

const ORDER = ["contradicts", "qualified-by", "qualifies", "supported-by", "supports"];

/** @param {import("./api.js").Annotation} item */
function relations(item) {
  const known = item.relations ?? [];
  return ORDER.filter((type) => known.some((relation) => relation.type === type)).map((type) =>
    h(
      "section",
      { class: `relation ${type}` },
      h("h2", {}, t(`relation.${type}.heading`)),
      h(
        "ul",
        { class: "statements", lang: "en" },
        known
          .filter((relation) => relation.type === type)
          .map(({ claim, note }) => h("li", {}, annotationLink(claim), !claim.id.startsWith(`${item.article.id}.`) && h("span", { class: "badge other" }, t("other.brief")), note && h("p", { class: "why" }, note))),
      ),
    ),
  );
}
