"""The data set as a zip: CSV files, texts, codebook and `datapackage.json` (Data Package 2.0).

The zip is made while it is sent, so it takes constant memory. A data version always gives the same
bytes, on both databases. Nothing is compressed, because zlib's output depends on its version.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from pydantic.fields import FieldInfo
from sqlalchemy import select
from sqlmodel import col

from app.database.snapshot import Snapshot
from app.models import Article, ArticleText, ClaimText, Dataset
from app.query.collection import Collection, Column
from app.query.listing import BATCH_SIZE
from app.responses.tables import csv_table, plain_columns

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DATASET_FIELDS = ("title", "description", "version", "rights", "citation")
RELATION_TYPES = {"supports", "contradicts", "qualifies"}
"""The types in the file of relations. The other types are the same relations, seen from the
other claim."""
RELATION_COLUMNS = plain_columns("claim", "type", "other", "note")
SEARCH_FIELDS = {"highlight", "matched_in"}
"""Fields that are null without a search."""
README = """# {title}

{description}

Version {version}, SHA-256 of the content {digest}.

- `data/`: one CSV file for each kind of item (UTF-8, RFC 4180). Several values in a cell are joined
  by `; `. A text that a spreadsheet would run as a formula has an apostrophe before it.
  `quote_start` and `quote_end` count Unicode code points from 0, in the file of `texts/` with the
  name in the column `article_id`.
- `texts/`: the body of each brief.
- `CODEBOOK.md`: the rules of annotation.
- `datapackage.json`: a description of these files for programs (Data Package 2.0).

{rights[annotations]} {rights[texts]}

Cite as: {citation}
"""


class _Buffer(io.RawIOBase):
    """Holds what is written to it until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        content, self._parts = b"".join(self._parts), []
        return content


def archive(snapshot: Snapshot, collections: Sequence[Collection]) -> Iterator[bytes]:
    """Give the zip in chunks.

    Args:
        snapshot: the data version.
        collections: the collections, each with a CSV file.
    """
    buffer = _Buffer()
    document, codebook = snapshot.connection.execute(
        select(col(Dataset.document), col(Dataset.codebook))
    ).one()
    dataset = json.loads(document)
    resources = []
    with ZipFile(buffer, "w", ZIP_STORED) as archive_file:
        for path, description, chunks in _files(snapshot, collections, dataset, codebook):
            size, digest = 0, hashlib.sha256()
            with archive_file.open(_entry(path), "w", force_zip64=True) as entry_file:
                for chunk in chunks:
                    size += len(chunk)
                    digest.update(chunk)
                    entry_file.write(chunk)
                    yield buffer.take()
            if description is not None:
                hash_ = f"sha256:{digest.hexdigest()}"
                resources.append({**description, "path": path, "bytes": size, "hash": hash_})
        package = {
            "$schema": PROFILE,
            "name": "policy-briefs",
            **{name: dataset[name] for name in DATASET_FIELDS},
            "resources": resources,
        }
        content = json.dumps(package, ensure_ascii=False, indent=1)
        archive_file.writestr(_entry("datapackage.json"), content.encode())
    yield buffer.take()


def _entry(path: str) -> ZipInfo:
    entry = ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))  # a real time changes the bytes
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry


def _files(
    snapshot: Snapshot,
    collections: Sequence[Collection],
    dataset: Mapping[str, Any],
    codebook: str | None,
) -> Iterator[tuple[str, Mapping[str, Any] | None, Iterable[bytes]]]:
    """Give each file: its path, its description in the package if any, and its content."""
    yield "README.md", None, [README.format(**dataset).encode()]
    if codebook is not None:
        yield "CODEBOOK.md", _text("codebook", "md", "text/markdown"), [codebook.encode()]
    for collection in collections:
        columns = [column for column in collection.columns if column.field not in SEARCH_FIELDS]
        documents = select(collection.texts.document).order_by(collection.texts.key)
        yield (
            f"data/{collection.name}.csv",
            _table(collection.name, columns, collection.shape.model_fields, primaryKey=["id"]),
            csv_table(columns, _batches(snapshot, documents)),
        )
    yield (
        "data/relations.csv",
        _table("relations", RELATION_COLUMNS, {}),
        csv_table(RELATION_COLUMNS, _relations(snapshot)),
    )
    articles = select(col(Article.key), col(Article.id)).order_by(col(Article.key))
    for key, slug in snapshot.connection.execute(articles).all():
        statement = select(col(ArticleText.body)).where(col(ArticleText.key) == key)
        body = snapshot.connection.execute(statement).scalar_one()
        yield f"texts/{slug}.txt", _text(f"text-{slug}", "txt", "text/plain"), [body.encode()]


def _batches(snapshot: Snapshot, statement: Any) -> Iterator[Sequence[str]]:
    options = {"yield_per": BATCH_SIZE}
    with snapshot.connection.execute(statement, execution_options=options) as result:
        yield from result.scalars().partitions()


def _relations(snapshot: Snapshot) -> Iterator[Sequence[str]]:
    """Give the relations between claims, each once, as JSON in batches."""
    claims = select(col(ClaimText.document)).order_by(col(ClaimText.key))
    for documents in _batches(snapshot, claims):
        rows = []
        for claim in map(json.loads, documents):
            for relation in claim["relations"]:
                kind, other = relation["type"], relation["claim"]["id"]
                # A contradiction is the same from both sides: it is listed at the smaller id.
                if kind in RELATION_TYPES and (kind != "contradicts" or claim["id"] <= other):
                    row = {"claim": claim["id"], "type": kind, "other": other}
                    rows.append(json.dumps({**row, "note": relation["note"]}))
        yield rows


def _text(name: str, format_: str, media_type: str) -> Mapping[str, Any]:
    """Return the description of a text file."""
    return {"name": name, "format": format_, "mediatype": media_type}


def _table(
    name: str, columns: Sequence[Column], fields: Mapping[str, FieldInfo], **keys: Sequence[str]
) -> Mapping[str, Any]:
    """Return the description of a CSV file."""
    return {
        "name": name,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": [_column(each, fields) for each in columns], **keys},
    }


def _column(column: Column, fields: Mapping[str, FieldInfo]) -> Mapping[str, str]:
    description = getattr(fields.get(column.field), "description", None)
    described = {"description": description} if description else {}
    return {"name": column.name, "type": column.type, **described}
