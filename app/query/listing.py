"""One list as somebody asked for it: which items, in which order, how many; a page of them or all."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from fastapi import Request
from sqlalchemy import LargeBinary, Row, Select, bindparam, cast, func, select

from app.database.snapshot import Snapshot
from app.query import facets
from app.query.collection import Collection, Selection, parameters
from app.query.filters import Resolver
from app.query.items import with_highlight
from app.query.paging import Cursor, OrderKey, after, parse_sort, query_digest
from app.query.parameters import Filters
from app.query.search import highlight, ranking
from app.query.search import matching as search
from app.query.search.fields import FIELDS, searchable_text

RELEVANCE = "relevance"
DEFAULT_LIMIT = 20
BATCH_SIZE = 500


class ListPage(NamedTuple):
    """A page: its documents, and the cursors to the pages before and after where there are any."""

    documents: list[bytes]
    next: str | None
    prev: str | None


@dataclass(frozen=True)
class Listing:
    """What a list's parameters came to mean on one published version.

    Args:
        collection: what is listed.
        snapshot: the version, and the connection to read it with.
        query: the checked filters.
        sort: keys of the collection, or `relevance`; None for the usual order.
        selection: the filters as SQL.
        applied: what each filter was taken to mean.
        resolved: how many conditions were asked for.
        identity: a digest of the question, for cursors.
    """

    collection: Collection
    snapshot: Snapshot
    query: Filters
    sort: str | None
    selection: Selection
    applied: dict[str, list[str]]
    resolved: int
    identity: str

    @classmethod
    def of(
        cls, request: Request, snapshot: Snapshot, collection: Collection, query: Filters
    ) -> "Listing":
        """Resolve a query.

        Raises:
            Problem: an unknown value or sort key.
        """
        resolver = Resolver(snapshot)
        selection = collection.select(query, resolver)
        sort: str | None = getattr(query, "sort", None)
        listing = cls(
            collection,
            snapshot,
            query,
            sort,
            selection,
            resolver.applied,
            resolver.conditions,
            query_digest(request.scope["path"], request.query_params.multi_items()),
        )
        _ = listing.order  # an unknown key is said before anything is read
        return listing

    @cached_property
    def search(self) -> search.TextQuery | None:
        return self.selection.text

    @cached_property
    def by_relevance(self) -> bool:
        """Whether the best come first, unless too many match."""
        return self.search is not None and self.sort in {None, RELEVANCE}

    @cached_property
    def order(self) -> list[OrderKey]:
        sort = "id" if self.sort is None or self.by_relevance else self.sort
        return parse_sort(sort, self.collection.sorts, also=[RELEVANCE] if self.search else [])

    @cached_property
    def _by_key(self) -> bool:
        """Whether the order is that of the keys alone, which indexes have."""
        return self.order[0].column is self.collection.sorts["id"]

    @property
    def bounded(self) -> bool:
        """Whether a page takes an index no more steps than it has items, and the total is known or as quickly counted."""
        return self.selection.bounded and self._by_key

    def has_precomputed(self, names: Sequence[str]) -> bool:
        """Whether facets by these dimensions need no counting."""
        precomputed_count = (
            self.snapshot.precomputed.numbers(self.collection.name, name, narrower=True)
            for name in names
        )
        return not names or (
            self.selection.unfiltered and self.selection.narrower and None not in precomputed_count
        )

    def _sort_columns(self) -> list[OrderKey]:
        """Return the order, by the columns of what leads where it has them: its indexes are in this order already."""
        by_key = self.collection.sorts["id"]
        return [
            OrderKey(
                self.selection.key if key.column is by_key else self.selection.column(key.column),
                key.descending,
            )
            for key in self.order
        ]

    @cached_property
    def ranking(self) -> list[int] | None:
        """The keys of everything found, the best first; None where that is not the order."""
        if not self.by_relevance or self.search is None:
            return None
        selection, most = self.selection, ranking.MAX_RANKED + 1

        def limited() -> Select[Any]:
            # Counted by the database: thousands of rows, each of which hands Python's lock over, would keep others waiting.
            return select(func.count()).select_from(
                selection.rows(selection.key).limit(bindparam("limit")).subquery()
            )

        def with_stems() -> Select[Any]:
            return selection.rows(selection.key, self.collection.texts.stems, texts=True).order_by(
                selection.key
            )

        form = selection.form
        if (
            self.snapshot.rows(
                form and (form, "limited"), limited, {**selection.values, "limit": most}
            )[0][0]
            == most
        ):
            return None
        found = self.snapshot.rows(form and (form, "stems"), with_stems, selection.values)
        kind = self.collection.kind
        matches = [ranking.Candidate(kind, key, stems) for key, stems in found]
        return [match.key for _, match in ranking.rank(self.search, matches)]

    @cached_property
    def total(self) -> int:
        """How many items meet the filters."""
        if self.ranking is not None:
            return len(self.ranking)
        known = self.selection.precomputed_total(self.snapshot.precomputed)
        if known is not None:
            return known
        return self.snapshot.count_cache.get_or_compute(
            ("total", self.identity), lambda: next((row[-1] for row in self.counted()), 0)
        )

    def counted(self, *names: str) -> Sequence[Row[Any]]:
        """Return how many items are selected, in all or by dimensions: looked up where that was counted before, or counted."""
        selection = self.selection
        if selection.has_crosstab(*names):
            looked_up = ("crosstab", selection.form, *names)
            return self.snapshot.rows(
                looked_up, lambda: selection.crosstab(*names), selection.crosstab_values
            )
        dimensions = [self.collection.dimensions[name] for name in names]
        form = None if selection.form is None else ("count", selection.form, *names)
        return self.snapshot.rows(form, lambda: selection.count(*dimensions), selection.values)

    def count_without(self, name: str) -> int:
        """Return how many items have no value of a dimension with a link table."""
        selection = self.selection
        if selection.unfiltered:
            narrower = self.selection.narrower or self.collection.dimensions[name].direct is None
            known = self.snapshot.precomputed.numbers(self.collection.name, name, narrower=narrower)
            if known is not None:
                return known.get("", 0)
        form = None if selection.form is None else ("without", selection.form, name)
        rows = self.snapshot.rows(
            form,
            lambda: selection.count_without(self.collection.dimensions[name]),
            selection.values,
        )
        return int(rows[0][0])

    def page(self, limit: int, cursor: str | None) -> ListPage:
        """Return a page, and how to go on.

        Raises:
            Problem: a cursor that is damaged, or of another query or data version.
        """
        return (
            self._ordered_page(limit, cursor)
            if self.ranking is None
            else self._ranked_page(self.ranking, limit, cursor)
        )

    def everything(self) -> Iterator[list[bytes]]:
        """Give the documents of all items in order, some hundred at a time: memory does not grow with their number."""
        if self.ranking is not None:
            for start in range(0, len(self.ranking), BATCH_SIZE):
                yield self._documents(self.ranking[start : start + BATCH_SIZE])
            return
        statement = self._in_order()
        options = {"yield_per": BATCH_SIZE}
        with self.snapshot.connection.execute(
            statement, self.selection.values, execution_options=options
        ) as result:
            for rows in result.partitions():
                yield [self._shown(row) for row in rows]

    def facets(self, request: Request, names: Sequence[str]) -> facets.Facets:
        """Count what is found by some filters."""
        return facets.count(request, self, names)

    @property
    def ranked(self) -> bool | None:
        """Whether the best come first; None without full text."""
        return None if self.search is None else self.ranking is not None

    def _ordered_page(self, limit: int, cursor_text: str | None) -> ListPage:
        keys = self.order
        types = [key.column.type.python_type for key in keys]
        cursor = self._cursor(cursor_text, types)
        backwards = cursor is not None and cursor.direction == "prev"

        def build() -> Select[Any]:
            statement = self._in_order(reverse=backwards)
            if cursor is not None:
                values = parameters("k", cursor.values)
                statement = statement.where(after(self._sort_columns(), values, reverse=backwards))
                if self._by_key and self.snapshot.dialect == "postgresql":
                    # Its planner hands an equality on to what is joined, but not a bound: it would read all texts before the page.
                    texts = OrderKey(self.collection.texts.key, keys[0].descending)
                    statement = statement.where(after([texts], values, reverse=backwards))
            return statement.limit(bindparam("limit"))

        # One row more than asked for tells whether there is a further page.
        values = {**self.selection.values, "limit": limit + 1}
        if cursor is not None:
            values |= {f"k{number}": value for number, value in enumerate(cursor.values)}
        form = self.selection.form and (
            self.selection.form,
            "page",
            self.sort,
            cursor and cursor.direction,
        )
        rows = list(self.snapshot.rows(form, build, values))
        more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        return ListPage(
            [self._shown(row) for row in rows],
            self._encoded("next", rows[-1][: len(keys)]) if rows and (more or backwards) else None,
            self._encoded("prev", rows[0][: len(keys)])
            if rows and (more if backwards else cursor is not None)
            else None,
        )

    def _ranked_page(self, ranking: Sequence[int], limit: int, cursor_text: str | None) -> ListPage:
        cursor = self._cursor(cursor_text, [int])
        start = 0
        if cursor is not None:
            (key,) = cursor.values
            at = ranking.index(int(key)) if key in ranking else len(ranking)
            start = max(0, at - limit) if cursor.direction == "prev" else at + 1
            limit = min(limit, at) if cursor.direction == "prev" else limit
        keys = ranking[start : start + limit]
        return ListPage(
            self._documents(keys),
            self._encoded("next", [keys[-1]]) if keys and start + limit < len(ranking) else None,
            self._encoded("prev", [keys[0]]) if keys and start > 0 else None,
        )

    def _in_order(self, *, reverse: bool = False) -> Select[Any]:
        """Return the statement that selects all items in order: order values, then what is shown."""
        keys = self._sort_columns()
        led = all(key.column is not own.column for key, own in zip(keys, self.order, strict=True))
        item = not (self._by_key or led)
        statement = self.selection.rows(
            *(key.column for key in keys), *self._shows, item=item, texts=True
        )
        return statement.order_by(*(key.sorted(reverse=reverse) for key in keys))

    @property
    def _shows(self) -> list[Any]:
        """The columns of what is shown, and of what full text looks into."""
        texts, document = self.collection.texts, self.collection.texts.document
        searched = (
            []
            if self.search is None
            else [texts.stems, *([] if self.collection.body is None else [self.collection.body])]
        )
        # Documents are joined, not read: what SQLite keeps are the very bytes that are sent.
        return [
            cast(document, LargeBinary) if self.snapshot.dialect == "sqlite" else document,
            *searched,
        ]

    def _documents(self, keys: Sequence[int]) -> list[bytes]:
        """Return the documents of some items, in the order of the keys."""
        if not keys:
            return []
        key = self.collection.texts.key

        def build() -> Select[Any]:
            return select(key, *self._shows).where(key.in_(parameters("k", keys)))

        values = {f"k{number}": value for number, value in enumerate(keys)}
        rows = self.snapshot.rows(
            (self.collection.name, "documents", len(keys), len(self._shows)), build, values
        )
        shown = {
            row[0]: self._shown(row) for row in rows
        }  # by relevance, the only order value is the key
        return [shown[key] for key in keys]

    def _shown(self, row: Sequence[Any]) -> bytes:
        """Return a row's document, with its match where full text was asked for."""
        kept = row[len(self.order)]
        document: bytes = kept if isinstance(kept, bytes) else kept.encode()
        if self.search is None:
            return document
        body = "" if self.collection.body is None else row[-1]
        kind, content, spellings = (
            self.collection.kind,
            json.loads(document),
            self.snapshot.vocabulary.spellings,
        )
        shown = highlight.highlight(
            self.search,
            FIELDS[kind],
            row[len(self.order) + 1],
            lambda field: searchable_text(kind, field, content, spellings, body),
        )
        return with_highlight(document, shown)

    def _cursor(self, text: str | None, types: Sequence[type]) -> Cursor | None:
        return (
            None
            if text is None
            else Cursor.decode(text, self.snapshot.version, self.identity, types)
        )

    def _encoded(self, direction: Any, values: Sequence[Any]) -> str:
        return Cursor(self.snapshot.version, self.identity, direction, values).encode()
