"""The article's own body: which lines of a source belong to it, and where a quote stands in it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from seed.reading.records import PartKind, PartRecord, lines

SHOWN: tuple[PartKind, ...] = ("standfirst", "heading", "body")
QUOTABLE: tuple[PartKind, ...] = ("standfirst", "body")
GAP = "\n\n"
MAX_NAMED = 20
"""Lines that a fault names."""
MAX_SEARCHED_LENGTH = 300
"""Characters of a quote by which the nearest passage is sought: the time it takes grows with their square."""


@dataclass(frozen=True)
class Paragraph:
    """One line of the source that belongs to the body.

    Args:
        number: its place in the body, from 1.
        kind: standfirst, heading or body.
        text: the line without space around it.
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
    """Where a quote stands."""

    paragraph: Paragraph
    start: int
    end: int


def cuts_a_word(place: QuoteSpan) -> bool:
    """Tell whether a quote begins or ends in the middle of a word."""
    text = place.paragraph.text
    start, end = place.start - place.paragraph.start, place.end - place.paragraph.start
    begins_within = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    ends_within = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return begins_within or ends_within


@dataclass(frozen=True)
class Body:
    """The paragraphs of an article; joined by an empty line they are its text, in which offsets count."""

    paragraphs: Sequence[Paragraph]

    @cached_property
    def text(self) -> str:
        return GAP.join(paragraph.text for paragraph in self.paragraphs)

    def find(self, quote: str, prefix: str = "", suffix: str = "") -> list[QuoteSpan]:
        """Return every place where a quote stands within one paragraph that may be quoted.

        Args:
            quote: the exact words.
            prefix: the words just before, if they must stand there.
            suffix: the words just after, if they must stand there.
        """
        text = self.text
        found = []
        for at in _occurrences(text, quote):
            end = at + len(quote)
            paragraph = self.paragraphs[bisect_right(self._starts, at) - 1]
            if (
                paragraph.kind in QUOTABLE
                and end <= paragraph.end
                and text.endswith(prefix, paragraph.start, at)
                and text.startswith(suffix, end, paragraph.end)
            ):
                found.append(QuoteSpan(paragraph, at, end))
        return found

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [paragraph.start for paragraph in self.paragraphs]

    def nearest(self, quote: str) -> str:
        """Return the passage of the body that is most like a quote."""
        found = fuzz.partial_ratio_alignment(quote[:MAX_SEARCHED_LENGTH], self.text)
        if found is None or found.score < 50:
            return ""
        return self.text[found.dest_start : found.dest_end].replace("\n", " ").strip()


def _occurrences(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def coverage(
    source: str, parts: Sequence[PartRecord]
) -> Mapping[int, PartKind] | list[tuple[int | None, str]]:
    """Return what each line of a source is, by its number from 1.

    Args:
        source: the whole text.
        parts: what its lines are; every line that is not empty belongs to exactly one part.

    Returns:
        The kinds, or what is wrong: pairs of the part's position (None for the list as a whole) and message.
    """
    rows = source.split("\n")
    kinds: dict[int, PartKind] = {}
    wrong: list[tuple[int | None, str]] = []
    for position, part in enumerate(parts):
        covered = lines(part.lines)
        if covered[-1] > len(rows):
            wrong.append(
                (position, f"the text has only {len(rows)} lines: name lines that there are.")
            )
            continue
        twice = next((number for number in covered if number in kinds), None)
        if twice is not None:
            wrong.append((position, f"line {twice} belongs to another part already: name it once."))
            continue
        kinds |= dict.fromkeys(covered, part.is_)
    if not wrong:
        left = [number for number, row in enumerate(rows, 1) if row.strip() and number not in kinds]
        if left:
            text = rows[left[0] - 1].strip()[:60]
            more = ", …" if len(left) > MAX_NAMED else ""
            further = (
                f" (and lines {', '.join(map(str, left[1:MAX_NAMED]))}{more})" if left[1:] else ""
            )
            wrong.append(
                (
                    None,
                    f"line {left[0]} of the text belongs to no part: say what it is: “{text}…”{further}.",
                )
            )
    return wrong or kinds


def body_of(source: str, kinds: Mapping[int, PartKind]) -> Body:
    """Return the body of a source whose lines are of these kinds; each line that is not empty is one paragraph."""
    paragraphs: list[Paragraph] = []
    start = row_start = 0
    for number, row in enumerate(source.split("\n"), 1):
        kind = kinds.get(number)
        if kind in SHOWN and row.strip():
            indent = len(row) - len(row.lstrip())
            paragraph = Paragraph(len(paragraphs) + 1, kind, row.strip(), start, row_start + indent)
            paragraphs.append(paragraph)
            start = paragraph.end + len(GAP)
        row_start += len(row) + 1
    return Body(paragraphs)
