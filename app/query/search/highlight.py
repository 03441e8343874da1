"""Where an item matches a full-text query, as HTML."""

import html
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from app.query.search.fields import FIELD_SEPARATOR
from app.query.search.matching import TextQuery
from app.query.search.words import folded_words, tokenize

EXCERPT_LENGTH = 240
"""Characters that a highlight shows of a long text."""
NO_MATCH = b',"highlight":null,"matched_in":null}'
"""How every published document ends."""


class Match(NamedTuple):
    """Where an item matches: the first matching text as HTML, and all matching fields."""

    highlight: str | None
    matched_in: list[str]


def highlight(
    query: TextQuery, fields: Iterable[str], stems: str, text_of: Callable[[str], Sequence[str]]
) -> Match:
    """Return where an item matches.

    `<mark>` encloses the matching words, all else is escaped, and a long text is cut to the
    passage around its first match. The highlight is None if no field matches, as when the query
    only excludes words.

    Args:
        query: the query.
        fields: the names of the item's fields.
        stems: the item's stored stems, from ``index_entry``.
        text_of: returns the texts of a field.
    """
    matching_fields = []
    first_highlight = None
    for name, line in zip(fields, stems.split("\n"), strict=False):
        number = _first_match(query, line, partial(text_of, name))
        if number is None:
            continue
        matching_fields.append(name)
        if first_highlight is None:
            text = text_of(name)[number]
            spans = _matching_spans(query, text, line.split(FIELD_SEPARATOR)[number])
            first_highlight = _mark(text, spans)
    return Match(first_highlight, matching_fields)


def _first_match(query: TextQuery, line: str, texts: Callable[[], Sequence[str]]) -> int | None:
    """Return the position of the first text of a field that matches, or None.

    The stems are enough for phrases. Only the beginnings of words need the texts.
    """
    positions = []
    for term in query.terms:
        if term.stems and (at := line.find(f" {term.stems} ")) >= 0:
            positions.append(line.count(FIELD_SEPARATOR, 0, at))
        if term.prefix:
            starting = (
                position
                for position, text in enumerate(texts())
                if any(word.startswith(term.prefix) for word in folded_words(text))
            )
            positions += islice(starting, 1)
    return min(positions, default=None)


def _matching_spans(query: TextQuery, text: str, stems: str) -> list[tuple[int, int]]:
    """Return the start and end of each match in a text, in order, without overlaps.

    Args:
        query: the query.
        text: the text.
        stems: of its words, each between two spaces. The number of spaces before a stem is the
            number of its word.
    """
    words = list(tokenize(text))
    spans = []
    for term in query.terms:
        if term.stems:
            length = term.stems.count(" ") + 1
            at = stems.find(f" {term.stems} ")
            while at >= 0:
                first = stems.count(" ", 0, at)
                spans.append((words[first][1], words[first + length - 1][2]))
                at = stems.find(f" {term.stems} ", at + 1)
        if term.prefix:
            spans += [
                (start, end) for folded, start, end in words if folded.startswith(term.prefix)
            ]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _mark(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text as HTML, its spans marked, cut to an excerpt if it is long."""
    begin, end = 0, len(text)
    if len(text) > 2 * EXCERPT_LENGTH:
        begin = max(0, spans[0][0] - EXCERPT_LENGTH // 3)
        begin = text.find(" ", begin, spans[0][0]) + 1 if begin else 0
        end = max(begin + EXCERPT_LENGTH, spans[0][1])
        end = max(text.rfind(" ", begin, end), spans[0][1]) if end < len(text) else len(text)
    parts = ["…"] if begin else []
    position = begin
    for start, stop in spans:
        if stop > end:
            break
        parts += [
            html.escape(text[position:start]),
            f"<mark>{html.escape(text[start:stop])}</mark>",
        ]
        position = stop
    parts.append(html.escape(text[position:end]))
    if end < len(text):
        parts.append("…")
    return "".join(parts)


def with_highlight(document: bytes, match: Match) -> bytes:
    """Return a document with its match in place of its last two fields, which are null."""
    if not document.endswith(NO_MATCH):
        raise ValueError("the document was not rendered by this version of the seed")
    fields = json.dumps(match._asdict(), ensure_ascii=False, separators=(",", ":"))
    return b"%b,%b" % (document[: -len(NO_MATCH)], fields[1:].encode())
