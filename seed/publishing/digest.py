"""The content of a filled database: its digest and its description, worked out from what is stored."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, func, select
from sqlmodel import SQLModel, col

from app import models, schemas
from seed.reading.corpus import Corpus

CONTENT: Sequence[tuple[str, ...]] = (
    ("theme", "document"),
    ("place", "document"),
    ("actor", "document"),
    ("article", "document", "body", "text_document"),
    ("claim", "document"),
    ("recommendation", "document"),
)
"""What the digest covers: everything that is served, kind by kind and row by row in the order of keys."""


def digest_of(connection: Connection, about: str, codebook: str | None) -> str:
    """Return the digest of a database's content.

    Args:
        connection: to a database that was filled.
        about: the canonical description of the data set.
        codebook: the rules it was annotated by, if they are published.

    Returns:
        SHA-256, hexadecimal: the same for the same corpus on every machine and on both databases.
    """
    result = hashlib.sha256()

    def add(content: str) -> None:
        encoded = content.encode()
        result.update(len(encoded).to_bytes(8))  # so that no two contents run together alike
        result.update(encoded)

    add(about)
    add(codebook or "")
    for name, *columns in CONTENT:
        table = SQLModel.metadata.tables[f"{name}_text"]
        add(name)
        statement = select(*(table.c[column] for column in columns)).order_by(table.c.key)
        for row in connection.execute(statement, execution_options={"yield_per": 1000}):
            for content in row:
                add(content)
    return result.hexdigest()


def digest_of_stored(connection: Connection) -> str:
    """Return the digest of a published database's content, worked out again from its rows.

    Raises:
        ValueError: its description of itself cannot be read.
    """
    row = connection.execute(
        select(col(models.Dataset.document), col(models.Dataset.codebook))
    ).one()
    dataset = schemas.Dataset.model_validate_json(row.document)
    # As it was described before it had a version: the digest cannot cover itself.
    citation = dataset.citation.replace(dataset.version, "{version}")
    unversioned = dataset.model_copy(update={"version": "", "digest": "", "citation": citation})
    return digest_of(connection, unversioned.model_dump_json(), row.codebook)


def counts_of(connection: Connection) -> schemas.DatasetCounts:
    """Count what a filled database holds."""

    def count(table: type[SQLModel]) -> int:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()

    return schemas.DatasetCounts(
        articles=count(models.Article),
        claims=count(models.Claim),
        recommendations=count(models.Recommendation),
        relations=count(models.ClaimRelation) // 2,  # stored as seen from either claim
        actors=count(models.Actor),
        themes=count(models.Theme),
        places=count(models.Place),
    )


def version_name(edition: str, digest: str) -> str:
    """Return the name of the version that has an edition and a digest."""
    return f"{edition}-{digest[:6]}"


def describe(connection: Connection, corpus: Corpus) -> schemas.Dataset:
    """Return the data set that a filled database holds, with its digest and version."""
    record = corpus.dataset

    unversioned = schemas.Dataset(
        title=record.title,
        description=record.description,
        edition=record.edition,
        version="",
        digest="",
        counts=counts_of(connection),
        rights=schemas.DatasetRights(
            annotations=record.rights_annotations, texts=record.rights_texts
        ),
        citation=record.citation,
        links=schemas.DatasetLinks(
            self="/dataset",
            quality="/dataset/quality",
            codebook="/dataset/codebook",
            download="/dataset/download",
            sqlite="/dataset/sqlite",
        ),
    )
    digest = digest_of(connection, unversioned.model_dump_json(), corpus.codebook)
    version = version_name(record.edition, digest)
    citation = record.citation.replace("{version}", version)
    return unversioned.model_copy(
        update={"version": version, "digest": digest, "citation": citation}
    )
