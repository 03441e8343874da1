"""Fill a database: its schema, rows, search index, counts and the name of the version."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, text
from sqlmodel import SQLModel
from tqdm import tqdm

from app import models, schemas
from app.routers import KINDS
from seed.publishing.counts import CROSSTAB_PAIRS, count_rows, crosstab_rows
from seed.publishing.digest import describe
from seed.publishing.quality import assess
from seed.publishing.rows import Rows
from seed.reading.corpus import Corpus

MIGRATIONS = Path(__file__).parents[2] / "migrations"
"""Beside the packages ``app`` and ``seed``, in a checkout as in an installed wheel."""

BATCH_SIZE = 20_000


class PublishError(Exception):
    """Nothing was published; the message says why."""


def fill(connection: Connection, corpus: Corpus) -> schemas.Dataset:
    """Replace the content of a database; show the progress on a terminal.

    Args:
        connection: to the database, in a transaction that the caller commits.
        corpus: checked records.

    Returns:
        The data set as it will be served.

    Raises:
        PublishError: the schema is unknown, or a stored quote is not in the stored text.
        CorpusError: a file has changed since it was checked.
    """
    migrate(connection)
    for table in reversed(SQLModel.metadata.sorted_tables):
        connection.execute(delete(table))
    _write_rows(connection, Rows(corpus))
    if connection.dialect.name == "sqlite":
        for kind in KINDS:
            index = f"{kind}_text_fts"
            for instruction in ("rebuild", "optimize"):
                statement = f"INSERT INTO {index}({index}) VALUES ('{instruction}')"  # noqa: S608 - constants
                connection.execute(text(statement))
    _write_counts(connection)
    dataset = describe(connection, corpus)
    record = corpus.dataset.agreement
    agreement = None if record is None else schemas.Agreement(**record.model_dump())
    quality = assess(connection, dataset.version, agreement)
    if quality.quotes.failing:
        failing = ", ".join(quality.quotes.failing)
        raise PublishError(f"stored quotes differ from the stored text: {failing}")
    row = {
        "key": 1,
        "version": dataset.version,
        "digest": dataset.digest,
        "document": dataset.model_dump_json(),
        "quality_document": quality.model_dump_json(),
        "codebook": corpus.codebook,
    }
    connection.execute(insert(models.Dataset), [row])
    return dataset


def migrate(connection: Connection) -> None:
    """Bring a database to the newest schema, within the transaction of the connection.

    Raises:
        PublishError: another version of this project made the database.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_heads()
    if not known.issuperset(current):
        raise PublishError(
            "another version of this project made the database "
            f"(schema {', '.join(current)}): empty it (with Compose: "
            "docker compose down --volumes) and run the seed again"
        )
    command.upgrade(config, "head")


def _write_rows(connection: Connection, rows: Rows) -> None:
    """Write all rows in batches, the tables of each batch in the order of their foreign keys."""
    batches: dict[str, list[dict[str, Any]]] = {
        table.name: [] for table in SQLModel.metadata.sorted_tables
    }

    def write() -> None:
        for name, batch in batches.items():
            if batch:
                connection.execute(insert(SQLModel.metadata.tables[name]), batch)
                batch.clear()

    annotations = rows.documents.aggregates.annotations
    with tqdm(total=annotations, desc="Publishing", unit=" annotations", disable=None) as progress:
        for number, (model, row) in enumerate(rows, 1):
            batches[str(model.__tablename__)].append(row)
            progress.update(model in {models.Claim, models.Recommendation})
            if number % BATCH_SIZE == 0:
                write()
        write()


def _write_counts(connection: Connection) -> None:
    connection.execute(insert(models.Count), list(count_rows(connection)))
    with tqdm(CROSSTAB_PAIRS, "Counting", unit=" tables", disable=None) as progress:
        for pair in progress:
            rows = list(crosstab_rows(connection, pair))
            if rows:
                connection.execute(insert(models.Crosstab), rows)
