"""One list as somebody asked for it: which items, in which order, how many; a page of them or all."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from fastapi import Request
from sqlalchemy import select

from app import facets, search
from app.collection import Collection, Selection
from app.db import Reading
from app.items import with_match
from app.paging import Cursor, OrderKey, beyond, digest_of, order
from app.parameters import Filters
from app.query import Resolver

RELEVANCE = "relevance"
USUAL_LIMIT = 20
BATCH = 500


class Rows(NamedTuple):
    """A page: its documents, and the cursors to the pages before and after where there are any."""

    documents: list[str]
    next: str | None
    prev: str | None


@dataclass(frozen=True)
class Listing:
    """What a list's parameters came to mean on one published version.

    Args:
        collection: what is listed.
        reading: the version, and the session to read it with.
        query: the checked filters.
        sort: keys of the collection, or `relevance`; None for the usual order.
        selection: the filters as SQL.
        applied: what each filter was taken to mean.
        resolved: how many conditions were asked for.
        identity: a digest of the question, for cursors.
    """

    collection: Collection
    reading: Reading
    query: Filters
    sort: str | None
    selection: Selection
    applied: dict[str, list[str]]
    resolved: int
    identity: str

    @classmethod
    def of(cls, request: Request, reading: Reading, collection: Collection, query: Filters) -> "Listing":
        """Resolve a query.

        Raises:
            Problem: an unknown value or sort key.
        """
        resolver = Resolver(reading)
        selection = collection.select(query, resolver)
        sort: str | None = getattr(query, "sort", None)
        listing = cls(
            collection,
            reading,
            query,
            sort,
            selection,
            resolver.applied,
            resolver.conditions,
            digest_of(request.url.path, request.query_params.multi_items()),
        )
        _ = listing.order  # an unknown key is said before anything is read
        return listing

    @cached_property
    def search(self) -> search.Search | None:
        return None if self.query.q is None else search.parse(self.query.q)

    @cached_property
    def by_relevance(self) -> bool:
        """Whether the best come first, unless too many match."""
        return self.search is not None and self.sort in {None, RELEVANCE}

    @cached_property
    def order(self) -> list[OrderKey]:
        sort = "id" if self.sort is None or self.by_relevance else self.sort
        by_key = self.collection.sorts["id"]
        keys = order(sort, self.collection.sorts, also=[RELEVANCE] if self.search else [])
        # The key of what leads: its index is in this order already.
        return [OrderKey(self.selection.key, key.descending) if key.column is by_key else key for key in keys]

    @cached_property
    def ranking(self) -> list[int] | None:
        """The keys of everything found, the best first; None where that is not the order."""
        if not self.by_relevance or self.search is None:
            return None
        table = self.collection.table
        statement = self.selection.rows(table.key, table.stems).order_by(self.selection.key).limit(search.MOST_RANKED + 1)
        found = self.reading.session.execute(statement).all()
        if len(found) > search.MOST_RANKED:
            return None
        matches = [search.Match(self.collection.kind, key, stems) for key, stems in found]
        return [match.key for _, match in search.rank(self.search, matches)]

    @cached_property
    def total(self) -> int:
        """How many items meet the filters."""
        if self.ranking is not None:
            return len(self.ranking)
        statement = self.selection.count()
        return self.reading.memory.remembered(
            ("total", self.identity),
            lambda: int(self.reading.session.execute(statement).scalar_one()),
        )

    def page(self, limit: int, cursor: str | None) -> Rows:
        """Return a page, and how to go on.

        Raises:
            Problem: a cursor that is damaged, or of another query or data version.
        """
        return self._ordered_page(limit, cursor) if self.ranking is None else self._ranked_page(self.ranking, limit, cursor)

    def everything(self) -> Iterator[list[str]]:
        """Give the documents of all items in order, some hundred at a time: memory does not grow with their number."""
        if self.ranking is not None:
            for start in range(0, len(self.ranking), BATCH):
                yield self._documents(self.ranking[start : start + BATCH])
            return
        statement = self.selection.rows(*self._columns).order_by(*(key.sorted() for key in self.order))
        with self.reading.session.execute(statement, execution_options={"yield_per": BATCH}) as result:
            for rows in result.partitions():
                yield [self._shown(row) for row in rows]

    def facets(self, request: Request, names: Sequence[str]) -> facets.Facets:
        """Count what is found by some filters."""
        return facets.count(request, self, names)

    @property
    def ranked(self) -> bool | None:
        """Whether the best come first; None without full text."""
        return None if self.search is None else self.ranking is not None

    def _ordered_page(self, limit: int, cursor_text: str | None) -> Rows:
        keys = self.order
        types = [key.column.type.python_type for key in keys]
        cursor = self._cursor(cursor_text, types)
        backwards = cursor is not None and cursor.direction == "prev"
        statement = self.selection.rows(*self._columns)
        if cursor is not None:
            statement = statement.where(beyond(keys, cursor.values, reverse=backwards))
        # One row more than asked for tells whether there is a further page.
        statement = statement.order_by(*(key.sorted(reverse=backwards) for key in keys)).limit(limit + 1)
        rows = list(self.reading.session.execute(statement).all())
        more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        places = [list(row[: len(keys)]) for row in rows]
        return Rows(
            [self._shown(row) for row in rows],
            self._encoded("next", places[-1]) if rows and (more or backwards) else None,
            self._encoded("prev", places[0]) if rows and (more if backwards else cursor is not None) else None,
        )

    def _ranked_page(self, ranking: Sequence[int], limit: int, cursor_text: str | None) -> Rows:
        cursor = self._cursor(cursor_text, [int])
        start = 0
        if cursor is not None:
            (key,) = cursor.values
            at = ranking.index(int(key)) if key in ranking else len(ranking)
            start = max(0, at - limit) if cursor.direction == "prev" else at + 1
            limit = min(limit, at) if cursor.direction == "prev" else limit
        keys = ranking[start : start + limit]
        return Rows(
            self._documents(keys),
            self._encoded("next", [keys[-1]]) if keys and start + limit < len(ranking) else None,
            self._encoded("prev", [keys[0]]) if keys and start > 0 else None,
        )

    @property
    def _columns(self) -> list[Any]:
        """What a row is: order values, then what is shown."""
        text = [self.collection.text] if self.search is not None and self.collection.text is not None else []
        return [*(key.column for key in self.order), self.collection.table.document, *text]

    def _documents(self, keys: Sequence[int]) -> list[str]:
        """Return the documents of some items, in the order of the keys."""
        if not keys:
            return []
        rows = self.reading.session.execute(select(*self._columns).where(self.collection.table.key.in_(keys))).all()
        shown = {row[0]: self._shown(row) for row in rows}  # by relevance, the only order value is the key
        return [shown[key] for key in keys]

    def _shown(self, row: Sequence[Any]) -> str:
        """Return a row's document, with its match where full text was asked for."""
        document: str = row[len(self.order)]
        if self.search is None:
            return document
        body = "" if self.collection.text is None else row[-1]
        texts = search.texts_of(self.collection.kind, json.loads(document), self.reading.vocabulary.spellings, body)
        return with_match(document, search.show(self.search, texts))

    def _cursor(self, text: str | None, types: Sequence[type]) -> Cursor | None:
        return None if text is None else Cursor.decode(text, self.reading.version, self.identity, types)

    def _encoded(self, direction: Any, values: Sequence[Any]) -> str:
        return Cursor(self.reading.version, self.identity, direction, values).encode()
