"""The counts made when the data was published, and a cache of later ones."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlmodel import col

from app.models import Count

NOT_HELD = "article"
"""The dimension whose values grow with the corpus: its counts are looked up, not held in memory."""
MAX_CACHED_COUNTS = 100_000
"""Numbers in the cache, some hundred bytes each."""

Result = TypeVar("Result")


class PrecomputedCounts:
    """The counts made when a version was published.

    Args:
        counts: the number of items with each value, by collection, dimension and whether items
            with a narrower value are included; items without any value are counted under the
            empty string.
    """

    def __init__(self, counts: Mapping[tuple[str, str, bool], Mapping[str, int]]) -> None:
        self._counts = counts

    def total(self, collection: str) -> int:
        """Return how many items a collection has."""
        return self._counts.get((collection, "", True), {}).get("", 0)

    def number(self, collection: str, dimension: str, value: Any, *, narrower: bool) -> int | None:
        """Return how many items have a value; None if that is not precomputed."""
        counts = self._counts.get((collection, dimension, narrower))
        return None if counts is None else counts.get(str(value), 0)

    def numbers(
        self, collection: str, dimension: str, *, narrower: bool
    ) -> Mapping[str, int] | None:
        """Return how many items have each value; None if that is not precomputed."""
        return self._counts.get((collection, dimension, narrower))


def load_counts(connection: Connection) -> PrecomputedCounts:
    """Read the counts of the published version."""
    counts: dict[tuple[str, str, bool], dict[str, int]] = defaultdict(dict)
    for count in connection.execute(select(Count).where(col(Count.dimension) != NOT_HELD)):
        counts[count.collection, count.dimension, count.narrower][count.value] = count.number
    return PrecomputedCounts(counts)


class CountCache:
    """Counts made on one version: bounded, and emptied when it is full."""

    def __init__(self) -> None:
        self._results: dict[Hashable, Any] = {}
        self._size = 0

    def get_or_compute(
        self,
        key: Hashable,
        compute: Callable[[], Result],
        size: Callable[[Result], int] | None = None,
    ) -> Result:
        """Return a cached result, or compute and store it.

        Args:
            key: what is counted.
            compute: returns a number, or a mapping of numbers.
            size: returns the size of any other result, in numbers.
        """
        if key in self._results:
            cached: Result = self._results[key]
            return cached
        result = compute()
        numbers = size(result) if size else len(result) if isinstance(result, Mapping) else 1
        numbers += 2  # the key has a size too
        if self._size + numbers > MAX_CACHED_COUNTS:
            self._results, self._size = {}, 0
        if numbers <= MAX_CACHED_COUNTS // 10:
            self._results[key] = result
            self._size += numbers
        return result
