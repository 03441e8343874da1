// @ts-check
/** View of one actor: what it is asked to do and by whom, what it says, what is said about it. */

import { fetchJson } from "./api.js";
import { annotationCard } from "./card.js";
import { element, joinNodes } from "./element.js";
import { translate, translateCode } from "./i18n.js";
import { actorLink, articleLink, publication } from "./references.js";
import { href, viewHref } from "./router.js";
import { shareBar } from "./sharing.js";
import { suggestionItem } from "./states.js";

const MAX_CARDS = 5;
const MAX_COUNTERPARTS = 8;
const MAX_NAME_QUERY = 190;

/**
 * A section for one role of the actor: the items that a filter finds, and their facet of the actors
 * on the other side.
 * @typedef {{name: string, collection: string, filter: string, facet: string | null}} Role
 */

/** @type {Role[]} */
const ROLE_SECTIONS = [
  { name: "asked", collection: "recommendations", filter: "addressee", facet: "source" },
  { name: "recommends", collection: "recommendations", filter: "source", facet: "addressee" },
  { name: "says", collection: "claims", filter: "source", facet: null },
  { name: "about", collection: "claims", filter: "about", facet: "source" },
  { name: "benefits", collection: "recommendations", filter: "beneficiary", facet: null },
];

/** @param {import("./router.js").Route} route */
export async function render(route) {
  const path = `/actors/${encodeURIComponent(route.path[1])}`;
  const actor = await fetchJson(path);
  const sections = await Promise.all(ROLE_SECTIONS.map((role) => roleSection(actor, role)));
  const why = [element("strong", {}, translate("pseudonym")), " — ", translate("pseudonym.why")];
  return {
    title: actor.name,
    node: element(
      "article",
      { class: "actor" },
      element("p", { class: "crumb" }, translateCode("actor-kind", actor.kind)),
      element("h1", {}, actor.name),
      actor.pseudonym && element("p", { class: "warning" }, why),
      actor.description && element("p", { class: "lead", lang: "en" }, actor.description),
      facts(actor),
      element(
        "nav",
        { "aria-label": translate("on.this.page"), class: "jumps" },
        sections.map(({ jumpButton }) => jumpButton),
      ),
      sections.map(({ node }) => node),
      articleSection(actor),
      shareBar(path, {}),
    ),
  };
}

/** @param {any} actor */
function facts(actor) {
  return element(
    "dl",
    { class: "facts" },
    actor.part_of &&
      element(
        "div",
        {},
        element("dt", {}, translate("part.of")),
        element("dd", {}, actorLink(actor.part_of)),
      ),
    actor.aliases.length > 0 &&
      element(
        "div",
        {},
        element("dt", {}, translate("aliases")),
        element("dd", { lang: "en" }, actor.aliases.join(", ")),
      ),
  );
}

/** @param {any} actor */
function articleSection(actor) {
  const heading = translate("actor.in.articles", { count: actor.counts.articles });
  const items = actor.articles.map((/** @type {import("./api.js").ArticleRef} */ article) =>
    element("li", {}, articleLink(article), " ", publication(article)),
  );
  return element(
    "section",
    { "aria-labelledby": "articles" },
    element("h2", { id: "articles" }, heading),
    element("ul", {}, items),
  );
}

/**
 * @param {any} actor
 * @param {Role} role
 */
async function roleSection(actor, role) {
  const query = { [role.filter]: actor.id };
  const call = { ...query, limit: MAX_CARDS, facets: role.facet };
  const page = await fetchJson(`/${role.collection}`, call);
  const { total } = page.meta;
  const name = translate(`actor.${role.name}`, { count: total, name: actor.name });
  const heading = element("h2", { id: `part-${role.name}`, tabindex: -1 }, name);
  const all = { href: href(role.collection, query), class: "button" };
  return {
    jumpButton: jumpButton(role, total, heading),
    node: element(
      "section",
      { "aria-labelledby": heading.id },
      heading,
      total === 0 && (await emptyRole(actor, role)),
      counterparts(actor, role, page),
      element("div", { class: "results" }, page.data.map(annotationCard)),
      total > MAX_CARDS &&
        element("p", {}, element("a", all, translate("show.all", { count: total }))),
    ),
  };
}

/**
 * @param {Role} role
 * @param {number} total
 * @param {HTMLElement} heading
 */
function jumpButton(role, total, heading) {
  const jump = () => {
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
  };
  const count = element("span", { class: "count" }, String(total));
  const label = translate(`actor.${role.name}.short`);
  return element("button", { type: "button", on: { click: jump } }, label, " ", count);
}

/**
 * Name the actors on the other side: who asks this one, whom it addresses.
 * @param {any} actor
 * @param {Role} role
 * @param {import("./api.js").Page} page
 */
function counterparts(actor, role, page) {
  if (!role.facet) return null;
  const others = page.facets[role.facet].filter(({ value }) => value !== actor.id);
  if (!others.length) return null;
  const links = others
    .slice(0, MAX_COUNTERPARTS)
    .map(({ label, count, link }) =>
      element(
        "span",
        {},
        element("a", { href: viewHref(link ?? page.links.self) }, label),
        ` (${count})`,
      ),
    );
  return element(
    "p",
    { class: "counterparts" },
    translate(`actor.${role.name}.by`),
    " ",
    joinNodes(links),
    others.length > MAX_COUNTERPARTS && ", …",
  );
}

/**
 * Say that a section is empty. If nobody asks the actor for anything, suggest related lists.
 * @param {any} actor
 * @param {Role} role
 */
async function emptyRole(actor, role) {
  const message = translate(`actor.${role.name}.none`, { name: actor.name });
  if (role.name !== "asked") return element("p", { class: "none" }, message);
  const phrase = actor.name.replaceAll('"', " ").slice(0, MAX_NAME_QUERY);
  const suggestions = [
    { key: "related.role", query: { actor: actor.id } },
    { key: "related.words", query: { q: `"${phrase}"` } },
  ];
  const items = await Promise.all(
    suggestions.map(async ({ key, query }) => {
      const call = { ...query, limit: 1 };
      const page = await fetchJson("/recommendations", call).catch(() => null);
      const total = page?.meta.total ?? 0;
      const text = translate(key, { name: actor.name });
      return total > 0 && suggestionItem(href("recommendations", query), text, total);
    }),
  );
  const matrix = element("a", { href: href("matrix") }, translate("related.matrix"));
  return [
    element("p", { class: "lead" }, message),
    element("ul", { class: "suggestions" }, items, element("li", {}, matrix)),
  ];
}
