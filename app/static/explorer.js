// @ts-check
/** The page: which view an address means, what stands round it, what is shown while it comes and when it does not. */

import { forget, getOnce } from "./api.js";
import { h } from "./element.js";
import { choose, language, t } from "./i18n.js";
import * as list from "./list.js";
import { go, parse, to } from "./router.js";
import { failure, loading } from "./states.js";

/**
 * @typedef {{announce: (text: string) => void}} Page
 * @typedef {{title: string, node: Node, ready?: () => void | Promise<void>}} View `ready` is called once the node is in the page
 * @typedef {(route: import("./router.js").Route, page: Page) => Promise<View>} Show
 */

/** Each view is a module, loaded when it is first asked for; the lists, where most begin, come with the page. @type {Record<string, () => Promise<{show: Show}>>} */
const VIEWS = {
  "": async () => list,
  recommendations: async () => list,
  claims: async () => list,
  item: () => import("./item.js"),
  search: () => import("./search.js"),
  articles: () => import("./articles.js"),
  article: () => import("./reader.js"),
  actors: () => import("./actors.js"),
  actor: () => import("./actor.js"),
  voices: () => import("./voices.js"),
  matrix: () => import("./matrix.js"),
  arguments: () => import("./argument-map.js"),
  timeline: () => import("./timeline.js"),
  map: () => import("./place-map.js"),
};

/** What an address with an id below it shows. @type {Record<string, string>} */
const ONE = { recommendations: "item", claims: "item", articles: "article", actors: "actor" };

const NAVIGATION = ["recommendations", "claims", "articles", "actors", "matrix", "arguments", "timeline", "map"];

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const announcer = /** @type {HTMLElement} */ (document.getElementById("announcer"));
let asked = 0;

/** @type {Page} */
const page = {
  announce(text) {
    announcer.textContent = text;
  },
};

async function render() {
  const mine = ++asked;
  const route = parse(location.hash);
  const [first = "", second] = route.path;
  const name = second === undefined ? first : (ONE[first] ?? "none");
  // Ask first, then draw what stands round the answer while it comes.
  const load = Object.hasOwn(VIEWS, name) ? VIEWS[name] : async () => ({ show: async () => missing() });
  const shown = load().then(({ show }) => show(route, page));
  frame(first || "start", route.query.get("q") ?? "");
  // A quick answer replaces the old view at once; only a slow one shows that it loads.
  const waiting = setTimeout(() => mine === asked && main.replaceChildren(loading()), 200);
  main.setAttribute("aria-busy", "true");
  /** @type {View} */
  let view;
  try {
    view = await shown;
  } catch (error) {
    if (mine !== asked) return;
    const again = () => {
      forget();
      render();
    };
    // A view's module that cannot be fetched is a TypeError: nobody answers either.
    const { OfflineError } = await import("./api.js");
    const node = failure(error instanceof TypeError && /import|fetch/i.test(error.message) ? new OfflineError() : error, route, again);
    view = { title: node.querySelector("h1")?.textContent ?? "", node };
  } finally {
    clearTimeout(waiting);
  }
  if (mine !== asked) return; // another view was asked for meanwhile
  main.replaceChildren(view.node);
  document.title = `${view.title} – ${t("title")}`;
  await view.ready?.();
  if (mine === asked) main.removeAttribute("aria-busy");
}

/** @returns {View} */
function missing() {
  return { title: t("not.found"), node: h("section", { class: "failure" }, h("h1", {}, t("not.found")), h("p", {}, h("a", { href: to("") }, t("back.to.start")))) };
}

/**
 * The head and foot of the page, in the language chosen.
 * @param {string} current
 * @param {string} words
 */
function frame(current, words) {
  document.documentElement.lang = language();
  const skip = /** @type {HTMLElement} */ (document.getElementById("skip"));
  skip.textContent = t("skip");
  const search = h("input", { type: "search", name: "q", id: "q", value: current === "search" || current === "recommendations" || current === "claims" ? words : "", maxlength: 200, "aria-label": t("search.label"), placeholder: t("search.label") });
  const form = h("form", { role: "search", class: "search" }, search, h("button", { type: "submit" }, t("search")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (search.value.trim()) go(to("search", { q: search.value.trim() }));
  });
  const other = language() === "en" ? "fr" : "en";
  const switching = h("button", { type: "button", class: "language", lang: other, id: "language" }, other === "fr" ? "Français" : "English");
  switching.addEventListener("click", async () => {
    choose(other);
    await render();
    document.getElementById("language")?.focus();
  });
  const here = ONE[current] === undefined && !NAVIGATION.includes(current) ? "" : current;
  document.getElementById("masthead")?.replaceChildren(
    h("a", { href: to(""), class: "brand", "aria-current": current === "start" ? "page" : null }, t("title")),
    form,
    switching,
    h(
      "nav",
      { "aria-label": t("nav"), class: "views" },
      NAVIGATION.map((name) => h("a", { href: to(name), "aria-current": here === name ? (parse(location.hash).path.length > 1 ? "true" : "page") : null }, t(`nav.${name}`))),
    ),
  );
  document.getElementById("colophon")?.replaceChildren(
    h("p", {}, t("colophon"), " ", h("span", { id: "dataset" })),
    h(
      "p",
      {},
      h("a", { href: "/docs" }, t("docs")),
      " · ",
      h("a", { href: "/dataset/download" }, t("download.all")),
      " · ",
      h("a", { href: "/dataset/codebook" }, t("codebook")),
      " · ",
      h("a", { href: "/dataset/quality" }, t("quality")),
    ),
  );
  getOnce("/dataset")
    .then(({ version }) => {
      const place = document.getElementById("dataset");
      if (place) place.textContent = t("dataset", { version });
    })
    .catch(() => null); // the view itself says that nobody answers
}

function connection() {
  const notice = /** @type {HTMLElement} */ (document.getElementById("notice"));
  notice.textContent = navigator.onLine === false && !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname) ? t("offline.notice") : "";
}

document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view it is, so the link must not change it
  main.focus();
});
addEventListener("hashchange", async () => {
  await render();
  // A new view begins at its top, for eyes and for screen readers; one that opens at a sentence has gone there itself.
  if (!main.contains(document.activeElement) || document.activeElement === main) {
    main.focus({ preventScroll: true });
    if (!parse(location.hash).query.has("at")) scrollTo(0, 0);
  }
});
addEventListener("online", connection);
addEventListener("offline", connection);
connection();
render();
