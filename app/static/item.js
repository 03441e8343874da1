// @ts-check
/**
 * View of one claim or recommendation: the sentence with its context, the actors, the reasons, and
 * what other claims say about it.
 */

import { fetchJson } from "./api.js";
import { actorRoles, annotationActions, annotationBadges } from "./card.js";
import { element } from "./element.js";
import { formatDate, translate, translateCode } from "./i18n.js";
import * as references from "./references.js";
import { shareBar } from "./sharing.js";

/** @typedef {import("./api.js").Annotation} Annotation */

/** @param {import("./router.js").Route} route */
export async function render(route) {
  const [collection, id] = route.path;
  const path = `/${collection}/${encodeURIComponent(id)}`;
  /** @type {Annotation} */
  const item = await fetchJson(path);
  return {
    title: item.statement,
    node: element(
      "article",
      { class: `item ${collection}` },
      element(
        "p",
        { class: "crumb" },
        translate(`type.${collection.slice(0, -1)}`),
        " ",
        element("span", { class: "id" }, item.id),
      ),
      annotationBadges(item),
      element("h1", { lang: "en" }, item.statement),
      actorRoles(item),
      quoteInContext(item.quote),
      element(
        "p",
        { class: "origin" },
        references.articleLink(item.article, item.id),
        element("br"),
        references.publication(item.article),
        ", ",
        translate("paragraph", { number: item.quote.paragraph }),
      ),
      !item.quote.link && element("p", { class: "none" }, translate("no.address")),
      annotationActions(item),
      element(
        "dl",
        { class: "facts" },
        fact("filter.theme", references.themeLinks(item.themes, collection)),
        fact("filter.place", references.placeLinks(item.places, collection)),
        item.action && fact("filter.action", [translateCode("action", item.action)]),
      ),
      basis(item),
      relations(item),
      item.note && section("note", element("p", { lang: "en" }, item.note)),
      coding(item),
      shareBar(path, {}, { itemPath: path }),
    ),
  };
}

/**
 * @param {string} key
 * @param {import("./element.js").Child[]} values
 */
function fact(key, values) {
  if (!values.length) return null;
  return element("div", {}, element("dt", {}, translate(key)), element("dd", {}, values));
}

/**
 * @param {string} heading key of the heading
 * @param {Node} body
 */
function section(heading, body) {
  return element("section", {}, element("h2", {}, translate(heading)), body);
}

/** @param {import("./api.js").Quote} quote */
function quoteInContext(quote) {
  return element(
    "blockquote",
    { class: "in-context", lang: "en", cite: quote.link },
    element(
      "p",
      {},
      element("span", { class: "context" }, "…", quote.prefix),
      element("strong", {}, quote.exact),
      element("span", { class: "context" }, quote.suffix, "…"),
    ),
  );
}

/**
 * List the reasons of a recommendation, or the recommendations that a claim is a reason for.
 * @param {Annotation} item
 */
function basis(item) {
  const linked = item.based_on ?? item.basis_of ?? [];
  if (!linked.length) {
    return item.based_on ? element("p", { class: "none" }, translate("reasons.none")) : null;
  }
  const items = linked.map((other) => element("li", {}, references.annotationLink(other)));
  const heading = item.based_on ? "reasons.heading" : "basis.heading";
  return section(heading, element("ul", { class: "statements", lang: "en" }, items));
}

/** Relation types, each with a section, in their order. */
const RELATION_SECTIONS = ["contradicts", "qualified-by", "qualifies", "supported-by", "supports"];

/** @param {Annotation} item */
function relations(item) {
  return RELATION_SECTIONS.map((type) => {
    const related = (item.relations ?? []).filter((relation) => relation.type === type);
    if (!related.length) return null;
    return element(
      "section",
      { class: `relation ${type}` },
      element("h2", {}, translate(`relation.${type}.heading`)),
      element(
        "ul",
        { class: "statements", lang: "en" },
        related.map(({ claim, note }) =>
          element(
            "li",
            {},
            references.annotationLink(claim),
            references.articleIdOf(claim.id) !== item.article.id &&
              element("span", { class: "badge other-brief" }, translate("other.brief")),
            note && element("p", { class: "why" }, note),
          ),
        ),
      ),
    );
  });
}

/** @param {Annotation} item */
function coding({ coding: { coder, coded_on, confidence } }) {
  const date = formatDate(coded_on);
  const values = { coder, date, confidence: translateCode("confidence", confidence) };
  return element("p", { class: "fine" }, translate("coded", values));
}
