// @ts-check
/**
 * A claim or a recommendation as a card: statement, actors, exact sentence, reasons. The view of a
 * single item uses the parts, too.
 */

import { element, externalLink, joinNodes } from "./element.js";
import { highlightNodes, highlightText, markMatches } from "./highlight.js";
import { translate, translateCode } from "./i18n.js";
import * as references from "./references.js";
import { href } from "./router.js";
import { citationLinks } from "./sharing.js";

/** @typedef {import("./api.js").Annotation} Annotation */

/** @param {Annotation} item */
export function annotationCard(item) {
  const collection = references.collectionOf(item.id);
  const statement = markMatches(item.statement, item.highlight);
  const link = element("a", { href: references.annotationHref(item.id) }, statement);
  return element(
    "article",
    { class: `card ${collection}`, "data-id": item.id },
    annotationBadges(item),
    element("h3", { lang: "en" }, link),
    actorRoles(item),
    quote(item),
    otherMatch(item),
    item.strength && reasons(item),
    element(
      "p",
      { class: "origin" },
      references.articleLink(item.article, item.id),
      element("br"),
      references.publication(item.article),
      " · ",
      references.themeLinks(item.themes, collection),
    ),
    annotationActions(item),
  );
}

/**
 * Show the strength of a recommendation or the kind of a claim, and what is uncertain about it.
 * @param {Annotation} item
 */
export function annotationBadges(item) {
  const [group, code] = item.strength ? ["strength", item.strength] : ["kind", item.kind ?? ""];
  const why = translate(`${group}.${code}.why`);
  return element(
    "p",
    { class: "badges" },
    element("span", { class: `badge ${code}`, title: why }, translateCode(group, code)),
    item.explicit === false && badge("implied", "implied", translate("implied.why")),
    item.coding.confidence === "low" && badge("low-confidence", "low.confidence"),
  );
}

/**
 * @param {string} name of the class
 * @param {string} key
 * @param {string} [title]
 */
function badge(name, key, title) {
  return element("span", { class: `badge ${name}`, title }, translate(key));
}

/**
 * List the actors by their role. A missing addressee or source is stated, since it means something.
 * @param {Annotation} item
 */
export function actorRoles(item) {
  /** @type {[string, import("./api.js").ActorRef[] | undefined, boolean][]} */
  const roles = [
    ["addressees", item.addressees, true],
    ["sources", item.sources, true],
    ["about", item.about, false],
    ["beneficiaries", item.beneficiaries, false],
  ];
  return element(
    "dl",
    { class: "roles" },
    roles
      .filter(([, actors, always]) => actors && (always || actors.length))
      .map(([role, actors]) =>
        element(
          "div",
          {},
          element("dt", {}, translate(`role.${role}`)),
          element(
            "dd",
            {},
            actors?.length
              ? references.actorLinks(actors)
              : references.missingValue(`role.${role}.none`),
          ),
        ),
      ),
  );
}

/** @param {Annotation} item */
function quote(item) {
  const text = markMatches(item.quote.exact, item.highlight);
  return element("blockquote", { lang: "en", cite: item.quote.link }, element("p", {}, text));
}

/**
 * Show where a search matched if the match is neither in the statement nor in the quote.
 * @param {Annotation} item
 */
function otherMatch(item) {
  if (!item.highlight) return null;
  if ([item.statement, item.quote.exact].includes(highlightText(item.highlight))) return null;
  const fields = (item.matched_in ?? []).map((name) => translateCode("matched", name)).join(", ");
  const matches = highlightNodes(item.highlight);
  return element("p", { class: "matched" }, translate("matched.in", { fields }), " ", matches);
}

/**
 * List the claims that the article gives as reasons.
 * @param {Annotation} item
 */
function reasons(item) {
  const claims = item.based_on ?? [];
  if (!claims.length) return element("p", { class: "none" }, translate("reasons.none"));
  return element(
    "details",
    { class: "reasons" },
    element("summary", {}, translate("reasons", { count: claims.length })),
    element(
      "ul",
      {},
      claims.map((claim) => element("li", { lang: "en" }, references.annotationLink(claim))),
    ),
  );
}

/** @param {Annotation} item */
export function annotationActions(item) {
  const path = `/${references.collectionOf(item.id)}/${item.id}`;
  const context = href(`articles/${item.article.id}`, { at: item.id });
  const citations = joinNodes(citationLinks(path), " ");
  return element(
    "p",
    { class: "actions" },
    element("a", { href: context }, translate("read.in.context")),
    item.quote.link && externalLink(item.quote.link, translate("at.the.publisher")),
    element("span", { class: "citation-links" }, translate("cite"), " ", citations),
  );
}
