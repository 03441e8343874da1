"""Verify a published database: work out everything again from its rows, and compare."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from app import models, schemas
from app.database.database import check_schema
from app.database.integrity import FileIdentity, has_valid_checksum
from app.database.snapshot import NotReadyError
from app.database.sqlite import connect_read_only
from seed.publishing.counts import CROSSTAB_PAIRS, count_rows, crosstab_rows
from seed.publishing.digest import count_content, recompute_digest, version_name
from seed.publishing.quality import assess

MAX_NAMED_ITEMS = 10
"""Items that one finding names."""

Check = Callable[[Connection], str]
"""Returns what is wrong; empty if nothing is."""


class Finding(NamedTuple):
    """The result of one check.

    Args:
        holds: whether it passed.
        what: what was checked, and what is wrong if it failed.
    """

    holds: bool
    what: str


def verify(database: Path | str) -> Iterator[Finding]:
    """Check a published database without writing to it; stop at another schema.

    Args:
        database: a published SQLite file, or the address of a PostgreSQL database.

    Raises:
        OSError: the file does not exist or cannot be read.
        sqlalchemy.exc.DBAPIError: it is not a database, or cannot be reached.
    """
    engine = _read_only_engine(database)
    try:
        if isinstance(database, Path):
            wrong = (
                ""
                if has_valid_checksum(database)
                else "its checksum differs, so something was changed"
            )
            yield _finding("the file is as it was published, byte for byte", wrong)
        try:
            check_schema(engine)
        except NotReadyError as error:
            yield Finding(holds=False, what=str(error))
            return
        yield Finding(holds=True, what=f"the schema is {models.SCHEMA}")
        file_checks = FILE_CHECKS if isinstance(database, Path) else {}
        with engine.connect() as connection:
            for what, check in (file_checks | CONTENT_CHECKS).items():
                yield _finding(what, _run(check, connection))
    finally:
        engine.dispose()


def _read_only_engine(database: Path | str) -> Engine:
    if isinstance(database, Path):
        connect = connect_read_only(database, FileIdentity.of(database))
        return create_engine("sqlite://", creator=connect)
    options = {"options": "-c default_transaction_read_only=on"}
    return create_engine(database, connect_args=options, isolation_level="REPEATABLE READ")


def _finding(what: str, wrong: str) -> Finding:
    return Finding(not wrong, f"{what}: {wrong}" if wrong else what)


def _run(check: Check, connection: Connection) -> str:
    """Return the result of a check; stored values may be anything, so most errors are results."""
    try:
        return check(connection)
    except DBAPIError as error:
        return f"cannot be read ({type(error.orig).__name__})"
    except (ValueError, LookupError, TypeError, AttributeError):
        return "a stored document does not have the expected form"


def _check_integrity(connection: Connection) -> str:
    lines = connection.execute(text(f"PRAGMA integrity_check({MAX_NAMED_ITEMS})")).scalars().all()
    return "" if lines == ["ok"] else "; ".join(str(line).replace("\n", " ") for line in lines)


def _check_foreign_keys(connection: Connection) -> str:
    rows = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(MAX_NAMED_ITEMS)
    return ", ".join(f"{row[0]} {row[1]} to {row[2]}" for row in rows)


def _check_digest(connection: Connection) -> str:
    stored = connection.execute(select(models.Dataset)).one()
    dataset = schemas.Dataset.model_validate_json(stored.document)
    digest = recompute_digest(connection)
    if {stored.digest, dataset.digest} != {digest}:
        return f"it is {digest}, not {stored.digest}"
    version = version_name(dataset.edition, digest)
    if {stored.version, dataset.version} != {version}:
        return f"the version is called {stored.version}, not {version}"
    return ""


def _check_content_counts(connection: Connection) -> str:
    document = connection.execute(select(col(models.Dataset.document))).scalar_one()
    stored = schemas.Dataset.model_validate_json(document).counts.model_dump()
    actual = count_content(connection).model_dump()
    return ", ".join(
        f"{number} {name}, not {stored[name]}"
        for name, number in actual.items()
        if number != stored[name]
    )


def _check_quality(connection: Connection) -> str:
    columns = col(models.Dataset.version), col(models.Dataset.quality_document)
    version, document = connection.execute(select(*columns)).one()
    published = schemas.Quality.model_validate_json(document)
    quality = assess(connection, version, published.agreement)
    failing = quality.quotes.failing
    if failing:
        named = ", ".join(failing[:MAX_NAMED_ITEMS])
        more = len(failing) - MAX_NAMED_ITEMS
        return f"not {named}{f' and {more} more' if more > 0 else ''}"
    same = quality.model_dump_json() == document
    return "" if same else "it does, but the published quality report differs"


def _check_counts(
    table_name: str,
    count: Callable[[Connection], Iterable[Mapping[str, Any]]],
    connection: Connection,
) -> str:
    table = SQLModel.metadata.tables[table_name]
    rows = connection.execute(select(table), execution_options={"yield_per": 1000}).mappings()
    stored, actual = _sums(table.c.keys(), rows), _sums(table.c.keys(), count(connection))
    groups = stored.keys() | actual.keys()
    wrong = sorted(group for group in groups if stored.get(group) != actual.get(group))
    return ", ".join(" by ".join(filter(None, group)) for group in wrong[:MAX_NAMED_ITEMS])


def _all_crosstab_rows(connection: Connection) -> Iterator[Mapping[str, Any]]:
    for pair in CROSSTAB_PAIRS:
        yield from crosstab_rows(connection, pair)


def _sums(
    columns: Iterable[str], rows: Iterable[Mapping[str, Any] | RowMapping]
) -> Mapping[tuple[str, ...], int]:
    """Return a sum over the rows of each collection and dimension.

    Sums are equal in whatever order the rows come, and there may be millions of rows.
    """
    names, sums = list(columns), defaultdict[tuple[str, ...], int](int)
    for row in rows:
        # Hashes of tuples are almost linear: a count that moved from one value to another would
        # often cancel out. Hashes of text are not.
        group = row["collection"], row["dimension"], row.get("other", "")
        sums[group] += hash(repr([row[name] for name in names]))
    return sums


FILE_CHECKS: dict[str, Check] = {
    "its pages, rows and indexes agree": _check_integrity,
    "every row refers to rows that exist": _check_foreign_keys,
}
CONTENT_CHECKS: dict[str, Check] = {
    "the digest of the content is the one that names the version": _check_digest,
    "there are as many items of each kind as it says": _check_content_counts,
    "every quote stands in its text": _check_quality,
    "the counts by one filter are right": partial(_check_counts, "count", count_rows),
    "the counts by two filters are right": partial(_check_counts, "crosstab", _all_crosstab_rows),
}
