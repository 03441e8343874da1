// @ts-check
/**
 * Cutting a paragraph where annotations begin and end. Offsets count Unicode code points, as the W3C model does, while JavaScript
 * strings count UTF-16 units: so the text is taken as an array of code points.
 *
 * @typedef {{id: string, type: string, start: number, end: number}} Span
 * @typedef {{number: number, kind: string, start: number, end: number, text: string, spans: Span[]}} Paragraph
 * @typedef {{text: string, spans: Span[], begins: Span[]}} Piece a stretch of text under the same annotations; those that begin with it
 */

/**
 * @param {Paragraph} paragraph
 * @returns {Piece[]}
 */
export function pieces(paragraph) {
  const characters = [...paragraph.text];
  // An annotation may go on in the next paragraph: here it ends with this one.
  const within = (/** @type {number} */ offset) => Math.min(Math.max(offset - paragraph.start, 0), characters.length);
  const edges = new Set([0, characters.length]);
  for (const span of paragraph.spans) edges.add(within(span.start)).add(within(span.end));
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, at) => {
    const end = sorted[at + 1];
    const spans = paragraph.spans.filter((span) => within(span.start) <= start && within(span.end) >= end);
    return { text: characters.slice(start, end).join(""), spans, begins: spans.filter((span) => within(span.start) === start) };
  });
}
