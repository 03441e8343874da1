"""Work out the digest and the description of a data set from the rows of a filled database."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, func, select
from sqlmodel import SQLModel, col

from app import models, schemas
from seed.reading.corpus import Corpus

DIGESTED_COLUMNS: Sequence[tuple[str, ...]] = (
    ("theme", "document"),
    ("place", "document"),
    ("actor", "document"),
    ("article", "document", "body", "text_document"),
    ("claim", "document"),
    ("recommendation", "document"),
)
"""Everything that is served: for each kind, the columns of its text table, in this order."""


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of the UTF-8 bytes of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _content_digest(connection: Connection, description: str, codebook: str | None) -> str:
    """Return the digest of the content of a database.

    Args:
        connection: to a filled database.
        description: the JSON of the data set without version and digest.
        codebook: the rules of annotation, if they are published.

    Returns:
        SHA-256, hexadecimal: equal for equal corpora on every machine and on both databases.
    """
    digest = hashlib.sha256()

    def add(text: str) -> None:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8))  # "a", "bc" must not equal "ab", "c"
        digest.update(encoded)

    add(description)
    add(codebook or "")
    for kind, *columns in DIGESTED_COLUMNS:
        table = SQLModel.metadata.tables[f"{kind}_text"]
        add(kind)
        statement = select(*(table.c[column] for column in columns)).order_by(table.c.key)
        for row in connection.execute(statement, execution_options={"yield_per": 1000}):
            for text in row:
                add(text)
    return digest.hexdigest()


def recompute_digest(connection: Connection) -> str:
    """Return the digest of a published database, worked out again from its rows.

    Raises:
        ValueError: its description of the data set is not valid.
    """
    row = connection.execute(
        select(col(models.Dataset.document), col(models.Dataset.codebook))
    ).one()
    dataset = schemas.Dataset.model_validate_json(row.document)
    # The digest cannot cover itself: it was computed before the version was known.
    citation = dataset.citation.replace(dataset.version, "{version}")
    unversioned = dataset.model_copy(update={"version": "", "digest": "", "citation": citation})
    return _content_digest(connection, unversioned.model_dump_json(), row.codebook)


def count_content(connection: Connection) -> schemas.DatasetCounts:
    """Count the items of each kind in a filled database."""

    def count(table: type[SQLModel]) -> int:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()

    return schemas.DatasetCounts(
        articles=count(models.Article),
        claims=count(models.Claim),
        recommendations=count(models.Recommendation),
        relations=count(models.ClaimRelation) // 2,  # each is stored from both of its claims
        actors=count(models.Actor),
        themes=count(models.Theme),
        places=count(models.Place),
    )


def version_name(edition: str, digest: str) -> str:
    """Return the name of the version with an edition and a digest."""
    return f"{edition}-{digest[:6]}"


def describe(connection: Connection, corpus: Corpus) -> schemas.Dataset:
    """Return the description of the data set in a filled database, with its digest and version.

    Args:
        connection: to the database.
        corpus: that it was filled from.
    """
    record = corpus.dataset
    unversioned = schemas.Dataset(
        title=record.title,
        description=record.description,
        edition=record.edition,
        version="",
        digest="",
        counts=count_content(connection),
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
    digest = _content_digest(connection, unversioned.model_dump_json(), corpus.codebook)
    version = version_name(record.edition, digest)
    citation = record.citation.replace("{version}", version)
    return unversioned.model_copy(
        update={"version": version, "digest": digest, "citation": citation}
    )
