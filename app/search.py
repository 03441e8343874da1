"""Full text: a user's words in; conditions, ranks and highlights out, the same on SQLite and PostgreSQL.

Words are folded and stemmed here, when the corpus is published and when somebody asks, so neither database's own idea of a
word, a stem or an accent matters: FTS5 and `tsvector` index finished tokens, and neither ever sees raw input.
"""

import html
import math
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import islice
from typing import Any, NamedTuple

from snowballstemmer import EnglishStemmer
from sqlalchemy import ColumnElement, and_, bindparam, cast, column, false, not_, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from app.names import plain

MOST_CHARACTERS = 200
MOST_RANKED = 5000
"""A query that more items match is answered in the order of the data set, and says so: ranking costs time for every match."""
LONGEST_WORD = 64
WINDOW = 240
"""Characters of a long text that a highlight shows."""

WORD = re.compile(r"[^\W_]+")
APOSTROPHES = "'’‘ʼ`"
APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
ELIDED = frozenset({"l", "d", "j", "n", "s", "c", "m", "t", "qu"})
"""What French words lose before a vowel: `l'inclusion` is found by `inclusion`, as `women's` by `women`."""
CHUNK = re.compile(r'(-?)"([^"]*)"?|([^\s"]+)')
QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„«»", '"'))
BETWEEN = "|"
"""Stands between two texts in ``stems``, so that no phrase runs from one into the next. Never part of a word."""

_stemmer = EnglishStemmer()
_stemming = threading.Lock()
_plain_char = lru_cache(maxsize=4096)(plain)


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
    return (Word(stem(folded), folded, start, end) for folded, start, end in _placed(text))


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """Give the words of a text as ``words`` does, without their stems: folded, and where they stand."""
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
            yield word[:LONGEST_WORD], first, beyond
        else:
            yield word[:LONGEST_WORD], starts[first], starts[beyond - 1] + 1


def folded_words(text: str) -> list[str]:
    """Return the folded words of a text, as ``words`` gives them, in a fraction of the time: where they stand is not asked."""
    folded = text.lower() if text.isascii() else "".join(map(_plain_char, text))
    if APOSTROPHE.search(folded) is None:
        return [word[:LONGEST_WORD] for word in WORD.findall(folded)]
    return [
        match[0][:LONGEST_WORD]
        for match in WORD.finditer(folded)
        if match.end() - match.start() > 2 or not _is_joined(folded, match[0], *match.span())
    ]


def _is_joined(folded: str, word: str, start: int, end: int) -> bool:
    """Tell whether one or two letters are only what an apostrophe has left of a word."""
    if word in ELIDED and folded[end : end + 1] in APOSTROPHES and folded[end + 1 : end + 2].isalnum():
        return True
    return word == "s" and start > 1 and folded[start - 1] in APOSTROPHES and folded[start - 2].isalnum()


# --- what a row is found by ---

FIELDS: Mapping[str, Mapping[str, float]] = {
    "claim": {"statement": 3, "quote": 2, "actors": 2, "themes": 1, "places": 1},
    "recommendation": {"statement": 3, "quote": 2, "actors": 2, "themes": 1, "places": 1},
    "article": {"title": 4, "body": 1, "actors": 2},
    "actor": {"name": 4, "description": 1},
    "theme": {"label": 4, "definition": 1},
    "place": {"name": 4},
}
"""The fields that are searched, in the order in which a highlight is looked for, and what a match in each is worth."""


class Spellings:
    """Everything that themes, places and actors may be called.

    Args:
        names: by kind (`theme`, `place`, `actor`) and id.
    """

    def __init__(self, names: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._names = names

    def of(self, kind: str, refs: Iterable[Mapping[str, Any]] | None) -> list[str]:
        """Return the names of some references, the one that is shown first."""
        found = []
        for ref in refs or ():
            shown = ref.get("name") or ref["label"]
            found += [shown, *sorted(name for name in self._names[kind].get(ref["id"], ()) if name != shown)]
        return list(dict.fromkeys(found))


ROLES = ("sources", "about", "addressees", "beneficiaries")


def text_of(kind: str, field: str, document: Mapping[str, Any], spellings: Spellings, body: str = "") -> Sequence[str]:
    """Return what an item is found by in one of its ``FIELDS``: the texts, as they are written.

    Args:
        kind: the name of the item's table.
        field: the name of the field.
        document: the item as published.
        spellings: names and synonyms of what it refers to.
        body: an article's text.
    """
    match field:
        case "statement" | "title":
            return [document[field]]
        case "quote":
            return [document["quote"]["exact"]]
        case "body":
            return body.split("\n\n")
        case "name" | "label":
            return spellings.of(kind, [document])
        case "themes" | "places":
            return spellings.of(field[:-1], document[field])
        case "actors" if kind == "article":
            publisher = {"id": document["publisher_id"], "name": document["publisher"]}
            return spellings.of("actor", [*(document["authors"] or ()), publisher])
        case "actors":
            return spellings.of("actor", [ref for role in ROLES for ref in document.get(role, ())])
        case "description":
            return [document[field]] if document[field] else []
    explained = [document[name] for name in ("definition", "definition_fr", "scope_note", "scope_note_fr")]
    return [text for text in explained if text]


def index_of(texts: Iterable[Sequence[str]]) -> tuple[str, list[str]]:
    """Return what is stored of the texts of each field: see ``models.Words``.

    Returns:
        ``stems``, a line for each field, every stem between two spaces; ``lexemes``, stems as they are and words behind `=`.
    """
    lines = []
    spelled: set[str] = set()
    for field in texts:
        stems = []
        for text in field:
            found = folded_words(text)
            spelled.update(found)
            stems += [*map(stem, found), BETWEEN]
        lines.append(f" {' '.join(stems)} \n")
    return "".join(lines), sorted({*map(stem, spelled), *(f"={word}" for word in spelled)})


# --- what is asked ---


class Term(NamedTuple):
    """Words that stand side by side, and the beginning of a word: both must occur. Either may be empty."""

    stems: str
    begins: str


@dataclass(frozen=True)
class Search:
    """A parsed query.

    Args:
        all_of: each of these must match, by any of its alternatives.
        none_of: none of these may match.
    """

    all_of: Sequence[Sequence[Term]]
    none_of: Sequence[Term]

    @cached_property
    def wanted(self) -> list[Term]:
        """Every term that counts for rank and highlight."""
        return list(dict.fromkeys(term for alternatives in self.all_of for term in alternatives))


def parse(text: str) -> Search:
    """Parse a user's query; no text is an error.

    Words must all occur; `"a phrase"`, `OR` between alternatives, `-word` for what must not occur, `begin*`. A word with a
    mark in it, such as `women-led` or `l'État`, is a phrase. `AND` is what happens anyway. Everything else is a space.
    """
    all_of: list[list[Term]] = []
    none_of: list[Term] = []
    alternative = False
    for minus, phrase, chunk in CHUNK.findall(text.translate(QUOTATION_MARKS)):
        if chunk == "AND":
            continue
        if chunk == "OR":
            alternative = bool(all_of)
            continue
        term = _term(phrase or chunk.lstrip("-"), begun=chunk.endswith("*"))
        if term is None:
            continue
        if minus or chunk.startswith("-"):
            none_of.append(term)
        elif alternative:
            all_of[-1].append(term)
        else:
            all_of.append([term])
        alternative = False
    return Search(all_of, none_of)


def _term(text: str, *, begun: bool) -> Term | None:
    found = list(words(text))
    if not found:
        return None
    begins = found.pop().folded if begun else ""
    return Term(" ".join(word.stem for word in found), begins)


class Source(NamedTuple):
    """Where what a query matches comes from: a table, its column with the items' keys, the condition on it."""

    table: Any
    key: Any
    condition: ColumnElement[bool]


def source(search: Search, items: Any, texts: Any, dialect: str) -> Source:
    """Return where what a query matches comes from, in the order of keys without sorting where that can be.

    Args:
        search: a parsed query; one without any word matches nothing.
        items: the narrow table of the items, for those that do not match.
        texts: the table that is searched, a ``models.Words``.
        dialect: `sqlite` or `postgresql`.
    """
    if not search.all_of and not search.none_of:
        return Source(items, items.key, false())
    if dialect == "postgresql":
        wanted = [or_(*(_in_tsvector(term, texts) for term in alternatives)) for alternatives in search.all_of]
        refused = [_in_tsvector(term, texts) for term in search.none_of]
        if not wanted:
            return Source(items, items.key, items.key.not_in(select(texts.key).where(or_(*refused))))
        return Source(texts, texts.key, and_(*wanted, *map(not_, refused)))
    name = f"{texts.__tablename__}_fts"
    index = table(name, column("rowid"))
    # FTS5 gives its table a column of the same name, which is what a query is put to.
    match = column(name).bool_op("MATCH")(bindparam(MATCH, _expression(search)))
    if not search.all_of:
        return Source(items, items.key, items.key.not_in(select(index.c.rowid).where(match)))
    return Source(index, index.c.rowid, match)


MATCH = "match"
"""The parameter of a SQLite statement that holds what FTS5 is asked."""


def form_of(search: Search, dialect: str) -> str | None:
    """Return on what of a query the SQL of ``source`` depends; None if on all of it."""
    if dialect == "postgresql":
        return None
    return "match" if search.all_of else "no match" if search.none_of else "nothing"


def values_of(search: Search, dialect: str) -> Mapping[str, str]:
    """Return the values of the parameters that the SQL of ``source`` names."""
    return {} if dialect == "postgresql" else {MATCH: _expression(search)}


def _expression(search: Search) -> str:
    """Return a query as FTS5 takes it; one that only refuses words, as what is refused."""
    unwanted = " OR ".join(map(_fts5, search.none_of))
    wanted = " AND ".join(f"({' OR '.join(map(_fts5, alternatives))})" for alternatives in search.all_of)
    return f"({wanted}) NOT ({unwanted})" if wanted and unwanted else wanted or unwanted


def _fts5(term: Term) -> str:
    # Words are letters and digits only: nothing in them can end the quotation.
    parts = ([f'stems : "{term.stems}"'] if term.stems else []) + ([f'lexemes : "{term.begins}"*'] if term.begins else [])
    return f"({' AND '.join(parts)})"


def _in_tsvector(term: Term, texts: Any) -> ColumnElement[bool]:
    parts = [f"'{stemmed}'" for stemmed in term.stems.split()] + ([f"'={term.begins}':*"] if term.begins else [])
    found: ColumnElement[bool] = texts.lexemes.bool_op("@@")(cast(" & ".join(parts), TSQUERY))
    if " " not in term.stems:
        return found
    # A tsvector keeps at most 255 places of a word and forgets what stands far back in a long text; the stems keep all.
    return and_(found, texts.stems.contains(f" {term.stems} "))


# --- ranks ---

SATURATION, LENGTH_WEIGHT = 1.2, 0.75
"""The usual k1 and b of BM25."""


class Match(NamedTuple):
    """A row that a query matches: its table, its key and its ``stems``."""

    kind: str
    key: int
    stems: str


def rank(search: Search, matches: Sequence[Match]) -> list[tuple[float, Match]]:
    """Order what matches a query, the best first: BM25F (Robertson and Zaragoza 2009, section 3.6), statistics from the matches.

    Both databases would rank by formulas of their own; here the same rows get the same scores on either. Equal scores
    are in the order given.
    """
    needles = [_needles(term) for term in search.wanted]
    split = [match.stems.split("\n")[:-1] for match in matches]
    usual = _usual_lengths(matches, split)
    worth = {kind: list(zip(FIELDS[kind].values(), lengths, strict=True)) for kind, lengths in usual.items()}
    scores = [0.0] * len(matches)
    for term in needles:
        weights = [_weight(term, fields, worth[match.kind]) for match, fields in zip(matches, split, strict=True)]
        having = len(weights) - weights.count(0.0)
        rarity = math.log1p((len(matches) - having + 0.5) / (having + 0.5))
        scores = [score + rarity * weight / (weight + SATURATION) for score, weight in zip(scores, weights, strict=True)]
    scored = [(round(score, 6), match) for score, match in zip(scores, matches, strict=True)]
    return sorted(scored, key=lambda pair: -pair[0])


def _needles(term: Term) -> Sequence[str]:
    """Return what is counted in stems for a term; of a word that is only begun they tell little: where one begins alike."""
    return [needle for needle in (term.stems and f" {term.stems} ", term.begins and f" {term.begins}") if needle]


def _usual_lengths(matches: Sequence[Match], split: Sequence[Sequence[str]]) -> Mapping[str, Sequence[float]]:
    """Return the mean length of each field, by kind."""
    found = {}
    for kind in {match.kind for match in matches}:
        rows = [fields for match, fields in zip(matches, split, strict=True) if match.kind == kind]
        found[kind] = [sum(map(len, column)) / len(rows) for column in zip(*rows, strict=True)]
    return found


def _weight(needles: Sequence[str], fields: Sequence[str], worth: Sequence[tuple[float, float]]) -> float:
    """Return how much of a term an item has: its occurrences weighted by field, less in fields that are long for their kind.

    Args:
        needles: what is counted.
        fields: the stems of each field.
        worth: the weight of each field, and how long it usually is.
    """
    found = 0.0
    for needle in needles:
        for field, (weight, usual) in zip(fields, worth, strict=True):
            if needle in field:
                length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(field) / usual
                found += weight * field.count(needle) / length
    return found


# --- highlights ---


class Shown(NamedTuple):
    """Where an item matches: the first text with a match as HTML, and the names of all fields with one."""

    highlight: str | None
    matched_in: list[str]


def show(search: Search, fields: Iterable[str], stems: str, text_of: Callable[[str], Sequence[str]]) -> Shown:
    """Return where an item matches.

    Args:
        search: what is asked for.
        fields: the names of the item's fields.
        stems: what is stored of them, as ``index_of`` made it.
        text_of: gives the texts of a field.

    The words stand within `<mark>`, everything else is escaped; a long text is cut to the passage round the first match. The
    highlight is None where no field has a match, as when everything asked for is `-not`.
    """
    found = []
    highlight = None
    for name, line in zip(fields, stems.split("\n"), strict=False):
        number = _first_match(search, line, partial(text_of, name))
        if number is not None:
            found.append(name)
            if highlight is None:
                text = text_of(name)[number]
                highlight = _marked(text, _spans(search, text, line.split(BETWEEN)[number]))
    return Shown(highlight, found)


def _first_match(search: Search, line: str, texts: Callable[[], Sequence[str]]) -> int | None:
    """Return the number of the first text of a field that matches; None if none does.

    The stems tell it without reading a text, except how words begin.
    """
    found = []
    for term in search.wanted:
        if term.stems and (at := line.find(f" {term.stems} ")) >= 0:
            found.append(line.count(BETWEEN, 0, at))
        if term.begins:
            begun = (n for n, text in enumerate(texts()) if any(word.startswith(term.begins) for word in folded_words(text)))
            found += islice(begun, 1)
    return min(found, default=None)


def _spans(search: Search, text: str, stems: str) -> list[tuple[int, int]]:
    """Return where a text matches, in order and without overlap.

    Args:
        search: what is asked for.
        text: as it is written.
        stems: of its words, each between two spaces: which word it is tells where it stands.
    """
    found = list(_placed(text))
    spans = []
    for term in search.wanted:
        if term.stems:
            count = term.stems.count(" ") + 1
            at = stems.find(f" {term.stems} ")
            while at >= 0:
                first = stems.count(" ", 0, at)
                spans.append((found[first][1], found[first + count - 1][2]))
                at = stems.find(f" {term.stems} ", at + 1)
        if term.begins:
            spans += [(start, end) for folded, start, end in found if folded.startswith(term.begins)]
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
