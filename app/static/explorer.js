// @ts-check
/** The page: finds the view of an address, renders it, and draws the header and the footer. */

import { OfflineError, clearCache, fetchCached } from "./api.js";
import { element, joinNodes } from "./element.js";
import { currentLanguage, setLanguage, translate } from "./i18n.js";
import * as list from "./list.js";
import { href, navigate, parseHash } from "./router.js";
import { errorState, loadingState, notFoundState } from "./states.js";

/**
 * @typedef {{announce: (text: string) => void}} Page `announce` tells screen readers what changed
 * @typedef {{title: string, node: Node, ready?: () => void | Promise<void>}} View
 *   `ready` runs once the node is in the page
 * @typedef {(route: import("./router.js").Route, page: Page) => Promise<View>} Render
 */

/**
 * Each view is a module with a `render` function, loaded at first use. The lists are loaded with
 * the page, since most visits begin there.
 * @type {Record<string, () => Promise<{render: Render}>>}
 */
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

/** The views of single items: `articles/ID` shows an article. @type {Record<string, string>} */
const ITEM_VIEWS = {
  recommendations: "item",
  claims: "item",
  articles: "article",
  actors: "actor",
};

const NAVIGATION = [
  "recommendations",
  "claims",
  "articles",
  "actors",
  "matrix",
  "arguments",
  "timeline",
  "map",
];

const FOOTER_LINKS = [
  ["/docs", "docs"],
  ["/dataset/download", "download.all"],
  ["/dataset/codebook", "codebook"],
  ["/dataset/quality", "quality"],
];

/** A response within this time replaces the old view without a loading state in between. */
const LOADING_DELAY_MS = 200;

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const announcer = /** @type {HTMLElement} */ (document.getElementById("announcer"));

/** Increases with each rendering, so that an earlier one that ends later is dropped. */
let latest = 0;

/** @type {Page} */
const page = {
  announce(text) {
    announcer.textContent = text;
  },
};

async function renderPage() {
  const own = ++latest;
  const isLatest = () => own === latest;
  const route = parseHash(location.hash);
  // The calls of the view start before the header and the footer are drawn.
  const loading = loadView(route);
  renderHeader(route);
  renderFooter();
  const timer = setTimeout(() => {
    if (isLatest()) main.replaceChildren(loadingState());
  }, LOADING_DELAY_MS);
  main.setAttribute("aria-busy", "true");
  let view;
  try {
    view = await loading;
  } catch (error) {
    if (!isLatest()) return;
    view = errorView(error, route);
  } finally {
    clearTimeout(timer);
  }
  if (!isLatest()) return;
  main.replaceChildren(view.node);
  document.title = `${view.title} – ${translate("title")}`;
  await view.ready?.();
  if (isLatest()) main.removeAttribute("aria-busy");
}

/**
 * @param {import("./router.js").Route} route
 * @returns {Promise<View>}
 */
async function loadView(route) {
  const [first = "", second] = route.path;
  const name = second === undefined ? first : (ITEM_VIEWS[first] ?? "unknown");
  if (!Object.hasOwn(VIEWS, name)) {
    return { title: translate("not.found"), node: notFoundState() };
  }
  const { render } = await VIEWS[name]();
  return render(route, page);
}

/**
 * @param {unknown} error
 * @param {import("./router.js").Route} route
 * @returns {View}
 */
function errorView(error, route) {
  const retry = () => {
    clearCache();
    renderPage();
  };
  // The module of a view could not be loaded.
  const isImportError = error instanceof TypeError && /import|fetch/i.test(error.message);
  const node = errorState(isImportError ? new OfflineError() : error, route, retry);
  return { title: node.querySelector("h1")?.textContent ?? "", node };
}

/** @param {import("./router.js").Route} route */
function renderHeader(route) {
  document.documentElement.lang = currentLanguage();
  const skip = document.getElementById("skip");
  if (skip) skip.textContent = translate("skip");
  const [section = "start", id] = route.path;
  const start = { href: href(""), class: "brand" };
  const current = id === undefined ? "page" : "true";
  const links = NAVIGATION.map((view) => {
    const link = { href: href(view), "aria-current": section === view ? current : null };
    return element("a", link, translate(`nav.${view}`));
  });
  document
    .getElementById("masthead")
    ?.replaceChildren(
      element(
        "a",
        { ...start, "aria-current": section === "start" ? "page" : null },
        translate("title"),
      ),
      searchForm(["search", "recommendations", "claims"].includes(section) ? route.query : null),
      languageButton(),
      element("nav", { "aria-label": translate("nav"), class: "views" }, links),
    );
}

/** @param {URLSearchParams | null} query */
function searchForm(query) {
  const label = translate("search.label");
  const input = element("input", {
    type: "search",
    name: "q",
    id: "q",
    value: query?.get("q") ?? "",
    maxlength: 200,
    "aria-label": label,
    placeholder: label,
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const q = input.value.trim();
    if (q) navigate(href("search", { q }));
  };
  return element(
    "form",
    { role: "search", class: "search", on: { submit } },
    input,
    element("button", { type: "submit" }, translate("search")),
  );
}

function languageButton() {
  const other = currentLanguage() === "en" ? "fr" : "en";
  const switchLanguage = async () => {
    setLanguage(other);
    await renderPage();
    document.getElementById("language")?.focus();
  };
  return element(
    "button",
    {
      type: "button",
      class: "language",
      lang: other,
      id: "language",
      on: { click: switchLanguage },
    },
    other === "fr" ? "Français" : "English",
  );
}

function renderFooter() {
  const version = element("span", { id: "dataset" });
  const description = element("p", { lang: "en" });
  const links = FOOTER_LINKS.map(([address, key]) =>
    element("a", { href: address }, translate(key)),
  );
  document
    .getElementById("colophon")
    ?.replaceChildren(
      element("p", {}, translate("colophon"), " ", version),
      description,
      element("p", {}, joinNodes(links, " · ")),
    );
  fetchCached("/dataset").then(
    (dataset) => {
      version.textContent = translate("dataset", { version: dataset.version });
      description.textContent = dataset.description;
    },
    () => null, // the view itself shows that there is no connection
  );
}

/** Show a notice while this device is offline. A server on this device needs no network. */
function updateOfflineNotice() {
  const notice = /** @type {HTMLElement} */ (document.getElementById("notice"));
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  notice.textContent = navigator.onLine || isLocal ? "" : translate("offline.notice");
}

document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault(); // the link must not change the address of the view
  main.focus();
});
addEventListener("hashchange", async () => {
  await renderPage();
  // A new view starts at its top, unless it has set the focus itself, as a sentence in a text does.
  if (!main.contains(document.activeElement) || document.activeElement === main) {
    main.focus({ preventScroll: true });
    if (!parseHash(location.hash).query.has("at")) scrollTo(0, 0);
  }
});
addEventListener("online", updateOfflineNotice);
addEventListener("offline", updateOfflineNotice);
updateOfflineNotice();
renderPage();
