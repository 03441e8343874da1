// @ts-check
/** Who speaks, acts, is asked to act or is to benefit: all of them, by kind and by words. */

import { every, get } from "./api.js";
import { h } from "./element.js";
import { chips, panel } from "./facets.js";
import { t, word } from "./i18n.js";
import { marked, plain } from "./marked.js";
import { pseudonymMark } from "./references.js";
import { changed, go, to } from "./router.js";
import { sharing } from "./sharing.js";

const COUNTS = ["addressee", "recommendations", "claims", "about", "articles"];
const MOST = 500;

/**
 * @param {import("./router.js").Route} route
 * @param {{announce: (text: string) => void}} page
 */
export async function show(route, page) {
  const query = new URLSearchParams([...route.query, ["limit", "100"]]);
  if (!query.has("sort") && !query.has("q")) query.set("sort", "name");
  const [{ items, total }, counted] = await Promise.all([
    every("/actors", query, MOST),
    get("/actors", new URLSearchParams([...route.query, ["facets", "kind,theme,article"], ["limit", "1"]])),
  ]);
  const heading = t("n.actors", { n: total });
  page.announce(heading);
  const words = h("input", { type: "search", id: "actor-words", value: route.query.get("q") ?? "", maxlength: 200 });
  const form = h("form", { class: "within" }, h("label", { for: "actor-words" }, t("actors.find")), " ", words, " ", h("button", { type: "submit" }, t("search")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(to("actors", changed(route.query, "q", words.value.trim())));
  });
  const [side, asked] = await Promise.all([panel(counted.facets, ["kind", "theme", "article"], counted.meta.facets_omitted), chips("actors", route.query)]);
  const table = h(
    "table",
    { class: "figures" },
    h("caption", { class: "unseen" }, heading),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("actor")), COUNTS.map((name) => h("th", { scope: "col", class: "number" }, t(`column.${name}`))))),
    h("tbody", {}, items.map(row)),
  );
  return {
    title: heading,
    node: h(
      "div",
      { class: "columns" },
      side,
      h("section", { class: "found" }, h("h1", {}, heading), form, asked, total > MOST && h("p", { class: "none" }, t("first.shown", { n: MOST })), total === 0 && h("p", { class: "lead" }, t("empty.actors")), total > 0 && h("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": heading }, table), sharing("/actors", route.query)),
    ),
  };
}

/** @param {any} actor */
function row(actor) {
  const alias = actor.highlight && plain(actor.highlight) !== actor.name;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("a", { href: to(`actors/${actor.id}`) }, actor.name), actor.pseudonym && [" ", pseudonymMark()], h("span", { class: "fine" }, word("actor-kind", actor.kind)), alias && h("span", { class: "fine", lang: "en" }, marked(actor.highlight))),
    COUNTS.map((name) => h("td", { class: actor.counts[name] ? "number" : "number zero" }, String(actor.counts[name]))),
  );
}
