"""A snapshot: one connection to one published version, with its vocabulary and counts."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select

from app.database.counts import CountCache, PrecomputedCounts
from app.database.vocabulary import ArticleNames, Names, Vocabulary

MAX_PREPARED_STATEMENTS = 2000


class NotReadyError(Exception):
    """The database is missing or cannot be read, or its schema is not the expected one."""


class PreparedStatement(NamedTuple):
    """A compiled statement.

    Args:
        text: the SQL.
        names: of its parameters, in order; None where the driver takes them by name.
        constants: parameters that are the same in every call.
    """

    text: str
    names: Sequence[str] | None
    constants: Mapping[str, Any]


_prepared: dict[Hashable, PreparedStatement] = {}
"""By dialect and key. They depend on the code alone: all versions and threads share them."""


@dataclass(frozen=True)
class VersionData:
    """What is held in memory of one published version.

    Args:
        engine: the engine that read it. For a file, the data holds for all its connections.
        version: its name.
        vocabulary: the names that filters accept.
        precomputed: the counts made when it was published.
        count_cache: the counts made since.
    """

    engine: Engine
    version: str
    vocabulary: Vocabulary
    precomputed: PrecomputedCounts
    count_cache: CountCache


@dataclass(frozen=True)
class Snapshot:
    """A connection to one published version, with its vocabulary and counts."""

    connection: Connection
    data: VersionData

    @property
    def version(self) -> str:
        return self.data.version

    @property
    def vocabulary(self) -> Vocabulary:
        return self.data.vocabulary

    @property
    def precomputed(self) -> PrecomputedCounts:
        return self.data.precomputed

    @property
    def count_cache(self) -> CountCache:
        return self.data.count_cache

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def names(self, kind: str) -> Names | ArticleNames:
        """Return a vocabulary: `themes`, `places`, `actors`, `publishers` or `articles`."""
        if kind == "articles":
            return ArticleNames(self.connection, self.precomputed.total(kind))
        names: Names = getattr(self.vocabulary, kind)
        return names

    def rows(
        self, key: Hashable, build: Callable[[], Select[Any]], values: Mapping[str, Any]
    ) -> Sequence[Any]:
        """Run a statement that is compiled once for each key: building costs more than running.

        Args:
            key: everything its text depends on; None to build it for this call alone.
            build: returns it, with a named parameter for each value.
            values: the parameters of this call.
        """
        if key is None:
            return self.connection.execute(build(), values).all()
        prepared = _prepared.get((self.dialect, key))
        if prepared is None:
            compiled = build().compile(dialect=self.connection.dialect)
            names: Sequence[str] | None = getattr(compiled, "positiontup", None)
            constants = {
                name: value for name, value in compiled.params.items() if value is not None
            }
            prepared = PreparedStatement(compiled.string, names, constants)
            if len(_prepared) >= MAX_PREPARED_STATEMENTS:
                _prepared.clear()
            _prepared[self.dialect, key] = prepared
        given = {**prepared.constants, **values}
        parameters: Any = (
            given if prepared.names is None else tuple(given[name] for name in prepared.names)
        )
        return self.connection.exec_driver_sql(prepared.text, parameters).all()
