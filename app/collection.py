"""What a resource's file declares: its table and the ways to filter, sort and count it; the SQL follows from that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, exists, func, literal, select
from sqlalchemy.orm import aliased

from app import search
from app.db import Reading
from app.parameters import DatedFilters, Filters, ThemedFilters
from app.query import Column, Keys, Resolver, where_any
from app.schemas import Shape

YEARS = "years"


@dataclass(frozen=True)
class Dimension:
    """One property of a collection's items: a filter, a facet, a way to count.

    Args:
        values: the vocabulary its values come from (`themes`, `places`, `actors`, `publishers`, `articles`), `years`, or a
            closed list: from each value's name to what is stored.
        value: the column that holds the value: of the item's own table or of a link table.
        item: the link table's column with the item's key; None where the item itself holds its one value.
        direct: the link table's column that marks what was coded itself; None where values have no hierarchy.
        repeated: whether an item may be linked to one value more than once.
        sparse: whether a table of counts leaves out values that no item has at all, as of hundreds of actors.
    """

    values: str | Mapping[str, Any]
    value: Column
    item: Column | None = None
    direct: Column | None = None
    repeated: bool = False
    sparse: bool = False

    def resolve(self, name: str, query: Filters, resolver: Resolver) -> list[Keys]:
        """Return what the query's filter of this name asks for; collects unknown values in the resolver."""
        occurrences: Sequence[str] = getattr(query, name)
        if self.values == YEARS:
            return resolver.years(name, occurrences)
        if isinstance(self.values, str):
            return resolver.names(name, occurrences, self.values, narrower=self.direct is not None and with_narrower(query))
        found = resolver.choices(name, occurrences, self.values)
        return [Keys([self.values[v] for v in keys.any_of], [self.values[v] for v in keys.none_of]) for keys in found]

    def matches(self, key: Column, values: Sequence[Any], *, narrower: bool) -> ColumnElement[bool]:
        """Return the condition that the item with this key has any of some values."""
        if self.item is None:
            return self.value.in_(values)
        # EXISTS, never a join: a join on a link table repeats rows and inflates counts.
        linked = select(literal(1)).where(self.item == key, self.value.in_(values), *self.coded(narrower=narrower))
        # The link table is always this condition's own, also where what is counted is joined to the same one.
        return exists(linked.correlate_except(self.item.class_))

    def coded(self, *, narrower: bool) -> list[ColumnElement[bool]]:
        """Return the condition on the link table, if any, that leaves out what only something narrower was coded with."""
        return [] if narrower or self.direct is None else [self.direct.is_(True)]


@dataclass(frozen=True)
class Selection:
    """Which items of a collection are asked for, as SQL.

    A filter on one value of a link table leads: its index gives the items in the order of their keys, and nothing else is read.
    All other conditions are asked of its items.

    Args:
        table: the items' table.
        clauses: the conditions, on ``key``.
        link: the leading link table, an alias; None where nothing leads.
        key: the column that holds the items' keys.
        needs_item: whether a condition reads the items' own columns.
    """

    table: Any
    clauses: Sequence[ColumnElement[bool]]
    link: Any
    key: Any
    needs_item: bool

    def rows(self, *columns: Any) -> Select[Any]:
        """Return the statement that selects columns of the items."""
        statement = select(*columns).select_from(self.table if self.link is None else self.link)
        if self.link is not None:
            statement = statement.join(self.table, self.table.key == self.key)
        return statement.where(*self.clauses)

    def count(self, *dimensions: Dimension, narrower: bool = True) -> Select[Any]:
        """Return the statement that counts the items, in all or by one or two dimensions.

        Its rows hold a value of each dimension and the number of items with it, each item once. Where a theme or place covers
        narrower ones, an item with two of these counts once. The items' own table is read only where something is asked of it.
        """
        values, extra, reads_item = [], [], self.needs_item
        sources = [] if self.link is None else [(self.link, self.key)]
        for dimension in dimensions:
            if dimension.item is None:
                values.append(dimension.value)
                reads_item = True
                continue
            link = aliased(dimension.item.class_)
            values.append(getattr(link, dimension.value.key))
            sources.append((link, getattr(link, dimension.item.key)))
            if dimension.direct is not None and not narrower:
                extra.append(getattr(link, dimension.direct.key).is_(True))
        if reads_item or not sources or (self.link is None and self.clauses):
            sources.insert(0 if self.link is None else 1, (self.table, self.table.key))
        (first, key), *others = sources
        counted: Any = func.count(distinct(key)) if any(dimension.repeated for dimension in dimensions) else func.count()
        statement = select(*values, counted).select_from(first)
        for source, source_key in others:
            statement = statement.join(source, source_key == key)
        return statement.where(*self.clauses, *extra).group_by(*values)


@dataclass(frozen=True)
class Collection:
    """One resource: a list, its items, its counts.

    Args:
        name: its path without the slash.
        table: the table of its items, with ``key``, ``id``, ``document``, ``stems`` and ``lexemes``.
        shape: what an item looks like.
        sorts: the documented sort keys and their columns.
        dimensions: by the name of the filter.
        text: a column that full text searches and the document does not hold.
    """

    name: str
    table: Any
    shape: type[Shape]
    sorts: Mapping[str, Column]
    dimensions: Mapping[str, Dimension]
    text: Column | None = None

    @property
    def kind(self) -> str:
        """The name of the items' table, in the singular."""
        return str(self.table.__tablename__)

    def select(self, query: Filters, resolver: Resolver) -> Selection:
        """Return what a query's filters select.

        Raises:
            Problem: an unknown value, or too much asked for at once.
        """
        table, narrower = self.table, with_narrower(query)
        ids = resolver.ids(table, query.id)
        resolved = [
            (dimension, keys) for name, dimension in self.dimensions.items() for keys in dimension.resolve(name, query, resolver)
        ]
        dates = resolver.published(query, table) if isinstance(query, DatedFilters) else []
        if query.q is not None:
            resolver.applied["q"] = [query.q]
        if not narrower:
            resolver.applied["narrower"] = ["false"]
        resolver.check()
        # Full text leads by itself: what it finds is few, or counted in any case.
        leading = None if query.q is not None else self._leading(resolver.reading, resolved, narrower=narrower)
        clauses: list[ColumnElement[bool]] = []
        link, key = None, table.key
        if leading is not None:
            dimension, item, value = leading
            link = aliased(item.class_)
            key = getattr(link, item.key)
            clauses.append(getattr(link, dimension.value.key) == value)
            if dimension.direct is not None and not narrower:
                clauses.append(getattr(link, dimension.direct.key).is_(True))
        for dimension, keys in resolved:
            if leading is not None and dimension is leading[0] and keys.any_of == [leading[2]] and not keys.none_of:
                continue

            def matches(values: Sequence[Any], dimension: Dimension = dimension) -> ColumnElement[bool]:
                return dimension.matches(key, values, narrower=narrower)

            clauses += where_any([keys], matches)
        clauses += [*where_any(ids, key.in_), *dates]
        if query.q is not None:
            clauses.append(search.matching(search.parse(query.q), table, resolver.reading.dialect))
        needs_item = bool(dates) or any(dimension.item is None for dimension, _ in resolved)
        return Selection(table, clauses, link, key, needs_item)

    def _leading(
        self,
        reading: Reading,
        resolved: Sequence[tuple[Dimension, Keys]],
        *,
        narrower: bool,
    ) -> tuple[Dimension, Any, Any] | None:
        """Return the condition on one value of a link table with the fewest items, if there is any."""
        candidates = [
            (dimension, dimension.item, keys.any_of[0])
            for dimension, keys in resolved
            if dimension.item is not None and not dimension.repeated and len(keys.any_of) == 1 and not keys.none_of
        ]
        if len(candidates) < 2:
            return candidates[0] if candidates else None

        def size(candidate: tuple[Dimension, Any, Any]) -> int:
            dimension, _, value = candidate
            statement = select(func.count()).where(dimension.value == value, *dimension.coded(narrower=narrower))
            return reading.memory.remembered(
                ("size", str(dimension.value), value, narrower),
                lambda: int(reading.session.execute(statement).scalar_one()),
            )

        return min(candidates, key=size)


def with_narrower(query: Filters) -> bool:
    """Tell whether a query's themes and places cover everything narrower."""
    return not isinstance(query, ThemedFilters) or query.narrower == "true"
