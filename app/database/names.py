"""How names compare: without case, accents, kinds of apostrophe, hyphens and extra space."""

import re
import unicodedata

ASCII_SPACES = str.maketrans("-_`", "  '")
TO_STRAIGHT_APOSTROPHE = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))


def strip_accents(text: str) -> str:
    """Return a text without combining marks and case.

    The text is decomposed (NFKD, Unicode Standard Annex 15) and case-folded. Each character is
    converted on its own, whatever its neighbours.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    folded = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    # Case folding can yield decomposable characters (U+0130), so marks are removed once more.
    return "".join(
        char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char)
    )


def fold(text: str) -> str:
    """Return the form in which two spellings of one name are equal.

    Accents and case are removed, apostrophes unified, hyphens and underscores replaced by
    spaces, and white space collapsed. ``fold(fold(x)) == fold(x)``.

    Args:
        text: a name, label, alias or slug.
    """
    if text.isascii():
        return " ".join(text.lower().translate(ASCII_SPACES).split())
    # Apostrophes first: NFKD decomposes the acute accent sign into a space and a mark.
    return " ".join(
        re.sub(r"[-_‐-―]", " ", strip_accents(text.translate(TO_STRAIGHT_APOSTROPHE))).split()
    )


def is_storable(text: str) -> bool:
    """Return whether both databases accept a text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
