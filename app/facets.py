"""Counts: facets beside a list, and tables of one or two dimensions with their zeros."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import ColumnElement, func, not_, select

from app.collection import YEARS, Collection, Dimension, with_narrower
from app.db import Reading
from app.paging import base_url
from app.problems import Problem, item, meant, nearest
from app.query import MOST_CONDITIONS, MOST_OCCURRENCES, Filters, parse
from app.schemas import FacetValue, Stats, StatsCell, StatsDimension, StatsLinks, StatsMeta, StatsValue

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
    def conditions(self) -> Sequence[ColumnElement[bool]]: ...
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


@dataclass(frozen=True)
class Linker:
    """Makes the addresses of lists that differ from the one asked for in one value.

    Args:
        request: what was asked.
        listing: what it came to mean.
        left_out: parameters that are not handed on.
    """

    request: Request
    listing: Counted
    left_out: frozenset[str]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What is asked for, wherever in the list."""
        return [pair for pair in self.request.query_params.multi_items() if pair[0] not in self.left_out]

    def to(self, parameters: Sequence[tuple[str, str]]) -> str:
        """Return the address of the list with these parameters."""
        text = urlencode(parameters)
        return f"{base_url(self.request)}/{self.listing.collection.name}" + (f"?{text}" if text else "")

    def adding(self, *values: tuple[str, str]) -> str | None:
        """Return the list with further conditions: what has these values too. None where no more can be asked for."""
        parameters = self.parameters
        for name, _ in values:
            if sum(known == name for known, _ in parameters) >= MOST_OCCURRENCES:
                return None
        if self.listing.resolved + len(values) > MOST_CONDITIONS:
            return None
        return self.to([*parameters, *((name, quoted(value)) for name, value in values)])

    def without(self, name: str, key: Any) -> str | None:
        """Return the list without a value that is asked for; None if it is not asked for."""
        parameters, found = [], False
        for known, text in self.parameters:
            if known != name:
                parameters.append((known, text))
                continue
            condition = parse(name, [text])[0]
            kept = [value for value in condition.any_of if self._key(name, value) != key]
            found = found or len(kept) < len(condition.any_of)
            rest = ",".join([*map(quoted, kept), *(f"!{quoted(value)}" for value in condition.none_of)])
            if rest:
                parameters.append((name, rest))
        return self.to(parameters) if found else None

    def _key(self, name: str, value: str) -> Any:
        dimension = self.listing.collection.dimensions[name]
        if dimension.values == YEARS:
            return value
        if isinstance(dimension.values, str):
            return getattr(self.listing.reading.vocabulary, dimension.values).find(value)
        return {known.casefold(): stored for known, stored in dimension.values.items()}.get(value.casefold())


def quoted(value: str) -> str:
    """Return a value as it stands in a filter: in quotation marks if it holds a comma or begins with `!`."""
    return f'"{value}"' if "," in value or value.startswith("!") else value


class Facets(NamedTuple):
    """Values with their counts, the most frequent first; and how many more there are of a facet than are shown."""

    values: dict[str, list[FacetValue]]
    omitted: dict[str, int]


def count(request: Request, listing: Counted, names: Iterable[str]) -> Facets:
    """Count what a list finds by some of its filters: one statement each."""
    collection = listing.collection
    linker = Linker(request, listing, frozenset({"cursor"}))
    found, omitted = {}, {}
    for name in names:
        dimension = collection.dimensions[name]
        entries = Entries.of(dimension, listing.reading)
        statement = collection.counting([dimension], listing.conditions, narrower=with_narrower(listing.query))
        rows = [(key, count) for key, count in listing.reading.session.execute(statement) if key in entries.ids]
        places = {key: at for at, key in enumerate(entries.ids)}
        rows.sort(key=lambda row: (-row[1], places[row[0]]))
        if len(rows) > MOST_SHOWN:
            omitted[name] = len(rows) - MOST_SHOWN
        values = []
        for key, count in rows[:MOST_SHOWN]:
            taken_away = linker.without(name, key)
            values.append(
                FacetValue(
                    value=entries.ids[key],
                    label=entries.labels[key],
                    count=count,
                    selected=taken_away is not None,
                    link=taken_away or linker.adding((name, entries.ids[key])),
                ),
            )
        found[name] = values
    return Facets(found, omitted)


def stats(request: Request, listing: Counted, names: Sequence[str]) -> Stats:
    """Count what the filters of a list match by one or two dimensions: every pair of values, zeros included.

    Raises:
        Problem: the table would be too large.
    """
    collection, reading = listing.collection, listing.reading
    dimensions = [collection.dimensions[name] for name in names]
    entries = [dict(_rows_of(dimension, reading)) for dimension in dimensions]
    cells = 1
    for found in entries:
        cells *= len(found)
    if cells > MOST_CELLS:
        message = f"the table would have {cells} cells; at most {MOST_CELLS} are counted at once."
        raise Problem("invalid-value", f"by: {message}", [item("by", ",".join(names), message)])
    linker = Linker(request, listing, frozenset({"by", "format"}))
    counted = _counts(listing, dimensions)
    single = [counted if len(names) == 1 else _counts(listing, [dimension]) for dimension in dimensions]
    described = [
        StatsDimension(
            name=name,
            values=[
                StatsValue(value=slug, label=label, count=count.get((key,), 0), link=linker.adding((name, slug)))
                for key, (slug, label) in found.items()
            ],
            without=_without(listing, dimension, count),
        )
        for name, dimension, found, count in zip(names, dimensions, entries, single, strict=True)
    ]
    data = []
    for keys in product(*entries):
        values = {name: found[key][0] for name, found, key in zip(names, entries, keys, strict=True)}
        data.append(StatsCell(values=values, count=counted.get(keys, 0), link=linker.adding(*values.items())))
    here = urlencode(request.query_params.multi_items())
    return Stats(
        data=data,
        dimensions=described,
        meta=StatsMeta(total=listing.total, dataset=reading.version, applied=listing.applied, counted=COUNTED),
        links=StatsLinks(
            self=f"{base_url(request)}{request.url.path}?{here}",
            list=linker.to(linker.parameters),
        ),
    )


def _rows_of(dimension: Dimension, reading: Reading) -> Iterator[tuple[Any, tuple[str, str]]]:
    """Give the values of a dimension with a row in a table: all of them, but of a sparse one those that any item has."""
    entries = Entries.of(dimension, reading)
    used: Any = entries.ids
    if dimension.sparse:
        used = set(reading.session.execute(select(dimension.value).distinct()).scalars())
    for key, slug in entries.ids.items():
        if key in used:
            yield key, (slug, entries.labels[key])


def _counts(listing: Counted, dimensions: Sequence[Dimension]) -> Mapping[tuple[Any, ...], int]:
    statement = listing.collection.counting(dimensions, listing.conditions, narrower=with_narrower(listing.query))
    return {tuple(row[:-1]): row[-1] for row in listing.reading.session.execute(statement)}


def _without(listing: Counted, dimension: Dimension, counted: Mapping[tuple[Any, ...], int]) -> int:
    table = listing.collection.table
    if dimension.item is None:  # what stands for no value, such as the year of what is not dated, is no entry
        ids = Entries.of(dimension, listing.reading).ids
        return sum(number for (key,), number in counted.items() if key not in ids)
    linked = select(dimension.item).where(dimension.item == table.key).correlate(table)
    statement = select(func.count()).select_from(table).where(*listing.conditions, not_(linked.exists()))
    return int(listing.reading.session.execute(statement).scalar_one())
