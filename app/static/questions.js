// @ts-check
/** The questions of the start page, as sentences to complete. */

import { fetchCached, fetchJson } from "./api.js";
import { element } from "./element.js";
import { translate } from "./i18n.js";
import { href, navigate } from "./router.js";
import { fetchThemes, indentedThemeLabel } from "./vocabulary.js";

/** Wait this long after a key press, so that fast typing makes one call. */
const TYPING_PAUSE_MS = 150;

export async function questionForms() {
  const [themes, { version, counts, title }] = await Promise.all([
    fetchThemes(),
    fetchCached("/dataset"),
  ]);
  const { articles, recommendations, claims } = counts;
  const lead = translate("hero.lead", { articles, recommendations, claims });
  return element(
    "section",
    { class: "intro", "aria-labelledby": "intro" },
    element("h1", { id: "intro" }, translate("hero.title")),
    element("p", { class: "lead" }, lead),
    element("p", { class: "visually-hidden" }, title, " ", version),
    element(
      "div",
      { class: "questions" },
      actorQuestion(),
      themeQuestion("agree", "arguments", themes),
      themeQuestion("voices", "voices", themes),
    ),
  );
}

/**
 * Normalize a name for comparison: people often type names without accents and capitals.
 * @param {string} name
 */
function normalizeName(name) {
  return name.trim().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** “What should … do?” Names are looked up while they are typed, since there may be thousands. */
function actorQuestion() {
  const options = element("datalist", { id: "actors" });
  const input = element("input", {
    id: "ask-actor",
    name: "actor",
    list: options.id,
    autocomplete: "off",
    required: true,
    maxlength: 60,
    placeholder: translate("ask.actor.example"),
  });
  /** @type {{id: string, name: string, aliases: string[]}[]} */
  let candidates = [];
  let timer = 0;
  const lookUp = async () => {
    const words = input.value.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (!words.length) return;
    const call = { q: `${words.join(" ")}*`, limit: 8, fields: "id,name,aliases" };
    const page = await fetchJson("/actors", call).catch(() => null);
    if (!page) return;
    candidates = page.data;
    options.replaceChildren(...candidates.map(({ name }) => element("option", { value: name })));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(lookUp, TYPING_PAUSE_MS);
  });
  const submit = async () => {
    clearTimeout(timer);
    await lookUp();
    const typed = normalizeName(input.value);
    const exact = candidates.find(({ name, aliases }) =>
      [name, ...aliases].some((candidate) => normalizeName(candidate) === typed),
    );
    const actor = exact ?? candidates[0];
    navigate(actor ? href(`actors/${actor.id}`) : href("search", { q: input.value.trim() }));
  };
  return questionForm("actor", [input, options], submit);
}

/**
 * Create a question about a theme.
 * @param {string} name of the question
 * @param {string} view that answers it
 * @param {import("./vocabulary.js").Theme[]} themes
 */
function themeQuestion(name, view, themes) {
  const options = themes.map((theme) =>
    element("option", { value: theme.id }, indentedThemeLabel(theme)),
  );
  const select = element("select", { id: `ask-${name}` }, options);
  return questionForm(name, [select], () => navigate(href(view, { theme: select.value })));
}

/**
 * @param {string} name
 * @param {HTMLElement[]} controls the first one has the label
 * @param {() => void} submit
 */
function questionForm(name, controls, submit) {
  const onSubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    submit();
  };
  return element(
    "form",
    { class: "question", on: { submit: onSubmit } },
    element("label", { for: controls[0].id }, translate(`ask.${name}`)),
    element(
      "span",
      { class: "question-fields" },
      controls,
      element("span", { class: "end" }, translate(`ask.${name}.end`)),
      element("button", { type: "submit" }, translate("ask")),
    ),
  );
}
