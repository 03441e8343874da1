// @ts-check
/** Making nodes. Text from the API only ever becomes a text node, so that no corpus can put markup or script into the page. */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, any>} Attributes */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An address that a link may have: on this page, on this server, or on the web. Anything else, `javascript:` above all, is none.
 * @param {unknown} href
 * @returns {string | null}
 */
export function safeAddress(href) {
  const address = String(href ?? "");
  return /^(#|\/(?!\/)|https?:\/\/)/.test(address) ? address : null;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes `on` holds listeners; null, undefined and false leave an attribute out
 * @param {any[]} children in lists as deep as they come
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "href") {
      const address = safeAddress(value);
      if (address !== null) element.setAttribute("href", address);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Make an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...any} children nodes and texts, in lists as deep as they come; null, undefined and false are nothing
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/**
 * Make an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...any} children nodes and texts, in lists as deep as they come; null, undefined and false are nothing
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

/**
 * Put something between the members of a list.
 * @param {Child[]} list
 * @param {string} separator
 * @returns {Child[]}
 */
export function joined(list, separator = ", ") {
  return list.flatMap((child, at) => (at ? [separator, child] : [child]));
}

/**
 * A link to another site, which says so: it opens in a tab of its own.
 * @param {string} href
 * @param {...Child} children
 */
export function outward(href, ...children) {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", class: "outward" }, ...children);
}
