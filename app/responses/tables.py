"""CSV files: the columns that several resources share, and the rows (RFC 4180)."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.query.collection import Column

BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}"
"""Without it Excel takes UTF-8 for the local code page; pandas and readr know it."""
FORMULA_START = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
LIST_SEPARATOR = "; "


def plain_columns(*names: str) -> list[Column]:
    """Return columns that are called as the fields they show."""
    return [Column(name, name) for name in names]


def reference_columns(name: str, singular: str, label: str) -> list[Column]:
    """Return the columns of a list of references: their labels, and their ids."""
    return [Column(name, f"{name}[].{label}"), Column(f"{singular}_ids", f"{name}[].id")]


def count_columns(*names: str) -> list[Column]:
    return [Column(f"count_{name}", f"counts.{name}", "integer") for name in names]


QUOTE = [
    Column("quote", "quote.exact"),
    Column("quote_prefix", "quote.prefix"),
    Column("quote_suffix", "quote.suffix"),
    Column("quote_start", "quote.start", "integer"),
    Column("quote_end", "quote.end", "integer"),
    Column("paragraph", "quote.paragraph", "integer"),
    Column("link", "quote.link"),
]
ARTICLE = [
    Column("article_id", "article.id"),
    Column("article_title", "article.title"),
    Column("publisher", "article.publisher"),
    Column("publisher_id", "article.publisher_id"),
    Column("published", "article.published"),
]
SUBJECTS = [
    *reference_columns("places", "place", "name"),
    *reference_columns("themes", "theme", "label"),
    Column("themes_fr", "themes[].label_fr"),
]
CODING = [
    Column("coder", "coding.coder"),
    Column("coded_on", "coding.coded_on"),
    Column("confidence", "coding.confidence"),
    Column("note", "note"),
]
SELF = Column("self", "links.self")
MATCH = [Column("highlight", "highlight"), Column("matched_in", "matched_in[]")]


def csv_table(
    columns: Sequence[Column], batches: Iterable[Sequence[str | bytes]]
) -> Iterator[bytes]:
    """Write documents as CSV: a header, also where there are none, and one row each.

    The values of a list are joined by `; `. A text that a spreadsheet would run as a formula begins with an
    apostrophe (OWASP, CSV injection).
    """
    yield BYTE_ORDER_MARK.encode() + _lines([[column.name for column in columns]])
    for documents in batches:
        contents = map(json.loads, documents)
        yield _lines([_cell(column, content) for column in columns] for content in contents)


def stats_csv(names: Sequence[str], rows: Iterable[tuple[Sequence[str], int]]) -> bytes:
    """Write counts as CSV: each value and its label, then the number.

    Args:
        names: of the dimensions.
        rows: values and labels in turn, and the number.
    """
    header = [part for name in names for part in (name, f"{name}_label")]
    lines = [[*map(_neutralise, values), str(number)] for values, number in rows]
    return BYTE_ORDER_MARK.encode() + _lines([[*header, "count"], *lines])


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _cell(column: Column, document: Mapping[str, Any]) -> str:
    value = _value_at(document, column.path)
    if isinstance(value, list):
        value = LIST_SEPARATOR.join(map(str, value))
    if isinstance(value, bool):
        value = "true" if value else "false"
    return "" if value is None else _neutralise(value) if isinstance(value, str) else str(value)


def _value_at(value: Any, path: str) -> Any:
    """Return the value at a path; a list where the path goes through one."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    inner = None if value is None else value.get(name)
    if first.endswith("[]"):
        return [_value_at(entry, rest) if rest else entry for entry in inner or ()]
    return _value_at(inner, rest) if rest else inner


def _neutralise(text: str) -> str:
    return f"'{text}" if FORMULA_START.match(text) else text
