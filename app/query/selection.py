"""The filters of one request as SQL."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    distinct,
    exists,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from app.database.counts import PrecomputedCounts
from app.query.collection import Collection, Dimension, SqlColumn
from app.query.filters import FilterKeys, Resolver
from app.query.parameters import DatedFilters, Filters
from app.query.search import matching


class Condition(NamedTuple):
    """One condition on a dimension: any of some stored values, and none of some others."""

    name: str
    any_of: Sequence[Any]
    none_of: Sequence[Any]

    @property
    def is_single(self) -> bool:
        """Whether the condition is one value."""
        return len(self.any_of) == 1 and not self.none_of


def bound_parameters(prefix: str, values: Sequence[Any]) -> list[Any]:
    """Return a parameter for each value, named ``prefix0``, ``prefix1`` and so on."""
    return [bindparam(f"{prefix}{number}") for number in range(len(values))]


def parameter_values(prefix: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return the values of ``bound_parameters`` by name."""
    return {f"{prefix}{number}": value for number, value in enumerate(values)}


@dataclass(frozen=True)
class Selection:
    """The filters of one request, compiled to SQL on demand.

    The statements hold named parameters, so that requests with filters of the same kind share
    one statement; ``values`` has the values of this request.

    A filter on one value of a link table drives the statement: the index of the link table gives
    the items in the order of their keys, and no other row is read. All other conditions are
    checked for each of these items.

    Args:
        collection: the collection whose items are selected.
        dialect: `sqlite` or `postgresql`.
        conditions: the filters on dimensions.
        ids: the filters on `id`, as keys.
        dates: the first and the last day of publication, by the name of the query parameter.
        narrower: whether a theme or place includes everything narrower.
        text: the full-text query.
        driving: the position of the condition that drives the statement. None if full text or
            the items' own table does.
    """

    collection: Collection
    dialect: str
    conditions: Sequence[Condition] = ()
    ids: Sequence[FilterKeys] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    narrower: bool = True
    text: matching.TextQuery | None = None
    driving: int | None = None

    @property
    def is_unfiltered(self) -> bool:
        """Whether all items are selected."""
        return not (self.conditions or self.ids or self.dates or self.text)

    def statement_key(self, *purpose: Hashable) -> Hashable:
        """Return a key that is equal for equal statements, for ``Snapshot.rows``.

        Args:
            purpose: what distinguishes several statements of one selection.

        Returns:
            None if full text makes too many different statements to cache them.
        """
        text = self.text and matching.statement_key(self.text, self.dialect)
        if self.text is not None and text is None:
            return None
        return (
            purpose,
            self.collection.name,
            tuple((name, len(any_of), len(none_of)) for name, any_of, none_of in self.conditions),
            tuple((len(keys.any_of), len(keys.none_of)) for keys in self.ids),
            tuple(self.dates),
            self.narrower,
            self.driving,
            text,
        )

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The values of the parameters in the statements."""
        values = dict[str, Any](self.dates)
        if self.text is not None:
            values |= matching.parameter_values(self.text, self.dialect)
        for number, condition in enumerate(self.conditions):
            values |= parameter_values(f"c{number}a", condition.any_of)
            values |= parameter_values(f"c{number}n", condition.none_of)
        for number, keys in enumerate(self.ids):
            values |= parameter_values(f"i{number}a", keys.any_of)
            values |= parameter_values(f"i{number}n", keys.none_of)
        return values

    def _dimension(self, condition: Condition) -> Dimension:
        return self.collection.dimensions[condition.name]

    @cached_property
    def _driving_source(self) -> matching.ItemSource | None:
        """The full-text index or link table that drives. None if the items' own table does."""
        if self.text is not None:
            return matching.item_source(
                self.text, self.collection.table, self.collection.texts, self.dialect
            )
        if self.driving is None:
            return None
        dimension: Any = self._dimension(self.conditions[self.driving])
        link = aliased(dimension.item_key.class_)
        condition = getattr(link, dimension.value.key) == bindparam(f"c{self.driving}a0")
        if dimension.has_hierarchy and not self.narrower:
            condition = and_(condition, getattr(link, dimension.coded_directly.key).is_(True))
        return matching.ItemSource(link, getattr(link, dimension.item_key.key), condition)

    def driving_column(self, column: SqlColumn) -> SqlColumn:
        """Return a column of the items' own table, or its copy in the driving link table."""
        name: str | None = getattr(column, "key", None)  # an expression has none
        if name is None or self.driving is None or self._driving_source is None:
            return column
        return getattr(self._driving_source.table, name, column)

    @cached_property
    def key(self) -> Any:
        """The column with the items' keys."""
        source = self._driving_source
        return self.collection.table.key if source is None else source.key

    def _tables(self, *, item: bool, texts: bool) -> list[tuple[Any, Any]]:
        """Return the tables to join, the driving one first, each with its column of item keys."""
        collection, source = self.collection, self._driving_source
        if source is None:
            tables = [(collection.table, collection.table.key)]
        else:
            tables = [(source.table, source.key)]
            if (item or self._needs_item) and source.table is not collection.table:
                tables.append((collection.table, collection.table.key))
        if texts and tables[0][0] is not collection.texts:
            tables.append((collection.texts, collection.texts.key))
        return tables

    def _join(self, statement: Select[Any], tables: Sequence[tuple[Any, Any]]) -> Select[Any]:
        """Join tables on the items' key, so that each is looked up by the key of the first one.

        SQLite's planner may start from a large link table to avoid sorting, which takes twenty
        times as long. A unary plus keeps it from using the index of the first table's key and
        changes nothing else (sqlite.org/optoverview.html, "Disqualifying WHERE Clause Terms").
        """
        (first, key), *others = tables
        if self.dialect == "sqlite":
            key = UnaryExpression(key, operator=custom_op("+"), type_=key.type)
        statement = statement.select_from(first)
        for table, table_key in others:
            statement = statement.join(table, table_key == key)
        return statement

    @cached_property
    def _clauses(self) -> Sequence[ColumnElement[bool]]:
        source, table = self._driving_source, self.collection.table
        clauses = [] if source is None else [source.condition]
        for number, condition in enumerate(self.conditions):
            if number == self.driving:
                continue
            dimension = self._dimension(condition)
            if condition.any_of:
                values = bound_parameters(f"c{number}a", condition.any_of)
                clauses.append(self._has_any(dimension, values))
            if condition.none_of:
                values = bound_parameters(f"c{number}n", condition.none_of)
                clauses.append(not_(self._has_any(dimension, values)))
        for number, keys in enumerate(self.ids):
            if keys.any_of:
                clauses.append(self.key.in_(bound_parameters(f"i{number}a", keys.any_of)))
            if keys.none_of:
                clauses.append(self.key.not_in(bound_parameters(f"i{number}n", keys.none_of)))
        if "published_from" in self.dates:
            clauses.append(table.published_last >= bindparam("published_from"))
        if "published_to" in self.dates:
            clauses.append(table.published_first <= bindparam("published_to"))
            clauses.append(table.published_first != "")
        return clauses

    def _has_any(self, dimension: Dimension, values: Sequence[Any]) -> ColumnElement[bool]:
        """Return the condition that an item has any of some values."""
        equal: ColumnElement[bool] = (
            dimension.value == values[0] if len(values) == 1 else dimension.value.in_(values)
        )
        if dimension.item_key is None:
            return equal
        if dimension.multi:  # few items are linked: faster to list them than to check each item
            return self.key.in_(select(dimension.item_key).where(equal))  # type: ignore[no-any-return]
        # EXISTS, not a join: a join on a link table repeats rows and inflates counts.
        link = select(literal(1)).where(dimension.item_key == self.key, equal)
        if dimension.coded_directly is not None and not self.narrower:
            link = link.where(dimension.coded_directly.is_(True))
        # The subquery has its own link table, even if a count joins the same one.
        return exists(link.correlate_except(dimension.item_key.class_))

    @cached_property
    def _needs_item(self) -> bool:
        """Whether a condition reads the items' own table."""
        return bool(self.dates) or any(
            self._dimension(condition).item_key is None for condition in self.conditions
        )

    def rows(self, *columns: Any, item: bool = False, texts: bool = False) -> Select[Any]:
        """Return the statement that selects columns of the items.

        Args:
            columns: the columns.
            item: whether they, or the order, include columns of the items' own table.
            texts: whether they include columns of the table of texts.
        """
        statement = self._join(select(*columns), self._tables(item=item, texts=texts))
        return statement.where(*self._clauses)

    def count(self, *dimensions: Dimension) -> Select[Any]:
        """Return the statement that counts the items, in total or by one or two dimensions.

        Each row has a value of each dimension and the number of items with them. An item counts
        once in each row. The items' own table is joined only if a condition or value needs it.
        """
        values, conditions, links, needs_item = [], [*self._clauses], [], self._needs_item
        dimension: Any
        for dimension in dimensions:
            if dimension.item_key is None:
                values.append(dimension.value)
                needs_item = True
                continue
            link = aliased(dimension.item_key.class_)
            values.append(getattr(link, dimension.value.key))
            links.append((link, getattr(link, dimension.item_key.key)))
            if dimension.coded_directly is not None and not self.narrower:
                conditions.append(getattr(link, dimension.coded_directly.key).is_(True))
        # Without filters the link tables alone have the answer.
        if links and not needs_item and self._driving_source is None and not self._clauses:
            tables = links
        else:
            tables = [*self._tables(item=needs_item, texts=False), *links]
        # Only a link table with repeated links can give an item twice in a row.
        multi = any(dimension.multi for dimension in dimensions)
        number: Any = func.count(distinct(tables[0][1])) if multi else func.count()
        statement = self._join(select(*values, number), tables)
        return statement.where(*conditions).group_by(*values)

    def count_without(self, dimension: Dimension) -> Select[Any]:
        """Return the statement that counts the items without any value of a link table."""
        item_key: Any = dimension.item_key
        link = select(literal(1)).where(item_key == self.key).correlate_except(item_key.class_)
        return self.count().where(not_(link.exists()))


def select_items(collection: Collection, query: Filters, resolver: Resolver) -> Selection:
    """Return the items of a collection that match a request's filters.

    Raises:
        Problem: an unknown value, or too many conditions.
    """
    ids = resolver.resolve_ids(collection.table, query.id) if query.id else []
    conditions = [
        Condition(name, *keys)
        for name, dimension in collection.dimensions.items()
        if getattr(query, name)
        for keys in resolver.resolve(
            name, dimension, getattr(query, name), narrower=query.includes_narrower
        )
    ]
    dates = resolver.resolve_dates(query) if isinstance(query, DatedFilters) else {}
    if query.q is not None:
        resolver.applied["q"] = [query.q]
    if not query.includes_narrower:
        resolver.applied["narrower"] = ["false"]
    resolver.check()
    # Full text drives by itself. So do ids: they select few items.
    driving = None
    if query.q is None and not any(keys.any_of for keys in ids):
        driving = _choose_driving(
            collection, conditions, resolver.snapshot.precomputed, narrower=query.includes_narrower
        )
    return Selection(
        collection,
        resolver.snapshot.dialect,
        conditions,
        ids,
        dates,
        query.includes_narrower,
        None if query.q is None else matching.parse_query(query.q),
        driving,
    )


def _choose_driving(
    collection: Collection,
    conditions: Sequence[Condition],
    precomputed: PrecomputedCounts,
    *,
    narrower: bool,
) -> int | None:
    """Return the position of the single-value condition with the fewest items.

    Returns:
        None if there is no such condition, or if its value is in the items' own table.
    """
    sizes = {
        position: collection.precomputed_count(
            precomputed, condition.name, condition.any_of[0], narrower=narrower
        )
        or 0
        for position, condition in enumerate(conditions)
        if condition.is_single and not collection.dimensions[condition.name].multi
    }
    if not sizes:
        return None
    smallest = min(sizes, key=sizes.__getitem__)
    if collection.dimensions[conditions[smallest].name].item_key is None:
        return None
    return smallest
