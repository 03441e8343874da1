// @ts-check
/**
 * The state of the explorer is its address, all of it after `#`: the server has one page, and every
 * view can be shared.
 */

import { formatQuery } from "./api.js";

/** @typedef {{path: string[], query: URLSearchParams}} Route */

/**
 * @param {string} hash as in `location.hash`
 * @returns {Route}
 */
export function parseHash(hash) {
  const [path, ...query] = hash.replace(/^#\/?/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map(decodePart),
    query: new URLSearchParams(query.join("?")),
  };
}

/** @param {string} part */
function decodePart(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // the address was cut in the middle of an escape
  }
}

/**
 * Return the address of a view.
 * @param {string} path such as `recommendations/year-of-coups-mali.r3`
 * @param {URLSearchParams | Record<string, string | null | undefined>} [query]
 */
export function href(path, query = {}) {
  const parameters = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) if (value) parameters.append(name, value);
  }
  const text = formatQuery(parameters);
  return `#/${path}${text ? `?${text}` : ""}`;
}

/**
 * Copy a query with one parameter replaced or removed.
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {string | null} value null and "" remove the parameter
 */
export function withParameter(query, name, value) {
  const copy = new URLSearchParams(query);
  if (value === null || value === "") copy.delete(name);
  else copy.set(name, value);
  return copy;
}

/**
 * Copy a query without some parameters.
 * @param {URLSearchParams} query
 * @param {string[]} names
 */
export function withoutParameters(query, names) {
  return new URLSearchParams([...query].filter(([name]) => !names.includes(name)));
}

/**
 * Return the address of the view that shows a list of the API. Facets and statistics link to lists.
 * @param {string} link
 */
export function viewHref(link) {
  const url = new URL(link, location.href);
  for (const name of ["facets", "limit", "cursor", "fields", "by"]) url.searchParams.delete(name);
  return href(url.pathname.slice(1), url.searchParams);
}

/** @param {string} address the address of a view, as `href` returns it */
export function navigate(address) {
  location.hash = address;
}
