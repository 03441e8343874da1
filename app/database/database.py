"""The published data, opened for reading only: one version per response, the newest one."""

import os
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, sleep, to_thread
from fastapi import Request
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool
from sqlmodel import col

from app.database.counts import CountCache, load_counts
from app.database.integrity import FileIdentity, IntegrityCheck
from app.database.snapshot import NotReadyError, Snapshot, VersionData
from app.database.sqlite import ReplacedError, connect_read_only
from app.database.vocabulary import load_vocabulary
from app.models import SCHEMA, Dataset
from app.settings import Settings

MAX_ATTEMPTS = 10
"""To open a file while others are published one after another."""
DAMAGED = "the database file is damaged, or was not published by `python -m seed`: publish it again"
MAX_EXPORTS = 8
"""Large responses streamed at once: each holds a connection for as long as its client reads."""
POOL_TIMEOUT = 5
PROCESSORS = os.cpu_count() or 1


class TooManyExportsError(Exception):
    """``MAX_EXPORTS`` large responses are being streamed."""


class Database:
    """The published data at one address, a SQLite file or a PostgreSQL database.

    The seed replaces a SQLite file as a whole: each read compares the file's identity and opens
    the new one. On PostgreSQL a read is one repeatable-read transaction.
    """

    def __init__(self, settings: Settings) -> None:
        self.file: Path | None = settings.sqlite_file
        """The published SQLite file; None on PostgreSQL."""
        self._settings = settings
        # A file is read by the processor: more threads than processors only disturb each other.
        threads = settings.threads if self.file is None else min(settings.threads, PROCESSORS + 2)
        self.threads = CapacityLimiter(threads)
        """The limit of threads that answer questions."""
        self._lock = threading.Lock()
        self._exports = threading.BoundedSemaphore(MAX_EXPORTS)
        self._identity: FileIdentity | None = None
        self._integrity = None if self.file is None else IntegrityCheck(self.file)
        self._engine: Engine | None = None
        self._data: VersionData | None = None
        self._postgresql_version: Hashable | None = None

    # --- reading ---

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Open a snapshot: everything read through it is of one published version.

        Raises:
            NotReadyError: nothing that this code can read is published.
        """
        connection = self._connect()
        engine = connection.engine
        try:
            with connection:
                yield self._snapshot(connection)
        finally:
            if engine is not self._engine:
                _dispose_when_idle(engine)

    @contextmanager
    def export(self) -> Iterator[Snapshot]:
        """Open a snapshot for a streamed response, on its own connection: its client may be slow.

        Raises:
            NotReadyError: nothing that this code can read is published.
            TooManyExportsError: too many are open.
        """
        if not self._exports.acquire(blocking=False):
            raise TooManyExportsError
        try:
            with self._connect(for_export=True) as connection:
                yield self._snapshot(connection)
        finally:
            self._exports.release()

    @property
    def is_open(self) -> bool:
        """Whether a read opens no file and waits for no server: it may run on the event loop."""
        data = self._data
        return (
            data is not None
            and data.engine is self._engine
            and self.file is not None
            and self.version_key() == self._identity
        )

    def _connect(self, *, for_export: bool = False) -> Connection:
        for _ in range(MAX_ATTEMPTS):
            with suppress(ReplacedError):
                engine = self._current_engine()
                if for_export:
                    engine = self._create_engine(self._identity, for_export=True)
                return engine.connect()
        raise NotReadyError("the database file is being replaced again and again")

    def _snapshot(self, connection: Connection) -> Snapshot:
        data = self._data
        if data is not None and data.engine is connection.engine and self.file is not None:
            return Snapshot(connection, data)
        version = connection.execute(select(col(Dataset.version))).scalar_one_or_none()
        if version is None:
            raise NotReadyError("the database is empty: publish with `python -m seed`")
        if data is None or data.version != version:
            data = VersionData(
                connection.engine,
                version,
                load_vocabulary(connection),
                load_counts(connection),
                CountCache(),
            )
        elif self.file is not None and connection.engine is self._engine:
            data = replace(data, engine=connection.engine)  # the same version, published again
        if connection.engine is self._engine:
            self._data = data
        return Snapshot(connection, data)

    # --- engines ---

    def _create_engine(
        self, identity: FileIdentity | None = None, *, for_export: bool = False
    ) -> Engine:
        # A pool has connections for all threads and for the event loop: none waits for another's.
        threads = self._settings.threads
        pool: dict[str, Any] = {"poolclass": NullPool}
        if not for_export:
            pool = {
                "poolclass": QueuePool,
                "pool_size": threads,
                "max_overflow": threads,
                "pool_timeout": POOL_TIMEOUT,
                "pool_pre_ping": self.file is None,
            }
        seconds = self._settings.statement_seconds
        if self.file is not None:
            # An export is one statement, which takes as long as its client.
            creator = connect_read_only(self.file, identity, None if for_export else seconds)
            return create_engine("sqlite://", creator=creator, **pool)
        # On PostgreSQL each fetch of an export is a statement of its own.
        options = f"-c default_transaction_read_only=on -c statement_timeout={seconds * 1000:.0f}"
        return create_engine(
            self._settings.database_url,
            connect_args={"options": options, "connect_timeout": 5},
            isolation_level="REPEATABLE READ",
            **pool,
        )

    def _current_engine(self) -> Engine:
        """Return the engine of the data that is published now.

        Raises:
            NotReadyError: there is no database file, it is damaged, or its schema is another one.
        """
        if self.file is None or self._integrity is None:
            if self._engine is None:
                with self._lock:
                    self._engine = self._engine or self._create_engine()
            return self._engine
        try:
            identity = FileIdentity.of(self.file)
            if self._integrity.is_known_damaged(identity):
                raise NotReadyError(DAMAGED)
            if identity != self._identity:
                with self._lock:
                    if identity != self._identity:
                        self._open(identity, self._integrity)
        except FileNotFoundError as error:
            raise NotReadyError(
                f"there is no database file {self.file}: publish one with `python -m seed`"
            ) from error
        except OSError as error:
            raise NotReadyError(
                f"the database file {self.file} cannot be read ({error.strerror})"
            ) from error
        assert self._engine is not None  # noqa: S101 - set together with the identity
        return self._engine

    def _open(self, identity: FileIdentity, integrity: IntegrityCheck) -> None:
        """Open the file that is published now.

        Raises:
            NotReadyError: it is damaged, or its schema is another one.
            OSError: it cannot be read.
        """
        engine = self._create_engine(identity)
        try:
            check_schema(engine)
            if integrity.is_damaged(identity):
                raise NotReadyError(DAMAGED)
        except (NotReadyError, OSError):
            engine.dispose()
            raise
        # The engine first: who sees the new identity must not read from the former file.
        former, self._engine = self._engine, engine
        self._identity = identity
        if former is not None:
            _dispose_when_idle(former)

    # --- the published version ---

    def version_key(self) -> Hashable | None:
        """Return what changes when another version is published; None if none can be read.

        It costs a `stat` of the file. On PostgreSQL it is what ``watch`` read last.
        """
        if self.file is None or self._integrity is None:
            return self._postgresql_version
        try:
            identity = FileIdentity.of(self.file)
        except OSError:
            return None
        return None if self._integrity.is_known_damaged(identity) else identity

    async def watch(self) -> None:
        """Follow the version of a PostgreSQL database; a file is looked at by every read."""
        while self.file is None:
            await sleep(self._settings.watch_seconds)
            await self.refresh_version()

    async def refresh_version(self) -> None:
        """Read the version of a PostgreSQL database for ``version_key``."""
        if self.file is None:
            try:
                self._postgresql_version = await to_thread.run_sync(self._read_version)
            except (NotReadyError, SQLAlchemyError):
                self._postgresql_version = None  # the server goes on without its database

    def _read_version(self) -> Hashable:
        version = self.check()
        # The same version may be published again: the row's transaction tells one from the other.
        with self.read() as snapshot:
            published = text("SELECT xmin::text FROM dataset")
            return version, snapshot.connection.execute(published).scalar_one_or_none()

    def check(self) -> str:
        """Return the published version after comparing its schema with the code's.

        Raises:
            NotReadyError: with a sentence for the operator.
        """
        try:
            if self.file is None:
                check_schema(self._current_engine())  # first: it says best what is wrong
            with self.read() as snapshot:
                _compare_schema(snapshot.connection)
                return snapshot.version
        except DBAPIError as error:
            raise _unreadable(error) from error

    def close(self) -> None:
        """Close every connection that is not in use."""
        if self._engine is not None:
            self._engine.dispose()


def _dispose_when_idle(engine: Engine) -> None:
    """Close the connections of an engine whose file was replaced; its last reader does it."""
    if isinstance(engine.pool, QueuePool) and engine.pool.checkedout() == 0:
        engine.dispose()


def check_schema(engine: Engine) -> None:
    """Raise NotReadyError unless the database has the schema that this code expects."""
    try:
        with engine.connect() as connection:
            _compare_schema(connection)
    except DBAPIError as error:
        raise _unreadable(error) from error


def _compare_schema(connection: Connection) -> None:
    statement = text("SELECT version_num FROM alembic_version")
    found = list(connection.execute(statement).scalars())
    if found != [SCHEMA]:
        raise NotReadyError(
            f"the database has schema {', '.join(found) or 'none'}, this code expects {SCHEMA}: "
            "publish it again with `python -m seed`"
        )


def _unreadable(error: DBAPIError) -> NotReadyError:
    return NotReadyError(f"the database cannot be read ({type(error.orig).__name__})")


def get_database(request: Request) -> Database:
    """Return the application's database."""
    database: Database = request.app.state.database
    return database
