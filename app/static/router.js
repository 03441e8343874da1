// @ts-check
/** The state of the explorer is its address: everything after `#`, so that the server keeps one page and every state can be shared. */

import { readable } from "./api.js";

/** @typedef {{path: string[], query: URLSearchParams}} Route */

/**
 * @param {string} hash as in `location.hash`
 * @returns {Route}
 */
export function parse(hash) {
  const [path, ...query] = hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query.join("?")) };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody cut an address in the middle of an escape
  }
}

/**
 * The address of a view.
 * @param {string} path such as `recommendations/year-of-coups-mali.r3`
 * @param {URLSearchParams | Record<string, string | null | undefined>} [query]
 */
export function to(path, query = {}) {
  const parameters = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) if (value) parameters.append(name, value);
  }
  const text = readable(parameters);
  return `#/${path}${text ? `?${text}` : ""}`;
}

/**
 * The same query with one parameter set anew, or without it.
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {string | null} value
 */
export function changed(query, name, value) {
  const next = new URLSearchParams(query);
  if (value === null || value === "") next.delete(name);
  else next.set(name, value);
  return next;
}

/**
 * The view that shows what an address of the API lists: facets and tables of counts link to lists, and so to views.
 * @param {string} link
 */
export function viewOf(link) {
  const url = new URL(link, location.href);
  for (const name of ["facets", "limit", "cursor", "fields", "by"]) url.searchParams.delete(name);
  return to(url.pathname.slice(1), url.searchParams);
}

/** @param {string} hash */
export function go(hash) {
  location.hash = hash;
}
