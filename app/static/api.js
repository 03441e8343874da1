// @ts-check
/**
 * Calls to the API. The explorer gets all its data here, from public addresses. Read this file to
 * learn how to use the API from JavaScript.
 *
 * @typedef {{id: string, name: string, kind: string, pseudonym: boolean}} ActorRef
 * @typedef {{id: string, label: string, label_fr: string}} ThemeRef
 * @typedef {{id: string, name: string, iso: string | null}} PlaceRef
 * @typedef {{id: string, statement: string}} AnnotationRef
 * @typedef {{
 *   id: string, title: string, publisher: string, publisher_id: string, published: string | null
 * }} ArticleRef
 * @typedef {{
 *   exact: string, prefix: string, suffix: string, start: number, end: number, paragraph: number,
 *   link: string | null
 * }} Quote
 * @typedef {{type: string, claim: AnnotationRef, note: string | null}} Relation
 *
 * @typedef {{
 *   id: string, statement: string, quote: Quote, article: ArticleRef, sources: ActorRef[],
 *   places: PlaceRef[], themes: ThemeRef[], note: string | null,
 *   coding: {coder: string, coded_on: string, confidence: string},
 *   highlight: string | null, matched_in: string[] | null,
 *   strength?: string, explicit?: boolean, action?: string, addressees?: ActorRef[],
 *   beneficiaries?: ActorRef[], based_on?: AnnotationRef[],
 *   kind?: string, about?: ActorRef[], relations?: Relation[], basis_of?: AnnotationRef[]
 * }} Annotation a claim or a recommendation
 *
 * @typedef {{
 *   value: string, label: string, count: number, selected: boolean, link: string | null
 * }} FacetValue
 * @typedef {{
 *   data: any[],
 *   meta: {
 *     total: number, dataset: string, applied: Record<string, string[]>,
 *     facets_omitted: Record<string, number>
 *   },
 *   links: {self: string, next: string | null, prev: string | null},
 *   facets: Record<string, FacetValue[]>
 * }} Page
 *
 * @typedef {{
 *   type: string, title: string, status: number, detail: string,
 *   errors: {
 *     parameter: string, value: string | null, message: string, did_you_mean: string[]
 *   }[]
 * }} Problem
 */

/** An error response of the API (RFC 9457). Its `detail` is written for readers. */
export class ProblemError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** There was no response: the server is down, or this device is offline. */
export class OfflineError extends Error {}

/** @typedef {URLSearchParams | Record<string, string | number | null | undefined>} Query */

/**
 * Build the address of a call, relative to this server.
 * @param {string} path
 * @param {Query} [query] null and undefined are left out
 */
export function apiPath(path, query = {}) {
  const parameters = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) parameters.append(name, String(value));
    }
  }
  const text = formatQuery(parameters);
  return text ? `${path}?${text}` : path;
}

/**
 * Write a query for people: commas and exclamation marks belong to the filter grammar and need no
 * escape.
 * @param {URLSearchParams} query
 */
export function formatQuery(query) {
  return query.toString().replaceAll("%2C", ",").replaceAll("%21", "!");
}

/**
 * Turn a link of the API into a path on this server. Links are absolute and may name the server
 * differently from the address of this page.
 * @param {string} link
 */
export function localPath(link) {
  const url = new URL(link, location.href);
  return url.pathname + url.search;
}

/** @type {Map<string, Promise<any>>} */
const cache = new Map();

/** The data version of the last response. @type {string | undefined} */
let dataVersion;

/**
 * Fetch JSON.
 * @param {string} path
 * @param {Query} [query]
 * @returns {Promise<any>}
 * @throws {ProblemError} the API returned an error
 * @throws {OfflineError} there was no response
 */
export async function fetchJson(path, query) {
  let response;
  try {
    response = await fetch(apiPath(path, query), { headers: { Accept: "application/json" } });
  } catch {
    throw new OfflineError();
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) {
    const version = body.meta?.dataset;
    // New data was published while this page was open.
    if (dataVersion && version && version !== dataVersion) clearCache();
    dataVersion = version ?? dataVersion;
    return body;
  }
  throw new ProblemError(body?.detail ? body : problemOf(response));
}

/**
 * Describe an error response that is not from the API, for example from a proxy.
 * @param {Response} response
 * @returns {Problem}
 */
function problemOf({ status, statusText }) {
  const detail = `${status} ${statusText}`;
  return { type: "about:blank", title: statusText, status, detail, errors: [] };
}

/**
 * Run an asynchronous function once per key and share its result. Failures are not cached.
 * @template Result
 * @param {string} key
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
export function memoize(key, run) {
  let result = cache.get(key);
  if (!result) {
    result = run();
    result.catch(() => cache.delete(key));
    cache.set(key, result);
  }
  return result;
}

/**
 * Fetch JSON once; later calls share the result.
 * @param {string} path
 * @param {Query} [query]
 * @returns {Promise<any>}
 */
export function fetchCached(path, query) {
  const key = apiPath(path, query);
  return memoize(key, () => fetchJson(key));
}

/**
 * Fetch all items of a list by following its `next` links.
 * @param {string} path
 * @param {Query} query
 * @param {number} [max] the largest number of items
 * @returns {Promise<{items: any[], total: number}>}
 */
export async function fetchAll(path, query, max = 1000) {
  let page = await fetchJson(path, query);
  const items = page.data;
  while (page.links.next && items.length < max) {
    page = await fetchJson(localPath(page.links.next));
    items.push(...page.data);
  }
  return { items: items.slice(0, max), total: page.meta.total };
}

/** Forget the results of `memoize` and `fetchCached`. */
export function clearCache() {
  cache.clear();
}
