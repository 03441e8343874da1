// @ts-check
/** View of one article: its text, with the annotations marked in place. */

import { fetchAll, fetchJson } from "./api.js";
import { annotationCard } from "./card.js";
import { element } from "./element.js";
import { translate } from "./i18n.js";
import { articleKindAndDate, byline, publisherPageLink, shortId } from "./references.js";
import { href, withParameter } from "./router.js";
import { splitParagraph } from "./segments.js";
import { shareBar } from "./sharing.js";

/** @typedef {import("./api.js").Annotation} Annotation */
/** @typedef {import("./router.js").Route} Route */
/** @typedef {import("./segments.js").Span} Span */
/** @typedef {import("./segments.js").Segment} Segment */
/** @typedef {import("./segments.js").Paragraph} Paragraph */

/** @param {Route} route */
export async function render(route) {
  const id = route.path[1];
  const path = `/articles/${encodeURIComponent(id)}`;
  // The article comes first: if it does not exist, its own 404 is the error to show.
  const article = await fetchJson(path);
  const [text, claims, recommendations] = await Promise.all([
    fetchJson(`${path}/text`),
    fetchAll("/claims", { article: id, limit: 100 }),
    fetchAll("/recommendations", { article: id, limit: 100 }),
  ]);
  /** @type {Map<string, Annotation>} */
  const items = new Map([...claims.items, ...recommendations.items].map((item) => [item.id, item]));
  const body = articleText(article, text.paragraphs, items, route);
  const at = route.query.get("at");
  return {
    title: article.title,
    node: element(
      "article",
      { class: "reader" },
      articleHeader(article),
      highlightChoice(body, route),
      body,
      shareBar(`${path}/text`, {}, { csv: false, itemPath: path }),
    ),
    ready: () => {
      if (at) toggleAnnotation(body, items, at)?.scrollIntoView({ block: "center" });
    },
  };
}

/**
 * Create the text with its marks and the listeners that open and highlight annotations.
 * @param {any} article
 * @param {Paragraph[]} paragraphs
 * @param {Map<string, Annotation>} items
 * @param {Route} route
 */
function articleText(article, paragraphs, items, route) {
  const body = element(
    "div",
    { class: "text", "data-show": route.query.get("show") ?? "all" },
    paragraphs.map((paragraph) => paragraphRow(paragraph, items, article)),
  );
  body.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest("a[data-open]");
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey) return;
    // The address changes without a new view, so that the reader stays at this place.
    event.preventDefault();
    const at = String(link.dataset.open);
    replaceAddress(route, "at", at);
    toggleAnnotation(body, items, at);
  });
  for (const type of ["pointerover", "focusin"]) {
    body.addEventListener(type, (event) => highlightAt(body, event.target));
  }
  return body;
}

/**
 * @param {Route} route
 * @param {string} name
 * @param {string | null} value
 */
function replaceAddress(route, name, value) {
  const query = withParameter(route.query, name, value);
  history.replaceState(null, "", href(route.path.join("/"), query));
}

/** @param {any} article */
function articleHeader(article) {
  const plainText = { href: `/articles/${article.id}/text?format=text` };
  return element(
    "header",
    {},
    articleKindAndDate(article),
    element("h1", { lang: article.language }, article.title),
    byline(article),
    element(
      "p",
      { class: "actions" },
      publisherPageLink(article),
      element("a", plainText, translate("plain.text")),
    ),
    element("p", { class: "fine", lang: "en" }, article.rights),
  );
}

/**
 * Choose which marks the text shows. It is also the legend of the marks.
 * @param {HTMLElement} body
 * @param {Route} route
 */
function highlightChoice(body, route) {
  const current = route.query.get("show") ?? "all";
  const choices = ["all", "recommendations", "claims"].map((value) => {
    const id = `show-${value}`;
    const attributes = { type: "radio", name: "show", value, id, checked: value === current };
    const input = element("input", attributes);
    input.addEventListener("change", () => {
      body.dataset.show = value;
      replaceAddress(route, "show", value === "all" ? null : value);
    });
    const label = { for: id, class: `legend-${value}` };
    return element("span", {}, input, " ", element("label", label, translate(`reader.${value}`)));
  });
  const legend = element("legend", {}, translate("reader.highlight"));
  return element("fieldset", { class: "legend" }, legend, choices);
}

/**
 * Create a paragraph with a margin that lists its annotations.
 * @param {Paragraph} paragraph
 * @param {Map<string, Annotation>} items
 * @param {any} article
 */
function paragraphRow(paragraph, items, article) {
  const { kind, number, spans } = paragraph;
  const text = element(
    kind === "heading" ? "h2" : "p",
    { class: kind, lang: article.language, id: `p${number}` },
    splitParagraph(paragraph).map((segment) => markSegment(segment, article.id)),
  );
  const label = translate("reader.paragraph", { number });
  const notes = spans.map((span) =>
    marginNote(span, items.get(span.id)?.statement ?? span.id, article.id),
  );
  const margin = notes.length > 0 && element("ul", { class: "margin", "aria-label": label }, notes);
  return element("div", { class: "row" }, text, margin);
}

/**
 * @param {Span} span
 * @param {string} statement
 * @param {string} articleId
 */
function marginNote(span, statement, articleId) {
  const number = element("b", {}, markNumber(span));
  const link = { ...openLink(span, articleId), "aria-expanded": "false" };
  return element(
    "li",
    { class: `note ${span.type}`, "data-note": span.id, lang: "en" },
    element("a", link, number, " ", statement),
  );
}

/**
 * Return the attributes of a link that opens an annotation.
 * @param {Span} span
 * @param {string} articleId
 */
function openLink(span, articleId) {
  return { href: href(`articles/${articleId}`, { at: span.id }), "data-open": span.id };
}

/** @param {Span} span */
function markNumber(span) {
  return shortId(span.id).toUpperCase();
}

/**
 * Mark a segment of text under its annotations. The numbers of annotations that start here stand
 * before it, so that colour is not the only cue.
 * @param {Segment} segment
 * @param {string} articleId
 */
function markSegment(segment, articleId) {
  if (!segment.spans.length) return segment.text;
  const numbers = segment.starting.map((span) => {
    const number = markNumber(span);
    const label = translate(`open.${span.type}`, { number });
    return element(
      "a",
      {
        class: `number ${span.type}`,
        ...openLink(span, articleId),
        "data-ids": span.id,
        "aria-label": label,
      },
      number,
    );
  });
  // A click on the words opens the innermost annotation, which is the shortest.
  const [innermost] = [...segment.spans].sort((a, b) => a.end - a.start - (b.end - b.start));
  const types = new Set(segment.spans.map((span) => span.type));
  const ids = segment.spans.map((span) => span.id).join(" ");
  const link = { ...openLink(innermost, articleId), tabindex: -1 };
  return [
    numbers,
    element(
      "span",
      { class: `mark ${[...types].join(" ")}`, "data-ids": ids },
      element("a", link, segment.text),
    ),
  ];
}

/**
 * Highlight the words and the margin note that belong to the annotation at a node.
 * @param {HTMLElement} body
 * @param {EventTarget | null} target
 */
function highlightAt(body, target) {
  const node = target instanceof Element ? target.closest("[data-ids], [data-note]") : null;
  const data = node instanceof HTMLElement ? node.dataset : {};
  const ids = (data.note ?? data.ids ?? "").split(" ").filter(Boolean);
  for (const old of body.querySelectorAll(".highlighted")) old.classList.remove("highlighted");
  for (const id of ids) {
    for (const part of annotationNodes(body, id)) part.classList.add("highlighted");
  }
}

/**
 * Return the numbers, the marks and the margin note of an annotation.
 * @param {HTMLElement} body
 * @param {string} id
 */
function annotationNodes(body, id) {
  const escaped = CSS.escape(id);
  return [...body.querySelectorAll(`[data-ids~="${escaped}"], [data-note="${escaped}"]`)];
}

/**
 * Open an annotation below its paragraph and close any other, or close it if it is open.
 * @param {HTMLElement} body
 * @param {Map<string, Annotation>} items
 * @param {string} id
 * @returns {Element | null} the first mark of the annotation, null if it is closed now
 */
function toggleAnnotation(body, items, id) {
  const open = body.querySelector(".annotation-panel");
  const isOpen = open instanceof HTMLElement && open.dataset.annotation === id;
  closeAnnotation(body);
  const item = items.get(id);
  const [first, ...rest] = annotationNodes(body, id);
  if (isOpen || !item || !first) return null;
  for (const node of [first, ...rest]) node.classList.add("selected");
  noteLink(body, id)?.setAttribute("aria-expanded", "true");
  const closeButton = element("button", { type: "button", class: "close" }, translate("close"));
  closeButton.addEventListener("click", () => {
    closeAnnotation(body);
    focusAnnotation(body, id);
  });
  const panel = element(
    "div",
    {
      class: "annotation-panel",
      "data-annotation": id,
      role: "region",
      "aria-label": item.statement,
      tabindex: -1,
    },
    closeButton,
    annotationCard(item),
  );
  first.closest(".row")?.append(panel);
  panel.focus({ preventScroll: true });
  return first;
}

/** @param {HTMLElement} body */
function closeAnnotation(body) {
  body.querySelector(".annotation-panel")?.remove();
  for (const node of body.querySelectorAll(".selected")) node.classList.remove("selected");
  for (const link of body.querySelectorAll('[aria-expanded="true"]')) {
    link.setAttribute("aria-expanded", "false");
  }
}

/**
 * @param {HTMLElement} body
 * @param {string} id
 */
function noteLink(body, id) {
  return body.querySelector(`[data-note="${CSS.escape(id)}"] a`);
}

/**
 * Focus the link that opens an annotation. On a phone there is no margin, only the number in the
 * text.
 * @param {HTMLElement} body
 * @param {string} id
 */
function focusAnnotation(body, id) {
  const number = body.querySelector(`a.number[data-ids="${CSS.escape(id)}"]`);
  for (const link of [number, noteLink(body, id)]) {
    if (link instanceof HTMLElement && link.offsetParent !== null) return link.focus();
  }
}
