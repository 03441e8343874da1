// @ts-check
/** View of all briefs: who published what and when, and how much is annotated in each. */

import { fetchAll } from "./api.js";
import { element } from "./element.js";
import { translate } from "./i18n.js";
import { articleKindAndDate, byline, publisherPageLink } from "./references.js";
import { href, withParameter } from "./router.js";
import { shareBar } from "./sharing.js";

/** @param {import("./router.js").Route} route */
export async function render(route) {
  const query = new URLSearchParams(route.query);
  if (!query.has("sort")) query.set("sort", "-published");
  const { items, total } = await fetchAll("/articles", withParameter(query, "limit", "100"));
  const heading = translate("count.articles", { count: total });
  return {
    title: heading,
    node: element(
      "div",
      { class: "narrow" },
      element("h1", {}, heading),
      element(
        "ul",
        { class: "briefs" },
        items.map((article) => element("li", {}, articleCard(article))),
      ),
      shareBar("/articles", withParameter(query, "limit", null)),
    ),
  };
}

/** @param {any} article */
function articleCard(article) {
  const { id, counts } = article;
  return element(
    "article",
    { class: "card" },
    articleKindAndDate(article),
    element(
      "h2",
      { lang: article.language },
      element("a", { href: href(`articles/${id}`) }, article.title),
    ),
    byline(article),
    element(
      "p",
      { class: "actions" },
      ["recommendations", "claims"].map((collection) => {
        const count = translate(`count.${collection}`, { count: counts[collection] });
        return element("a", { href: href(collection, { article: id }) }, count);
      }),
      publisherPageLink(article),
    ),
  );
}
