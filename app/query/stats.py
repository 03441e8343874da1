"""Statistics: a table of counts by one or two dimensions, with its zeros."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Request

from app.http.problems import invalid_value
from app.query.counting import Counts, FilteredItems
from app.query.facets import link_builder
from app.query.links import base_url, with_value
from app.schemas import StatsCell, StatsDimension, StatsLinks, StatsMeta, StatsValue

MAX_CELLS = 20_000
COUNTING_NOTE = (
    "Every cell counts items, each once. An item with several values of a dimension counts "
    "under each of them, and under everything broader than its themes and places (with "
    "narrower=false under its own values alone), so cells and rows may add up to more than the "
    "total; `without` counts those that have no value of a dimension."
)

Labels = Mapping[Any, tuple[str, str]]
"""Public value and label of stored values."""


class Table(NamedTuple):
    """The parts of ``schemas.Stats``. There may be thousands of cells: they are iterated once."""

    cells: Iterator[StatsCell]
    dimensions: list[StatsDimension]
    meta: StatsMeta
    links: StatsLinks


def count_table(request: Request, items: FilteredItems, names: Sequence[str]) -> Table:
    """Count the matching items by each value of a dimension, or by each pair of values.

    Raises:
        Problem: the table would have too many cells.
    """
    size = prod(_number_of_values(items, name) for name in names)
    if size > MAX_CELLS:
        message = f"the table would have {size} cells; at most {MAX_CELLS} are counted at once."
        raise invalid_value("by", ",".join(names), message)
    labels = {name: items.names(name).entries(_listed_values(items, name)) for name in names}
    number_of_links = size + sum(map(len, labels.values()))
    links = link_builder(request, items, {"by", "format"}, number_of_links)
    dimensions = []
    for name in names:
        counts = items.counts(name)
        prefix = links.prefix(name)
        values = [
            StatsValue(
                value=slug,
                label=label,
                count=counts.get((value,), 0),
                link=None if prefix is None else prefix + with_value(name, slug),
            )
            for value, (slug, label) in labels[name].items()
        ]
        without = _count_without(items, name, counts)
        dimensions.append(StatsDimension(name=name, values=values, without=without))
    query = urlencode(request.query_params.multi_items())
    return Table(
        _cells(labels, items.counts(*names), links.prefix(*names)),
        dimensions,
        StatsMeta(
            total=items.total,
            dataset=items.snapshot.version,
            applied=items.applied,
            counted=COUNTING_NOTE,
        ),
        StatsLinks(self=f"{base_url(request)}{request.url.path}?{query}", list=links.list_link),
    )


def _cells(labels: Mapping[str, Labels], counts: Counts, prefix: str | None) -> Iterator[StatsCell]:
    # There may be thousands of cells: the filter of each value is rendered once.
    rows = [
        [(value, slug, with_value(name, slug)) for value, (slug, _) in entries.items()]
        for name, entries in labels.items()
    ]
    for row in product(*rows):
        stored, slugs, filters = zip(*row, strict=True)
        values = dict(zip(labels, slugs, strict=True))
        link = None if prefix is None else prefix + "&".join(filters)
        yield StatsCell(values=values, count=counts.get(stored, 0), link=link)


def _listed_values(items: FilteredItems, name: str) -> list[Any] | None:
    """Return the stored values of a dimension that the table lists. None for all."""
    return items.used_values(name) if items.collection.dimensions[name].hide_empty else None


def _number_of_values(items: FilteredItems, name: str) -> int:
    """Return how many values of a dimension the table lists, without reading their labels."""
    listed = _listed_values(items, name)
    return len(items.names(name) if listed is None else listed)


def _count_without(items: FilteredItems, name: str, counts: Counts) -> int:
    if items.collection.dimensions[name].item_key is not None:
        return items.count_without(name)
    # The items' own table stores a value for "unknown", which has no label.
    labels = items.names(name).entries([value for (value,) in counts])
    return sum(number for (value,), number in counts.items() if value not in labels)
