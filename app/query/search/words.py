"""Words: what a word is, its folded spelling and its stem, the same for both databases."""

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from snowballstemmer import EnglishStemmer

from app.database.names import strip_accents

MAX_WORD_LENGTH = 64
WORD = re.compile(r"[^\W_]+")
APOSTROPHES = "'’‘ʼ`"
APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
ELIDED = frozenset({"l", "d", "j", "n", "s", "c", "m", "t", "qu"})
"""What is left of French words before a vowel: `inclusion` finds `l'inclusion`."""

_stemmer = EnglishStemmer()
_stemmer_lock = threading.Lock()
_fold_character = lru_cache(maxsize=4096)(strip_accents)


class Word(NamedTuple):
    """A word of a text: its stem, its folded spelling and its position in the text."""

    stem: str
    folded: str
    start: int
    end: int


@lru_cache(maxsize=200_000)
def stem(folded: str) -> str:
    """Return the stem of a folded word (Snowball's English stemmer, Porter 2001)."""
    with _stemmer_lock:  # the stemmer has the current word as its state
        return str(_stemmer.stemWord(folded))


def words(text: str) -> Iterator[Word]:
    """Give the words of a text: runs of letters and digits, folded, cut to 64 characters.

    An elided French article and an English `'s` are not words.
    """
    return (Word(stem(folded), folded, start, end) for folded, start, end in tokenize(text))


def tokenize(text: str) -> Iterator[tuple[str, int, int]]:
    """Give the words of a text without their stems: folded spelling, start and end."""
    if text.isascii():
        folded, origins = text.lower(), None
    else:
        parts = [_fold_character(character) for character in text]
        folded = "".join(parts)
        # Folding removes some characters and expands others: the position that each comes from.
        origins = [position for position, part in enumerate(parts) for _ in part]
    has_apostrophe = APOSTROPHE.search(folded) is not None
    for match in WORD.finditer(folded):
        word = match[0]
        start, end = match.span()
        if has_apostrophe and len(word) <= 2 and _is_particle(folded, word, start, end):
            continue
        if origins is not None:
            start, end = origins[start], origins[end - 1] + 1
        yield word[:MAX_WORD_LENGTH], start, end


def folded_words(text: str) -> list[str]:
    """Return the folded words of a text as ``tokenize`` does, but much faster: no positions."""
    folded = text.lower() if text.isascii() else "".join(map(_fold_character, text))
    if APOSTROPHE.search(folded) is None:
        return [word[:MAX_WORD_LENGTH] for word in WORD.findall(folded)]
    return [
        match[0][:MAX_WORD_LENGTH]
        for match in WORD.finditer(folded)
        if len(match[0]) > 2 or not _is_particle(folded, match[0], *match.span())
    ]


def _is_particle(folded: str, word: str, start: int, end: int) -> bool:
    """Return whether one or two letters are only a part before or after an apostrophe."""
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
