"""Counts: facets beside a list, and tables of one or two dimensions with their zeros."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import not_, select

from app.collection import YEARS, Collection, Dimension, Selection, with_narrower
from app.db import Reading
from app.linking import Linker, added
from app.names import fold
from app.paging import base_url
from app.parameters import Filters
from app.problems import Problem, item, meant, nearest
from app.query import MOST_CONDITIONS
from app.schemas import FacetValue, StatsDimension, StatsLinks, StatsMeta, StatsValue

MOST_SHOWN = 100
MOST_CELLS = 20_000
COUNTED = (
    "Every cell counts items, each once. An item with several values of a dimension counts under each of them, and under "
    "everything broader than its themes and places (with narrower=false under its own values alone), so cells and rows may add up "
    "to more than the total; `without` counts those that have no value of a dimension."
)


class Counted(Protocol):
    """What is counted: a list as it was asked for (``listing.Listing``)."""

    @property
    def collection(self) -> Collection: ...
    @property
    def reading(self) -> Reading: ...
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


@dataclass(frozen=True)
class Entries:
    """The values of a dimension: from what is stored to what a filter takes and what is shown."""

    ids: Mapping[Any, str]
    labels: Mapping[Any, str]

    @classmethod
    def of(cls, dimension: Dimension, reading: Reading) -> "Entries":
        if dimension.values == YEARS:
            years = {str(year): str(year) for year in reading.vocabulary.years}
            return cls(years, years)
        if isinstance(dimension.values, str):
            names = getattr(reading.vocabulary, dimension.values)
            return cls(names.ids, names.labels)
        stored = {value: name for name, value in dimension.values.items()}
        return cls(stored, stored)


def asked(parameter: str, value: str, known: Sequence[str], most: int) -> list[str]:
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
            errors.append(item(parameter, name, "nothing is counted by this here.", guesses, valid))
        elif names.count(name) > 1:
            errors.append(item(parameter, name, "is given twice.", valid=valid))
    if len(names) > most and not errors:
        errors.append(item(parameter, value, f"takes at most {most} of: {valid}.", valid=valid))
    if errors:
        detail = " ".join(f"{parameter}: '{error.value}' {error.message}{meant(error.did_you_mean)}" for error in errors[:3])
        raise Problem("unknown-value", detail, errors)
    return names


def _linker(request: Request, listing: Counted, left_out: set[str], links: int) -> Linker:
    """Return what makes the links of an answer on a list."""

    def key_of(name: str, value: str) -> Any:
        dimension = listing.collection.dimensions[name]
        if dimension.values == YEARS:
            return value
        if isinstance(dimension.values, str):
            return getattr(listing.reading.vocabulary, dimension.values).find(value)
        return {fold(known): stored for known, stored in dimension.values.items()}.get(fold(value))

    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in left_out]
    address = f"{base_url(request)}/{listing.collection.name}"
    return Linker(address, kept, key_of, MOST_CONDITIONS - listing.resolved, links)


class Facets(NamedTuple):
    """Values with their counts, the most frequent first; and how many more there are of a facet than are shown."""

    values: dict[str, list[FacetValue]]
    omitted: dict[str, int]


def count(request: Request, listing: Counted, names: Sequence[str]) -> Facets:
    """Count what a list finds by some of its filters: one statement each."""
    collection = listing.collection
    linker = _linker(request, listing, {"cursor"}, len(names) * MOST_SHOWN)
    found, omitted = {}, {}
    for name in names:
        dimension = collection.dimensions[name]
        entries = Entries.of(dimension, listing.reading)
        rows = [(key, number) for (key,), number in _counts(listing, [name]).items() if key in entries.ids]
        places = {key: at for at, key in enumerate(entries.ids)}
        rows.sort(key=lambda row: (-row[1], places[row[0]]))
        if len(rows) > MOST_SHOWN:
            omitted[name] = len(rows) - MOST_SHOWN
        prefix = linker.prefix(name)
        values = []
        for key, number in rows[:MOST_SHOWN]:
            taken_away = linker.without(name, key)
            adding = None if prefix is None else prefix + added(name, entries.ids[key])
            values.append(
                FacetValue(
                    value=entries.ids[key],
                    label=entries.labels[key],
                    count=number,
                    selected=taken_away is not None,
                    link=taken_away or adding,
                ),
            )
        found[name] = values
    return Facets(found, omitted)


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


def stats(request: Request, listing: Counted, names: Sequence[str]) -> Table:
    """Count what the filters of a list match by one or two dimensions: every pair of values, zeros included.

    Raises:
        Problem: the table would be too large.
    """
    collection, reading = listing.collection, listing.reading
    dimensions = [collection.dimensions[name] for name in names]
    entries = [dict(_rows_of(dimension, reading)) for dimension in dimensions]
    size = prod(map(len, entries))
    if size > MOST_CELLS:
        message = f"the table would have {size} cells; at most {MOST_CELLS} are counted at once."
        raise Problem("invalid-value", f"by: {message}", [item("by", ",".join(names), message)])
    linker = _linker(request, listing, {"by", "format"}, size + sum(map(len, entries)))
    counted = _counts(listing, names)
    single = [counted if len(names) == 1 else _counts(listing, [name]) for name in names]
    described = []
    for name, dimension, found, numbers in zip(names, dimensions, entries, single, strict=True):
        prefix = linker.prefix(name)
        values = [
            StatsValue(
                value=slug, label=label, count=numbers.get((key,), 0), link=None if prefix is None else prefix + added(name, slug)
            )
            for key, (slug, label) in found.items()
        ]
        described.append(StatsDimension(name=name, values=values, without=_without(listing, dimension, numbers)))
    here = urlencode(request.query_params.multi_items())
    return Table(
        _cells(names, entries, counted, linker.prefix(*names)),
        described,
        StatsMeta(total=listing.total, dataset=reading.version, applied=listing.applied, counted=COUNTED),
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
        [(key, slug, label, added(name, slug)) for key, (slug, label) in found.items()]
        for name, found in zip(names, entries, strict=True)
    ]
    for parts in product(*rows):
        keys, values, labels, conditions = zip(*parts, strict=True)
        yield Cell(values, labels, counted.get(keys, 0), None if prefix is None else prefix + "&".join(conditions))


def _rows_of(dimension: Dimension, reading: Reading) -> Iterator[tuple[Any, tuple[str, str]]]:
    """Give the values of a dimension with a row in a table: all of them, but of a sparse one those that any item has."""
    entries = Entries.of(dimension, reading)
    used: Any = entries.ids
    if dimension.sparse:
        used = set(reading.session.execute(select(dimension.value).distinct()).scalars())
    for key, slug in entries.ids.items():
        if key in used:
            yield key, (slug, entries.labels[key])


def _counts(listing: Counted, names: Sequence[str]) -> Mapping[tuple[Any, ...], int]:
    """Return how many items have each value, or each pair of values."""
    dimensions = [listing.collection.dimensions[name] for name in names]
    statement = listing.selection.count(*dimensions, narrower=with_narrower(listing.query))

    def find() -> Mapping[tuple[Any, ...], int]:
        return {tuple(row[:-1]): row[-1] for row in listing.reading.session.execute(statement)}

    return listing.reading.memory.remembered(("counts", listing.identity, *names), find)


def _without(listing: Counted, dimension: Dimension, counted: Mapping[tuple[Any, ...], int]) -> int:
    if dimension.item is None:  # what stands for no value, such as the year of what is not dated, is no entry
        ids = Entries.of(dimension, listing.reading).ids
        return sum(number for (key,), number in counted.items() if key not in ids)
    selection = listing.selection
    linked = select(dimension.item).where(dimension.item == selection.key).correlate_except(dimension.item.class_)
    statement = selection.count().where(not_(linked.exists()))
    return int(listing.reading.session.execute(statement).scalar_one())
