"""Facets: how many of the matching items have each value of a filter, with links."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from fastapi import Request
from pydantic import TypeAdapter

from app.database.vocabulary import ArticleNames, Names
from app.http.problems import invalid_value
from app.query.collection import Choices
from app.query.counting import FilteredItems
from app.query.filters import MAX_CONDITIONS
from app.query.links import LinkBuilder, base_url, with_value
from app.query.parameters import parse_names
from app.schemas import FacetValue

MAX_FACET_VALUES = 100
FACET_VALUES = TypeAdapter(list[FacetValue])
LINK_PLACEHOLDER = "\0"
"""Stands for the list's own link in cached JSON. The links of all values start with it."""


class Facets(NamedTuple):
    """Facets by name.

    Args:
        values: the most frequent values, as a JSON array.
        omitted: the number of values that are not in ``values``, where there are any.
    """

    values: dict[str, bytes]
    omitted: dict[str, int]


class RankedValues(NamedTuple):
    """The most frequent values of a dimension.

    Args:
        counts: stored values and numbers of items, the most frequent first.
        omitted: the number of further values.
        rendered: the values as JSON, with ``LINK_PLACEHOLDER`` in the links.
    """

    counts: Sequence[tuple[Any, int]]
    omitted: int
    rendered: bytes

    def cache_size(self) -> int:
        """Return the size in the cache, where one number has size 1."""
        return len(self.counts) + len(self.rendered) // 100


def parse_dimensions(
    parameter: str, text: str, valid_names: Sequence[str], max_number: int
) -> list[str]:
    """Return the dimensions in a parameter.

    Raises:
        Problem: an unknown or repeated dimension, or too many.
    """
    names = parse_names(parameter, text, valid_names, "cannot be counted here.")
    valid = ", ".join(valid_names)
    for name in names:
        if names.count(name) > 1:
            message = f"'{name}' is given twice."
            raise invalid_value(parameter, name, message, valid=valid, slug="unknown-value")
    if len(names) > max_number:
        message = f"takes at most {max_number} of: {valid}."
        raise invalid_value(parameter, text, message, valid=valid, slug="unknown-value")
    return names


def link_builder(
    request: Request, items: FilteredItems, ignored: set[str], number: int
) -> LinkBuilder:
    """Return the builder of a response's links to its list with one filter value changed.

    Args:
        request: the request.
        items: the items of the list.
        ignored: parameters that the links do not repeat.
        number: how many links there are at most.
    """
    parameters = [pair for pair in request.query_params.multi_items() if pair[0] not in ignored]
    conditions = len(items.selection.conditions) + len(items.selection.ids)
    address = f"{base_url(request)}/{items.collection.name}"
    to_key = cache(lambda name, value: items.names(name).find(value))
    return LinkBuilder(address, parameters, to_key, MAX_CONDITIONS - conditions, number)


def count_facets(request: Request, items: FilteredItems, names: Sequence[str]) -> Facets:
    """Count the matching items by the values of some dimensions, with one statement for each."""
    links = link_builder(request, items, {"cursor"}, len(names) * MAX_FACET_VALUES)
    facets = Facets({}, {})
    for name in names:
        ranked = _rank_values(items, name)
        if ranked.omitted:
            facets.omitted[name] = ranked.omitted
        prefix = links.prefix(name)
        is_filtered = any(condition.name == name for condition in items.selection.conditions)
        if is_filtered or prefix is None:
            facets.values[name] = render_facet(
                name, items.names(name), ranked.counts, prefix, links
            )
        else:  # no value is selected, so only the placeholder differs from the cached JSON
            facets.values[name] = ranked.rendered.replace(
                b'"link":"\\u0000', b'"link":"' + prefix.encode()
            )
    return facets


def _rank_values(items: FilteredItems, name: str) -> RankedValues:
    def rank() -> RankedValues:
        numbers = {value: number for (value,), number in items.counts(name).items() if number}
        names = items.names(name)
        # A stored value that means "unknown", such as a missing year, has no name. All articles
        # have one, so their titles need not be read.
        values = sorted(numbers) if isinstance(names, ArticleNames) else names.entries(numbers)
        # Sorting is stable: equally frequent values stay in the order of their vocabulary.
        counts = sorted(((value, numbers[value]) for value in values), key=lambda pair: -pair[1])
        top = counts[:MAX_FACET_VALUES]
        rendered = render_facet(name, names, top, LINK_PLACEHOLDER)
        return RankedValues(top, len(counts) - len(top), rendered)

    return items.snapshot.count_cache.get_or_compute(
        ("facet", items.digest, name, MAX_FACET_VALUES), rank, RankedValues.cache_size
    )


def render_facet(
    name: str,
    names: Names | ArticleNames | Choices,
    counts: Sequence[tuple[Any, int]],
    prefix: str | None,
    links: LinkBuilder | None = None,
) -> bytes:
    """Return the values of a facet as a JSON array.

    Args:
        name: the dimension.
        names: the names of its values.
        counts: stored values and numbers of items.
        prefix: the link to which a value is added. None if none can be added.
        links: builds the links that remove a selected value. None if no value is selected.
    """
    labels = names.entries([value for value, _ in counts])
    values = []
    for value, number in counts:
        slug, label = labels[value]
        removing = None if links is None else links.without_value(name, value)
        adding = None if prefix is None else prefix + with_value(name, slug)
        values.append(
            FacetValue(
                value=slug,
                label=label,
                count=number,
                selected=removing is not None,
                link=removing or adding,
            )
        )
    return FACET_VALUES.dump_json(values)
