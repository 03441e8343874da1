// @ts-check
/**
 * Asking the API. Everything the explorer knows comes through here, from public addresses: read this to learn how to ask.
 *
 * @typedef {{id: string, name: string, kind: string, pseudonym: boolean}} ActorRef
 * @typedef {{id: string, label: string, label_fr: string}} ThemeRef
 * @typedef {{id: string, name: string, iso: string | null}} PlaceRef
 * @typedef {{id: string, statement: string}} AnnotationRef
 * @typedef {{id: string, title: string, publisher: string, publisher_id: string, published: string | null}} ArticleRef
 * @typedef {{exact: string, prefix: string, suffix: string, start: number, end: number, paragraph: number, link: string | null}} Quote
 * @typedef {{type: string, claim: AnnotationRef, note: string | null}} Relation
 * @typedef {{id: string, statement: string, quote: Quote, article: ArticleRef, sources: ActorRef[], places: PlaceRef[],
 *   themes: ThemeRef[], coding: {coder: string, coded_on: string, confidence: string}, note: string | null,
 *   highlight: string | null, matched_in: string[] | null,
 *   strength?: string, explicit?: boolean, action?: string, addressees?: ActorRef[], beneficiaries?: ActorRef[], based_on?: AnnotationRef[],
 *   kind?: string, about?: ActorRef[], relations?: Relation[], basis_of?: AnnotationRef[]}} Annotation a claim or a recommendation
 * @typedef {{value: string, label: string, count: number, selected: boolean, link: string | null}} FacetValue
 * @typedef {{data: any[], meta: {total: number, dataset: string, applied: Record<string, string[]>, facets_omitted: Record<string, number>},
 *   links: {self: string, next: string | null, prev: string | null}, facets: Record<string, FacetValue[]>}} Page
 * @typedef {{name: string, values: {value: string, label: string, count: number, link: string | null}[], without: number}} Dimension
 * @typedef {{data: {values: Record<string, string>, count: number, link: string | null}[], dimensions: Dimension[],
 *   meta: {total: number}, links: {self: string, list: string}}} Stats
 * @typedef {{type: string, title: string, status: number, detail: string,
 *   errors: {parameter: string, value: string | null, message: string, did_you_mean: string[]}[]}} Problem
 */

/** What the API says is wrong (RFC 9457): its own words are meant to be shown. */
export class ProblemError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Nobody answered: the server is away, or this device is offline. */
export class OfflineError extends Error {}

/** @typedef {URLSearchParams | Record<string, string | number | null | undefined>} Query */

/**
 * The address of a call, from the root of this server.
 * @param {string} path
 * @param {Query} [query] null and undefined are left out
 */
export function address(path, query = {}) {
  const parameters = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined) parameters.append(name, String(value));
  }
  const text = readable(parameters);
  return text ? `${path}?${text}` : path;
}

/**
 * A query as people read it: commas and exclamation marks are part of the filter grammar and need no escape.
 * @param {URLSearchParams} query
 */
export function readable(query) {
  return query.toString().replaceAll("%2C", ",").replaceAll("%21", "!");
}

/**
 * The links in answers are absolute, for clients elsewhere. The explorer asks the server that it came from, whatever that is called.
 * @param {string} link
 */
export function local(link) {
  const url = new URL(link, location.href);
  return url.pathname + url.search;
}

/** @type {Map<string, Promise<any>>} */
const remembered = new Map();
/** The data version that the last list came from. @type {string | undefined} */
let version;

/**
 * Ask for JSON.
 * @param {string} path
 * @param {Query} [query]
 * @returns {Promise<any>}
 * @throws {ProblemError} what the API says is wrong
 * @throws {OfflineError} nobody answered
 */
export async function get(path, query) {
  let answer;
  try {
    answer = await fetch(address(path, query), { headers: { Accept: "application/json" } });
  } catch {
    throw new OfflineError();
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) {
    const from = body.meta?.dataset;
    if (version && from && from !== version) forget(); // another data set was published while this page was open
    version = from ?? version;
    return body;
  }
  throw new ProblemError(
    body?.detail
      ? body
      : { type: "about:blank", title: answer.statusText, status: answer.status, detail: `${answer.status} ${answer.statusText}`, errors: [] },
  );
}

/**
 * Do once, while the page is open and the data the same, what many views want. A failure is not remembered.
 * @template Answer
 * @param {string} name
 * @param {() => Promise<Answer>} ask
 * @returns {Promise<Answer>}
 */
export function once(name, ask) {
  let answer = remembered.get(name);
  if (!answer) {
    answer = ask();
    answer.catch(() => remembered.delete(name));
    remembered.set(name, answer);
  }
  return answer;
}

/**
 * Ask once, as above.
 * @param {string} path
 * @param {Query} [query]
 * @returns {Promise<any>}
 */
export function getOnce(path, query) {
  const asked = address(path, query);
  return once(asked, () => get(asked));
}

/**
 * Every item of a list, following `next` to the end.
 * @param {string} path
 * @param {Query} query
 * @param {number} most stop after so many
 * @returns {Promise<{items: any[], total: number}>}
 */
export async function every(path, query, most = 1000) {
  let page = await get(path, query);
  const items = page.data;
  while (page.links.next && items.length < most) {
    page = await get(local(page.links.next));
    items.push(...page.data);
  }
  return { items: items.slice(0, most), total: page.meta.total };
}

/** Forget what is remembered. */
export function forget() {
  remembered.clear();
}
