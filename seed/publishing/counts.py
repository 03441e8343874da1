"""What is counted of a filled database when it is published, by the very statements that would count it when asked."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

from sqlalchemy import Connection

from app.query.collection import Collection
from app.query.selection import Selection
from app.routers.search import KINDS


def _everything(collection: Collection, connection: Connection) -> Selection:
    return Selection(collection, connection.dialect.name)


def tallies(connection: Connection) -> Iterator[dict[str, Any]]:
    """Count the items of a filled database by each of their dimensions, as the API would: the rows of ``models.Count``."""
    for collection in KINDS.values():
        everything = _everything(collection, connection)
        total = connection.execute(everything.count()).scalar_one()
        yield {
            "collection": collection.name,
            "dimension": "",
            "narrower": True,
            "value": "",
            "number": total,
        }
        for name, dimension in collection.dimensions.items():
            for narrower in (True, False) if dimension.has_hierarchy else (True,):
                selection = replace(everything, narrower=narrower)
                counted = {
                    str(value): number
                    for value, number in connection.execute(selection.count(dimension))
                }
                if dimension.item_key is not None:
                    counted[""] = connection.execute(
                        selection.count_without(dimension)
                    ).scalar_one()
                shared = {"collection": collection.name, "dimension": name, "narrower": narrower}
                yield from (
                    {**shared, "value": value, "number": number}
                    for value, number in counted.items()
                )


def crosstabs(connection: Connection) -> Iterator[Iterator[dict[str, Any]]]:
    """Count the items of a filled database by two dimensions at once: the rows of ``models.Crosstab``, pair by pair."""
    for collection in KINDS.values():
        everything = _everything(collection, connection)
        for name, other in combinations_with_replacement(collection.dimensions, 2):
            if not collection.has_crosstab(name, other):
                continue
            counted = connection.execute(
                everything.count(collection.dimensions[name], collection.dimensions[other])
            ).all()
            shared = {"collection": collection.name}
            sides = (
                [(name, other, 0, 1)]
                if name == other
                else [(name, other, 0, 1), (other, name, 1, 0)]
            )
            for one, another, at, other_at in sides:
                names = {**shared, "dimension": one, "other": another}
                yield (
                    {
                        **names,
                        "value": str(row[at]),
                        "other_value": str(row[other_at]),
                        "number": row[2],
                    }
                    for row in counted
                )
