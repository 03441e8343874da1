// @ts-check
/** The words of the interface, English or French. The texts of the corpus stay in their language. */

import { en } from "./strings-en.js";
import { fr } from "./strings-fr.js";

const LANGUAGES = /** @type {const} */ ({ en, fr });

/** @typedef {keyof typeof LANGUAGES} Language */

const KEPT = "briefs.language";

/** @returns {Language} */
function preferred() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // Storage may be forbidden: the browser's own language decides.
  }
  const wanted = [kept, ...navigator.languages].filter(Boolean).map((tag) => String(tag).slice(0, 2).toLowerCase());
  return /** @type {Language} */ (wanted.find((tag) => tag in LANGUAGES) ?? "en");
}

/** @type {Language} */
let current = preferred();

/** @returns {Language} */
export function language() {
  return current;
}

/** @param {Language} chosen */
export function choose(chosen) {
  current = chosen;
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // Then it holds until the page is closed.
  }
}

/**
 * Rules and formats of a language are dear to make, and a list asks for them hundreds of times.
 * @template Made
 * @param {(tag: string) => Made} make
 * @returns {() => Made} what was made for the language of the moment
 */
function eachLanguageOnce(make) {
  /** @type {Map<string, Made>} */
  const made = new Map();
  return () => {
    const known = made.get(current) ?? make(current === "en" ? "en-GB" : current);
    made.set(current, known);
    return known;
  };
}

const plurals = eachLanguageOnce((tag) => new Intl.PluralRules(tag));
const numbers = eachLanguageOnce((tag) => new Intl.NumberFormat(tag));
/** A year, a month, a day: as precise as a date is known. */
const dates = [{}, { month: "long" }, { month: "long", day: "numeric" }].map((shape) =>
  eachLanguageOnce((tag) => new Intl.DateTimeFormat(tag, /** @type {Intl.DateTimeFormatOptions} */ ({ timeZone: "UTC", year: "numeric", ...shape }))),
);

/**
 * The words for something.
 * @param {string} key
 * @param {Record<string, string | number>} [values] put in for `{name}`; `n` also chooses between one and several
 * @returns {string}
 */
export function t(key, values = {}) {
  const found = /** @type {Record<string, string | Record<string, string>>} */ (LANGUAGES[current])[key];
  if (found === undefined) return key;
  const text = typeof found === "string" ? found : (values.n === 0 && found.zero) || found[plurals().select(Number(values.n ?? 0))] || found.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(Number(values[name])) : String(values[name] ?? "")));
}

/**
 * The word for a value of the API's own vocabulary (`must`, `armed-group`); the value itself where there is none.
 * @param {string} group
 * @param {string} value
 */
export function word(group, value) {
  const key = `${group}.${value}`;
  const found = t(key);
  return found === key ? value : found;
}

/** @param {number} value */
export function number(value) {
  return numbers().format(value);
}

/** @param {{label: string, label_fr?: string}} theme */
export function label(theme) {
  return (current === "fr" && theme.label_fr) || theme.label;
}

/**
 * A date as precisely as it is known: a day, a month or a year.
 * @param {string | null} value ISO 8601
 */
export function date(value) {
  if (!value) return t("date.unknown");
  const parts = value.split("-").map(Number);
  const when = new Date(Date.UTC(parts[0], (parts[1] ?? 1) - 1, parts[2] ?? 1));
  return dates[parts.length - 1]().format(when);
}
