// @ts-check
/** An article's clean text, with what it claims and recommends marked in place. */

import { every, get } from "./api.js";
import { card } from "./card.js";
import { h, outward } from "./element.js";
import { date, t, word } from "./i18n.js";
import { actorLinks } from "./references.js";
import { changed, to } from "./router.js";
import { sharing } from "./sharing.js";
import { pieces } from "./spans.js";

/** @typedef {import("./api.js").Annotation} Annotation */
/** @typedef {import("./spans.js").Span} Span */

/** @param {import("./router.js").Route} route */
export async function show(route) {
  const id = route.path[1];
  const path = `/articles/${encodeURIComponent(id)}`;
  const article = await get(path); // first, since a list under an article that there is not would be a problem of its own
  const [text, claims, recommendations] = await Promise.all([
    get(`${path}/text`),
    every("/claims", { article: id, limit: 100 }),
    every("/recommendations", { article: id, limit: 100 }),
  ]);
  /** @type {Map<string, Annotation>} */
  const items = new Map([...claims.items, ...recommendations.items].map((item) => [item.id, item]));
  const body = h("div", { class: "text", "data-show": route.query.get("show") ?? "all" }, text.paragraphs.map((/** @type {any} */ paragraph) => row(paragraph, items, article)));
  const open = (/** @type {string} */ at) => select(body, items, at);
  body.addEventListener("click", (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest("a[data-open]");
    if (!(link instanceof HTMLElement) || event instanceof MouseEvent && (event.ctrlKey || event.metaKey)) return;
    // The address follows without a new view, so that the reader stays where they are.
    event.preventDefault();
    const at = String(link.dataset.open);
    history.replaceState(null, "", to(route.path.join("/"), changed(route.query, "at", at)));
    open(at);
  });
  for (const kind of ["pointerover", "focusin"]) body.addEventListener(kind, (event) => light(body, event.target));
  const at = route.query.get("at");
  return {
    title: article.title,
    node: h(
      "article",
      { class: "reader" },
      head(article),
      legend(body, route),
      body,
      sharing(`${path}/text`, {}, { csv: false, cited: path }),
    ),
    ready: () => {
      if (at && items.has(at)) open(at)?.scrollIntoView({ block: "center" });
    },
  };
}

/** @param {any} article */
function head(article) {
  return h(
    "header",
    {},
    h("p", { class: "crumb" }, word("article-kind", article.kind), " · ", date(article.published)),
    h("h1", { lang: article.language }, article.title),
    h("p", { class: "origin" }, h("a", { href: to(`actors/${article.publisher_id}`) }, article.publisher), " · ", article.authors?.length ? actorLinks(article.authors) : h("span", { class: "none" }, t("authors.unknown"))),
    article.note && h("p", { class: "warning", lang: "en" }, article.note),
    h("p", { class: "actions" }, article.url ? outward(article.url, t("publishers.page")) : h("span", { class: "none" }, t("no.address")), h("a", { href: `/articles/${article.id}/text?format=text` }, t("plain.text"))),
    h("p", { class: "fine", lang: "en" }, article.rights),
  );
}

/**
 * What the marks mean; also which of them are shown.
 * @param {HTMLElement} body
 * @param {import("./router.js").Route} route
 */
function legend(body, route) {
  const chosen = route.query.get("show") ?? "all";
  const choices = ["all", "recommendations", "claims"].map((value) => {
    const input = h("input", { type: "radio", name: "show", value, id: `show-${value}`, checked: value === chosen });
    input.addEventListener("change", () => {
      body.dataset.show = value;
      history.replaceState(null, "", to(route.path.join("/"), changed(route.query, "show", value === "all" ? null : value)));
    });
    return h("span", {}, input, " ", h("label", { for: input.id, class: `legend-${value}` }, t(`show.${value}`)));
  });
  return h("fieldset", { class: "legend" }, h("legend", {}, t("marked.in.text")), choices);
}

/** @param {string} id */
function short(id) {
  return id.slice(id.lastIndexOf(".") + 1).toUpperCase();
}

/**
 * A paragraph and, beside it, what is annotated in it.
 * @param {import("./spans.js").Paragraph} paragraph
 * @param {Map<string, Annotation>} items
 * @param {any} article
 */
function row(paragraph, items, article) {
  const tag = paragraph.kind === "heading" ? "h2" : "p";
  const text = h(tag, { class: paragraph.kind, lang: article.language, id: `p${paragraph.number}` }, pieces(paragraph).map((piece) => marks(piece, article.id)));
  const notes = paragraph.spans.map((span) =>
    h(
      "li",
      { class: `note ${span.type}`, "data-note": span.id, lang: "en" },
      h("a", { href: to(`articles/${article.id}`, { at: span.id }), "data-open": span.id, "aria-expanded": "false" }, h("b", {}, short(span.id)), " ", items.get(span.id)?.statement ?? span.id),
    ),
  );
  return h("div", { class: "row" }, text, notes.length > 0 && h("ul", { class: "margin", "aria-label": t("annotations.of", { number: paragraph.number }) }, notes));
}

/**
 * A stretch of text under none, one or several annotations. Where some begin, their numbers stand before it: the cue that is no colour.
 * @param {import("./spans.js").Piece} piece
 * @param {string} article
 */
function marks(piece, article) {
  if (!piece.spans.length) return piece.text;
  // The innermost, which is the shortest, is the one meant by pointing at the words.
  const inner = [...piece.spans].sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  const kinds = new Set(piece.spans.map((span) => span.type));
  return [
    piece.begins.map((span) =>
      h("a", { class: `number ${span.type}`, href: to(`articles/${article}`, { at: span.id }), "data-open": span.id, "data-ids": span.id, "aria-label": t(`open.${span.type}`, { number: short(span.id) }) }, short(span.id)),
    ),
    h("span", { class: `mark ${[...kinds].join(" ")}`, "data-ids": piece.spans.map((span) => span.id).join(" ") }, h("a", { href: to(`articles/${article}`, { at: inner.id }), "data-open": inner.id, tabindex: -1 }, piece.text)),
  ];
}

/**
 * Light up the words and the note that belong together.
 * @param {HTMLElement} body
 * @param {EventTarget | null} target
 */
function light(body, target) {
  const over = target instanceof Element ? target.closest("[data-ids], [data-note]") : null;
  const ids = over instanceof HTMLElement ? (over.dataset.note ?? over.dataset.ids ?? "").split(" ") : [];
  for (const element of body.querySelectorAll(".lit")) element.classList.remove("lit");
  for (const id of ids) for (const element of of(body, id)) element.classList.add("lit");
}

/**
 * @param {HTMLElement} body
 * @param {string} id
 */
function of(body, id) {
  return [...body.querySelectorAll(`[data-ids~="${CSS.escape(id)}"], [data-note="${CSS.escape(id)}"]`)];
}

/**
 * Open an annotation below its paragraph, or close it if it is open.
 * @param {HTMLElement} body
 * @param {Map<string, Annotation>} items
 * @param {string} id
 */
function select(body, items, id) {
  const before = body.querySelector(".opened");
  const closing = before instanceof HTMLElement && before.dataset.of === id;
  before?.remove();
  for (const element of body.querySelectorAll(".selected")) element.classList.remove("selected");
  for (const element of body.querySelectorAll('[aria-expanded="true"]')) element.setAttribute("aria-expanded", "false");
  const item = items.get(id);
  const [first, ...rest] = of(body, id);
  if (closing || !item || !first) return null;
  for (const element of [first, ...rest]) element.classList.add("selected");
  body.querySelector(`[data-note="${CSS.escape(id)}"] a`)?.setAttribute("aria-expanded", "true");
  const close = h("button", { type: "button", class: "close" }, t("close"));
  const panel = h("div", { class: "opened", "data-of": id, role: "region", "aria-label": item.statement, tabindex: -1 }, close, card(item));
  close.addEventListener("click", () => {
    select(body, items, id);
    // On a phone there is no margin: its number in the text takes the focus instead.
    const places = body.querySelectorAll(`[data-note="${CSS.escape(id)}"] a, a.number[data-ids="${CSS.escape(id)}"]`);
    const seen = [...places].find((place) => place instanceof HTMLElement && place.offsetParent !== null);
    if (seen instanceof HTMLElement) seen.focus();
  });
  first.closest(".row")?.append(panel);
  panel.focus({ preventScroll: true });
  return first;
}
