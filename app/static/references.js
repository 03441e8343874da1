// @ts-check
/** Small references inside items, as links to their views: who, where, on what, in which article. */

import { h, joined } from "./element.js";
import { date, label, t } from "./i18n.js";
import { to } from "./router.js";

/**
 * An actor; a pseudonym is always marked as one.
 * @param {import("./api.js").ActorRef} actor
 */
export function actorLink(actor) {
  const link = h("a", { href: to(`actors/${actor.id}`) }, actor.name);
  return actor.pseudonym ? h("span", {}, link, " ", pseudonymMark()) : link;
}

export function pseudonymMark() {
  return h("span", { class: "pseudonym", title: t("pseudonym.why") }, t("pseudonym"));
}

/** @param {import("./api.js").ActorRef[]} actors */
export function actorLinks(actors) {
  return joined(actors.map(actorLink));
}

/**
 * @param {import("./api.js").ThemeRef[]} themes
 * @param {string} list `claims` or `recommendations`
 */
export function themeLinks(themes, list) {
  return joined(themes.map((theme) => h("a", { href: to(list, { theme: theme.id }) }, label(theme))));
}

/**
 * @param {import("./api.js").PlaceRef[]} places
 * @param {string} list
 */
export function placeLinks(places, list) {
  return joined(places.map((place) => h("a", { href: to(list, { place: place.id }) }, place.name)));
}

/**
 * An article, opened at one of its sentences if one is named.
 * @param {import("./api.js").ArticleRef} article
 * @param {string} [at] the id of a claim or recommendation
 */
export function articleLink(article, at) {
  return h("a", { href: to(`articles/${article.id}`, { at }) }, h("cite", {}, article.title));
}

/** @param {import("./api.js").ArticleRef} article */
export function published(article) {
  return h("span", { class: "published" }, article.publisher, ", ", date(article.published));
}

/**
 * The kind of an annotation, from its id: its article, a dot, `c` or `r` and a number.
 * @param {string} id
 * @returns {"claims" | "recommendations"}
 */
export function listOf(id) {
  return /\.r\d+$/.test(id) ? "recommendations" : "claims";
}

/**
 * A claim or recommendation by its statement.
 * @param {import("./api.js").AnnotationRef} item
 */
export function annotationLink(item) {
  return h("a", { href: to(`${listOf(item.id)}/${item.id}`) }, item.statement);
}
