"""Full text: a user's words become a MATCH (SQLite's FTS5) or a tsquery (PostgreSQL).

We fold and stem words ourselves (``words.py``), both when publishing and when searching. Neither
database's own idea of a word, a stem or an accent matters: FTS5 and `tsvector` index finished
tokens, and neither ever sees raw input.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, cast, column, false, not_, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from app.query.search.words import words

QUERY_TOKEN = re.compile(r'(-?)"([^"]*)"?|([^\s"]+)')
QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„«»", '"'))
MATCH_PARAMETER = "match"
"""The parameter of a SQLite statement that holds the FTS5 expression."""


class Term(NamedTuple):
    """A phrase and the beginning of a word. Both must occur; either may be empty.

    Args:
        stems: the stems of the phrase, separated by spaces.
        prefix: the folded beginning of a word.
    """

    stems: str
    prefix: str


@dataclass(frozen=True)
class TextQuery:
    """A parsed full-text query.

    Args:
        all_of: alternatives; at least one term of each must match.
        none_of: terms that must not match.
    """

    all_of: Sequence[Sequence[Term]]
    none_of: Sequence[Term]

    @cached_property
    def terms(self) -> list[Term]:
        """Every term that counts for ranking and highlighting, once."""
        return list(dict.fromkeys(term for alternatives in self.all_of for term in alternatives))


def parse_query(text: str) -> TextQuery:
    """Parse a user's query. Any text is valid.

    All words must occur. There are `"a phrase"`, `OR` between alternatives, `-word` for a word
    that must not occur, and `begin*`. A word with a mark in it, such as `women-led` or `l'État`,
    is a phrase. `AND` is ignored, as it is the default. All other marks are spaces.
    """
    all_of: list[list[Term]] = []
    none_of: list[Term] = []
    is_alternative = False
    for minus, phrase, chunk in QUERY_TOKEN.findall(text.translate(QUOTATION_MARKS)):
        if chunk == "AND":
            continue
        if chunk == "OR":
            is_alternative = bool(all_of)
            continue
        term = _term(phrase or chunk.lstrip("-"), is_prefix=chunk.endswith("*"))
        if term is None:
            continue
        if minus or chunk.startswith("-"):
            none_of.append(term)
        elif is_alternative:
            all_of[-1].append(term)
        else:
            all_of.append([term])
        is_alternative = False
    return TextQuery(all_of, none_of)


def _term(text: str, *, is_prefix: bool) -> Term | None:
    phrase = list(words(text))
    if not phrase:
        return None
    prefix = phrase.pop().folded if is_prefix else ""
    return Term(" ".join(word.stem for word in phrase), prefix)


class ItemSource(NamedTuple):
    """A table with items, its column with their keys, and the condition on its rows."""

    table: Any
    key: Any
    condition: ColumnElement[bool]


def item_source(query: TextQuery, items: Any, texts: Any, dialect: str) -> ItemSource:
    """Return where the items that match a query come from, sorted by key wherever possible.

    Args:
        query: a parsed query. A query without any word matches nothing.
        items: the items' own table, for a query that only excludes words.
        texts: the table to search, a ``models.ItemText``.
        dialect: `sqlite` or `postgresql`.
    """
    if not query.all_of and not query.none_of:
        return ItemSource(items, items.key, false())
    if dialect == "postgresql":
        all_of = [
            or_(*(_matches_tsvector(term, texts) for term in alternatives))
            for alternatives in query.all_of
        ]
        none_of = [_matches_tsvector(term, texts) for term in query.none_of]
        if all_of:
            return ItemSource(texts, texts.key, and_(*all_of, *map(not_, none_of)))
        excluded = select(texts.key).where(or_(*none_of))
        return ItemSource(items, items.key, items.key.not_in(excluded))
    name = f"{texts.__tablename__}_fts"
    index = table(name, column("rowid"))
    # FTS5 has a column named like its table; MATCH on it searches the whole row.
    match = column(name).bool_op("MATCH")(bindparam(MATCH_PARAMETER, _fts5_expression(query)))
    if query.all_of:
        return ItemSource(index, index.c.rowid, match)
    return ItemSource(items, items.key, items.key.not_in(select(index.c.rowid).where(match)))


def statement_key(query: TextQuery, dialect: str) -> str | None:
    """Return a key for the SQL of ``item_source``. None if each query has SQL of its own."""
    if dialect == "postgresql":
        return None
    return "match" if query.all_of else "no match" if query.none_of else "nothing"


def parameter_values(query: TextQuery, dialect: str) -> Mapping[str, str]:
    """Return the values of the parameters in the SQL of ``item_source``."""
    return {} if dialect == "postgresql" else {MATCH_PARAMETER: _fts5_expression(query)}


def _fts5_expression(query: TextQuery) -> str:
    """Return a query in FTS5's grammar; for one that only excludes words, the excluded ones."""
    none_of = " OR ".join(map(_fts5_term, query.none_of))
    all_of = " AND ".join(
        f"({' OR '.join(map(_fts5_term, alternatives))})" for alternatives in query.all_of
    )
    return f"({all_of}) NOT ({none_of})" if all_of and none_of else all_of or none_of


def _fts5_term(term: Term) -> str:
    # Words have only letters and digits, so none can end the quotation.
    parts = [f'stems : "{term.stems}"'] if term.stems else []
    if term.prefix:
        parts.append(f'lexemes : "{term.prefix}"*')
    return f"({' AND '.join(parts)})"


def _matches_tsvector(term: Term, texts: Any) -> ColumnElement[bool]:
    parts = [f"'{stem}'" for stem in term.stems.split()]
    if term.prefix:
        parts.append(f"'={term.prefix}':*")
    matches: ColumnElement[bool] = texts.lexemes.bool_op("@@")(cast(" & ".join(parts), TSQUERY))
    if " " not in term.stems:
        return matches
    # A tsvector has at most 255 positions of a word, and none far back in a long text. The
    # column of stems has all of them.
    return and_(matches, texts.stems.contains(f" {term.stems} "))
