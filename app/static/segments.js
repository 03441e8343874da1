// @ts-check
/**
 * Split a paragraph where annotations begin and end. Offsets count Unicode code points (W3C Web
 * Annotation Data Model), but JavaScript strings count UTF-16 units. So the text is split into an
 * array of code points first.
 *
 * @typedef {{id: string, type: string, start: number, end: number}} Span
 * @typedef {{
 *   number: number, kind: string, start: number, end: number, text: string, spans: Span[]
 * }} Paragraph
 * @typedef {{text: string, spans: Span[], starting: Span[]}} Segment text under the same
 *   annotations; `starting` are those that begin here
 */

/**
 * @param {Paragraph} paragraph
 * @returns {Segment[]}
 */
export function splitParagraph(paragraph) {
  const characters = [...paragraph.text];
  // An annotation may continue in the next paragraph. Its offsets are limited to this one.
  const spans = paragraph.spans.map((span) => ({
    span,
    start: clamp(span.start - paragraph.start, characters.length),
    end: clamp(span.end - paragraph.start, characters.length),
  }));
  const edges = new Set([0, characters.length]);
  for (const { start, end } of spans) edges.add(start).add(end);
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, index) => {
    const end = sorted[index + 1];
    const covering = spans.filter((entry) => entry.start <= start && entry.end >= end);
    return {
      text: characters.slice(start, end).join(""),
      spans: covering.map(({ span }) => span),
      starting: covering.filter((entry) => entry.start === start).map(({ span }) => span),
    };
  });
}

/**
 * @param {number} offset
 * @param {number} length
 */
function clamp(offset, length) {
  return Math.min(Math.max(offset, 0), length);
}
