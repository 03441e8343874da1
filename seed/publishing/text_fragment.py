"""Links that lead a browser to a quote in the publisher's page (WICG Scroll to Text Fragment).

Source: https://wicg.github.io/scroll-to-text-fragment/
"""

import re
from functools import lru_cache
from urllib.parse import quote as percent_encode

MIN_END_WORDS = 3
"""Words at each end of a quote by which it is found."""
PREFIX_WORDS, PREFIX_REACH = 4, 200
"""Words before a quote that tell it apart, and the characters in which they are looked for."""


def fold_page(page: str) -> str:
    """Return a page without case, as browsers compare it, with every character in its place.

    The few letters that fold into two stay as they are.
    """
    return page.lower() if page.isascii() else "".join(map(_fold_char, page))


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    folded = char.casefold()
    return folded if len(folded) == 1 else char


def text_fragment(page: str, start: int, end: int, folded: str | None = None) -> str:
    """Return the text fragment of a passage.

    Browsers go to the first match in the page without regard to case, so headlines, captions and
    pull quotes count too.

    Args:
        page: the text of the page, one block a line.
        start: offset of the passage in the page.
        end: offset just after the passage.
        folded: the result of ``fold_page``, if it is known.

    Returns:
        ``#:~:text=first%20words,last%20words`` with as few words as lead to this passage and to no
        other before it; with the words directly before it (``prefix-,``) if the whole passage also
        occurs earlier.
    """
    folded = fold_page(page) if folded is None else folded
    passage = page[start:end]
    words = list(re.finditer(r"\S+", passage))
    for count in range(MIN_END_WORDS, len(words) // 2 + 1):
        first, last = words[count - 1].end(), words[-count].start()
        starts_here = folded.find(folded[start : start + first]) == start
        ends_here = folded.find(folded[start + last : end], start + first) == start + last
        if starts_here and ends_here:
            return f"#:~:text={_encode(passage[:first])},{_encode(passage[last:])}"
    if folded.find(folded[start:end]) != start:
        # These words may be in the block before: browsers skip white space after a prefix.
        prefix = page[max(0, start - PREFIX_REACH) : start].split()[-PREFIX_WORDS:]
        if prefix:
            return f"#:~:text={_encode(' '.join(prefix))}-,{_encode(passage)}"
    return f"#:~:text={_encode(passage)}"


def _encode(words: str) -> str:
    # A hyphen is part of the syntax of a text directive, so it is encoded too.
    return percent_encode(words, safe="").replace("-", "%2D")
