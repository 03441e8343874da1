"""Reading one published version: its statements, and what is known of it."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, Select, select
from sqlmodel import col

from app.database.counts import PrecomputedCounts
from app.database.vocabulary import ArticleNames, Names, Vocabulary
from app.models import Dataset

MAX_CACHED_COUNTS = 100_000
"""What is remembered of counts, some hundred bytes each."""
MAX_PREPARED_STATEMENTS = 2000

Result = TypeVar("Result")


class NotReadyError(Exception):
    """The database is missing, cannot be read, or is not of the schema that this code expects."""


class OtherVersionError(Exception):
    """What was read is not known to be of the version that the answer is made for."""


class CountCache:
    """What was counted on one version: bounded, and forgotten as a whole when it is full."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}
        self._numbers = 0

    def get_or_compute(
        self,
        what: Hashable,
        find: Callable[[], Result],
        size: Callable[[Result], int] | None = None,
    ) -> Result:
        """Return what was found before, or find it and remember it.

        Args:
            what: the question.
            find: finds the answer: a number, or a mapping with many.
            size: tells of any other answer as how many numbers it counts.
        """
        if what in self._found:
            known: Result = self._found[what]
            return known
        found = find()
        numbers = size(found) if size else len(found) if isinstance(found, Mapping) else 1
        numbers += 2  # the question has a size too
        if self._numbers + numbers > MAX_CACHED_COUNTS:
            self._found, self._numbers = {}, 0
        if numbers <= MAX_CACHED_COUNTS // 10:
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
"""Statements by their key. They depend on the code alone, so every version and thread shares them."""


@dataclass(frozen=True)
class VersionData:
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
    precomputed: PrecomputedCounts
    count_cache: CountCache


@dataclass(frozen=True)
class Snapshot:
    """What one answer is made from: a connection to one published version, and what is known of that version."""

    connection: Connection
    known: VersionData
    watchful: bool = False
    """Whether no transaction holds the version, so that each statement must tell it."""

    @property
    def version(self) -> str:
        return self.known.version

    @property
    def vocabulary(self) -> Vocabulary:
        return self.known.vocabulary

    @property
    def precomputed(self) -> PrecomputedCounts:
        return self.known.precomputed

    @property
    def count_cache(self) -> CountCache:
        """What was counted on this version before."""
        return self.known.count_cache

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def names(self, kind: str) -> Names | ArticleNames:
        """Return a vocabulary: `themes`, `places`, `actors`, `publishers` or `articles`."""
        if kind == "articles":
            return ArticleNames(self.connection, self.precomputed.total(kind))
        found: Names = getattr(self.vocabulary, kind)
        return found

    def rows(
        self, statement_key: Hashable, build: Callable[[], Select[Any]], values: Mapping[str, Any]
    ) -> Sequence[Any]:
        """Run a statement that is built once for all questions with its key: building costs many times what running does.

        Args:
            statement_key: all that its text depends on; None if it is not worth remembering.
            build: makes it, with a named parameter for each value.
            values: what this question asks for.

        Raises:
            OtherVersionError: another version is published by now, or may be, as nothing was found.
        """
        if self.watchful:
            version = select(col(Dataset.version)).scalar_subquery()
            rows = self._run(
                None if statement_key is None else ("version", statement_key),
                lambda: build().add_columns(version),
                values,
            )
            if not rows or rows[0][-1] != self.version:
                raise OtherVersionError
            return [row[:-1] for row in rows]
        return self._run(statement_key, build, values)

    def _run(
        self, statement_key: Hashable, build: Callable[[], Select[Any]], values: Mapping[str, Any]
    ) -> Sequence[Any]:
        if statement_key is None:
            return self.connection.execute(build(), values).all()
        key = (self.dialect, statement_key)
        prepared = _prepared.get(key)
        if prepared is None:
            compiled = build().compile(dialect=self.connection.dialect)
            names: Sequence[str] | None = getattr(compiled, "positiontup", None)
            prepared = Prepared(
                compiled.string, names, {k: v for k, v in compiled.params.items() if v is not None}
            )
            if len(_prepared) >= MAX_PREPARED_STATEMENTS:
                _prepared.clear()
            _prepared[key] = prepared
        given = {**prepared.constants, **values}
        parameters: Any = (
            given if prepared.names is None else tuple(given[name] for name in prepared.names)
        )
        return self.connection.exec_driver_sql(prepared.text, parameters).all()
