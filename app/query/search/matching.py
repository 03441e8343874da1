"""Full text: a user's words in; MATCH or tsquery out.

Words are folded and stemmed by us (``words.py``), when the corpus is published and when somebody asks, so neither database's own
idea of a word, a stem or an accent matters: FTS5 and `tsvector` index finished tokens, and neither ever sees raw input.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, cast, column, false, not_, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from app.query.search.words import words

MAX_QUERY_LENGTH = 200
QUERY_TOKEN = re.compile(r'(-?)"([^"]*)"?|([^\s"]+)')
QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„«»", '"'))


class Term(NamedTuple):
    """Words that stand side by side, and the beginning of a word: both must occur. Either may be empty."""

    stems: str
    begins: str


@dataclass(frozen=True)
class TextQuery:
    """A parsed query.

    Args:
        all_of: each of these must match, by any of its alternatives.
        none_of: none of these may match.
    """

    all_of: Sequence[Sequence[Term]]
    none_of: Sequence[Term]

    @cached_property
    def terms(self) -> list[Term]:
        """Every term that counts for rank and highlight."""
        return list(dict.fromkeys(term for alternatives in self.all_of for term in alternatives))


def parse_query(text: str) -> TextQuery:
    """Parse a user's query; no text is an error.

    Words must all occur; `"a phrase"`, `OR` between alternatives, `-word` for what must not occur, `begin*`. A word with a
    mark in it, such as `women-led` or `l'État`, is a phrase. `AND` is what happens anyway. Everything else is a space.
    """
    all_of: list[list[Term]] = []
    none_of: list[Term] = []
    alternative = False
    for minus, phrase, chunk in QUERY_TOKEN.findall(text.translate(QUOTATION_MARKS)):
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
    return TextQuery(all_of, none_of)


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


def source(search: TextQuery, items: Any, texts: Any, dialect: str) -> Source:
    """Return where what a query matches comes from, in the order of keys without sorting where that can be.

    Args:
        search: a parsed query; one without any word matches nothing.
        items: the narrow table of the items, for those that do not match.
        texts: the table that is searched, a ``models.ItemText``.
        dialect: `sqlite` or `postgresql`.
    """
    if not search.all_of and not search.none_of:
        return Source(items, items.key, false())
    if dialect == "postgresql":
        wanted = [
            or_(*(_in_tsvector(term, texts) for term in alternatives))
            for alternatives in search.all_of
        ]
        refused = [_in_tsvector(term, texts) for term in search.none_of]
        if not wanted:
            return Source(
                items, items.key, items.key.not_in(select(texts.key).where(or_(*refused)))
            )
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


def statement_key(search: TextQuery, dialect: str) -> str | None:
    """Return on what of a query the SQL of ``source`` depends; None if on all of it."""
    if dialect == "postgresql":
        return None
    return "match" if search.all_of else "no match" if search.none_of else "nothing"


def bound_values(search: TextQuery, dialect: str) -> Mapping[str, str]:
    """Return the values of the parameters that the SQL of ``source`` names."""
    return {} if dialect == "postgresql" else {MATCH: _expression(search)}


def _expression(search: TextQuery) -> str:
    """Return a query as FTS5 takes it; one that only refuses words, as what is refused."""
    unwanted = " OR ".join(map(_fts5, search.none_of))
    wanted = " AND ".join(
        f"({' OR '.join(map(_fts5, alternatives))})" for alternatives in search.all_of
    )
    return f"({wanted}) NOT ({unwanted})" if wanted and unwanted else wanted or unwanted


def _fts5(term: Term) -> str:
    # Words are letters and digits only: nothing in them can end the quotation.
    parts = ([f'stems : "{term.stems}"'] if term.stems else []) + (
        [f'lexemes : "{term.begins}"*'] if term.begins else []
    )
    return f"({' AND '.join(parts)})"


def _in_tsvector(term: Term, texts: Any) -> ColumnElement[bool]:
    parts = [f"'{stemmed}'" for stemmed in term.stems.split()] + (
        [f"'={term.begins}':*"] if term.begins else []
    )
    found: ColumnElement[bool] = texts.lexemes.bool_op("@@")(cast(" & ".join(parts), TSQUERY))
    if " " not in term.stems:
        return found
    # A tsvector keeps at most 255 places of a word and forgets what stands far back in a long text; the stems keep all.
    return and_(found, texts.stems.contains(f" {term.stems} "))
