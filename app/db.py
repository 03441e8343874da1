"""Reading the published data: engines opened for reading only, one version per answer, noticing a new one."""

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import quote

from anyio import sleep, to_thread
from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, Select, create_engine, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, Pool, QueuePool
from sqlmodel import col

from app.models import SCHEMA, Dataset
from app.settings import Settings
from app.soundness import FileIdentity, Soundness
from app.tallies import Tallies, load_tallies
from app.vocabulary import ArticleNames, Names, Vocabulary, load_vocabulary

MOST_NUMBERS = 100_000
"""What is remembered of counts, some hundred bytes each."""
MOST_PREPARED = 2000
ATTEMPTS = 10
"""Files put in place one after another while one reading is opened, before it is given up."""
DAMAGED = "the database file is damaged, or was not published by `python -m seed`: publish it again"
EXPORTS = 8
"""Answers streamed at once at most: each holds a connection for as long as its client reads."""


Found = TypeVar("Found")


class NotReadyError(Exception):
    """The database is missing, cannot be read, or is not of the schema that this code expects."""


class ReplacedError(NotReadyError):
    """Another file was published since it was looked which one is: look again."""


class OtherVersionError(Exception):
    """What was read is not known to be of the version that the answer is made for."""


class TooManyExportsError(Exception):
    """As many large answers are being streamed as there may be."""


class Memory:
    """What was counted on one version: bounded, and forgotten as a whole when it is full."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}
        self._numbers = 0

    def remembered(self, what: Hashable, find: Callable[[], Found], size: Callable[[Found], int] | None = None) -> Found:
        """Return what was found before, or find it and remember it.

        Args:
            what: the question.
            find: finds the answer: a number, or a mapping with many.
            size: tells of any other answer as how many numbers it counts.
        """
        if what in self._found:
            known: Found = self._found[what]
            return known
        found = find()
        numbers = size(found) if size else len(found) if isinstance(found, Mapping) else 1
        numbers += 2  # the question has a size too
        if self._numbers + numbers > MOST_NUMBERS:
            self._found, self._numbers = {}, 0
        if numbers <= MOST_NUMBERS // 10:
            self._found[what] = found
            self._numbers += numbers
        return found


class Prepared(NamedTuple):
    """A statement as a database takes it.

    Args:
        text: the SQL.
        names: of its values, in order; None where the database takes them by name.
        constants: the values that are always the same.
    """

    text: str
    names: Sequence[str] | None
    constants: Mapping[str, Any]


_prepared: dict[Hashable, Prepared] = {}
"""Statements by their form. They depend on the code alone, so every version and thread shares them."""


@dataclass(frozen=True)
class Known:
    """What is held in memory of one published version.

    Args:
        source: the engine it was read by: of a file, which never changes, it holds for every connection.
        version: its name.
        vocabulary: the names that questions may use.
        tallies: what was counted when it was published.
        memory: what was counted since.
    """

    source: Engine
    version: str
    vocabulary: Vocabulary
    tallies: Tallies
    memory: Memory


@dataclass(frozen=True)
class Reading:
    """What one answer is made from: a connection to one published version, and what is known of that version."""

    connection: Connection
    known: Known
    watchful: bool = False
    """Whether no transaction holds the version, so that each statement must tell it."""

    @property
    def version(self) -> str:
        return self.known.version

    @property
    def vocabulary(self) -> Vocabulary:
        return self.known.vocabulary

    @property
    def tallies(self) -> Tallies:
        return self.known.tallies

    @property
    def memory(self) -> Memory:
        """What was counted on this version before."""
        return self.known.memory

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def names(self, kind: str) -> Names | ArticleNames:
        """Return a vocabulary: `themes`, `places`, `actors`, `publishers` or `articles`."""
        if kind == "articles":
            return ArticleNames(self.connection, self.tallies.total(kind))
        found: Names = getattr(self.vocabulary, kind)
        return found

    def rows(self, form: Hashable, build: Callable[[], Select[Any]], values: Mapping[str, Any]) -> Sequence[Any]:
        """Run a statement that is built once for all questions of its form: building costs many times what running does.

        Args:
            form: all that its text depends on; None if it is not worth remembering.
            build: makes it, with a named parameter for each value.
            values: what this question asks for.

        Raises:
            OtherVersionError: another version is published by now, or may be, as nothing was found.
        """
        if self.watchful:
            told = select(col(Dataset.version)).scalar_subquery()
            rows = self._run(None if form is None else ("version", form), lambda: build().add_columns(told), values)
            if not rows or rows[0][-1] != self.version:
                raise OtherVersionError
            return [row[:-1] for row in rows]
        return self._run(form, build, values)

    def _run(self, form: Hashable, build: Callable[[], Select[Any]], values: Mapping[str, Any]) -> Sequence[Any]:
        if form is None:
            return self.connection.execute(build(), values).all()
        key = (self.dialect, form)
        prepared = _prepared.get(key)
        if prepared is None:
            compiled = build().compile(dialect=self.connection.dialect)
            names: Sequence[str] | None = getattr(compiled, "positiontup", None)
            prepared = Prepared(compiled.string, names, {k: v for k, v in compiled.params.items() if v is not None})
            if len(_prepared) >= MOST_PREPARED:
                _prepared.clear()
            _prepared[key] = prepared
        given = {**prepared.constants, **values}
        parameters: Any = given if prepared.names is None else tuple(given[name] for name in prepared.names)
        return self.connection.exec_driver_sql(prepared.text, parameters).all()


def connect_read_only(path: Path, identity: FileIdentity | None) -> Callable[[], sqlite3.Connection]:
    """Return a function that opens one published file, and no other, so that nothing can be written, attached or loaded."""
    # A published file is never written again (the seed renames a new one into place), so it may be opened as immutable:
    # no locks, no journal, and it works on a read-only mount.
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            is_another = FileIdentity.of(path) != identity
        except OSError:
            is_another = True
        if is_another:
            connection.close()
            raise ReplacedError("another database file was put in place just now")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        with closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute("PRAGMA trusted_schema=OFF")
        return connection

    return connect


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
        self._soundness = None if self._file is None else Soundness(self._file)
        self._engine: Engine | None = None
        self._by_statement: Engine | None = None
        self._known: Known | None = None
        self._at_once: Connection | None = None
        self._seen: Hashable | None = None

    def _open(self, identity: FileIdentity | None = None) -> Engine:
        # As many connections as threads: with fewer, threads would wait for connections that waiting threads hold.
        # FastAPI has so many threads, and the short way at most as many again.
        threads = self._settings.threads
        pool: dict[str, Any] = {"pool_size": threads, "max_overflow": threads, "pool_timeout": 5}
        return self._engine_with(QueuePool, pool | {"pool_pre_ping": self._file is None}, identity)  # a file does not go away

    def _engine_with(self, pool: type[Pool], options: Mapping[str, Any], identity: FileIdentity | None = None) -> Engine:
        if self._file is None:
            return create_engine(
                self._settings.database_url,
                connect_args={"options": "-c default_transaction_read_only=on", "connect_timeout": 5},
                poolclass=pool,
                **{"isolation_level": "REPEATABLE READ", **options},
            )
        return create_engine("sqlite://", creator=connect_read_only(self._file, identity), poolclass=pool, **options)

    def _current(self) -> Engine:
        """Return the engine of the data that is published now.

        Raises:
            NotReadyError: there is no database file, it is damaged, or its schema is another one.
        """
        if self._file is None or self._soundness is None:
            if self._engine is None:
                with self._lock:
                    self._engine = self._engine or self._open()
            return self._engine
        try:
            identity = FileIdentity.of(self._file)
            if self._soundness.is_known_damaged(identity):
                raise NotReadyError(DAMAGED)
            self._go_over_to(identity, self._soundness)
        except FileNotFoundError as error:
            raise NotReadyError(f"there is no database file {self._file}: publish one with `python -m seed`") from error
        except OSError as error:
            raise NotReadyError(f"the database file {self._file} cannot be read ({error.strerror})") from error
        assert self._engine is not None  # noqa: S101 - set together with the identity
        return self._engine

    def _go_over_to(self, identity: FileIdentity, soundness: Soundness) -> None:
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
                        _dispose_unless_read(former)

    @property
    def file(self) -> Path | None:
        """The published SQLite file; None where PostgreSQL serves."""
        return self._file

    @contextmanager
    def read(self) -> Iterator[Reading]:
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
                _dispose_unless_read(engine)

    def _connect(self, choose: Callable[[Engine], Engine]) -> Connection:
        """Connect to what is published now, by the engine chosen for it.

        Raises:
            NotReadyError: nothing that this code can read is published.
        """
        for _ in range(ATTEMPTS):
            with suppress(ReplacedError):
                return choose(self._current()).connect()
        raise NotReadyError("the database file is being replaced again and again")

    def read_at_once(self) -> Reading | None:
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
        return Reading(self._at_once, known)

    @contextmanager
    def read_one_statement(self) -> Iterator[Reading | None]:
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
                self._by_statement = self._by_statement or self._engine_with(QueuePool, pool | {"isolation_level": "AUTOCOMMIT"})
        with self._by_statement.connect() as connection:
            yield Reading(connection, known, watchful=True)

    def _reading(self, connection: Connection) -> Reading:
        known = self._known
        if known is not None and known.source is connection.engine and self._file is not None:
            return Reading(connection, known)
        version = connection.execute(select(col(Dataset.version))).scalar_one_or_none()
        if version is None:
            raise NotReadyError("the database is empty: publish with `python -m seed`")
        if known is None or known.version != version:
            known = Known(connection.engine, version, load_vocabulary(connection), load_tallies(connection), Memory())
        elif self._file is not None and connection.engine is self._engine:
            known = replace(known, source=connection.engine)  # the same version, published again
        if connection.engine is self._engine:
            self._known = known
        return Reading(connection, known)

    @contextmanager
    def export(self) -> Iterator[Reading]:
        """Open a reading for an answer that is streamed: on a connection of its own, since a slow client may take its time.

        Raises:
            NotReadyError: nothing that this code can read is published.
            TooManyExportsError: as many are under way as there may be.
        """
        if not self._exports.acquire(blocking=False):
            raise TooManyExportsError
        try:
            with self._connect(lambda _: self._engine_with(NullPool, {}, self._identity)) as connection:
                yield self._reading(connection)
        finally:
            self._exports.release()

    def published(self) -> Hashable | None:
        """Return what changes when another data version is published, at the cost of a look at the file; None if there is none.

        On PostgreSQL it is what ``watch`` saw last.
        """
        if self._file is None or self._soundness is None:
            return self._seen
        try:
            identity = FileIdentity.of(self._file)
        except OSError:
            return None
        return None if self._soundness.is_known_damaged(identity) else identity

    async def look(self) -> None:
        """See which version PostgreSQL has, for ``published``."""
        if self._file is None:
            try:
                self._seen = await to_thread.run_sync(self._publication)
            except (NotReadyError, SQLAlchemyError):  # whatever is wrong with the database must not end the server
                self._seen = None

    def _publication(self) -> Hashable:
        """Return what tells one publication on PostgreSQL from any other, also from an earlier one of the same version."""
        version = self.check()
        with self.read() as reading:
            return version, reading.connection.execute(text("SELECT xmin::text FROM dataset")).scalar_one_or_none()

    async def watch(self) -> None:
        """Look again and again which version PostgreSQL has, or whether a large file is whole.

        Which file is published is looked at whenever somebody asks.
        """
        while True:
            if self._file is not None and self._soundness is not None:
                with suppress(OSError):
                    self._soundness.judge_beside(FileIdentity.of(self._file))
            await sleep(self._settings.watch_seconds)
            await self.look()

    def check(self) -> str:
        """Return the published version, having compared the schema with the one this code expects.

        Raises:
            NotReadyError: with a sentence for the operator.
        """
        try:
            if self._file is None:
                check_schema(self._current())  # before anything else is read: it says best what is wrong
            with self.read() as reading:
                _compare_schema(reading.connection)
                return reading.version
        except DBAPIError as error:
            raise NotReadyError(f"the database cannot be read ({type(error.orig).__name__})") from error

    def close(self) -> None:
        """Close every connection that is not in use."""
        if self._at_once is not None:
            self._at_once.close()
            self._at_once = None
        for engine in (self._engine, self._by_statement):
            if engine is not None:
                engine.dispose()


def _dispose_unless_read(engine: Engine) -> None:
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
    found: Sequence[str] = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if list(found) != [SCHEMA]:
        raise NotReadyError(f"the database has schema {', '.join(found) or 'none'}, this code expects {SCHEMA}")


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(_database)]
"""An endpoint opens its reading itself, in its own thread. A dependency that yielded one would hold a connection while the
endpoint waits for a thread, and every thread might be waiting for a connection."""
