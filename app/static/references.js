// @ts-check
/** Links from an item to its actors, themes, places and article. */

import { element, externalLink, joinNodes } from "./element.js";
import { formatDate, themeLabel, translate, translateCode } from "./i18n.js";
import { href } from "./router.js";

/**
 * Link to an actor. A pseudonym is always marked.
 * @param {import("./api.js").ActorRef} actor
 */
export function actorLink(actor) {
  const link = element("a", { href: href(`actors/${actor.id}`) }, actor.name);
  return actor.pseudonym ? element("span", {}, link, " ", pseudonymMark()) : link;
}

export function pseudonymMark() {
  const attributes = { class: "pseudonym", title: translate("pseudonym.why") };
  return element("span", attributes, translate("pseudonym"));
}

/** @param {import("./api.js").ActorRef[]} actors */
export function actorLinks(actors) {
  return joinNodes(actors.map(actorLink));
}

/**
 * Create the header cell of an actor's table row: name and kind.
 * @param {import("./api.js").ActorRef} actor
 * @param {...import("./element.js").Child} children
 */
export function actorHeaderCell(actor, ...children) {
  return element(
    "th",
    { scope: "row" },
    element("a", { href: href(`actors/${actor.id}`) }, actor.name),
    actor.pseudonym && [" ", pseudonymMark()],
    element("span", { class: "fine" }, translateCode("actor-kind", actor.kind)),
    children,
  );
}

/**
 * @param {import("./api.js").ThemeRef[]} themes
 * @param {string} collection `claims` or `recommendations`
 */
export function themeLinks(themes, collection) {
  return joinNodes(
    themes.map((theme) =>
      element("a", { href: href(collection, { theme: theme.id }) }, themeLabel(theme)),
    ),
  );
}

/**
 * @param {import("./api.js").PlaceRef[]} places
 * @param {string} collection `claims` or `recommendations`
 */
export function placeLinks(places, collection) {
  return joinNodes(
    places.map((place) =>
      element("a", { href: href(collection, { place: place.id }) }, place.name),
    ),
  );
}

/**
 * Link to an article's text.
 * @param {import("./api.js").ArticleRef} article
 * @param {string} [at] the claim or recommendation to open there
 */
export function articleLink(article, at) {
  const link = { href: href(`articles/${article.id}`, { at }) };
  return element("a", link, element("cite", {}, article.title));
}

/**
 * Say who published an article and when.
 * @param {import("./api.js").ArticleRef} article
 */
export function publication(article) {
  const date = formatDate(article.published);
  return element("span", { class: "published" }, article.publisher, ", ", date);
}

/**
 * Say what kind of text an article is and when it was published.
 * @param {any} article
 */
export function articleKindAndDate(article) {
  const kind = translateCode("article-kind", article.kind);
  return element("p", { class: "crumb" }, kind, " · ", formatDate(article.published));
}

/**
 * Link to an article's publisher and authors, and show the note on the article.
 * @param {any} article
 */
export function byline(article) {
  return [
    element(
      "p",
      { class: "origin" },
      element("a", { href: href(`actors/${article.publisher_id}`) }, article.publisher),
      " · ",
      article.authors?.length ? actorLinks(article.authors) : missingValue("authors.unknown"),
    ),
    article.note && element("p", { class: "warning", lang: "en" }, article.note),
  ];
}

/**
 * Link to an article on its publisher's site.
 * @param {any} article
 */
export function publisherPageLink(article) {
  return article.url
    ? externalLink(article.url, translate("publishers.page"))
    : missingValue("no.address");
}

/** @param {string} key says what is missing */
export function missingValue(key) {
  return element("span", { class: "none" }, translate(key));
}

/**
 * Return the collection of an annotation. Its id is its article, a dot, `c` or `r`, and a number.
 * @param {string} id
 * @returns {"claims" | "recommendations"}
 */
export function collectionOf(id) {
  return /\.r\d+$/.test(id) ? "recommendations" : "claims";
}

/**
 * Return the article of an annotation.
 * @param {string} id
 */
export function articleIdOf(id) {
  return id.slice(0, id.lastIndexOf("."));
}

/**
 * Return what distinguishes an annotation within its article: `c9`, `r4`.
 * @param {string} id
 */
export function shortId(id) {
  return id.slice(id.lastIndexOf(".") + 1);
}

/**
 * Return the address of an annotation's own view.
 * @param {string} id
 */
export function annotationHref(id) {
  return href(`${collectionOf(id)}/${id}`);
}

/**
 * Link to a claim or recommendation by its statement.
 * @param {import("./api.js").AnnotationRef} annotation
 */
export function annotationLink(annotation) {
  return element("a", { href: annotationHref(annotation.id) }, annotation.statement);
}
