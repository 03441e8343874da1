"""How names are compared: without case, accents, kinds of apostrophe, hyphens and spare space."""

import re
import unicodedata

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))


def fold(text: str) -> str:
    """Return the form under which two spellings of one name are equal.

    Args:
        text: a name, label, alias or slug as somebody wrote it.

    Returns:
        The text decomposed (NFKD, Unicode Standard Annex 15) without combining marks, case-folded, apostrophes made
        alike, hyphens and underscores taken as spaces, white space collapsed. ``fold(fold(x)) == fold(x)``.
    """
    # Apostrophes first: NFKD takes the acute accent sign apart into a space and a mark.
    decomposed = unicodedata.normalize("NFKD", text.translate(APOSTROPHES))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    # Case folding can bring decomposable characters back (U+0130), so the marks are taken off once more.
    plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[-_‐-―]", " ", plain).split())
