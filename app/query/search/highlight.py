"""Where an item matches a query, safe to put into HTML."""

import html
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from app.query.search.fields import FIELD_SEPARATOR
from app.query.search.matching import TextQuery
from app.query.search.words import folded_words, tokenize

WINDOW = 240
"""Characters of a long text that a highlight shows."""


class Match(NamedTuple):
    """Where an item matches: the first text with a match as HTML, and the names of all fields with one."""

    highlight: str | None
    matched_in: list[str]


def highlight(
    search: TextQuery,
    fields: Iterable[str],
    stems: str,
    searchable_text: Callable[[str], Sequence[str]],
) -> Match:
    """Return where an item matches.

    Args:
        search: what is asked for.
        fields: the names of the item's fields.
        stems: what is stored of them, as ``index_entry`` made it.
        searchable_text: gives the texts of a field.

    The words stand within `<mark>`, everything else is escaped; a long text is cut to the passage round the first match. The
    highlight is None where no field has a match, as when everything asked for is `-not`.
    """
    found = []
    highlight = None
    for name, line in zip(fields, stems.split("\n"), strict=False):
        number = _first_match(search, line, partial(searchable_text, name))
        if number is not None:
            found.append(name)
            if highlight is None:
                text = searchable_text(name)[number]
                highlight = _marked(text, _spans(search, text, line.split(FIELD_SEPARATOR)[number]))
    return Match(highlight, found)


def _first_match(search: TextQuery, line: str, texts: Callable[[], Sequence[str]]) -> int | None:
    """Return the number of the first text of a field that matches; None if none does.

    The stems tell it without reading a text, except how words begin.
    """
    found = []
    for term in search.terms:
        if term.stems and (at := line.find(f" {term.stems} ")) >= 0:
            found.append(line.count(FIELD_SEPARATOR, 0, at))
        if term.begins:
            begun = (
                n
                for n, text in enumerate(texts())
                if any(word.startswith(term.begins) for word in folded_words(text))
            )
            found += islice(begun, 1)
    return min(found, default=None)


def _spans(search: TextQuery, text: str, stems: str) -> list[tuple[int, int]]:
    """Return where a text matches, in order and without overlap.

    Args:
        search: what is asked for.
        text: as it is written.
        stems: of its words, each between two spaces: which word it is tells where it stands.
    """
    found = list(tokenize(text))
    spans = []
    for term in search.terms:
        if term.stems:
            count = term.stems.count(" ") + 1
            at = stems.find(f" {term.stems} ")
            while at >= 0:
                first = stems.count(" ", 0, at)
                spans.append((found[first][1], found[first + count - 1][2]))
                at = stems.find(f" {term.stems} ", at + 1)
        if term.begins:
            spans += [
                (start, end) for folded, start, end in found if folded.startswith(term.begins)
            ]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    begin, end = 0, len(text)
    if len(text) > 2 * WINDOW:
        begin = max(0, spans[0][0] - WINDOW // 3)
        begin = text.find(" ", begin, spans[0][0]) + 1 if begin else 0
        end = max(begin + WINDOW, spans[0][1])
        end = max(text.rfind(" ", begin, end), spans[0][1]) if end < len(text) else len(text)
    parts = ["…"] if begin else []
    last = begin
    for start, stop in spans:
        if stop > end:
            break
        parts += [html.escape(text[last:start]), "<mark>", html.escape(text[start:stop]), "</mark>"]
        last = stop
    return "".join([*parts, html.escape(text[last:end]), *(["…"] if end < len(text) else [])])
