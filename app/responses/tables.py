"""CSV files (RFC 4180): rows, and the columns that several resources share."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.query.collection import Column
from app.schemas import StatsCell, StatsDimension

BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}"
"""Excel reads a file without it in the local code page. pandas and readr remove it."""
FORMULA_START = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
LIST_SEPARATOR = "; "


def plain_columns(*names: str) -> list[Column]:
    """Return columns with the names of their fields."""
    return [Column(name, name) for name in names]


def reference_columns(name: str, singular: str, label: str) -> list[Column]:
    """Return the two columns of a list of references: labels and ids."""
    return [Column(name, f"{name}[].{label}"), Column(f"{singular}_ids", f"{name}[].id")]


def count_columns(*names: str) -> list[Column]:
    """Return the columns of fields of `counts`."""
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
    """Write documents as CSV, in batches: a header, then one row for each document.

    The values of a list are joined by `; `. A text that a spreadsheet would run as a formula gets
    an apostrophe before it (OWASP, "CSV Injection").
    """
    yield BYTE_ORDER_MARK.encode() + _lines([[column.name for column in columns]])
    for documents in batches:
        contents = map(json.loads, documents)
        yield _lines([_cell(column, content) for column in columns] for content in contents)


def stats_csv(dimensions: Iterable[StatsDimension], cells: Iterable[StatsCell]) -> bytes:
    """Write counts as CSV: the value and the label of each dimension, and the number."""
    labels = {each.name: {value.value: value.label for value in each.values} for each in dimensions}
    header = [column for name in labels for column in (name, f"{name}_label")]
    rows = [[*header, "count"]]
    for cell in cells:
        texts = (
            text for name, value in cell.values.items() for text in (value, labels[name][value])
        )
        rows.append([*map(_escape_formula, texts), str(cell.count)])
    return BYTE_ORDER_MARK.encode() + _lines(rows)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _cell(column: Column, document: Mapping[str, Any]) -> str:
    value = _value_at(document, column.path)
    if isinstance(value, list):
        value = LIST_SEPARATOR.join(map(str, value))
    if isinstance(value, str):
        return _escape_formula(value)
    return "" if value is None else json.dumps(value)  # a number, `true` or `false`


def _value_at(value: Any, path: str) -> Any:
    """Return the value at a path, or a list of values if the path goes through a list."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    inner = None if value is None else value.get(name)
    if first.endswith("[]"):
        return [_value_at(entry, rest) if rest else entry for entry in inner or ()]
    return _value_at(inner, rest) if rest else inner


def _escape_formula(text: str) -> str:
    return f"'{text}" if FORMULA_START.match(text) else text
