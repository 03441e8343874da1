"""Other faces of the same rows: which forms there are, NDJSON, CSV, a choice of fields. All from the rendered documents."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.http.problems import Problem, invalid_param, nearest, suggestion

MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "jsonld": "application/ld+json",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl": "application/vnd.citationstyles.csl+json",
    "text": "text/plain",
    "html": "text/html",
}
LIST_FORMATS = ("json", "ndjson", "csv", "jsonld")
STATS_FORMATS = ("json", "ndjson", "csv")
CITATION_FORMATS = ("bibtex", "ris", "csl")
BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}"
"""Begins every CSV file: without it Excel takes UTF-8 for the local code page; pandas and readr know it."""

FORMULA_START = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
LIST_SEPARATOR = "; "


class Column(NamedTuple):
    """A column of a CSV file.

    Args:
        name: as in the header.
        path: where in the document its value is; `[]` after a list.
        type: as in a Table Schema: `string`, `integer`, `number` or `boolean`.
    """

    name: str
    path: str
    type: str = "string"

    @property
    def field(self) -> str:
        """The top-level field that the column is taken from."""
        return re.split(r"[.\[]", self.path)[0]


def _refs(name: str, singular: str, shown: str) -> list[Column]:
    """Return the columns of a list of references: what to show, and the ids."""
    return [Column(name, f"{name}[].{shown}"), Column(f"{singular}_ids", f"{name}[].id")]


def _counts(*names: str) -> list[Column]:
    return [Column(f"count_{name}", f"counts.{name}", "integer") for name in names]


_QUOTE = [
    Column("quote", "quote.exact"),
    Column("quote_prefix", "quote.prefix"),
    Column("quote_suffix", "quote.suffix"),
    Column("quote_start", "quote.start", "integer"),
    Column("quote_end", "quote.end", "integer"),
    Column("paragraph", "quote.paragraph", "integer"),
    Column("link", "quote.link"),
]
_ARTICLE = [
    Column("article_id", "article.id"),
    Column("article_title", "article.title"),
    Column("publisher", "article.publisher"),
    Column("publisher_id", "article.publisher_id"),
    Column("published", "article.published"),
]
_SUBJECTS = [
    *_refs("places", "place", "name"),
    *_refs("themes", "theme", "label"),
    Column("themes_fr", "themes[].label_fr"),
]
_CODING = [
    Column("coder", "coding.coder"),
    Column("coded_on", "coding.coded_on"),
    Column("confidence", "coding.confidence"),
    Column("note", "note"),
]
_SELF = Column("self", "links.self")
_MATCH = [Column("highlight", "highlight"), Column("matched_in", "matched_in[]")]

COLUMNS: Mapping[str, Sequence[Column]] = {
    "recommendations": [
        Column("id", "id"),
        Column("statement", "statement"),
        *_QUOTE,
        Column("strength", "strength"),
        Column("explicit", "explicit", "boolean"),
        Column("action", "action"),
        *_ARTICLE,
        *_refs("sources", "source", "name"),
        *_refs("addressees", "addressee", "name"),
        *_refs("beneficiaries", "beneficiary", "name"),
        *_SUBJECTS,
        Column("based_on_ids", "based_on[].id"),
        *_CODING,
        _SELF,
        *_MATCH,
    ],
    "claims": [
        Column("id", "id"),
        Column("statement", "statement"),
        *_QUOTE,
        Column("kind", "kind"),
        *_ARTICLE,
        *_refs("sources", "source", "name"),
        *_refs("about", "about", "name"),
        *_SUBJECTS,
        Column("relation_types", "relations[].type"),
        Column("relation_ids", "relations[].claim.id"),
        Column("basis_of_ids", "basis_of[].id"),
        *_CODING,
        _SELF,
        *_MATCH,
    ],
    "articles": [
        *(Column(name, name) for name in ("id", "title", "publisher", "publisher_id")),
        *_refs("authors", "author", "name"),
        *(
            Column(name, name)
            for name in ("published", "kind", "language", "url", "rights", "note")
        ),
        *_SUBJECTS,
        *_counts("claims", "recommendations", "actors", "paragraphs"),
        _SELF,
        *_MATCH,
    ],
    "actors": [
        *(Column(name, name) for name in ("id", "name", "kind")),
        Column("pseudonym", "pseudonym", "boolean"),
        Column("part_of", "part_of.name"),
        Column("part_of_id", "part_of.id"),
        Column("aliases", "aliases[]"),
        Column("description", "description"),
        *_refs("articles", "article", "title"),
        *_counts("claims", "about", "recommendations", "addressee", "beneficiary", "articles"),
        _SELF,
        *_MATCH,
    ],
    "themes": [
        *(
            Column(name, name)
            for name in (
                "id",
                "label",
                "label_fr",
                "definition",
                "definition_fr",
                "scope_note",
                "scope_note_fr",
            )
        ),
        Column("alt_labels", "alt_labels[]"),
        Column("alt_labels_fr", "alt_labels_fr[]"),
        Column("broader", "broader.label"),
        Column("broader_id", "broader.id"),
        Column("narrower_ids", "narrower[].id"),
        *_counts("claims", "recommendations", "articles"),
        _SELF,
        *_MATCH,
    ],
    "places": [
        *(Column(name, name) for name in ("id", "name", "name_fr", "kind", "iso")),
        Column("aliases", "aliases[]"),
        Column("part_of", "part_of.name"),
        Column("part_of_id", "part_of.id"),
        Column("part_ids", "parts[].id"),
        Column("latitude", "latitude", "number"),
        Column("longitude", "longitude", "number"),
        *_counts("claims", "recommendations", "articles"),
        _SELF,
        *_MATCH,
    ],
    "search": [
        *(Column(name, name) for name in ("type", "id", "title")),
        *_ARTICLE,
        Column("score", "score", "number"),
        *_MATCH,
        _SELF,
    ],
}
"""The columns of each CSV answer; their names and order do not change, new ones come last."""


def parse_fields(fields: str | None, known: Sequence[str]) -> list[str] | None:
    """Return the fields that are to be kept; None for all.

    Raises:
        Problem: an unknown field.
    """
    if fields is None:
        return None
    names = list(dict.fromkeys(part.strip() for part in fields.split(",")))
    errors = [
        invalid_param(
            "fields",
            name,
            "no such field.",
            nearest(name[:64].casefold(), {field: field for field in known}),
            ", ".join(known),
        )
        for name in names
        if name not in known
    ]
    if errors:
        detail = " ".join(
            f"fields: no such field '{error.value}'.{suggestion(error.did_you_mean)}"
            for error in errors[:3]
        )
        raise Problem("unknown-value", detail, errors)
    return names


def select_fields(document: bytes, fields: Sequence[str] | None) -> bytes:
    """Return a document with only some of its top-level fields, in its own order."""
    if fields is None:
        return document
    content = json.loads(document)
    chosen_fields = {name: value for name, value in content.items() if name in fields}
    return json.dumps(chosen_fields, ensure_ascii=False, separators=(",", ":")).encode()


def ndjson(batches: Iterable[Sequence[bytes]], fields: Sequence[str] | None) -> Iterator[bytes]:
    """Give documents one a line."""
    for documents in batches:
        yield b"".join(b"%b\n" % select_fields(document, fields) for document in documents)


def select_columns(name: str, fields: Sequence[str] | None) -> list[Column]:
    """Return the columns that a choice of fields leaves."""
    return [column for column in COLUMNS[name] if fields is None or column.field in fields]


def table(columns: Sequence[Column], batches: Iterable[Sequence[str | bytes]]) -> Iterator[bytes]:
    """Give documents as CSV (RFC 4180): a header, also where there are none, and a row each.

    A list's values are joined by `; `. A text that a spreadsheet would run as a formula begins with an apostrophe (OWASP, CSV
    injection).
    """
    yield BYTE_ORDER_MARK.encode() + _lines([[column.name for column in columns]])
    for documents in batches:
        yield _lines(
            [
                [_cell(column, document) for column in columns]
                for document in map(json.loads, documents)
            ]
        )


def stats_csv(
    names: Sequence[str], cells: Iterable[tuple[Sequence[tuple[str, str]], int]]
) -> bytes:
    """Return counts as CSV: each value and its label, then how many."""
    header = [part for name in names for part in (name, f"{name}_label")]
    rows = [
        [*(_safe(part) for value in values for part in value), str(count)]
        for values, count in cells
    ]
    return BYTE_ORDER_MARK.encode() + _lines([[*header, "count"], *rows])


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _cell(column: Column, document: Mapping[str, Any]) -> str:
    found = _at(document, column.path)
    if isinstance(found, list):
        return _safe(LIST_SEPARATOR.join(map(str, found)))
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return _safe(found) if isinstance(found, str) else str(found)


def _at(value: Any, path: str) -> Any:
    """Return what stands at a path; a list where the path goes through one."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    found = None if value is None else value.get(name)
    if first.endswith("[]"):
        return [_at(entry, rest) if rest else entry for entry in found or ()]
    return _at(found, rest) if rest else found


def _safe(text: str) -> str:
    return f"'{text}" if FORMULA_START.match(text) else text
