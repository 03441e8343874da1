// @ts-check
/** One actor: what they are asked to do and by whom, what they say, what is said of them, in which articles. */

import { get } from "./api.js";
import { card } from "./card.js";
import { h, joined } from "./element.js";
import { t, word } from "./i18n.js";
import { actorLink, articleLink, published } from "./references.js";
import { to, viewOf } from "./router.js";
import { sharing } from "./sharing.js";

const SHOWN = 5;

/** @typedef {{name: string, list: string, filter: string, by: string | null}} Part */

/** @type {Part[]} */
const PARTS = [
  { name: "asked", list: "recommendations", filter: "addressee", by: "source" },
  { name: "recommends", list: "recommendations", filter: "source", by: "addressee" },
  { name: "says", list: "claims", filter: "source", by: null },
  { name: "about", list: "claims", filter: "about", by: "source" },
  { name: "benefits", list: "recommendations", filter: "beneficiary", by: null },
];

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const path = `/actors/${encodeURIComponent(route.path[1])}`;
  const actor = await get(path);
  const parts = await Promise.all(PARTS.map((part) => section(actor, part)));
  return {
    title: actor.name,
    node: h(
      "article",
      { class: "actor" },
      h("p", { class: "crumb" }, word("actor-kind", actor.kind)),
      h("h1", {}, actor.name),
      actor.pseudonym && h("p", { class: "warning" }, h("strong", {}, t("pseudonym")), " — ", t("pseudonym.why")),
      actor.description && h("p", { class: "lead", lang: "en" }, actor.description),
      h(
        "dl",
        { class: "facts" },
        actor.part_of && h("div", {}, h("dt", {}, t("part.of")), h("dd", {}, actorLink(actor.part_of))),
        actor.aliases.length > 0 && h("div", {}, h("dt", {}, t("aliases")), h("dd", { lang: "en" }, actor.aliases.join(", "))),
      ),
      h("nav", { "aria-label": t("on.this.page"), class: "jumps" }, parts.map(({ jump }) => jump)),
      parts.map(({ node }) => node),
      h("section", { "aria-labelledby": "articles" }, h("h2", { id: "articles" }, t("actor.in.articles", { n: actor.counts.articles })), h("ul", {}, actor.articles.map((/** @type {any} */ article) => h("li", {}, articleLink(article), " ", published(article))))),
      sharing(path, {}),
    ),
  };
}

/**
 * @param {any} actor
 * @param {Part} part
 */
async function section(actor, part) {
  const found = await get(`/${part.list}`, { [part.filter]: actor.id, limit: SHOWN, facets: part.by });
  const { total } = found.meta;
  const heading = t(`actor.${part.name}`, { n: total, name: actor.name });
  const all = to(part.list, { [part.filter]: actor.id });
  const others = part.by ? found.facets[part.by].filter((/** @type {any} */ value) => value.value !== actor.id) : [];
  const target = h("h2", { id: `part-${part.name}`, tabindex: -1 }, heading);
  const jump = h("button", { type: "button", class: "jump" }, t(`actor.${part.name}.short`), " ", h("span", { class: "count" }, String(total)));
  jump.addEventListener("click", () => {
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  });
  return {
    jump,
    node: h(
      "section",
      { "aria-labelledby": target.id, class: total ? "" : "without" },
      target,
      total === 0 && (await nothing(actor, part)),
      others.length > 0 &&
        h(
          "p",
          { class: "by" },
          t(`actor.${part.name}.by`),
          " ",
          joined(others.slice(0, 8).map((/** @type {any} */ value) => h("span", {}, h("a", { href: viewOf(value.link ?? found.links.self) }, value.label), ` (${value.count})`))),
          others.length > 8 && ", …",
        ),
      h("div", { class: "results" }, found.data.map((/** @type {any} */ item) => card(item))),
      total > SHOWN && h("p", {}, h("a", { href: all, class: "button" }, t("show.all", { n: total }))),
    ),
  };
}

/**
 * Nobody asks this of them: what comes nearest, so that the answer does not end here.
 * @param {any} actor
 * @param {Part} part
 */
async function nothing(actor, part) {
  if (part.name !== "asked") return h("p", { class: "none" }, t(`actor.${part.name}.none`, { name: actor.name }));
  const named = { q: `"${actor.name.replaceAll('"', " ").slice(0, 190)}"` };
  const roles = { actor: actor.id };
  const [words, any] = await Promise.all([named, roles].map((query) => get("/recommendations", { ...query, limit: 1 }).catch(() => null)));
  return [
    h("p", { class: "lead" }, t("actor.asked.none", { name: actor.name })),
    h(
      "ul",
      { class: "nearest" },
      any?.meta.total > 0 && h("li", {}, h("a", { href: to("recommendations", roles) }, t("nearest.role", { name: actor.name })), " ", h("span", { class: "count" }, t("n.results", { n: any.meta.total }))),
      words?.meta.total > 0 && h("li", {}, h("a", { href: to("recommendations", named) }, t("nearest.words", { name: actor.name })), " ", h("span", { class: "count" }, t("n.results", { n: words.meta.total }))),
      h("li", {}, h("a", { href: to("matrix") }, t("nearest.matrix"))),
    ),
  ];
}
