"""What was counted when the data set was published: totals, and how many items have each value of each dimension."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from app.models import Count

TOO_MANY = "article"
"""The one dimension whose values grow with the corpus: its counts are looked up, not held in memory."""


class PrecomputedCounts:
    """The counts of one data version.

    Args:
        counted: by collection, dimension and whether broader values count too: the number of items with each value.
    """

    def __init__(self, counted: Mapping[tuple[str, str, bool], Mapping[str, int]]) -> None:
        self._counted = counted

    def total(self, collection: str) -> int:
        """Return how many items a collection has."""
        return self._counted.get((collection, "", True), {}).get("", 0)

    def number(self, collection: str, dimension: str, value: Any, *, narrower: bool) -> int | None:
        """Return how many items have a value; None if that was not counted."""
        found = self._counted.get((collection, dimension, narrower))
        return None if found is None else found.get(str(value), 0)

    def numbers(
        self, collection: str, dimension: str, *, narrower: bool
    ) -> Mapping[str, int] | None:
        """Return the number of items with each value, those without any under the empty text; None if that was not counted."""
        return self._counted.get((collection, dimension, narrower))


def load_counts(connection: Connection) -> PrecomputedCounts:
    """Read the counts of the published version."""
    counted: dict[tuple[str, str, bool], dict[str, int]] = defaultdict(dict)
    columns = (
        col(Count.collection),
        col(Count.dimension),
        col(Count.narrower),
        col(Count.value),
        col(Count.number),
    )
    for collection, dimension, narrower, value, number in connection.execute(
        select(*columns).where(columns[1] != TOO_MANY)
    ):
        counted[collection, dimension, narrower][value] = number
    return PrecomputedCounts(counted)
