"""Count the items of a filled database by each filter, with the statements that the API uses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.query.collection import Collection
from app.query.selection import Selection
from app.routers import KINDS


class CrosstabPair(NamedTuple):
    """Two dimensions of a collection whose combinations are counted."""

    collection: Collection
    name: str
    other: str


CROSSTAB_PAIRS: Sequence[CrosstabPair] = [
    CrosstabPair(collection, name, other)
    for collection in KINDS.values()
    for name, other in combinations_with_replacement(collection.dimensions, 2)
    if collection.has_crosstab(name, other)
]


def count_rows(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """Count all items and the items with each value: the rows of ``models.Count``.

    Args:
        connection: to a filled database.
    """
    for collection in KINDS.values():
        everything = Selection(collection, connection.dialect.name)
        total = connection.execute(everything.count()).scalar_one()
        row = {"collection": collection.name, "dimension": "", "narrower": True}
        yield row | {"value": "", "number": total}
        for name, dimension in collection.dimensions.items():
            for narrower in (True, False) if dimension.has_hierarchy else (True,):
                selection = replace(everything, narrower=narrower)
                counts = {
                    str(value): number
                    for value, number in connection.execute(selection.count(dimension))
                }
                if dimension.item_key is not None:
                    without = connection.execute(selection.count_without(dimension))
                    counts[""] = without.scalar_one()
                row = {"collection": collection.name, "dimension": name, "narrower": narrower}
                for value, number in counts.items():
                    yield row | {"value": value, "number": number}


def crosstab_rows(connection: Connection, pair: CrosstabPair) -> Iterator[Mapping[str, Any]]:
    """Count the items with each combination of two values: the rows of ``models.Crosstab``.

    Args:
        connection: to a filled database.
        pair: the dimensions of the values.
    """
    collection, name, other = pair
    dimensions = (collection.dimensions[name], collection.dimensions[other])
    statement = Selection(collection, connection.dialect.name).count(*dimensions)
    for value, other_value, number in connection.execute(statement):
        row = {"collection": collection.name, "number": number}
        yield row | {
            "dimension": name,
            "value": str(value),
            "other": other,
            "other_value": str(other_value),
        }
        if name != other:  # stored in both directions
            yield row | {
                "dimension": other,
                "value": str(other_value),
                "other": name,
                "other_value": str(value),
            }
