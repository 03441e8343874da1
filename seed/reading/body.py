"""The body of an article: which lines of the text belong to it, and where its quotes stand."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from seed.reading.records import PartKind, PartRecord, QuoteRecord, line_range

BODY_KINDS: tuple[PartKind, ...] = ("standfirst", "heading", "body")
QUOTABLE_KINDS: tuple[PartKind, ...] = ("standfirst", "body")
PARAGRAPH_SEPARATOR = "\n\n"
MAX_NAMED_LINES = 20
"""Lines that one fault names."""
MAX_SIMILARITY_LENGTH = 300
"""Characters of a quote that are compared with the body: the time grows with their square."""
MIN_SIMILARITY = 50
"""Similarity, of 100, below which a passage is of no help."""


@dataclass(frozen=True)
class Paragraph:
    """One line of the source that belongs to the body.

    Args:
        number: its position in the body, from 1.
        kind: standfirst, heading or body.
        text: the line without white space around it.
        start: offset of its first character in the body, in code points.
        source_start: offset of the same character in the source.
    """

    number: int
    kind: PartKind
    text: str
    start: int
    source_start: int

    @property
    def end(self) -> int:
        """Offset just after its last character."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class QuoteSpan:
    """The paragraph and the offsets of a quote in the body."""

    paragraph: Paragraph
    start: int
    end: int


@dataclass(frozen=True)
class Body:
    """The paragraphs of an article; offsets count in their text, joined by empty lines."""

    paragraphs: Sequence[Paragraph]

    @cached_property
    def text(self) -> str:
        return PARAGRAPH_SEPARATOR.join(paragraph.text for paragraph in self.paragraphs)

    def find(self, quote: str, prefix: str = "", suffix: str = "") -> list[QuoteSpan]:
        """Return every occurrence of a quote within one paragraph that may be quoted.

        Args:
            quote: the exact words.
            prefix: the words directly before, if the quote needs them.
            suffix: the words directly after, if the quote needs them.
        """
        text = self.text
        spans = []
        for start in _occurrences(text, quote):
            end = start + len(quote)
            paragraph = self.paragraphs[bisect_right(self._starts, start) - 1]
            if (
                paragraph.kind in QUOTABLE_KINDS
                and end <= paragraph.end
                and text.endswith(prefix, paragraph.start, start)
                and text.startswith(suffix, end, paragraph.end)
            ):
                spans.append(QuoteSpan(paragraph, start, end))
        return spans

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [paragraph.start for paragraph in self.paragraphs]

    def nearest(self, quote: str) -> str:
        """Return the passage that is most similar to a quote; empty if none is similar."""
        match = fuzz.partial_ratio_alignment(quote[:MAX_SIMILARITY_LENGTH], self.text)
        if match is None or match.score < MIN_SIMILARITY:
            return ""
        return self.text[match.dest_start : match.dest_end].replace("\n", " ").strip()


def _occurrences(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def line_kinds(
    source: str, parts: Sequence[PartRecord]
) -> Mapping[int, PartKind] | list[tuple[int | None, str]]:
    """Return the kind of each line of a source, by its number from 1.

    Args:
        source: the whole text.
        parts: of the text; every line that is not empty belongs to exactly one.

    Returns:
        The kinds, or the faults: pairs of the part's position (None for the list) and message.
    """
    lines = source.split("\n")
    kinds: dict[int, PartKind] = {}
    faults: list[tuple[int | None, str]] = []
    for position, part in enumerate(parts):
        numbers = line_range(part.lines)
        if numbers[-1] > len(lines):
            faults.append((position, f"the text has only {len(lines)} lines: correct the numbers."))
            continue
        repeated = next((number for number in numbers if number in kinds), None)
        if repeated is not None:
            faults.append(
                (position, f"line {repeated} already belongs to another part: list it once.")
            )
            continue
        kinds |= dict.fromkeys(numbers, part.is_)
    if faults:
        return faults
    missing = [n for n, line in enumerate(lines, 1) if line.strip() and n not in kinds]
    if missing:
        first, *others = missing
        text = lines[first - 1].strip()[:60]
        named = ", ".join(map(str, others[:MAX_NAMED_LINES]))
        more = f" (and lines {named}{', …' if len(others) > MAX_NAMED_LINES else ''})"
        message = f"line {first} of the text belongs to no part: add it to one: “{text}…”"
        return [(None, f"{message}{more if others else ''}.")]
    return kinds


def make_body(source: str, kinds: Mapping[int, PartKind]) -> Body:
    """Return the body of a source; each line that is not empty is one paragraph.

    Args:
        source: the whole text.
        kinds: of its lines, by number.
    """
    paragraphs: list[Paragraph] = []
    start = line_start = 0
    for number, line in enumerate(source.split("\n"), 1):
        text = line.strip()
        if text and (kind := kinds[number]) in BODY_KINDS:
            indent = len(line) - len(line.lstrip())
            paragraph = Paragraph(len(paragraphs) + 1, kind, text, start, line_start + indent)
            paragraphs.append(paragraph)
            start = paragraph.end + len(PARAGRAPH_SEPARATOR)
        line_start += len(line) + 1
    return Body(paragraphs)


def locate_quote(item: QuoteRecord, source: str, body: Body) -> QuoteSpan | str:
    """Return the span of a quote in the body, or what is wrong with the quote.

    Args:
        item: the annotation with the quote.
        source: the whole text of the article.
        body: the article's own paragraphs.
    """
    spans = body.find(item.quote, item.prefix or "", item.suffix or "")
    if len(spans) > 1:
        context = "add a prefix or suffix, the words directly before or after it"
        return f"occurs {len(spans)} times in the body: {context}."
    if spans:
        cut = "begins or ends within a word: quote whole words."
        return cut if _cuts_word(spans[0]) else spans[0]
    if body.find(item.quote):
        return (
            "is in the body, but not with this prefix and suffix: "
            "copy the words directly before and after it."
        )
    if item.quote in source:
        return (
            f"is in the text, but not within one paragraph of its {' or '.join(QUOTABLE_KINDS)}: "
            "quote the body, or correct `parts`."
        )
    if " ".join(item.quote.split()) in " ".join(body.text.split()):
        return (
            "crosses the end of a paragraph, or has other white space than the text: "
            "quote within one paragraph."
        )
    if unicodedata.normalize("NFC", item.quote) in unicodedata.normalize("NFC", source):
        return "writes accents in another Unicode form than the text: copy the words from the text."
    nearest = body.nearest(item.quote)
    return "is not in the text, character for character" + (
        f"; the nearest passage is “{nearest}”: quote it exactly."
        if nearest
        else ": copy the words from the text."
    )


def _cuts_word(span: QuoteSpan) -> bool:
    """Tell whether a quote begins or ends in the middle of a word."""
    text = span.paragraph.text
    start, end = span.start - span.paragraph.start, span.end - span.paragraph.start
    starts_within = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    ends_within = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return starts_within or ends_within
