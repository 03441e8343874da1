// @ts-check
/** The questions an analyst comes with, as sentences to complete. */

import { get, getOnce } from "./api.js";
import { h } from "./element.js";
import { label, t } from "./i18n.js";
import { themes } from "./names.js";
import { go, to } from "./router.js";

/** How long to wait, after a letter, for the next one. */
const PAUSE = 150;

export async function questions() {
  const [known, { version, counts, title }] = await Promise.all([themes(), getOnce("/dataset")]);
  return h(
    "section",
    { class: "asking", "aria-labelledby": "asking" },
    h("h1", { id: "asking" }, t("hero.title")),
    h("p", { class: "lead" }, t("hero.lead", { articles: counts.articles, recommendations: counts.recommendations, claims: counts.claims })),
    h("p", { class: "unseen" }, title, " ", version),
    h(
      "div",
      { class: "questions" },
      aboutActor(),
      aboutTheme("agree", known, (id) => to("arguments", { theme: id })),
      aboutTheme("voices", known, (id) => to("voices", { theme: id })),
    ),
  );
}

/**
 * A name without what people leave out when they type it: case and accents.
 * @param {string} name
 */
function folded(name) {
  return name.trim().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** “What should … do?”: names are looked up while they are typed, since there may be thousands. */
function aboutActor() {
  const options = h("datalist", { id: "actors" });
  const input = h("input", { id: "ask-actor", name: "actor", list: "actors", autocomplete: "off", required: true, maxlength: 60, placeholder: t("ask.actor.example") });
  /** @type {{id: string, name: string, aliases: string[]}[]} */
  let known = [];
  let waiting = 0;
  const lookUp = async (/** @type {string} */ text) => {
    const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (!words.length) return;
    const found = await get("/actors", { q: words.map((word, at) => (at === words.length - 1 ? `${word}*` : word)).join(" "), limit: 8, fields: "id,name,aliases" }).catch(() => null);
    if (!found) return;
    known = found.data;
    options.replaceChildren(...known.map(({ name }) => h("option", { value: name })));
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => lookUp(input.value), PAUSE);
  });
  const ask = async (/** @type {Event} */ event) => {
    event.preventDefault();
    clearTimeout(waiting);
    await lookUp(input.value);
    const asked = folded(input.value);
    const meant = known.find(({ name, aliases }) => [name, ...aliases].some((called) => folded(called) === asked)) ?? known[0];
    go(meant ? to(`actors/${meant.id}`) : to("search", { q: input.value.trim() }));
  };
  return question("actor", input, ask, options);
}

/**
 * @param {string} name
 * @param {import("./names.js").Theme[]} known
 * @param {(id: string) => string} answer
 */
function aboutTheme(name, known, answer) {
  const select = h(
    "select",
    { id: `ask-${name}` },
    known.map((theme) => h("option", { value: theme.id }, (theme.broader ? "\u2003" : "") + label(theme))),
  );
  return question(name, select, (event) => {
    event.preventDefault();
    go(answer(select.value));
  });
}

/**
 * @param {string} name
 * @param {HTMLElement} control
 * @param {(event: Event) => void} ask
 * @param {...Node} further
 */
function question(name, control, ask, ...further) {
  return h(
    "form",
    { class: "question", on: { submit: ask } },
    h("label", { for: control.id }, t(`ask.${name}`)),
    h("span", { class: "blank" }, control, further, t(`ask.${name}.end`) && h("span", { class: "end" }, t(`ask.${name}.end`)), h("button", { type: "submit" }, t("ask"))),
  );
}
