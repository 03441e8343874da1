"""Reading the published data: engines opened for reading only, one version per answer, noticing a new one."""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from anyio import sleep, to_thread
from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, Pool, QueuePool
from sqlmodel import col

from app.database.counts import load_counts
from app.database.integrity import FileIdentity, IntegrityCheck
from app.database.snapshot import CountCache, NotReadyError, Snapshot, VersionData
from app.database.sqlite import ReplacedError, connect_read_only
from app.database.vocabulary import load_vocabulary
from app.models import SCHEMA, Dataset
from app.settings import Settings

ATTEMPTS = 10
"""Files put in place one after another while one reading is opened, before it is given up."""
DAMAGED = "the database file is damaged, or was not published by `python -m seed`: publish it again"
EXPORTS = 8
"""Answers streamed at once at most: each holds a connection for as long as its client reads."""


class TooManyExportsError(Exception):
    """As many large answers are being streamed as there may be."""


class Database:
    """The published data of one address, SQLite or PostgreSQL.

    A SQLite file is replaced as a whole when a new version is published: each reading looks whether the file is still the
    same and opens the new one if not. On PostgreSQL a reading is one repeatable-read transaction.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.sqlite_file
        self._lock = threading.Lock()
        self._exports = threading.BoundedSemaphore(EXPORTS)
        self._identity: FileIdentity | None = None
        self._soundness = None if self._file is None else IntegrityCheck(self._file)
        self._engine: Engine | None = None
        self._by_statement: Engine | None = None
        self._known: VersionData | None = None
        self._at_once: Connection | None = None
        self._seen: Hashable | None = None

    def _open(self, identity: FileIdentity | None = None) -> Engine:
        # As many connections as threads: with fewer, threads would wait for connections that waiting threads hold.
        # FastAPI has so many threads, and the short way at most as many again.
        threads = self._settings.threads
        pool: dict[str, Any] = {"pool_size": threads, "max_overflow": threads, "pool_timeout": 5}
        return self._engine_with(
            QueuePool, pool | {"pool_pre_ping": self._file is None}, identity
        )  # a file does not go away

    def _engine_with(
        self, pool: type[Pool], options: Mapping[str, Any], identity: FileIdentity | None = None
    ) -> Engine:
        if self._file is None:
            # To fetch some rows of a large answer is a statement of its own.
            limited = f"-c default_transaction_read_only=on -c statement_timeout={self._settings.statement_seconds * 1000:.0f}"
            return create_engine(
                self._settings.database_url,
                connect_args={"options": limited, "connect_timeout": 5},
                poolclass=pool,
                **{"isolation_level": "REPEATABLE READ", **options},
            )
        # A large answer is one statement, which may take as long as its client.
        seconds = None if pool is NullPool else self._settings.statement_seconds
        return create_engine(
            "sqlite://",
            creator=connect_read_only(self._file, identity, seconds),
            poolclass=pool,
            **options,
        )

    def _current(self) -> Engine:
        """Return the engine of the data that is published now.

        Raises:
            NotReadyError: there is no database file, it is damaged, or its schema is another one.
        """
        soundness = self._soundness
        if soundness is None:
            if self._engine is None:
                with self._lock:
                    self._engine = self._engine or self._open()
            return self._engine
        try:
            identity = FileIdentity.of(soundness.path)
            if soundness.is_known_damaged(identity):
                raise NotReadyError(DAMAGED)
            self._switch_to(identity, soundness)
        except FileNotFoundError as error:
            raise NotReadyError(
                f"there is no database file {soundness.path}: publish one with `python -m seed`"
            ) from error
        except OSError as error:
            raise NotReadyError(
                f"the database file {soundness.path} cannot be read ({error.strerror})"
            ) from error
        assert self._engine is not None  # noqa: S101 - set together with the identity
        return self._engine

    def _switch_to(self, identity: FileIdentity, soundness: IntegrityCheck) -> None:
        """Open the file that is published now, unless that was done.

        Raises:
            NotReadyError: it is damaged, or its schema is another one.
            OSError: it cannot be read.
        """
        if identity != self._identity:
            with self._lock:
                if identity != self._identity:
                    engine = self._open(identity)
                    try:
                        check_schema(engine)
                        if soundness.is_damaged(identity):
                            raise NotReadyError(DAMAGED)
                    except (NotReadyError, OSError):
                        engine.dispose()
                        raise
                    former, self._engine, self._identity = self._engine, engine, identity
                    if former is not None:
                        _dispose_when_idle(former)

    @property
    def file(self) -> Path | None:
        """The published SQLite file; None where PostgreSQL serves."""
        return self._file

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Open a reading: everything read through it is of one published version.

        Raises:
            NotReadyError: nothing that this code can read is published.
        """
        with self._connected() as connection:
            yield self._reading(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection = self._connect(lambda engine: engine)
        engine = connection.engine
        try:
            with connection:
                yield connection
        finally:
            if engine is not self._engine:
                _dispose_when_idle(engine)

    def _connect(self, choose: Callable[[Engine], Engine]) -> Connection:
        """Connect to what is published now, by the engine chosen for it.

        Raises:
            NotReadyError: nothing that this code can read is published.
        """
        for _ in range(ATTEMPTS):
            with suppress(ReplacedError):
                return choose(self._current()).connect()
        raise NotReadyError("the database file is being replaced again and again")

    def read_at_once(self) -> Snapshot | None:
        """Return a reading for the event loop: on a connection that it keeps, for statements that take no time worth a thread.

        None where the data is not a file, is not known yet, or cannot be read: then ``read`` is asked, in a thread.
        """
        known, engine = self._known, self._engine
        if (
            self._file is None
            or known is None
            or engine is None
            or known.source is not engine
            or self.published() != self._identity
        ):
            return None
        if self._at_once is None or self._at_once.engine is not engine:
            if self._at_once is not None:
                self._at_once.close()
            self._at_once = engine.connect()
            self._at_once.detach()  # it is no reader for whose end the pool would wait
        return Snapshot(self._at_once, known)

    @contextmanager
    def read_one_statement(self) -> Iterator[Snapshot | None]:
        """Open a reading of PostgreSQL without a transaction, for an answer from one statement: a quarter of the round trips.

        None where the data is a file, or not known yet: then ``read`` is asked. So it is after any error, since nobody looked
        whether the connection still holds.
        """
        known = self._known
        if self._file is not None or known is None:
            yield None
            return
        if self._by_statement is None:
            with self._lock:
                pool = {"pool_size": self._settings.threads, "max_overflow": 0, "pool_timeout": 5}
                self._by_statement = self._by_statement or self._engine_with(
                    QueuePool, pool | {"isolation_level": "AUTOCOMMIT"}
                )
        with self._by_statement.connect() as connection:
            yield Snapshot(connection, known, watchful=True)

    def _reading(self, connection: Connection) -> Snapshot:
        known = self._known
        if known is not None and known.source is connection.engine and self._file is not None:
            return Snapshot(connection, known)
        version = connection.execute(select(col(Dataset.version))).scalar_one_or_none()
        if version is None:
            raise NotReadyError("the database is empty: publish with `python -m seed`")
        if known is None or known.version != version:
            known = VersionData(
                connection.engine,
                version,
                load_vocabulary(connection),
                load_counts(connection),
                CountCache(),
            )
        elif self._file is not None and connection.engine is self._engine:
            known = replace(known, source=connection.engine)  # the same version, published again
        if connection.engine is self._engine:
            self._known = known
        return Snapshot(connection, known)

    @contextmanager
    def export(self) -> Iterator[Snapshot]:
        """Open a reading for an answer that is streamed: on a connection of its own, since a slow client may take its time.

        Raises:
            NotReadyError: nothing that this code can read is published.
            TooManyExportsError: as many are under way as there may be.
        """
        if not self._exports.acquire(blocking=False):
            raise TooManyExportsError
        try:
            with self._connect(
                lambda _: self._engine_with(NullPool, {}, self._identity)
            ) as connection:
                yield self._reading(connection)
        finally:
            self._exports.release()

    def published(self) -> Hashable | None:
        """Return what changes when another data version is published, at the cost of a look at the file; None if there is none.

        On PostgreSQL it is what ``watch`` saw last.
        """
        if self._soundness is None:
            return self._seen
        try:
            identity = FileIdentity.of(self._soundness.path)
        except OSError:
            return None
        return None if self._soundness.is_known_damaged(identity) else identity

    async def look(self) -> None:
        """See which version PostgreSQL has, for ``published``."""
        if self._file is None:
            try:
                self._seen = await to_thread.run_sync(self._publication)
            except (
                NotReadyError,
                SQLAlchemyError,
            ):  # whatever is wrong with the database must not end the server
                self._seen = None

    def _publication(self) -> Hashable:
        """Return what tells one publication on PostgreSQL from any other, also from an earlier one of the same version."""
        version = self.check()
        with self.read() as snapshot:
            return version, snapshot.connection.execute(
                text("SELECT xmin::text FROM dataset")
            ).scalar_one_or_none()

    async def watch(self) -> None:
        """Look again and again which version PostgreSQL has, or whether a large file is whole.

        Which file is published is looked at whenever somebody asks.
        """
        while True:
            if self._soundness is not None:
                with suppress(OSError):
                    self._soundness.check_in_background(FileIdentity.of(self._soundness.path))
            await sleep(self._settings.watch_seconds)
            await self.look()

    def check(self) -> str:
        """Return the published version, having compared the schema with the one this code expects.

        Raises:
            NotReadyError: with a sentence for the operator.
        """
        try:
            if self._file is None:
                check_schema(
                    self._current()
                )  # before anything else is read: it says best what is wrong
            with self.read() as snapshot:
                _compare_schema(snapshot.connection)
                return snapshot.version
        except DBAPIError as error:
            raise NotReadyError(
                f"the database cannot be read ({type(error.orig).__name__})"
            ) from error

    def close(self) -> None:
        """Close every connection that is not in use."""
        if self._at_once is not None:
            self._at_once.close()
            self._at_once = None
        for engine in (self._engine, self._by_statement):
            if engine is not None:
                engine.dispose()


def _dispose_when_idle(engine: Engine) -> None:
    """Close the connections of an engine whose file was replaced; while it is still read from, the last reader does it."""
    if isinstance(engine.pool, QueuePool) and engine.pool.checkedout() == 0:
        engine.dispose()


def check_schema(engine: Engine) -> None:
    """Raise NotReadyError unless the database is of the schema that this code expects."""
    try:
        with engine.connect() as connection:
            _compare_schema(connection)
    except DBAPIError as error:
        raise NotReadyError(f"the database cannot be read ({type(error.orig).__name__})") from error


def _compare_schema(connection: Connection) -> None:
    found: Sequence[str] = (
        connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    )
    if list(found) != [SCHEMA]:
        raise NotReadyError(
            f"the database has schema {', '.join(found) or 'none'}, this code expects {SCHEMA}"
        )


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(_database)]
"""An endpoint opens its reading itself, in its own thread. A dependency that yielded one would hold a connection while the
endpoint waits for a thread, and every thread might be waiting for a connection."""
