"""Read-only connections to a published SQLite file, with a time limit for each statement."""

import math
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.database.integrity import FileIdentity
from app.database.snapshot import NotReadyError

STEPS = 20_000
"""Steps of SQLite's virtual machine between two looks at the clock: some milliseconds."""


class ReplacedError(NotReadyError):
    """Another file was published since its identity was read: read it again."""


class LimitedConnection(sqlite3.Connection):
    """A connection whose statements fail after some time, with ``sqlite3.OperationalError``."""

    _seconds = math.inf
    _deadline = math.inf

    def limit(self, seconds: float) -> None:
        """Limit each statement, from when its cursor is made until its last row is fetched."""
        self._seconds = seconds
        self.set_progress_handler(self._is_overdue, STEPS)

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        # SQLAlchemy makes a cursor for each statement.
        self._deadline = time.monotonic() + self._seconds
        return super().cursor(factory)

    def _is_overdue(self) -> bool:
        return time.monotonic() > self._deadline


def connect_read_only(
    path: Path, identity: FileIdentity | None, statement_seconds: float | None = None
) -> Callable[[], sqlite3.Connection]:
    """Return a function that connects to one published file, and no other, for reading only.

    Nothing can be written, attached or loaded through the connection.

    Args:
        path: the file's.
        identity: the file's; if there is another one by now, the function raises ``ReplacedError``.
        statement_seconds: the time limit of a statement; None for no limit.
    """
    # A published file is never written again (the seed renames a new one into place), so it can be
    # opened as immutable: no locks, no journal, and it works on a read-only mount.
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, check_same_thread=False, factory=LimitedConnection
        )
        try:
            replaced = FileIdentity.of(path) != identity
        except OSError:
            replaced = True
        if replaced:
            connection.close()
            raise ReplacedError("another database file was published just now")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        with closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute("PRAGMA trusted_schema=OFF")
        if statement_seconds is not None:
            connection.limit(statement_seconds)
        return connection

    return connect
