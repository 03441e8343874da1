"""How many items match: in total, by one or two dimensions, and without a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from fastapi import Request
from sqlalchemy import Select, select
from sqlmodel import col

from app.database.lazy import lazy_property
from app.database.snapshot import Snapshot
from app.database.vocabulary import ArticleNames, Names
from app.models import Crosstab
from app.query.collection import Choices, Collection, Dimension
from app.query.filters import Resolver
from app.query.paging import query_digest
from app.query.parameters import Filters
from app.query.selection import (
    Selection,
    bound_parameters,
    parameter_values,
    select_items,
)

Counts = Mapping[tuple[Any, ...], int]
"""Numbers of items by one or two stored values."""


@dataclass(frozen=True)
class FilteredItems:
    """The items of a collection that match the filters of one request.

    A number comes from the database's table of counts where publishing made it. Otherwise it is
    counted, and cached for this data version.

    Args:
        query: the parameters of the request.
        snapshot: the data version, with a connection.
        selection: the filters as SQL.
        applied: what each filter means, for `meta.applied`.
        digest: the ``query_digest`` of the request.
    """

    query: Filters
    snapshot: Snapshot
    selection: Selection
    applied: dict[str, list[str]]
    digest: str

    @classmethod
    def from_query(
        cls, request: Request, snapshot: Snapshot, collection: Collection, query: Filters
    ) -> Self:
        """Resolve the parameters of a request.

        Raises:
            Problem: an unknown value or sort key, or too many conditions.
        """
        resolver = Resolver(snapshot)
        selection = select_items(collection, query, resolver)
        digest = query_digest(request.scope["path"], request.query_params.multi_items())
        return cls(query, snapshot, selection, resolver.applied, digest)

    @property
    def collection(self) -> Collection:
        return self.selection.collection

    def names(self, dimension_name: str) -> Names | ArticleNames | Choices:
        """Return the names of a dimension's values."""
        return self.collection.dimensions[dimension_name].names(self.snapshot)

    @lazy_property
    def total(self) -> int:
        """How many items match."""
        total = self._precomputed_total()
        if total is not None:
            return total
        return self.snapshot.count_cache.get_or_compute(
            ("total", self.digest), lambda: next((row[0] for row in self._count_rows()), 0)
        )

    def _precomputed_total(self) -> int | None:
        """Return the total if the filters are one value of a dimension, or none at all."""
        selection = self.selection
        total = self.snapshot.precomputed.total(self.collection.name)
        if selection.is_unfiltered:
            return total
        if selection.ids or selection.dates or selection.text or len(selection.conditions) > 1:
            return None
        (condition,) = selection.conditions
        if len(condition.any_of) + len(condition.none_of) > 1:
            return None
        number = self.collection.precomputed_count(
            self.snapshot.precomputed,
            condition.name,
            [*condition.any_of, *condition.none_of][0],
            narrower=selection.narrower,
        )
        return number if number is None or condition.any_of else total - number

    def _precomputed_counts(self, name: str, *, narrower: bool) -> Mapping[str, int] | None:
        """Return how many of all items have each value of a dimension, by the value's text."""
        # Counts of values without a hierarchy are stored as with narrower ones.
        narrower = narrower or not self.collection.dimensions[name].has_hierarchy
        return self.snapshot.precomputed.numbers(self.collection.name, name, narrower=narrower)

    def counts(self, *names: str) -> Counts:
        """Return how many items have each value of a dimension, or each pair of values.

        Values without items may be missing. Values that mean "unknown" may be included.
        """
        if len(names) == 1 and self.selection.is_unfiltered:
            numbers = self._precomputed_counts(names[0], narrower=self.selection.narrower)
            if numbers is not None:
                stored_value = self.collection.dimensions[names[0]].stored_value
                return {(stored_value(text),): number for text, number in numbers.items() if text}
        return self.snapshot.count_cache.get_or_compute(
            ("counts", self.digest, *names),
            lambda: {tuple(row[:-1]): row[-1] for row in self._count_rows(*names)},
        )

    def used_values(self, name: str) -> list[Any] | None:
        """Return the values of a dimension that any item of the collection has.

        Returns:
            None if publishing did not count them.
        """
        numbers = self._precomputed_counts(name, narrower=True)
        if numbers is None:
            return None
        stored_value = self.collection.dimensions[name].stored_value
        return [stored_value(text) for text in numbers if text]

    def count_without(self, name: str) -> int:
        """Return how many items have no value of a dimension that has a link table."""
        if self.selection.is_unfiltered:
            numbers = self._precomputed_counts(name, narrower=self.selection.narrower)
            if numbers is not None:
                return numbers.get("", 0)
        ((number,),) = self.snapshot.rows(
            self.selection.statement_key("without", name),
            lambda: self.selection.count_without(self.collection.dimensions[name]),
            self.selection.values,
        )
        return int(number)

    def _count_rows(self, *names: str) -> Sequence[Sequence[Any]]:
        """Return rows of stored values, one for each dimension, and the number of items."""
        selection = self.selection
        dimensions = [self.collection.dimensions[name] for name in names]
        if self._has_crosstab(*names):
            rows = self.snapshot.rows(
                selection.statement_key("crosstab", *names),
                lambda: self._crosstab(*names),
                parameter_values("t", [str(any_of[0]) for _, any_of, _ in selection.conditions]),
            )
            return [[*map(Dimension.stored_value, dimensions, row), row[-1]] for row in rows]
        return self.snapshot.rows(
            selection.statement_key("count", *names),
            lambda: selection.count(*dimensions),
            selection.values,
        )

    def _has_crosstab(self, *names: str) -> bool:
        """Return whether publishing counted two values, or one value and a dimension."""
        selection = self.selection
        if selection.ids or selection.dates or selection.text or not selection.narrower:
            return False
        if not all(condition.is_single for condition in selection.conditions):
            return False
        pair = [*(condition.name for condition in selection.conditions), *names]
        return len(pair) == 2 and self.collection.has_crosstab(*pair)

    def _crosstab(self, *names: str) -> Select[Any]:
        """Return the statement that looks up what ``_has_crosstab`` says was counted."""
        conditions = self.selection.conditions
        first, second = [*(condition.name for condition in conditions), *names]
        values: list[Any] = [col(Crosstab.value), col(Crosstab.other_value)]
        known, counted = values[: len(conditions)], values[len(conditions) :]
        parameters = bound_parameters("t", conditions)
        return select(*counted, col(Crosstab.number)).where(
            col(Crosstab.collection) == self.collection.name,
            col(Crosstab.dimension) == first,
            col(Crosstab.other) == second,
            *(value == parameter for value, parameter in zip(known, parameters, strict=True)),
        )
