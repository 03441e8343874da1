// @ts-check
/** One claim or recommendation in a list: what, to whom, who says so, the exact sentence, the grounds. */

import { h, joined, outward } from "./element.js";
import { t, word } from "./i18n.js";
import { marked, plain, withMarks } from "./marked.js";
import { actorLinks, annotationLink, articleLink, listOf, published, themeLinks } from "./references.js";
import { to } from "./router.js";
import { citeLinks } from "./sharing.js";

/** @typedef {import("./api.js").Annotation} Annotation */

/**
 * @param {Annotation} item
 * @param {{level?: "h2" | "h3" | "h4"}} [options]
 */
export function card(item, { level = "h3" } = {}) {
  const list = listOf(item.id);
  const statement = withMarks(item.statement, item.highlight);
  return h(
    "article",
    { class: `card ${list}`, "data-id": item.id },
    badge(item),
    h(level, { lang: "en" }, h("a", { href: to(`${list}/${item.id}`) }, statement)),
    roles(item),
    sentence(item),
    elsewhere(item),
    grounds(item),
    h(
      "p",
      { class: "origin" },
      articleLink(item.article, item.id),
      h("br"),
      published(item.article),
      " · ",
      themeLinks(item.themes, list),
    ),
    actions(item),
  );
}

/** @param {Annotation} item */
export function badge(item) {
  const degree = item.strength ? word("strength", item.strength) : word("kind", item.kind ?? "");
  const why = item.strength ? t(`strength.${item.strength}.why`) : t(`kind.${item.kind}.why`);
  return h(
    "p",
    { class: "badges" },
    h("span", { class: `badge ${item.strength ?? item.kind}`, title: why }, degree),
    item.explicit === false && h("span", { class: "badge implied", title: t("implied.why") }, t("implied")),
    item.coding.confidence === "low" && h("span", { class: "badge doubt" }, t("confidence.low")),
  );
}

/**
 * Who is asked, who says so, who is spoken of. That nobody is named is said too.
 * @param {Annotation} item
 */
export function roles(item) {
  /** @type {[string, import("./api.js").ActorRef[] | undefined, boolean][]} */
  const rows = [
    ["addressees", item.addressees, true],
    ["sources", item.sources, true],
    ["about", item.about, false],
    ["beneficiaries", item.beneficiaries, false],
  ];
  return h(
    "dl",
    { class: "roles" },
    rows
      .filter(([, actors, always]) => actors && (always || actors.length))
      .map(([name, actors]) =>
        h("div", {}, h("dt", {}, t(`role.${name}`)), h("dd", {}, actors?.length ? actorLinks(actors) : h("span", { class: "none" }, t(`role.${name}.none`)))),
      ),
  );
}

/** @param {Annotation} item */
function sentence(item) {
  return h("blockquote", { lang: "en", cite: item.quote.link }, h("p", {}, withMarks(item.quote.exact, item.highlight)));
}

/**
 * Where a search matched, if that is neither the statement nor the quote.
 * @param {Annotation} item
 */
function elsewhere(item) {
  if (!item.highlight || [item.statement, item.quote.exact].includes(plain(item.highlight))) return null;
  const fields = (item.matched_in ?? []).map((name) => word("matched", name)).join(", ");
  return h("p", { class: "matched" }, t("matched.in", { fields }), " ", marked(item.highlight));
}

/**
 * On what grounds: the claims that the article gives as reasons. Open where they are few, so that they are read.
 * @param {Annotation} item
 */
function grounds(item) {
  const claims = item.based_on ?? [];
  if (!item.strength) return null;
  if (!claims.length) return h("p", { class: "none" }, t("grounds.none"));
  return h(
    "details",
    { class: "grounds" },
    h("summary", {}, t("grounds", { n: claims.length })),
    h("ul", {}, claims.map((claim) => h("li", { lang: "en" }, annotationLink(claim)))),
  );
}

/** @param {Annotation} item */
export function actions(item) {
  const list = listOf(item.id);
  return h(
    "p",
    { class: "actions" },
    h("a", { href: to(`articles/${item.article.id}`, { at: item.id }) }, t("read.in.context")),
    item.quote.link && outward(item.quote.link, t("at.the.publisher")),
    h("span", { class: "cite-links" }, t("cite"), " ", joined(citeLinks(`/${list}/${item.id}`), " ")),
  );
}
