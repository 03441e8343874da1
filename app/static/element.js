// @ts-check
/**
 * Create DOM nodes. Text from the API only ever becomes a text node, so a corpus cannot put markup
 * or scripts into the page.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, any>} Attributes */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** Links may lead to this page, this server or the web. This excludes `javascript:` above all. */
const SAFE_URL = /^(#|\/(?!\/)|https?:\/\/)/;

/** @param {unknown} value */
function isEmpty(value) {
  return value === null || value === undefined || value === false;
}

/**
 * Set attributes and listeners of a node and append its children.
 * @param {Element} node
 * @param {Attributes} attributes `on` has listeners by event; null, undefined and false are skipped
 * @param {any[]} children may be nested arrays; null, undefined and false are skipped
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (isEmpty(value)) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name !== "href" || SAFE_URL.test(String(value))) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (!isEmpty(child)) node.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Create an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...any} children nodes and text, also in nested arrays
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

/**
 * Create an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...any} children nodes and text, also in nested arrays
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svgElement(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  fill(node, attributes, children);
  return node;
}

/**
 * Put a separator between the members of a list.
 * @param {Child[]} children
 * @param {string} [separator]
 * @returns {Child[]}
 */
export function joinNodes(children, separator = ", ") {
  return children.flatMap((child, index) => (index ? [separator, child] : [child]));
}

/**
 * Create a link to another site. It opens in a new tab and shows an arrow.
 * @param {string} url
 * @param {...Child} children
 */
export function externalLink(url, ...children) {
  const attributes = { href: url, target: "_blank", rel: "noopener noreferrer", class: "external" };
  return element("a", attributes, ...children);
}
