"""What a resource's file declares: its tables and the ways to filter, sort and count it; the SQL follows from that."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
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
from sqlmodel import col

from app.database.counts import PrecomputedCounts
from app.models import Crosstab
from app.query.filters import Column, Keys, Resolver
from app.query.parameters import DatedFilters, Filters, ThemedFilters
from app.query.search import matching as search
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
        repeated: whether an item may be linked to one value more than once; few items are linked at all.
        sparse: whether a table of counts leaves out values that no item has at all, as of hundreds of actors.
        crossed: whether its values are counted together with those of every other dimension when the data set is published.
    """

    values: str | Mapping[str, Any]
    value: Column
    item: Column | None = None
    direct: Column | None = None
    repeated: bool = False
    sparse: bool = False
    crossed: bool = False

    def resolve(self, name: str, query: Filters, resolver: Resolver) -> list[Keys]:
        """Return what the query's filter of this name asks for; collects unknown values in the resolver."""
        occurrences: Sequence[str] = getattr(query, name)
        if self.values == YEARS:
            return resolver.years(name, occurrences)
        if isinstance(self.values, str):
            return resolver.names(
                name,
                occurrences,
                self.values,
                narrower=self.direct is not None and includes_narrower(query),
            )
        found = resolver.choices(name, occurrences, self.values)
        return [
            Keys([self.values[v] for v in keys.any_of], [self.values[v] for v in keys.none_of])
            for keys in found
        ]

    def matches(self, key: Column, values: Sequence[Any], *, narrower: bool) -> ColumnElement[bool]:
        """Return the condition that the item with this key has any of some values."""
        asked: ColumnElement[bool] = (
            self.value == values[0] if len(values) == 1 else self.value.in_(values)
        )
        if self.item is None:
            return asked
        if self.repeated:  # rare: better looked for than asked of every item
            return key.in_(select(self.item).where(asked))
        # EXISTS, never a join: a join on a link table repeats rows and inflates counts.
        linked = select(literal(1)).where(self.item == key, asked, *self.coded(narrower=narrower))
        # The link table is always this condition's own, also where what is counted is joined to the same one.
        return exists(linked.correlate_except(self.item.class_))

    def coded(self, *, narrower: bool) -> list[ColumnElement[bool]]:
        """Return the condition on the link table, if any, that leaves out what only something narrower was coded with."""
        return [] if narrower or self.direct is None else [self.direct.is_(True)]

    def stored(self, precomputed_count: str) -> Any:
        """Return what is stored for a value as ``models.Count`` writes it."""
        if self.values == YEARS:
            return precomputed_count
        if isinstance(self.values, str):
            return int(precomputed_count)
        return next(value for value in self.values.values() if str(value) == precomputed_count)


class Condition(NamedTuple):
    """One condition of a question: any of some values of a dimension, and none of some others, as they are stored."""

    name: str
    any_of: Sequence[Any]
    none_of: Sequence[Any]

    @property
    def single(self) -> bool:
        """Whether it asks for one value."""
        return len(self.any_of) == 1 and not self.none_of


def parameters(prefix: str, values: Sequence[Any]) -> list[Any]:
    """Return the named parameters of a statement for some values."""
    return [bindparam(f"{prefix}{number}") for number in range(len(values))]


@dataclass(frozen=True)
class Selection:
    """Which items of a collection are asked for: a form, from which the SQL follows, and the values that are put into it.

    A filter on one value of a link table leads: its index gives the items in the order of their keys, and nothing else is read.
    All other conditions are asked of its items.

    Args:
        collection: whose items.
        conditions: what is asked of them.
        ids: any of these keys, and none of those.
        dates: the first and the last day that is asked for, under the names of the parameters.
        narrower: whether themes and places cover everything narrower.
        text: what full text is asked for.
        leading: the position of the condition that leads; None where full text or the items' own table does.
        dialect: `sqlite` or `postgresql`.
    """

    collection: "Collection"
    conditions: Sequence[Condition]
    ids: Sequence[Keys]
    dates: Mapping[str, str]
    narrower: bool
    text: search.TextQuery | None
    leading: int | None
    dialect: str

    @cached_property
    def form(self) -> Hashable:
        """All that the SQL depends on; None where there are more forms than are worth remembering."""
        text = None if self.text is None else search.statement_key(self.text, self.dialect)
        if self.text is not None and text is None:
            return None
        asked = tuple(
            (condition.name, len(condition.any_of), len(condition.none_of))
            for condition in self.conditions
        )
        ids = tuple((len(keys.any_of), len(keys.none_of)) for keys in self.ids)
        return (
            self.collection.name,
            asked,
            ids,
            tuple(self.dates),
            self.narrower,
            self.leading,
            text,
        )

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The values of the parameters that ``rows`` and ``count`` name."""
        found = {
            **self.dates,
            **({} if self.text is None else search.bound_values(self.text, self.dialect)),
        }
        asked = [*((f"c{n}", condition[1:]) for n, condition in enumerate(self.conditions))]
        asked += [(f"i{n}", keys) for n, keys in enumerate(self.ids)]
        for prefix, sides in asked:
            for side, values in zip("an", sides, strict=True):
                found |= {f"{prefix}{side}{number}": value for number, value in enumerate(values)}
        return found

    @property
    def crosstab_values(self) -> Mapping[str, str]:
        """The values of the parameters that ``crosstab`` names."""
        return {
            f"t{number}": str(condition.any_of[0])
            for number, condition in enumerate(self.conditions)
        }

    @property
    def unfiltered(self) -> bool:
        """Whether every item is asked for."""
        return not (self.conditions or self.ids or self.dates or self.text)

    @property
    def bounded(self) -> bool:
        """Whether an index leads to a page without passing over more than a page of other items."""
        if self.text is not None or self.dates:
            return False
        if any(keys.any_of for keys in self.ids):
            return True
        if not self.conditions:
            return not self.ids
        (first, *others) = self.conditions
        dimension = self.collection.dimensions[first.name]
        led = not dimension.repeated and (dimension.direct is None or self.narrower)
        return not self.ids and not others and first.single and led

    def precomputed_total(self, precomputed: PrecomputedCounts) -> int | None:
        """Return how many items there are, if that was counted when the data set was published."""
        total = precomputed.total(self.collection.name)
        if self.unfiltered:
            return total
        if self.ids or self.dates or self.text is not None or len(self.conditions) > 1:
            return None
        (condition,) = self.conditions
        if len(condition.any_of) + len(condition.none_of) > 1:
            return None
        number = self.collection.precomputed_count(
            precomputed,
            condition.name,
            [*condition.any_of, *condition.none_of][0],
            narrower=self.narrower,
        )
        return number if number is None or condition.any_of else total - number

    def _dimension(self, position: int) -> Any:
        return self.collection.dimensions[self.conditions[position].name]

    def has_crosstab(self, *names: str) -> bool:
        """Whether a ``models.Crosstab`` holds what is asked for by these dimensions: of two values, or of one and a dimension."""
        asked = [condition.name for condition in self.conditions]
        single = all(condition.single for condition in self.conditions) and self.narrower
        if (
            self.ids
            or self.dates
            or self.text is not None
            or not single
            or len(asked) + len(names) != 2
        ):
            return False
        return self.collection.are_counted_together(*asked, *names)

    def crosstab(self, *names: str) -> Select[Any]:
        """Return the statement that looks up what ``count`` would count, where ``has_crosstab`` says that it was counted."""
        pairs: list[tuple[str, Any]] = [
            (asked.name, bindparam(f"t{number}")) for number, asked in enumerate(self.conditions)
        ]
        pairs += [(name, None) for name in names]
        columns = (
            (col(Crosstab.dimension), col(Crosstab.value)),
            (col(Crosstab.other), col(Crosstab.other_value)),
        )
        counted = [
            held for (_, held), (_, value) in zip(columns, pairs, strict=True) if value is None
        ]
        selected: list[Any] = [*counted, col(Crosstab.number)]
        statement: Select[Any] = select(*selected).where(
            col(Crosstab.collection) == self.collection.name
        )
        for (dimension, held), (name, value) in zip(columns, pairs, strict=True):
            statement = statement.where(
                dimension == name, *([] if value is None else [held == value])
            )
        return statement

    @cached_property
    def _lead(self) -> search.Source | None:
        """What leads: full text or a link table; None where the items' own table does."""
        if self.text is not None:
            return search.source(
                self.text, self.collection.table, self.collection.texts, self.dialect
            )
        if self.leading is None:
            return None
        dimension = self._dimension(self.leading)
        link = aliased(dimension.item.class_)
        asked = getattr(link, dimension.value.key) == bindparam(f"c{self.leading}a0")
        if dimension.direct is not None and not self.narrower:
            asked = and_(asked, getattr(link, dimension.direct.key).is_(True))
        return search.Source(link, getattr(link, dimension.item.key), asked)

    def column(self, column: Any) -> Any:
        """Return a column of the items' own table, or the same one of what leads, if that holds it too."""
        name: str | None = getattr(column, "key", None)  # an expression has none
        if name is None or self.leading is None or self._lead is None:
            return column
        return getattr(self._lead.table, name, column)

    @cached_property
    def key(self) -> Any:
        """The column that holds the items' keys."""
        return self.collection.table.key if self._lead is None else self._lead.key

    def _from(self, *, item: bool, texts: bool) -> list[tuple[Any, Any]]:
        """Return the tables that hold the items, what leads first, each with its column of their keys."""
        table, words = self.collection.table, self.collection.texts
        sources = [] if self._lead is None else [(self._lead.table, self._lead.key)]
        if (item or self._needs_item or not sources) and (
            not sources or sources[0][0] is not table
        ):
            sources.append((table, table.key))
        if texts and sources[0][0] is not words:
            sources.append((words, words.key))
        return sources

    def _without_index(self, key: Any) -> Any:
        """Return a key such that whatever is joined to it is looked up by it, and never the other way round.

        SQLite's planner may go through all links to save itself a sorting, which takes twenty times as long; a unary plus, which
        changes nothing, keeps it from using this side's index (sqlite.org/optoverview.html, "Disqualifying WHERE Clause Terms").
        """
        return (
            key
            if self.dialect == "postgresql"
            else UnaryExpression(key, operator=custom_op("+"), type_=key.type)
        )

    @cached_property
    def _clauses(self) -> Sequence[ColumnElement[bool]]:
        table = self.collection.table
        clauses = [] if self._lead is None else [self._lead.condition]
        for number, condition in enumerate(self.conditions):
            dimension = self._dimension(number)
            if number == self.leading:
                continue
            if condition.any_of:
                asked = parameters(f"c{number}a", condition.any_of)
                clauses.append(dimension.matches(self.key, asked, narrower=self.narrower))
            if condition.none_of:
                asked = parameters(f"c{number}n", condition.none_of)
                clauses.append(not_(dimension.matches(self.key, asked, narrower=self.narrower)))
        for number, keys in enumerate(self.ids):
            if keys.any_of:
                clauses.append(self.key.in_(parameters(f"i{number}a", keys.any_of)))
            if keys.none_of:
                clauses.append(self.key.not_in(parameters(f"i{number}n", keys.none_of)))
        if "published_from" in self.dates:
            clauses.append(table.published_last >= bindparam("published_from"))
        if "published_to" in self.dates:
            clauses += [
                table.published_first <= bindparam("published_to"),
                table.published_first != "",
            ]
        return clauses

    @cached_property
    def _needs_item(self) -> bool:
        """Whether a condition reads the items' own columns."""
        return bool(self.dates) or any(
            self._dimension(n).item is None for n in range(len(self.conditions))
        )

    def rows(self, *columns: Any, item: bool = False, texts: bool = False) -> Select[Any]:
        """Return the statement that selects columns of the items.

        Args:
            columns: what is selected.
            item: whether it, or the order, takes columns of the items' own table.
            texts: whether it takes columns of the table with their texts.
        """
        (first, key), *others = self._from(item=item, texts=texts)
        statement = select(*columns).select_from(first)
        for source, source_key in others:
            statement = statement.join(source, source_key == self._without_index(key))
        return statement.where(*self._clauses)

    def count(self, *dimensions: Dimension) -> Select[Any]:
        """Return the statement that counts the items, in all or by one or two dimensions.

        Its rows hold a value of each dimension and the number of items with it, each item once. Where a theme or place covers
        narrower ones, an item with two of these counts once. The items' own table is read only where something is asked of it.
        """
        values, extra, links, reads_item = [], [], [], self._needs_item
        for dimension in dimensions:
            if dimension.item is None:
                values.append(dimension.value)
                reads_item = True
                continue
            link = aliased(dimension.item.class_)
            values.append(getattr(link, dimension.value.key))
            links.append((link, getattr(link, dimension.item.key)))
            if dimension.direct is not None and not self.narrower:
                extra.append(getattr(link, dimension.direct.key).is_(True))
        # A link table alone tells how many items there are of each value: each of them is an item.
        alone = self._lead is None and not self._clauses and not reads_item and bool(links)
        (first, key), *others = [
            *([] if alone else self._from(item=reads_item, texts=False)),
            *links,
        ]
        counted: Any = (
            func.count(distinct(key))
            if any(dimension.repeated for dimension in dimensions)
            else func.count()
        )
        statement = select(*values, counted).select_from(first)
        for source, source_key in others:
            statement = statement.join(source, source_key == self._without_index(key))
        return statement.where(*self._clauses, *extra).group_by(*values)

    def count_without(self, dimension: Dimension) -> Select[Any]:
        """Return the statement that counts the items that are linked to no value of a dimension."""
        item: Any = dimension.item
        linked = select(literal(1)).where(item == self.key).correlate_except(item.class_)
        return self.count().where(not_(linked.exists()))


@dataclass(frozen=True)
class Collection:
    """One resource: a list, its items, its counts.

    Args:
        name: its path without the slash.
        table: the table of its items, with ``key`` and ``id``, and what is filtered, sorted and counted.
        texts: the table of what is shown and searched: ``models.ItemText``.
        shape: what an item looks like.
        sorts: the documented sort keys and their columns.
        dimensions: by the name of the filter.
        body: a column that full text searches and the document does not hold.
    """

    name: str
    table: Any
    texts: Any
    shape: type[Shape]
    sorts: Mapping[str, Column]
    dimensions: Mapping[str, Dimension]
    body: Column | None = None

    @property
    def kind(self) -> str:
        """The name of the items' table, in the singular."""
        return str(self.table.__tablename__)

    def are_counted_together(self, name: str, other: str) -> bool:
        """Whether items are counted by two dimensions together when the data set is published."""
        one, another = self.dimensions[name], self.dimensions[other]
        return (one.crossed or another.crossed) and "articles" not in (one.values, another.values)

    def precomputed_count(
        self, precomputed: PrecomputedCounts, name: str, value: Any, *, narrower: bool
    ) -> int | None:
        """Return how many items have a value, if that was counted when the data set was published."""
        hierarchy = self.dimensions[name].direct is not None
        return precomputed.number(self.name, name, value, narrower=narrower or not hierarchy)

    def select(self, query: Filters, resolver: Resolver) -> Selection:
        """Return what a query's filters select.

        Raises:
            Problem: an unknown value, or too much asked for at once.
        """
        narrower = includes_narrower(query)
        ids = resolver.ids(self.table, query.id) if query.id else []
        conditions = [
            Condition(name, *keys)
            for name, dimension in self.dimensions.items()
            if getattr(query, name)
            for keys in dimension.resolve(name, query, resolver)
        ]
        dates = resolver.published(query) if isinstance(query, DatedFilters) else {}
        if query.q is not None:
            resolver.applied["q"] = [query.q]
        if not narrower:
            resolver.applied["narrower"] = ["false"]
        resolver.check()
        # Full text leads by itself, and so do ids: what they find is few, or counted in any case.
        led = query.q is not None or any(keys.any_of for keys in ids)
        leading = (
            None
            if led
            else self._leading(resolver.snapshot.precomputed, conditions, narrower=narrower)
        )
        text = None if query.q is None else search.parse_query(query.q)
        return Selection(
            self, conditions, ids, dates, narrower, text, leading, resolver.snapshot.dialect
        )

    def _leading(
        self, precomputed: PrecomputedCounts, conditions: Sequence[Condition], *, narrower: bool
    ) -> int | None:
        """Return the position of the condition on one value with the fewest items, if that value is in a link table."""
        sizes = {
            position: self.precomputed_count(
                precomputed, condition.name, condition.any_of[0], narrower=narrower
            )
            or 0
            for position, condition in enumerate(conditions)
            if condition.single and not self.dimensions[condition.name].repeated
        }
        if not sizes:
            return None
        least = min(sizes, key=lambda position: sizes[position])
        return None if self.dimensions[conditions[least].name].item is None else least


def includes_narrower(query: Filters) -> bool:
    """Tell whether a query's themes and places cover everything narrower."""
    return not isinstance(query, ThemedFilters) or query.narrower == "true"
