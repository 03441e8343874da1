"""Random search texts that try to break the search."""

import random
from urllib.parse import quote

MAX_LENGTH = 200
"""The longest search text that the API accepts."""
PIECES = (
    *("women", "mali", "secur", "a", "é", "l'état", "Goïta", "İ", "ß", "ﬁ", "½", "日本", "ﷺ", "٣"),
    *("𞤀", "🧿", "0", "0" * 30, "1e9", "$1", ":q", "1=1", "-women", "wom*", "a*", '"women and'),
    *('"', '""', "'", "''", "(", ")", "*", "**", "-", "--", "!", ",", ":", "^", "+", "{", "}"),
    *("&", "|", "||", "<->", "\\", "%", "_", ";", ";--", "/*", "<script>", "DROP TABLE claim"),
    *("OR", "AND", "NOT", "NEAR(", " OR ", " AND ", " NOT ", " NEAR/3 ", "stems", "lexemes"),
    *("statement:", "ts_rank", " ", "  ", "\t", "\n", "\x00", "\x1f", "\ud800", "\u0301"),
    *("\u0301" * 20, "\u200b", "\u200d", "\u202e", "\ufeff"),
)


def hostile_query(chance: random.Random) -> str:
    """Return a random search text, sometimes longer than the API accepts."""
    number = chance.choice((1, 2, 3, 5, 8, 13, 25, 40))
    text = "".join(chance.choice(PIECES) + chance.choice(("", " ")) for _ in range(number))
    return text[: chance.choice((200, 200, 200, 300))]


def encode(query: str) -> str:
    """Return a search text as it stands in a URL, lone surrogates included."""
    return quote(query.encode("utf-8", "surrogatepass"), safe="")


def expected_status(query: str) -> int:
    """Return the status of a search: only a blank or a too long text is refused."""
    text = query.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return 422 if not text.strip() or len(text) > MAX_LENGTH else 200
