"""The content of a response in one form for all servers, to compare them before any measurement."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.benchmarks.load import BenchmarkError, Walk
from tests.benchmarks.scenarios import Scenario

COMPARED = 5
"""The number of requests of each scenario that are compared."""
MAX_RATIO = 1.1
"""A limit on the totals of searches relative to this API's.

This API also searches names, so it may find more. The others stem differently and may find a little
more.
"""


class Content(NamedTuple):
    """The content of a response; None for what it does not contain."""

    ids: Sequence[str] | None
    total: int | None
    counts: Mapping[str, int] | None


def content_of(server: str, body: bytes) -> Content:
    """Return the content of a server's response."""
    document: Any = json.loads(body)
    match server:
        case "datasette":
            columns = document["columns"]
            rows = [dict(zip(columns, row, strict=True)) for row in document["rows"]]
            return _datasette(rows, columns, document.get("filtered_table_rows_count"))
        case "textbook":
            return _textbook(document)
    if "data" not in document:
        return Content([document["id"]], None, None)
    counts = None
    if document["facets"]:
        values = document["facets"]["theme"]
        counts = {value["value"]: value["count"] for value in values if value["count"]}
    return Content([item["id"] for item in document["data"]], document["meta"]["total"], counts)


def _datasette(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], total: int | None
) -> Content:
    if "count" in columns:
        return Content(None, None, {row["slug"]: row["count"] for row in rows})
    if "total" in columns:
        total = rows[0]["total"] if rows else 0
    return Content([row["slug"] for row in rows], total, None)


def _textbook(document: Any) -> Content:
    if isinstance(document, list):
        return Content(None, None, {row["slug"]: row["count"] for row in document})
    if "items" in document:
        return Content([item["slug"] for item in document["items"]], document["total"], None)
    return Content([document["slug"]], None, None)


def check(scenario: Scenario, walks: Mapping[str, Walk]) -> None:
    """Send some requests of a scenario to every side and compare the responses.

    Raises:
        BenchmarkError: a status is not 200 (304 for conditional requests), or a side differs from
            the first one.
    """
    for index in range(COMPARED):
        contents: dict[str, Content] = {}
        for side, walk in walks.items():
            answer = walk.ask(index)
            expected = 304 if scenario.headers.get(side) else 200
            if answer.status != expected:
                raise BenchmarkError(
                    f"{scenario.name}: {side} answered {answer.status} instead of {expected}:"
                    f" {walk.path(index)}"
                )
            if expected == 200:
                contents[side] = content_of(walk.server.name, answer.body)
        reference, *others = contents
        for side in others:
            if not _agree(contents[reference], contents[side], same_ids=scenario.same_ids):
                raise BenchmarkError(
                    f"{scenario.name}: {reference} and {side} differ on"
                    f" {walks[reference].path(index)} and {walks[side].path(index)}:\n"
                    f"{contents[reference]}\n{contents[side]}"
                )


def _agree(reference: Content, other: Content, *, same_ids: bool) -> bool:
    """Tell whether two responses have the same content, as far as both contain it."""
    if not same_ids:
        known = other.total is not None and reference.total is not None
        too_many = known and other.total > 1 + reference.total * MAX_RATIO
        return bool(reference.ids) and bool(other.ids) and not too_many
    pairs = zip(reference, other, strict=True)
    return all(one == two for one, two in pairs if one is not None and two is not None)
