// @ts-check
/** Interface text in English or French. The texts of the corpus stay in their own language. */

import { en } from "./strings-en.js";
import { fr } from "./strings-fr.js";

const STRINGS = /** @type {const} */ ({ en, fr });

/** @typedef {keyof typeof STRINGS} Language */

const STORAGE_KEY = "briefs.language";

/** @returns {Language} */
function preferredLanguage() {
  let stored = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    // The browser may forbid storage. Its own language decides then.
  }
  const tags = [stored, ...navigator.languages].filter(Boolean);
  const languages = tags.map((tag) => String(tag).slice(0, 2).toLowerCase());
  return /** @type {Language} */ (languages.find((language) => language in STRINGS) ?? "en");
}

/** @type {Language} */
let current = preferredLanguage();

/** @returns {Language} */
export function currentLanguage() {
  return current;
}

/** @param {Language} language */
export function setLanguage(language) {
  current = language;
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

/**
 * Create a formatter once per language: formatters are slow to create, and a list uses them
 * hundreds of times.
 * @template Formatter
 * @param {(tag: string) => Formatter} create
 * @returns {() => Formatter} returns the formatter of the current language
 */
function perLanguage(create) {
  /** @type {Map<Language, Formatter>} */
  const formatters = new Map();
  return () => {
    const formatter = formatters.get(current) ?? create(current === "en" ? "en-GB" : current);
    formatters.set(current, formatter);
    return formatter;
  };
}

const pluralRules = perLanguage((tag) => new Intl.PluralRules(tag));
const numberFormat = perLanguage((tag) => new Intl.NumberFormat(tag));

/** Formats for a year, a month and a day, since dates are known with different precision. */
const dateFormats = [{}, { month: "long" }, { month: "long", day: "numeric" }].map((parts) => {
  const options = { timeZone: "UTC", year: "numeric", ...parts };
  return perLanguage(
    (tag) => new Intl.DateTimeFormat(tag, /** @type {Intl.DateTimeFormatOptions} */ (options)),
  );
});

/**
 * Return the interface text for a key.
 * @param {string} key
 * @param {Record<string, string | number>} [values] replace `{name}`; `count` selects the plural
 * @returns {string} the key itself if there is no such text
 */
export function translate(key, values = {}) {
  const strings = /** @type {Record<string, string | Record<string, string>>} */ (STRINGS[current]);
  const entry = strings[key];
  if (entry === undefined) return key;
  const form = typeof entry === "string" ? entry : pluralForm(entry, Number(values.count ?? 0));
  const text = current === "fr" ? bindPunctuation(form) : form;
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? numberFormat().format(value) : String(value ?? "");
  });
}

/**
 * @param {Record<string, string>} forms by plural category (`one`, `other`); `zero` is for 0 alone
 * @param {number} count
 */
function pluralForm(forms, count) {
  return (count === 0 && forms.zero) || forms[pluralRules().select(count)] || forms.other;
}

/**
 * Replace the space before French punctuation by one that does not break a line.
 * @param {string} text
 */
function bindPunctuation(text) {
  return text.replace(/ ([:;?!»])/g, "\u00a0$1").replaceAll("« ", "«\u00a0");
}

/**
 * Return the label of a code of the API (`must`, `armed-group`), or the code if it has none.
 * @param {string} group the codes it belongs to (`strength`, `actor-kind`)
 * @param {string} code
 */
export function translateCode(group, code) {
  const key = `${group}.${code}`;
  const text = translate(key);
  return text === key ? code : text;
}

/** @param {{label: string, label_fr?: string}} theme */
export function themeLabel(theme) {
  return (current === "fr" && theme.label_fr) || theme.label;
}

/** @param {{definition: string, definition_fr: string}} theme */
export function themeDefinition(theme) {
  return (current === "fr" && theme.definition_fr) || theme.definition;
}

/**
 * Format a date with the precision it has: a day, a month or a year.
 * @param {string | null} value ISO 8601: `2022-08-12`, `2022-08` or `2022`
 */
export function formatDate(value) {
  if (!value) return translate("date.unknown");
  const [year, month = 1, day = 1] = value.split("-").map(Number);
  const format = dateFormats[value.split("-").length - 1]();
  return format.format(new Date(Date.UTC(year, month - 1, day)));
}
