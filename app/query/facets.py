"""Counts: facets beside a list, and tables of one or two dimensions with their zeros."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from fastapi import Request
from pydantic import TypeAdapter
from sqlalchemy import Row

from app.database.snapshot import Snapshot
from app.http.problems import Problem, invalid_param, nearest, suggestion
from app.query import collection
from app.query.collection import YEARS, Dimension, Selection
from app.query.filters import MAX_CONDITIONS
from app.query.links import LinkBuilder, with_value
from app.query.paging import base_url
from app.query.parameters import Filters
from app.query.search.names import fold
from app.schemas import FacetValue, StatsDimension, StatsLinks, StatsMeta, StatsValue

MAX_FACET_VALUES = 100
MAX_CELLS = 20_000
COUNTING_NOTE = (
    "Every cell counts items, each once. An item with several values of a dimension counts under each of them, and under "
    "everything broader than its themes and places (with narrower=false under its own values alone), so cells and rows may add up "
    "to more than the total; `without` counts those that have no value of a dimension."
)


class Countable(Protocol):
    """What is counted: a list as it was asked for (``listing.Listing``)."""

    @property
    def collection(self) -> collection.Collection: ...
    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def query(self) -> Filters: ...
    @property
    def selection(self) -> Selection: ...
    @property
    def identity(self) -> str: ...
    @property
    def applied(self) -> dict[str, list[str]]: ...
    @property
    def resolved(self) -> int: ...
    @property
    def total(self) -> int: ...
    def counted(self, *names: str) -> Sequence[Row[Any]]: ...
    def count_without(self, name: str) -> int: ...


def value_labels(
    dimension: Dimension, snapshot: Snapshot, keys: Collection[Any] | None = None
) -> Mapping[Any, tuple[str, str]]:
    """Return what a filter takes and what is shown for some stored values of a dimension, or for all, in their order.

    What is stored for no value, such as the year of what is not dated, is left out.
    """
    if isinstance(dimension.values, str) and dimension.values != YEARS:
        return snapshot.names(dimension.values).described(keys)
    if dimension.values == YEARS:
        known: Mapping[Any, str] = {str(year): str(year) for year in snapshot.vocabulary.years}
    else:
        known = {value: name for name, value in dimension.values.items()}  # type: ignore[union-attr]
    wanted = None if keys is None else set(keys)
    return {key: (name, name) for key, name in known.items() if wanted is None or key in wanted}


def parse_dimensions(parameter: str, value: str, known: Sequence[str], most: int) -> list[str]:
    """Return the dimensions that a parameter names.

    Raises:
        Problem: an unknown, repeated or further one than there may be.
    """
    names = [part.strip() for part in value.split(",")]
    valid = ", ".join(known) or "none"
    errors = []
    for name in dict.fromkeys(names):
        if name not in known:
            guesses = nearest(name[:64].casefold(), {dimension: dimension for dimension in known})
            errors.append(
                invalid_param(parameter, name, "nothing is counted by this here.", guesses, valid)
            )
        elif names.count(name) > 1:
            errors.append(invalid_param(parameter, name, "is given twice.", valid=valid))
    if len(names) > most and not errors:
        errors.append(
            invalid_param(parameter, value, f"takes at most {most} of: {valid}.", valid=valid)
        )
    if errors:
        detail = " ".join(
            f"{parameter}: '{error.value}' {error.message}{suggestion(error.did_you_mean)}"
            for error in errors[:3]
        )
        raise Problem("unknown-value", detail, errors)
    return names


def _linker(request: Request, listing: Countable, left_out: set[str], links: int) -> LinkBuilder:
    """Return what makes the links of an answer on a list."""

    def key_of(name: str, value: str) -> Any:
        dimension = listing.collection.dimensions[name]
        if dimension.values == YEARS:
            return value
        if isinstance(dimension.values, str):
            return listing.snapshot.names(dimension.values).find(value)
        return {fold(known): stored for known, stored in dimension.values.items()}.get(fold(value))

    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in left_out]
    address = f"{base_url(request)}/{listing.collection.name}"
    return LinkBuilder(address, kept, key_of, MAX_CONDITIONS - listing.resolved, links)


class Facets(NamedTuple):
    """Values with their counts, the most frequent first, as JSON; and how many more there are of a facet than are shown."""

    values: dict[str, bytes]
    omitted: dict[str, int]


VALUES = TypeAdapter(list[FacetValue])
LINK_PLACEHOLDER = "\0"
"""Stands in a rendered facet for the address of the list that is asked for, in which most differ alone."""


def count(request: Request, listing: Countable, names: Sequence[str]) -> Facets:
    """Count what a list finds by some of its filters: one statement each."""
    linker = _linker(request, listing, {"cursor"}, len(names) * MAX_FACET_VALUES)
    found, omitted = {}, {}
    for name in names:
        ranked = _ranked_values(listing, name)
        if ranked.omitted:
            omitted[name] = ranked.omitted
        prefix = linker.prefix(name)
        if getattr(listing.query, name) or prefix is None:
            found[name] = VALUES.dump_json(list(_values(listing, name, ranked, linker, prefix)))
        else:
            found[name] = ranked.rendered.replace(b'"link":"\\u0000', b'"link":"' + prefix.encode())
    return Facets(found, omitted)


def _values(
    listing: Countable,
    name: str,
    ranked: "RankedValues",
    linker: LinkBuilder | None,
    prefix: str | None,
) -> Iterator[FacetValue]:
    """Give the values of a facet; without a linker none is taken to be selected."""
    entries = value_labels(
        listing.collection.dimensions[name], listing.snapshot, [key for key, _ in ranked.shown]
    )
    for key, number in ranked.shown:
        slug, label = entries[key]
        taken_away = None if linker is None else linker.without(name, key)
        adding = None if prefix is None else prefix + with_value(name, slug)
        yield FacetValue(
            value=slug,
            label=label,
            count=number,
            selected=taken_away is not None,
            link=taken_away or adding,
        )


class RankedValues(NamedTuple):
    """The most frequent values of a dimension with counts, how many more there are, and the JSON with ``LINK_PLACEHOLDER`` in its links."""

    shown: Sequence[tuple[Any, int]]
    omitted: int
    rendered: bytes

    def size(self) -> int:
        """Return as how many numbers it counts where it is remembered."""
        return len(self.shown) + len(self.rendered) // 100


def _ranked_values(listing: Countable, name: str) -> RankedValues:
    def find() -> RankedValues:
        dimension = listing.collection.dimensions[name]
        numbers = {key: number for (key,), number in _counts(listing, [name]).items() if number}
        # Every article has a title, and there may be many; other dimensions may count what has no value too.
        places = (
            value_labels(dimension, listing.snapshot, numbers)
            if dimension.values != "articles"
            else numbers
        )
        # Values in the order of keys or of their list: those that are equally frequent stay in it.
        rows = sorted(((key, numbers[key]) for key in places), key=lambda row: -row[1])
        ranked = RankedValues(rows[:MAX_FACET_VALUES], max(0, len(rows) - MAX_FACET_VALUES), b"")
        return ranked._replace(
            rendered=VALUES.dump_json(list(_values(listing, name, ranked, None, LINK_PLACEHOLDER)))
        )

    return listing.snapshot.count_cache.get_or_compute(
        ("facet", listing.identity, name, MAX_FACET_VALUES), find, RankedValues.size
    )


class Cell(NamedTuple):
    """A cell of a table of counts: its values and their labels, one for each dimension."""

    values: tuple[str, ...]
    labels: tuple[str, ...]
    number: int
    link: str | None


class Table(NamedTuple):
    """Counts by one or two dimensions; ``cells`` can be gone through once."""

    cells: Iterator[Cell]
    dimensions: list[StatsDimension]
    meta: StatsMeta
    links: StatsLinks


def stats(request: Request, listing: Countable, names: Sequence[str]) -> Table:
    """Count what the filters of a list match by one or two dimensions: every pair of values, zeros included.

    Raises:
        Problem: the table would be too large.
    """
    snapshot = listing.snapshot
    size = prod(_size(listing, name) for name in names)
    if size > MAX_CELLS:
        message = f"the table would have {size} cells; at most {MAX_CELLS} are counted at once."
        raise Problem(
            "invalid-value", f"by: {message}", [invalid_param("by", ",".join(names), message)]
        )
    entries = [_rows_of(listing, name) for name in names]
    linker = _linker(request, listing, {"by", "format"}, size + sum(map(len, entries)))
    counted = _counts(listing, names)
    single = [counted if len(names) == 1 else _counts(listing, [name]) for name in names]
    value_labels = []
    for name, found, numbers in zip(names, entries, single, strict=True):
        prefix = linker.prefix(name)
        values = [
            StatsValue(
                value=slug,
                label=label,
                count=numbers.get((key,), 0),
                link=None if prefix is None else prefix + with_value(name, slug),
            )
            for key, (slug, label) in found.items()
        ]
        value_labels.append(
            StatsDimension(name=name, values=values, without=_without(listing, name, numbers))
        )
    here = urlencode(request.query_params.multi_items())
    return Table(
        _cells(names, entries, counted, linker.prefix(*names)),
        value_labels,
        StatsMeta(
            total=listing.total,
            dataset=snapshot.version,
            applied=listing.applied,
            counted=COUNTING_NOTE,
        ),
        StatsLinks(self=f"{base_url(request)}{request.url.path}?{here}", list=linker.here),
    )


def _cells(
    names: Sequence[str],
    entries: Sequence[Mapping[Any, tuple[str, str]]],
    counted: Mapping[tuple[Any, ...], int],
    prefix: str | None,
) -> Iterator[Cell]:
    # There may be thousands: what is the same for a row or a column is made once.
    rows = [
        [(key, slug, label, with_value(name, slug)) for key, (slug, label) in found.items()]
        for name, found in zip(names, entries, strict=True)
    ]
    for parts in product(*rows):
        keys, values, labels, conditions = zip(*parts, strict=True)
        yield Cell(
            values,
            labels,
            counted.get(keys, 0),
            None if prefix is None else prefix + "&".join(conditions),
        )


def _tallied(listing: Countable, name: str, *, narrower: bool) -> Mapping[str, int] | None:
    """Return how many of all items have each value, as it was counted when the data set was published."""
    hierarchy = listing.collection.dimensions[name].direct is not None
    return listing.snapshot.precomputed.numbers(
        listing.collection.name, name, narrower=narrower or not hierarchy
    )


def _used(listing: Countable, name: str) -> list[Any] | None:
    """Return the values of a sparse dimension that any item has; None for all values, as of any other dimension."""
    dimension = listing.collection.dimensions[name]
    numbers = _tallied(listing, name, narrower=True) if dimension.sparse else None
    return None if numbers is None else [dimension.stored(value) for value in numbers if value]


def _size(listing: Countable, name: str) -> int:
    """Return how many values of a dimension have a row in a table."""
    dimension = listing.collection.dimensions[name]
    used = _used(listing, name)
    if used is not None:
        return len(used)
    if dimension.values == YEARS:
        return len(listing.snapshot.vocabulary.years)
    return len(
        listing.snapshot.names(dimension.values)
        if isinstance(dimension.values, str)
        else dimension.values
    )


def _rows_of(listing: Countable, name: str) -> Mapping[Any, tuple[str, str]]:
    """Return the values of a dimension with a row in a table: all of them, but of a sparse one those that any item has."""
    return value_labels(listing.collection.dimensions[name], listing.snapshot, _used(listing, name))


def _counts(listing: Countable, names: Sequence[str]) -> Mapping[tuple[Any, ...], int]:
    """Return how many items have each value, or each pair of values."""
    dimensions = [listing.collection.dimensions[name] for name in names]
    if len(names) == 1 and listing.selection.unfiltered:
        numbers = _tallied(listing, names[0], narrower=listing.selection.narrower)
        if numbers is not None:
            return {
                (dimensions[0].stored(value),): number for value, number in numbers.items() if value
            }

    def find() -> Mapping[tuple[Any, ...], int]:
        # What was counted before is kept as text, what is counted now comes as it is stored.
        looked_up = listing.selection.has_crosstab(*names)
        by = dimensions[-len(names) :]

        def stored(values: Sequence[Any]) -> tuple[Any, ...]:
            return (
                tuple(dimension.stored(value) for dimension, value in zip(by, values, strict=True))
                if looked_up
                else tuple(values)
            )

        return {stored(row[:-1]): row[-1] for row in listing.counted(*names)}

    return listing.snapshot.count_cache.get_or_compute(("counts", listing.identity, *names), find)


def _without(listing: Countable, name: str, counted: Mapping[tuple[Any, ...], int]) -> int:
    dimension = listing.collection.dimensions[name]
    if (
        dimension.item is None
    ):  # what stands for no value, such as the year of what is not dated, is no entry
        known = value_labels(dimension, listing.snapshot, [key for (key,) in counted])
        return sum(number for (key,), number in counted.items() if key not in known)
    return listing.count_without(name)
