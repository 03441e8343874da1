"""What a resource's file declares: its table and the ways to filter, sort and count it; the SQL follows from that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, exists, func, literal, select

from app import search
from app.query import Column, DatedFilters, Filters, Keys, Resolver, ThemedFilters, where_any
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

    def matches(self, table: Any, values: Sequence[Any], *, narrower: bool) -> ColumnElement[bool]:
        """Return the condition that a row of the items' table has any of some values."""
        if self.item is None:
            return self.value.in_(values)
        # EXISTS, never a join: a join on a link table repeats rows and inflates counts.
        linked = select(literal(1)).where(self.item == table.key, self.value.in_(values), *self.coded(narrower=narrower))
        # The link table is always this condition's own, also where what is counted is joined to the same one.
        return exists(linked.correlate(table))

    def coded(self, *, narrower: bool) -> list[ColumnElement[bool]]:
        """Return the condition on the link table, if any, that leaves out what only something narrower was coded with."""
        return [] if narrower or self.direct is None else [self.direct.is_(True)]


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

    def conditions(self, query: Filters, resolver: Resolver) -> list[ColumnElement[bool]]:
        """Return the query's filters as SQL conditions on the table.

        Raises:
            Problem: an unknown value, or too much asked for at once.
        """
        clauses = where_any(resolver.ids(self.table, query.id), self.table.key.in_)
        narrower = with_narrower(query)
        for name, dimension in self.dimensions.items():

            def matches(values: Sequence[Any], dimension: Dimension = dimension) -> ColumnElement[bool]:
                return dimension.matches(self.table, values, narrower=narrower)

            clauses += where_any(dimension.resolve(name, query, resolver), matches)
        if isinstance(query, DatedFilters):
            clauses += resolver.published(query, self.table)
        if query.q is not None:
            resolver.applied["q"] = [query.q]
            clauses.append(search.matching(search.parse(query.q), self.table, resolver.reading.dialect))
        if not narrower:
            resolver.applied["narrower"] = ["false"]
        resolver.check()
        return clauses

    def counting(
        self, dimensions: Sequence[Dimension], conditions: Sequence[ColumnElement[bool]], *, narrower: bool
    ) -> Select[Any]:
        """Return the statement that counts the items that meet some conditions by one or two dimensions.

        Its rows hold a value of each dimension and the number of items with it, each item once. Where a theme or place covers
        narrower ones, an item with two of these counts once.
        """
        counted: Any = func.count()
        if any(dimension.repeated for dimension in dimensions):
            counted = func.count(distinct(self.table.key))
        statement = select(*(dimension.value for dimension in dimensions), counted).select_from(self.table)
        for dimension in dimensions:
            if dimension.item is not None:
                link = dimension.item.class_
                statement = statement.join(link, dimension.item == self.table.key).where(*dimension.coded(narrower=narrower))
        return statement.where(*conditions).group_by(*(dimension.value for dimension in dimensions))


def with_narrower(query: Filters) -> bool:
    """Tell whether a query's themes and places cover everything narrower."""
    return not isinstance(query, ThemedFilters) or query.narrower == "true"
