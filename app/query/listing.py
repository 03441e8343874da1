"""One list: the matching items in order, as pages or as a stream."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from fastapi import Request
from sqlalchemy import LargeBinary, Select, bindparam, cast, func, select

from app.database.lazy import lazy_property
from app.query.counting import FilteredItems
from app.query.facets import Facets, count_facets
from app.query.paging import Cursor, OrderKey, after, parse_sort
from app.query.search import highlight, matching, ranking
from app.query.search.fields import searchable_text
from app.query.selection import bound_parameters, parameter_values

RELEVANCE = "relevance"
DEFAULT_LIMIT = 20
BATCH_SIZE = 500


class ListPage(NamedTuple):
    """A page: its documents, and the cursors of the pages after and before, if any."""

    documents: list[bytes]
    next: str | None
    prev: str | None


@dataclass(frozen=True)
class Listing(FilteredItems):
    """The items that match the filters of one request, in the order that it asks for."""

    def __post_init__(self) -> None:
        _ = self.order  # report an unknown key before anything is read

    @property
    def sort(self) -> str | None:
        """Public sort keys, or `relevance`. None for the default order."""
        return getattr(self.query, "sort", None)

    @property
    def text_query(self) -> matching.TextQuery | None:
        return self.selection.text

    @property
    def is_by_relevance(self) -> bool:
        """Whether the best matches come first, unless there are too many to rank."""
        return self.text_query is not None and self.sort in {None, RELEVANCE}

    @lazy_property
    def order(self) -> list[OrderKey]:
        """The order of the items if they are not ranked."""
        sort = "id" if self.sort is None or self.is_by_relevance else self.sort
        other_keys = [RELEVANCE] if self.text_query else []
        return parse_sort(sort, self.collection.sorts, other_keys)

    @lazy_property
    def _is_by_key(self) -> bool:
        """Whether the order is that of the keys, which all indexes have."""
        return self.order[0].column is self.collection.sorts["id"]

    @lazy_property
    def ranked_keys(self) -> list[int] | None:
        """The keys of all matching items, the best first. None if they are not ranked."""
        if not self.is_by_relevance or self.text_query is None:
            return None
        selection, limit = self.selection, ranking.MAX_RANKED + 1

        def limited_count() -> Select[Any]:
            keys = selection.rows(selection.key).limit(bindparam("limit")).subquery()
            return select(func.count()).select_from(keys)

        def with_stems() -> Select[Any]:
            stems = self.collection.texts.stems
            return selection.rows(selection.key, stems, texts=True).order_by(selection.key)

        # The database counts first: reading thousands of rows for nothing would block other
        # threads, as the driver takes Python's lock for each row.
        ((number,),) = self.snapshot.rows(
            selection.statement_key("limited count"),
            limited_count,
            {**selection.values, "limit": limit},
        )
        if number == limit:
            return None
        rows = self.snapshot.rows(selection.statement_key("stems"), with_stems, selection.values)
        candidates = [ranking.Candidate(self.collection.kind, *row) for row in rows]
        search_fields = {self.collection.kind: self.collection.search_fields}
        ranked = ranking.rank(self.text_query, candidates, search_fields)
        return [candidate.key for _, candidate in ranked]

    @property
    def ranked(self) -> bool | None:
        """Whether the best matches come first. None without full text."""
        return None if self.text_query is None else self.ranked_keys is not None

    @lazy_property
    def total(self) -> int:
        """How many items match."""
        return super().total if self.ranked_keys is None else len(self.ranked_keys)

    def facets(self, request: Request, names: Sequence[str]) -> Facets:
        """Count the matching items by the values of some dimensions."""
        return count_facets(request, self, names) if names else Facets({}, {})

    def page(self, limit: int, cursor: str | None) -> ListPage:
        """Return a page.

        Raises:
            Problem: the cursor is damaged, or of another query or data version.
        """
        if self.ranked_keys is not None:
            return self._ranked_page(self.ranked_keys, limit, cursor)
        return self._ordered_page(limit, cursor)

    def stream(self) -> Iterator[list[bytes]]:
        """Give the documents of all items in order, in batches. The memory it takes is constant."""
        if self.ranked_keys is not None:
            for start in range(0, len(self.ranked_keys), BATCH_SIZE):
                yield self._documents(self.ranked_keys[start : start + BATCH_SIZE])
            return
        with self.snapshot.connection.execute(
            self._ordered_statement(),
            self.selection.values,
            execution_options={"yield_per": BATCH_SIZE},
        ) as result:
            for rows in result.partitions():
                yield [self._render(row) for row in rows]

    def _ordered_page(self, limit: int, cursor_text: str | None) -> ListPage:
        cursor = self._decode(cursor_text, [key.column.type.python_type for key in self.order])
        backwards = cursor is not None and cursor.direction == "prev"
        # One row more than the limit says whether another page follows.
        values = {**self.selection.values, "limit": limit + 1}
        if cursor is not None:
            values |= parameter_values("k", cursor.values)
        direction = None if cursor is None else cursor.direction
        rows = list(
            self.snapshot.rows(
                self.selection.statement_key("page", self.sort, direction),
                lambda: self._page_statement(cursor),
                values,
            )
        )
        is_last = len(rows) <= limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        has_next = bool(rows) and (backwards or not is_last)
        has_prev = bool(rows) and (not is_last if backwards else cursor is not None)
        number_of_keys = len(self.order)
        return ListPage(
            [self._render(row) for row in rows],
            self._encode("next", rows[-1][:number_of_keys]) if has_next else None,
            self._encode("prev", rows[0][:number_of_keys]) if has_prev else None,
        )

    def _page_statement(self, cursor: Cursor | None) -> Select[Any]:
        """Return the statement of a page: all items after a cursor, up to the parameter `limit`."""
        backwards = cursor is not None and cursor.direction == "prev"
        statement = self._ordered_statement(reverse=backwards)
        if cursor is not None:
            values = bound_parameters("k", cursor.values)
            statement = statement.where(after(self._order_columns, values, reverse=backwards))
            if self._is_by_key and self.snapshot.dialect == "postgresql":
                # PostgreSQL's planner passes an equality on to a joined table, but no bound:
                # without this one it would read all texts before the page.
                texts_key = OrderKey(self.collection.texts.key, self.order[0].descending)
                statement = statement.where(after([texts_key], values, reverse=backwards))
        return statement.limit(bindparam("limit"))

    def _ranked_page(self, keys: Sequence[int], limit: int, cursor_text: str | None) -> ListPage:
        cursor = self._decode(cursor_text, [int])
        start, stop = 0, limit
        if cursor is not None:
            (key,) = cursor.values
            position = keys.index(int(key)) if key in keys else len(keys)
            if cursor.direction == "prev":
                start, stop = max(0, position - limit), position
            else:
                start, stop = position + 1, position + 1 + limit
        page = keys[start:stop]
        return ListPage(
            self._documents(page),
            self._encode("next", [page[-1]]) if page and stop < len(keys) else None,
            self._encode("prev", [page[0]]) if page and start > 0 else None,
        )

    @lazy_property
    def _order_columns(self) -> list[OrderKey]:
        """The order, with copies of its columns in the driving table, whose index has them."""
        id_column = self.collection.sorts["id"]
        return [
            OrderKey(
                self.selection.key
                if column is id_column
                else self.selection.driving_column(column),
                descending,
            )
            for column, descending in self.order
        ]

    def _ordered_statement(self, *, reverse: bool = False) -> Select[Any]:
        """Return the statement of all items in order: order values, then ``_rendered_columns``."""
        keys = self._order_columns
        uses_own_table = any(
            key.column is own.column for key, own in zip(keys, self.order, strict=True)
        )
        statement = self.selection.rows(
            *(key.column for key in keys),
            *self._rendered_columns,
            item=uses_own_table and not self._is_by_key,
            texts=True,
        )
        return statement.order_by(*(key.order_by(reverse=reverse) for key in keys))

    @property
    def _rendered_columns(self) -> list[Any]:
        """The columns that ``_render`` reads: the document, and the words to highlight."""
        texts = self.collection.texts
        # SQLite stores UTF-8. As a blob it needs no decoding and encoding.
        is_sqlite = self.snapshot.dialect == "sqlite"
        columns = [cast(texts.document, LargeBinary) if is_sqlite else texts.document]
        if self.text_query is not None:
            columns.append(texts.stems)
            if self.collection.body is not None:
                columns.append(self.collection.body)
        return columns

    def _documents(self, keys: Sequence[int]) -> list[bytes]:
        """Return the documents of some items, in the order of the keys."""
        if not keys:
            return []
        key = self.collection.texts.key
        rows = self.snapshot.rows(
            (self.collection.name, "documents", len(keys), len(self._rendered_columns)),
            lambda: select(key, *self._rendered_columns).where(
                key.in_(bound_parameters("k", keys))
            ),
            parameter_values("k", keys),
        )
        # With ranking the order is one key, so the rows have the layout of a page's rows.
        documents = {row[0]: self._render(row) for row in rows}
        return [documents[key] for key in keys]

    def _render(self, row: Sequence[Any]) -> bytes:
        """Return a row's document, with its match if there is full text.

        Args:
            row: the values of the order, then those of ``_rendered_columns``.
        """
        text, *searched = row[len(self.order) :]
        document: bytes = text if isinstance(text, bytes) else text.encode()
        if self.text_query is None:
            return document
        kind, content = self.collection.kind, json.loads(document)
        stems, *body = searched
        aliases = self.snapshot.vocabulary.aliases
        match = highlight.highlight(
            self.text_query,
            self.collection.search_fields,
            stems,
            lambda field: searchable_text(kind, field, content, aliases, *body),
        )
        return highlight.with_highlight(document, match)

    def _decode(self, cursor: str | None, types: Sequence[type]) -> Cursor | None:
        if cursor is None:
            return None
        return Cursor.decode(cursor, self.snapshot.version, self.digest, types)

    def _encode(self, direction: Literal["next", "prev"], values: Sequence[Any]) -> str:
        return Cursor(self.snapshot.version, self.digest, direction, values).encode()
