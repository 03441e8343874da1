"""What an answer says, whichever server gave it, so that answers can be compared before anything is measured."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.benchmarks.load import BenchmarkError, Walk
from tests.benchmarks.scenarios import Work

COMPARED = 5
"""So many questions of every work are asked of every side and compared."""
MORE = 1.1
"""Full text: this API searches names too, so it may find more than the others; they stem otherwise and may find a little more."""


class Meaning(NamedTuple):
    """What an answer says; None where it says nothing about it."""

    ids: Sequence[str] | None
    total: int | None
    counts: Mapping[str, int] | None


def meaning_of(server: str, body: bytes) -> Meaning:
    """Return what an answer of a server says."""
    found: Any = json.loads(body)
    match server:
        case "datasette":
            rows = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
            return _datasette(rows, found["columns"], found.get("filtered_table_rows_count"))
        case "textbook":
            return _textbook(found)
    if "data" not in found:
        return Meaning([found["id"]], None, None)
    counts = (
        {value["value"]: value["count"] for value in found["facets"]["theme"] if value["count"]}
        if found["facets"]
        else None
    )
    return Meaning([item["id"] for item in found["data"]], found["meta"]["total"], counts)


def _datasette(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], total: int | None
) -> Meaning:
    if "count" in columns:
        return Meaning(None, None, {row["slug"]: row["count"] for row in rows})
    if "total" in columns:
        total = rows[0]["total"] if rows else 0
    return Meaning([row["slug"] for row in rows], total, None)


def _textbook(found: Any) -> Meaning:
    if isinstance(found, list):
        return Meaning(None, None, {row["slug"]: row["count"] for row in found})
    if "items" in found:
        return Meaning([item["slug"] for item in found["items"]], found["total"], None)
    return Meaning([found["slug"]], None, None)


def check(work: Work, walks: Mapping[str, Walk]) -> None:
    """Ask every side some of a work's questions and compare what they say.

    Raises:
        BenchmarkError: an answer is no 200 (or 304 to whoever held it), or says something else than the first side's.
    """
    for index in range(COMPARED):
        said: dict[str, Meaning] = {}
        for side, walk in walks.items():
            answer = walk.ask(index)
            expected = 304 if work.headers.get(side) else 200
            if answer.status != expected:
                raise BenchmarkError(
                    f"{work.name}: {side} answered {answer.status}, not {expected}: {walk.path(index)}"
                )
            if expected == 200:
                said[side] = meaning_of(walk.server.name, answer.body)
        reference, *others = said
        for side in others:
            if not _agree(said[reference], said[side], same_ids=work.same_ids):
                raise BenchmarkError(
                    f"{work.name}: {reference} and {side} differ on {walks[reference].path(index)} and {walks[side].path(index)}:\n"
                    f"{said[reference]}\n{said[side]}",
                )


def _agree(one: Meaning, other: Meaning, *, same_ids: bool) -> bool:
    """Tell whether a side says what the reference says, in all that both say something about."""
    if not same_ids:
        found_more = (
            other.total is not None and one.total is not None and other.total > 1 + one.total * MORE
        )
        return bool(one.ids) and bool(other.ids) and not found_more
    pairs = ((one.ids, other.ids), (one.total, other.total), (one.counts, other.counts))
    return all(mine == theirs for mine, theirs in pairs if mine is not None and theirs is not None)
