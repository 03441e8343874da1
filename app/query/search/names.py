"""How names are compared: without case, accents, kinds of apostrophe, hyphens and spare space."""

import re
import unicodedata

ASCII_SPACES = str.maketrans("-_`", "  '")
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))


def strip_accents(text: str) -> str:
    """Return a text without combining marks and case: decomposed (NFKD, Unicode Standard Annex 15) and case-folded.

    Each character by itself gives what it gives within a text.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    folded = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    # Case folding can bring decomposable characters back (U+0130), so the marks are taken off once more.
    return "".join(
        char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char)
    )


def fold(text: str) -> str:
    """Return the form under which two spellings of one name are equal.

    Args:
        text: a name, label, alias or slug as somebody wrote it.

    Returns:
        The plain text, apostrophes made alike, hyphens and underscores taken as spaces, white space collapsed.
        ``fold(fold(x)) == fold(x)``.
    """
    if text.isascii():
        return " ".join(text.lower().translate(ASCII_SPACES).split())
    # Apostrophes first: NFKD takes the acute accent sign apart into a space and a mark.
    return " ".join(re.sub(r"[-_‐-―]", " ", strip_accents(text.translate(APOSTROPHES))).split())


def is_storable(text: str) -> bool:
    """Tell whether a database takes a text: PostgreSQL refuses NUL, both refuse halves of surrogate pairs."""
    return "\0" not in text and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
