// @ts-check
/** The briefs: who published what and when, and how much is annotated in each. */

import { every } from "./api.js";
import { h, outward } from "./element.js";
import { date, t, word } from "./i18n.js";
import { actorLinks } from "./references.js";
import { to } from "./router.js";
import { sharing } from "./sharing.js";

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const query = new URLSearchParams(route.query);
  if (!query.has("sort")) query.set("sort", "-published");
  query.set("limit", "100");
  const { items, total } = await every("/articles", query);
  query.delete("limit");
  const heading = t("n.articles", { n: total });
  return {
    title: heading,
    node: h("div", { class: "narrow" }, h("h1", {}, heading), h("ul", { class: "briefs" }, items.map((article) => h("li", {}, brief(article)))), sharing("/articles", query)),
  };
}

/** @param {any} article */
function brief(article) {
  return h(
    "article",
    { class: "card" },
    h("p", { class: "crumb" }, word("article-kind", article.kind), " · ", date(article.published)),
    h("h2", { lang: article.language }, h("a", { href: to(`articles/${article.id}`) }, article.title)),
    h("p", { class: "origin" }, h("a", { href: to(`actors/${article.publisher_id}`) }, article.publisher), " · ", article.authors?.length ? actorLinks(article.authors) : h("span", { class: "none" }, t("authors.unknown"))),
    article.note && h("p", { class: "warning", lang: "en" }, article.note),
    h(
      "p",
      { class: "actions" },
      h("a", { href: to("recommendations", { article: article.id }) }, t("n.recommendations", { n: article.counts.recommendations })),
      h("a", { href: to("claims", { article: article.id }) }, t("n.claims", { n: article.counts.claims })),
      article.url ? outward(article.url, t("publishers.page")) : h("span", { class: "none" }, t("no.address")),
    ),
  );
}
