"""Put a new data version in place, as a whole or not at all.

SQLite: a new file is built beside the published one, flushed to the disk and renamed over it. If
the process is killed at any moment, the published file stays. PostgreSQL: one transaction.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from app import schemas
from app.database.integrity import write_checksum
from app.settings import Settings
from seed.publishing.digest import recompute_digest
from seed.publishing.fill import PublishError, fill
from seed.reading.corpus import Corpus

INTERRUPT_STEPS = 1_000_000
"""Steps of SQLite's virtual machine between two looks for Ctrl+C: about ten milliseconds."""

POSTGRESQL_LOCK = 0x425249454653  # "BRIEFS"
LOCK_SECONDS = 3
"""Wait for the lock of another seed: PostgreSQL takes a moment to notice that one was killed."""


def publish(
    corpus: Corpus, settings: Settings, before_commit: Callable[[], object] = lambda: None
) -> schemas.Dataset:
    """Publish a corpus in the database of the settings.

    Args:
        corpus: checked records.
        settings: with the address of the database.
        before_commit: called directly before the step that publishes; if it raises an exception,
            nothing is published.

    Returns:
        The data set as it is served.

    Raises:
        PublishError: nothing was published, for the reason in the message.
        sqlalchemy.exc.DBAPIError: the database could not be written.
        OSError: the file could not be written.
        CorpusError: a file of the corpus has changed since it was checked.
    """
    if settings.sqlite_file is not None:
        return _publish_file(corpus, settings.sqlite_file, before_commit)
    engine = create_engine(settings.database_url)
    try:
        with engine.begin() as connection:
            _lock_database(connection)
            dataset = fill(connection, corpus)
            before_commit()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        return dataset
    finally:
        engine.dispose()


def _publish_file(
    corpus: Corpus, target: Path, before_commit: Callable[[], object]
) -> schemas.Dataset:
    folder = target.absolute().parent
    if not folder.is_dir():
        raise PublishError(f"there is no folder {target.parent}: create it first")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise PublishError(f"{target} is not a regular file: remove it or choose another name")
    with _lock_file(target):
        for leftover in _leftovers(target):
            leftover.unlink()
        new = folder / f".{target.name}.{os.getpid()}.new"
        engine = create_engine("sqlite://", creator=lambda: _open_new(new))
        try:
            with engine.begin() as connection:
                dataset = fill(connection, corpus)
            with engine.begin() as connection:
                connection.execute(text("ANALYZE"))
            engine.dispose()  # so that the check reads the file, not the cache of the connection
            with engine.connect() as connection:
                _check_file(connection, dataset)
            engine.dispose()
            write_checksum(new)
            _flush(new)
            before_commit()
            new.replace(target)
            _flush(folder)
        finally:
            engine.dispose()
            new.unlink(missing_ok=True)
    return dataset


def _leftovers(target: Path) -> list[Path]:
    """Return the unfinished files of seeds that were killed."""
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9]+\.new(-journal|-wal|-shm)?")
    return [path for path in target.absolute().parent.iterdir() if name.fullmatch(path.name)]


def _open_new(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    # Python raises KeyboardInterrupt only where Python code runs: without this call, after the
    # statement, which may take minutes. Here the statement ends with SQLITE_INTERRUPT.
    connection.set_progress_handler(lambda: None, INTERRUPT_STEPS)
    # A row has some kilobytes: small pages would stay half empty.
    connection.execute("PRAGMA page_size=16384")
    # Nobody else reads the file yet, and after a failure it is removed: it needs no journal.
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    # In kilobytes: links are written to thousands of places in turn.
    connection.execute("PRAGMA cache_size=-131072")
    return connection


def _check_file(connection: Connection, dataset: schemas.Dataset) -> None:
    if connection.execute(text("PRAGMA integrity_check")).scalar_one() != "ok":
        raise PublishError("the new database file is damaged: check the disk")
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise PublishError("a row of the new database refers to a row that does not exist")
    if recompute_digest(connection) != dataset.digest:
        raise PublishError("the new database file differs from what was written: check the disk")


@contextmanager
def _lock_file(target: Path) -> Iterator[None]:
    """Hold the lock of a database file; the system releases it when the process ends."""
    with (target.parent / f".{target.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublishError(
                f"another seed is publishing {target}: wait until it has finished"
            ) from error
        yield


def _lock_database(connection: Connection) -> None:
    """Lock a PostgreSQL database against other seeds until the transaction ends."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    try:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRESQL_LOCK})"))
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise PublishError(
                "another seed is publishing to this database: wait until it has finished"
            ) from error
        raise
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    # From PostgreSQL 14, the lock of a killed seed goes even during a long statement.
    setting = "set_config('client_connection_check_interval', '1s', true)"
    version = "current_setting('server_version_num')::int"
    connection.execute(text(f"SELECT {setting} WHERE {version} >= 140000"))


def _flush(path: Path) -> None:
    """Write what the system holds of a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
