"""Words: what counts as one, folded and stemmed in one way for both databases."""

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from snowballstemmer import EnglishStemmer

from app.query.search.names import strip_accents

MAX_WORD_LENGTH = 64
WORD = re.compile(r"[^\W_]+")
APOSTROPHES = "'’‘ʼ`"
APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
ELIDED = frozenset({"l", "d", "j", "n", "s", "c", "m", "t", "qu"})
"""What French words lose before a vowel: `l'inclusion` is found by `inclusion`, as `women's` by `women`."""

_stemmer = EnglishStemmer()
_stemming = threading.Lock()
_plain_char = lru_cache(maxsize=4096)(strip_accents)


class Word(NamedTuple):
    """A word of a text: its stem, its folded spelling, and where it stands."""

    stem: str
    folded: str
    start: int
    end: int


@lru_cache(maxsize=200_000)
def stem(folded: str) -> str:
    """Return the stem of a folded word (Snowball's English stemmer, Porter 2001)."""
    with _stemming:  # the stemmer keeps the word it is at work on
        return str(_stemmer.stemWord(folded))


def words(text: str) -> Iterator[Word]:
    """Give the words of a text: runs of letters and digits, folded; what is longer than 64 characters is cut off.

    An elided article and an English `'s` are no words.
    """
    return (Word(stem(folded), folded, start, end) for folded, start, end in tokenize(text))


def tokenize(text: str) -> Iterator[tuple[str, int, int]]:
    """Give the words of a text as ``words`` does, without their stems: folded, and where they begin and end."""
    if text.isascii():
        folded, starts = text.lower(), None
    else:
        parts = [_plain_char(char) for char in text]
        folded = "".join(parts)
        # Where each folded character comes from: folding makes some vanish and some grow.
        starts = [at for at, part in enumerate(parts) for _ in part]
    joined = APOSTROPHE.search(folded) is not None
    for match in WORD.finditer(folded):
        word = match[0]
        first, beyond = match.span()
        if joined and len(word) <= 2 and _is_joined(folded, word, first, beyond):
            continue
        if starts is None:
            yield word[:MAX_WORD_LENGTH], first, beyond
        else:
            yield word[:MAX_WORD_LENGTH], starts[first], starts[beyond - 1] + 1


def folded_words(text: str) -> list[str]:
    """Return the folded words of a text, as ``words`` gives them, in a fraction of the time: where they stand is not asked."""
    folded = text.lower() if text.isascii() else "".join(map(_plain_char, text))
    if APOSTROPHE.search(folded) is None:
        return [word[:MAX_WORD_LENGTH] for word in WORD.findall(folded)]
    return [
        match[0][:MAX_WORD_LENGTH]
        for match in WORD.finditer(folded)
        if match.end() - match.start() > 2 or not _is_joined(folded, match[0], *match.span())
    ]


def _is_joined(folded: str, word: str, start: int, end: int) -> bool:
    """Tell whether one or two letters are only what an apostrophe has left of a word."""
    if (
        word in ELIDED
        and folded[end : end + 1] in APOSTROPHES
        and folded[end + 1 : end + 2].isalnum()
    ):
        return True
    return (
        word == "s"
        and start > 1
        and folded[start - 1] in APOSTROPHES
        and folded[start - 2].isalnum()
    )
