// @ts-check
/** What a view shows while there is nothing to show: it loads, there is nothing, something is wrong, nobody answers. */

import { OfflineError, ProblemError, address, get } from "./api.js";
import { h } from "./element.js";
import { t } from "./i18n.js";
import { nameOf } from "./names.js";
import { to } from "./router.js";

export function loading() {
  const bars = [60, 95, 80, 60, 95, 70].map((width) => h("span", { class: `bar w${width}` }));
  return h("div", { class: "skeleton", "aria-busy": "true" }, h("p", { class: "unseen" }, t("loading")), bars);
}

/**
 * What is wrong, in the API's own words, with the values that may have been meant as links.
 * @param {unknown} error
 * @param {import("./router.js").Route} route
 * @param {() => void} again
 */
export function failure(error, route, again) {
  const retry = h("button", { type: "button", on: { click: again } }, t("try.again"));
  if (error instanceof OfflineError) {
    return h("section", { class: "failure offline", role: "alert" }, h("h1", {}, t("offline.title")), h("p", {}, t("offline")), retry);
  }
  if (!(error instanceof ProblemError)) throw error;
  const { problem } = error;
  const meant = problem.errors.flatMap(({ parameter, value, did_you_mean }) =>
    did_you_mean.map((guess) => h("li", {}, h("a", { href: to(route.path.join("/"), replaced(route.query, parameter, value, guess)) }, guess))),
  );
  return h(
    "section",
    { class: "failure", role: "alert" },
    h("h1", {}, problem.status === 404 ? t("not.found") : t("problem.title")),
    h("p", { class: "detail", lang: "en" }, problem.detail),
    meant.length > 0 && [h("p", {}, t("did.you.mean")), h("ul", {}, meant)],
    problem.status >= 500 ? retry : h("p", {}, h("a", { href: to("") }, t("back.to.start"))),
  );
}

/**
 * The query with a wrong value replaced by the one that was meant, which leaves the parameter's other values as they are.
 * @param {URLSearchParams} query
 * @param {string} parameter
 * @param {string | null} wrong
 * @param {string} right
 */
function replaced(query, parameter, wrong, right) {
  const next = new URLSearchParams();
  for (const [name, value] of query) {
    if (name === parameter) {
      next.append(name, value.split(",").map((part) => (part.replace(/^!/, "") === wrong ? part.replace(String(wrong), right) : part)).join(","));
    } else if (name !== wrong) next.append(name, value);
    else next.append(right, value); // a parameter that there is not
  }
  return next;
}

const NEAREST = 8;

/**
 * Nothing was found: the nearest questions that find something, with how much each finds.
 * @param {string} list
 * @param {URLSearchParams} query
 */
export async function empty(list, query) {
  const filters = [...query].filter(([name]) => name !== "sort");
  /** @type {{said: Promise<string> | string, next: URLSearchParams}[]} */
  const tries = filters.map(([name, value], at) => ({
    said: filters.length === 1 ? t("nearest.all") : nameOf(name, value).then((called) => t("nearest.without", { filter: t(`filter.${name}`), value: called })),
    next: new URLSearchParams(filters.filter((_, other) => other !== at)),
  }));
  // Words must all occur: the ones that do, on their own, show which word was too much.
  const words = (query.get("q") ?? "").match(/[\p{L}\p{N}][\p{L}\p{N}'’-]{2,}/gu) ?? [];
  if (words.length > 1) {
    for (const word of words) {
      const next = new URLSearchParams(query);
      next.set("q", word);
      tries.push({ said: t("nearest.word", { word }), next });
    }
  }
  const found = await Promise.all(
    tries.slice(0, NEAREST).map(async ({ said, next }) => {
      const one = new URLSearchParams(next);
      one.set("limit", "1");
      return { said: await said, next, total: (await get(address(`/${list}`, one))).meta.total };
    }),
  );
  // The smallest is the most particular, and so the nearest.
  const useful = found.filter(({ total }) => total > 0).sort((a, b) => a.total - b.total);
  return h(
    "section",
    { class: "nothing" },
    h("p", { class: "lead" }, t(`empty.${list}`)),
    useful.length > 0 && [
      h("p", {}, t("nearest")),
      h("ul", {}, useful.map(({ said, next, total }) => h("li", {}, h("a", { href: to(list, next) }, said), " ", h("span", { class: "count" }, t("n.results", { n: total }))))),
    ],
  );
}
