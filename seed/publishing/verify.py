"""Proving a published database: everything about it that can be worked out again is, and compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from app import models, schemas
from app.database.integrity import has_valid_checksum
from app.database.database import check_schema
from app.database.integrity import FileIdentity
from app.database.snapshot import NotReadyError
from app.database.sqlite import connect_read_only
from seed.publishing.counts import crosstabs, tallies
from seed.publishing.digest import counts_of, digest_of_stored, version_name
from seed.publishing.quality import assess

MAX_NAMED = 10
"""Failing items that a finding names."""

Check = Callable[[Connection], str]
"""Returns what is wrong; nothing if it holds."""


class Finding(NamedTuple):
    """What came of one check.

    Args:
        holds: whether all is well.
        what: what was checked, and what is wrong with it if anything is.
    """

    holds: bool
    what: str


def verify(database: Path | str) -> Iterator[Finding]:
    """Check a published database, which is only read; where its schema is another one, that is the last finding.

    Args:
        database: a published SQLite file, or the address of a PostgreSQL database.

    Raises:
        OSError: there is no such file, or it cannot be read.
    """
    engine = _engine(database)
    try:
        if isinstance(database, Path):
            yield _finding("the file is as it was published, byte for byte", _checksum(database))
        try:
            check_schema(engine)
        except NotReadyError as error:
            yield Finding(holds=False, what=str(error))
            return
        yield Finding(holds=True, what=f"the schema is {models.SCHEMA}")
        with engine.connect() as connection:
            for what, check in [
                *(_OF_A_FILE.items() if isinstance(database, Path) else ()),
                *_OF_CONTENT.items(),
            ]:
                yield _finding(what, _tried(check, connection))
    finally:
        engine.dispose()


def _engine(database: Path | str) -> Engine:
    if isinstance(database, Path):
        return create_engine(
            "sqlite://", creator=connect_read_only(database, FileIdentity.of(database))
        )
    options = {"options": "-c default_transaction_read_only=on"}
    return create_engine(database, connect_args=options, isolation_level="REPEATABLE READ")


def _finding(what: str, wrong: str) -> Finding:
    return Finding(not wrong, f"{what}: {wrong}" if wrong else what)


def _tried(check: Check, connection: Connection) -> str:
    try:
        return check(connection)
    except DBAPIError as error:
        return f"cannot be read ({type(error.orig).__name__})"
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ):  # what should be JSON of a certain shape may be anything
        return "what is stored is not of the form that it should have"


def _checksum(file: Path) -> str:
    return "" if has_valid_checksum(file) else "its checksum is another one, so something in it was changed"


def _integrity(connection: Connection) -> str:
    found = connection.execute(text(f"PRAGMA integrity_check({MAX_NAMED})")).scalars().all()
    return "" if found == ["ok"] else "; ".join(str(line).replace("\n", " ") for line in found)


def _foreign_keys(connection: Connection) -> str:
    found = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(MAX_NAMED)
    return ", ".join(f"{row[0]} {row[1]} to {row[2]}" for row in found)


def _digest(connection: Connection) -> str:
    stored = connection.execute(select(models.Dataset)).one()
    dataset = schemas.Dataset.model_validate_json(stored.document)
    found = digest_of_stored(connection)
    if {stored.digest, dataset.digest} != {found}:
        return f"it is {found}, not {stored.digest}"
    named = version_name(dataset.edition, found)
    return (
        ""
        if {stored.version, dataset.version} == {named}
        else f"the version is called {stored.version}, not {named}"
    )


def _counts(connection: Connection) -> str:
    document = connection.execute(select(col(models.Dataset.document))).scalar_one()
    said, found = (
        schemas.Dataset.model_validate_json(document).counts.model_dump(),
        counts_of(connection).model_dump(),
    )
    return ", ".join(
        f"{number} {name}, not {said[name]}"
        for name, number in found.items()
        if number != said[name]
    )


def _quality(connection: Connection) -> str:
    version, document = connection.execute(
        select(col(models.Dataset.version), col(models.Dataset.quality_document))
    ).one()
    found = assess(connection, version)
    failing = found.quotes.failing
    if failing:
        more = f" and {len(failing) - MAX_NAMED} more" if len(failing) > MAX_NAMED else ""
        return f"{', '.join(failing[:MAX_NAMED])}{more} {'does' if len(failing) == 1 else 'do'} not"
    return (
        ""
        if found.model_dump_json() == document
        else "they do, but what is published of the quality is not what is found"
    )


def _recounted(
    name: str, recount: Callable[[Connection], Iterable[Mapping[str, Any]]], connection: Connection
) -> str:
    table = SQLModel.metadata.tables[name]
    stored = connection.execute(select(table), execution_options={"yield_per": 1000}).mappings()
    said, found = _sums(table.c.keys(), stored), _sums(table.c.keys(), recount(connection))
    wrong = sorted(
        group for group in said.keys() | found.keys() if said.get(group) != found.get(group)
    )
    return ", ".join(
        filter(None, (" by ".join(filter(None, group)) for group in wrong[:MAX_NAMED]))
    )


def _sums(
    columns: Iterable[str], rows: Iterable[Mapping[str, Any] | RowMapping]
) -> Mapping[tuple[str, ...], int]:
    """Return a sum over the rows of each collection and dimension, the same in whatever order they come: there may be millions."""
    names, sums = list(columns), defaultdict[tuple[str, ...], int](int)
    for row in rows:
        # Of the text: hashes of tuples are so nearly linear that one item counted here instead of there often cancels out.
        sums[row["collection"], row["dimension"], row.get("other", "")] += hash(
            repr([row[name] for name in names])
        )
    return sums


_OF_A_FILE: Mapping[str, Check] = {
    "its pages, rows and indexes agree": _integrity,
    "every row refers to rows that there are": _foreign_keys,
}
_OF_CONTENT: Mapping[str, Check] = {
    "the digest of the content is the one that names the version": _digest,
    "there are as many of each kind as it says": _counts,
    "every quote stands in its text": _quality,
    "what was counted by one filter is what is counted again": partial(
        _recounted, "count", tallies
    ),
    "what was counted by two filters is what is counted again": partial(
        _recounted, "crosstab", lambda connection: chain.from_iterable(crosstabs(connection))
    ),
}
