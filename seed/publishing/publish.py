"""Publishing: a new data version is put in place as a whole, or not at all.

SQLite: a new file is built beside the live one, flushed to the disk and renamed over it; killed at any moment, the old file
stays. PostgreSQL: one transaction.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from operator import itemgetter
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Table, create_engine, delete, insert, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from app import models, schemas
from app.database.integrity import write_checksum
from app.routers.search import KINDS
from app.settings import Settings
from seed.interruption import Interruption
from seed.publishing.counts import crosstabs, tallies
from seed.publishing.digest import describe, digest_of_stored
from seed.publishing.quality import assess
from seed.publishing.rows import Rows
from seed.reading.checks import Progress
from seed.reading.corpus import Corpus

MIGRATIONS = Path(__file__).parents[2] / "migrations"
BATCH_SIZE = 20_000
STEPS = 1_000_000
"""Steps of SQLite's virtual machine between two looks whether to go on: some ten milliseconds."""
POSTGRESQL_LOCK = 0x425249454653  # "BRIEFS": one seed at a time on a database
LOCK_SECONDS = 3
"""How long the lock of another seed is waited for on PostgreSQL, which takes a moment to notice that one was killed."""

FOUND_BY_TEXT = ("theme", "place", "actor", "article", "claim", "recommendation")


class PublishError(Exception):
    """Nothing was published; the message says why."""


def publish(
    corpus: Corpus, settings: Settings, progress: Progress, interruption: Interruption | None = None
) -> schemas.Dataset:
    """Publish a corpus as the database that the settings name.

    Args:
        corpus: checked records.
        settings: for the database's address.
        progress: told of the rows written.
        interruption: obeyed until everything is written.

    Returns:
        The data set as it is served.

    Raises:
        PublishError: another seed is at work, or what was stored is not what was read.
        sqlalchemy.exc.DBAPIError: the database could not be written.
        OSError: the file could not be written.
        KeyboardInterrupt: nothing was published, as was asked for.
    """
    interruption = interruption or Interruption()
    if settings.sqlite_file is not None:
        return _publish_file(corpus, settings.sqlite_file, progress, interruption)
    engine = create_engine(settings.database_url)
    try:
        with engine.begin() as connection:
            _lock(connection)
            published = _fill(connection, corpus, progress, interruption)
            interruption.check_last()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        return published
    finally:
        engine.dispose()


def _publish_file(
    corpus: Corpus, target: Path, progress: Progress, interruption: Interruption
) -> schemas.Dataset:
    if not target.absolute().parent.is_dir():
        raise PublishError(f"there is no folder {target.parent}: create it first")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise PublishError(f"{target} is not a plain file: it would be replaced by one")
    with _only_seed(target):
        for leftover in _leftovers(target):
            leftover.unlink()
        new = target.parent / f".{target.name}.{os.getpid()}.new"
        engine = create_engine("sqlite://", creator=lambda: _open_new(new, interruption))
        try:
            with engine.begin() as connection:
                published = _fill(connection, corpus, progress, interruption)
            with engine.connect() as connection:
                connection.execute(text("ANALYZE"))
                connection.commit()
            engine.dispose()  # what is checked is read from the file
            with engine.connect() as connection:
                _check_file(connection, published)
            engine.dispose()
            write_checksum(new)
            _flush(new)
            interruption.check_last()
            new.replace(target)
            _flush(target.absolute().parent)
        finally:
            engine.dispose()
            new.unlink(missing_ok=True)
    return published


def _leftovers(target: Path) -> list[Path]:
    """Return what killed seeds left of the files that they were building for a target."""
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9]+\.new(-journal|-wal|-shm)?")
    return [path for path in target.absolute().parent.iterdir() if name.fullmatch(path.name)]


def _open_new(path: Path, interruption: Interruption) -> Any:
    connection = sqlite3.connect(path)
    # A statement may take minutes: broken off, it fails with an OperationalError.
    connection.set_progress_handler(lambda: interruption.asked, STEPS)
    # Nobody else reads the file before it is renamed, and a failed one is thrown away: no journal is needed.
    connection.execute(
        "PRAGMA page_size=16384"
    )  # a row is some kilobytes: on small pages half the file would be empty
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(
        "PRAGMA cache_size=-131072"
    )  # kilobytes: links are written to thousands of places in turn
    return connection


def _check_file(connection: Connection, published: schemas.Dataset) -> None:
    if connection.execute(text("PRAGMA integrity_check")).scalar_one() != "ok":
        raise PublishError("the new database file is damaged")
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise PublishError("a row of the new database refers to nothing")
    if digest_of_stored(connection) != published.digest:
        raise PublishError(
            "the new database file does not hold what was written to it: is the disk sound?"
        )


@contextmanager
def _only_seed(target: Path) -> Iterator[None]:
    """Hold the lock of a database file; the lock goes with the process, however that ends."""
    with (target.parent / f".{target.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublishError(
                f"another seed is publishing {target}: wait until it has ended"
            ) from error
        yield


def _lock(connection: Connection) -> None:
    """Be the only seed on a PostgreSQL database until the transaction ends."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    try:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRESQL_LOCK})"))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise PublishError(
                "another seed is publishing to this database: wait until it has ended"
            ) from error
        raise
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    # So that a killed seed's lock goes even in the middle of a long statement.
    asked = "set_config('client_connection_check_interval', '1s', true)"
    connection.execute(
        text(f"SELECT {asked} WHERE current_setting('server_version_num')::int >= 140000")
    )


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Migrate a database to a revision, within the connection's transaction.

    Raises:
        PublishError: its schema is of a history that this code does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if not known.issuperset(found):
        raise PublishError(
            f"the database was made by another version of this project (schema {', '.join(found)}): "
            "empty it (with Compose: docker compose down --volumes) and run the seed again"
        )
    command.upgrade(config, revision)


def _fill(
    connection: Connection, corpus: Corpus, progress: Progress, interruption: Interruption
) -> schemas.Dataset:
    """Write everything, read it back, and add the row that names the version."""
    migrate(connection)
    for table in reversed(SQLModel.metadata.sorted_tables):
        connection.execute(delete(table))
    _write(connection, Rows(corpus), progress, interruption)
    if connection.dialect.name == "sqlite":
        for table in FOUND_BY_TEXT:
            for order in ("rebuild", "optimize"):
                connection.execute(
                    text(f"INSERT INTO {table}_text_fts({table}_text_fts) VALUES ('{order}')")
                )
    _count(connection, progress, interruption)
    dataset = describe(connection, corpus)
    quality = assess(connection, dataset.version)
    if quality.quotes.failing:
        raise PublishError(
            f"stored quotes are not what stands in the stored text: {', '.join(quality.quotes.failing)}"
        )
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


def _write(
    connection: Connection, rows: Rows, progress: Progress, interruption: Interruption
) -> None:
    """Insert rows in batches; a batch of links is written after those of the rows that were given before it."""
    total = rows.documents.aggregates.annotations
    writers = {
        str(table.name): _Writer(connection, table) for table in SQLModel.metadata.sorted_tables
    }
    held = written = 0

    def write() -> None:
        for writer in writers.values():
            writer.write()

    for model, values in rows:
        interruption.check()
        writers[str(model.__tablename__)].add(values)
        held += 1
        written += model in {models.Claim, models.Recommendation}
        if held >= BATCH_SIZE:
            write()
            held = 0
            progress("publishing", written, total)
    write()
    progress("publishing", total, total)


class _Writer:
    """Inserts the rows of one table in batches, by a statement that is built once."""

    def __init__(self, connection: Connection, table: Table) -> None:
        compiled = insert(table).compile(dialect=connection.dialect)
        self._connection = connection
        self._text = compiled.string
        names: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._values: Callable[[dict[str, Any]], Any] = (
            dict if names is None else itemgetter(*names)
        )
        self._lexemes: models.Lexemes | None = models.Lexemes() if "lexemes" in table.c else None
        self._waiting: list[Any] = []

    def add(self, row: dict[str, Any]) -> None:
        if self._lexemes is not None:
            row["lexemes"] = self._lexemes.process_bind_param(
                row["lexemes"], self._connection.dialect
            )
        self._waiting.append(self._values(row))

    def write(self) -> None:
        if self._waiting:
            self._connection.exec_driver_sql(self._text, self._waiting)
            self._waiting = []


def _count(connection: Connection, progress: Progress, interruption: Interruption) -> None:
    """Write what is counted of a filled database."""
    connection.execute(insert(models.Count), list(tallies(connection)))
    total = sum(
        collection.has_crosstab(*pair)
        for collection in KINDS.values()
        for pair in product(collection.dimensions, repeat=2)
    )
    writer = _Writer(connection, SQLModel.metadata.tables["crosstab"])
    for done, rows in enumerate(crosstabs(connection)):
        interruption.check()
        progress("counting", done, total)
        for row in rows:
            writer.add(row)
        writer.write()
    progress("counting", total, total)
