"""The whole data set as one zip: CSV files, texts, codebook and a `datapackage.json` (Data Package 2.0) that describes them.

It is made while it is sent, in constant memory, from documents alone: the same bytes for one data version, from either
database. Nothing is compressed, since the same text compresses to other bytes with another zlib.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlmodel import col

from app.database.snapshot import Snapshot
from app.models import Article, ArticleText, Dataset
from app.query.collection import Collection, Column
from app.query.listing import BATCH_SIZE
from app.responses.tables import csv_table
from app.schemas import RelationType

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SEEN_FROM_ONE_SIDE = {RelationType.SUPPORTS, RelationType.CONTRADICTS, RelationType.QUALIFIES}
RELATIONS = [Column(name, name) for name in ("claim", "type", "other", "note")]
LEFT_OUT = {"highlight", "matched_in"}


class _Pipe(io.RawIOBase):
    """What is written to it waits to be taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._waiting = b"".join(self._waiting), []
        return taken


def archive(snapshot: Snapshot, collections: Sequence[Collection]) -> Iterator[bytes]:
    """Give the zip, piece by piece.

    Args:
        snapshot: the data version.
        collections: what there is a CSV file of.
    """
    pipe = _Pipe()
    about = json.loads(snapshot.connection.execute(select(col(Dataset.document))).scalar_one())
    codebook = snapshot.connection.execute(select(col(Dataset.codebook))).scalar_one()
    resources = []
    with ZipFile(pipe, "w", ZIP_STORED) as packed:
        for path, resource, pieces in _files(snapshot, collections, about, codebook):
            size, digest = 0, hashlib.sha256()
            with packed.open(_entry(path), "w", force_zip64=True) as opened:
                for piece in pieces:
                    size += len(piece)
                    digest.update(piece)
                    opened.write(piece)
                    yield pipe.take()
            if resource is not None:
                resources.append(
                    {
                        **resource,
                        "path": path,
                        "bytes": size,
                        "hash": f"sha256:{digest.hexdigest()}",
                    }
                )
        package = json.dumps(_package(about, resources), ensure_ascii=False, indent=1)
        packed.writestr(_entry("datapackage.json"), package.encode())
    yield pipe.take()


def _entry(path: str) -> ZipInfo:
    entry = ZipInfo(
        path, date_time=(1980, 1, 1, 0, 0, 0)
    )  # when it was packed is nobody's business and would change the bytes
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry


File = tuple[str, Mapping[str, Any] | None, Iterable[bytes]]


def _files(
    snapshot: Snapshot,
    collections: Sequence[Collection],
    about: Mapping[str, Any],
    codebook: str | None,
) -> Iterator[File]:
    """Give each file: its path, how the package describes it, its content."""
    yield "README.md", None, [_readme(about).encode()]
    if codebook is not None:
        yield (
            "CODEBOOK.md",
            {"name": "codebook", "format": "md", "mediatype": "text/markdown"},
            [codebook.encode()],
        )
    for collection in collections:
        columns = [column for column in collection.columns if column.field not in LEFT_OUT]
        statement = select(collection.texts.document).order_by(collection.texts.key)
        resource = _table(collection.name, columns, "id", collection.shape.model_fields)
        yield (
            f"data/{collection.name}.csv",
            resource,
            csv_table(columns, _batches(snapshot, statement)),
        )
    relations = _table("relations", RELATIONS, None, {})
    yield (
        "data/relations.csv",
        relations,
        csv_table(RELATIONS, _relations(snapshot, collections)),
    )
    for key, slug in snapshot.connection.execute(
        select(col(Article.key), col(Article.id)).order_by(col(Article.key))
    ).all():
        body = snapshot.connection.execute(
            select(col(ArticleText.body)).where(col(ArticleText.key) == key)
        ).scalar_one()
        yield (
            f"texts/{slug}.txt",
            {"name": f"text-{slug}", "format": "txt", "mediatype": "text/plain"},
            [body.encode()],
        )


def _batches(snapshot: Snapshot, statement: Any) -> Iterator[Sequence[str]]:
    with snapshot.connection.execute(
        statement, execution_options={"yield_per": BATCH_SIZE}
    ) as result:
        for rows in result.partitions():
            yield [row[0] for row in rows]


def _relations(snapshot: Snapshot, collections: Sequence[Collection]) -> Iterator[Sequence[str]]:
    """Give the relations between claims, each once, as the claim that holds it says."""
    claims = next(collection.texts for collection in collections if collection.name == "claims")
    for documents in _batches(snapshot, select(claims.document).order_by(claims.key)):
        found = []
        for claim in map(json.loads, documents):
            for relation in claim["relations"]:
                # A contradiction is the same from both sides: the smaller id tells it.
                twice = (
                    relation["type"] == RelationType.CONTRADICTS
                    and relation["claim"]["id"] < claim["id"]
                )
                if relation["type"] in SEEN_FROM_ONE_SIDE and not twice:
                    row = {
                        "claim": claim["id"],
                        "type": relation["type"],
                        "other": relation["claim"]["id"],
                        "note": relation["note"],
                    }
                    found.append(json.dumps(row))
        yield found


def _table(
    name: str, columns: Sequence[Column], key: str | None, described: Mapping[str, Any]
) -> dict[str, Any]:
    fields = []
    for column in columns:
        description = described[column.field].description if column.field in described else None
        fields.append(
            {
                "name": column.name,
                "type": column.type,
                **({"description": description} if description else {}),
            }
        )
    schema = {"fields": fields, **({"primaryKey": [key]} if key else {})}
    return {
        "name": name,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _package(about: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": PROFILE,
        "name": "policy-briefs",
        "title": about["title"],
        "description": about["description"],
        "version": about["version"],
        "rights": about["rights"],
        "citation": about["citation"],
        "resources": resources,
    }


def _readme(about: Mapping[str, Any]) -> str:
    return (
        f"# {about['title']}\n\n{about['description']}\n\n"
        f"Version {about['version']}, SHA-256 of the content {about['digest']}.\n\n"
        "- `data/`: one CSV file (UTF-8, RFC 4180) for each kind of item; several values in a cell are joined by `; `. A text\n"
        "  that a spreadsheet would run as a formula begins with an apostrophe. `quote_start` and `quote_end` count Unicode code\n"
        "  points from 0 in the file of `texts/` that the column `article_id` names.\n"
        "- `texts/`: the body of each brief.\n"
        "- `CODEBOOK.md`: how was annotated.\n"
        "- `datapackage.json`: all of this for programs (Data Package 2.0).\n\n"
        f"{about['rights']['annotations']} {about['rights']['texts']}\n\nCite as: {about['citation']}\n"
    )
