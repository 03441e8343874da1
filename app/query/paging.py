"""The order of a list, and the cursors of its pages (keyset pagination)."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, or_

from app.database.names import is_storable
from app.http.problems import invalid_value, nearest
from app.query.collection import SqlColumn

MAX_KEY = 2**31 - 1


class OrderKey(NamedTuple):
    """One key of an order: a column that is never null, and its direction."""

    column: SqlColumn
    descending: bool

    def order_by(self, *, reverse: bool = False) -> ColumnElement[Any]:
        """Return the expression for ORDER BY."""
        column: ColumnElement[Any] = self.column
        return column.desc() if self.descending != reverse else column.asc()


def parse_sort(
    sort: str, keys: Mapping[str, SqlColumn], other_keys: Sequence[str] = ()
) -> list[OrderKey]:
    """Return the order of `sort`, which ends with the primary key and so is total.

    Args:
        sort: public keys, separated by commas, `-` before descending ones.
        keys: the columns of the public keys; `id` is the primary key.
        other_keys: further keys that the error message lists as valid.

    Raises:
        Problem: an unknown or repeated key.
    """
    order: dict[str, OrderKey] = {}
    for part in sort.split(","):
        name = part.strip().removeprefix("-")
        if name not in keys or name in order:
            message = "is given twice." if name in order else f"no such key '{name[:64]}'."
            guesses = [] if name in order else nearest(name[:64], {key: key for key in keys})
            valid = ", ".join([*keys, *other_keys])
            raise invalid_value("sort", sort, message, guesses, valid)
        order[name] = OrderKey(keys[name], part.strip().startswith("-"))
    order.setdefault("id", OrderKey(keys["id"], descending=False))
    # Ids are unique: keys after the id decide nothing.
    return list(order.values())[: list(order).index("id") + 1]


@dataclass(frozen=True)
class Cursor:
    """A position in a list: just after, or just before, the row with these order values.

    Args:
        version: the data version.
        query: the ``query_digest`` of the list.
        direction: whether the page after or before the row follows.
        values: the row's values of the order's keys.
    """

    version: str
    query: str
    direction: Literal["next", "prev"]
    values: Sequence[str | int]

    def encode(self) -> str:
        """Return the cursor as an opaque, URL-safe text."""
        content = [self.version, self.query, self.direction, *self.values]
        payload = json.dumps(content, ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(_checksum(payload) + payload).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, version: str, query: str, types: Sequence[type]) -> "Cursor":
        """Return the cursor that a client sent.

        Args:
            text: the encoded cursor.
            version: the data version of this response.
            query: the ``query_digest`` of this request.
            types: the types of the order's values, the primary key last.

        Raises:
            Problem: the cursor is damaged, or of another query or data version.
        """
        message = "is damaged: start again at the first page."
        try:
            if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
                raise ValueError
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            checksum, payload = raw[:8], raw[8:]
            if checksum != _checksum(payload):
                raise ValueError
            cursor_version, cursor_query, direction, *values = json.loads(payload)
            if [type(value) for value in values] != list(types) or not all(map(_is_valid, values)):
                raise ValueError
            if direction not in {"next", "prev"}:
                raise ValueError
            if cursor_query != query:
                message = "belongs to another query: start again at the first page."
                raise ValueError
            if cursor_version != version:
                message = "belongs to an earlier data set: start again at the first page."
                raise ValueError
        except (ValueError, TypeError, IndexError, RecursionError) as error:
            raise invalid_value("cursor", text, message, slug="invalid-cursor") from error
        return cls(version, query, direction, values)


def _is_valid(value: str | int) -> bool:
    """Return whether a column can be compared with a value. PostgreSQL refuses large numbers."""
    return 0 <= value <= MAX_KEY if isinstance(value, int) else is_storable(value)


def _checksum(payload: bytes) -> bytes:
    # Not a secret: it only detects damaged and invented cursors. No cursor can widen a filter.
    return hashlib.blake2b(payload, digest_size=8, person=b"briefs-cursor").digest()


def after(keys: Sequence[OrderKey], values: Sequence[Any], *, reverse: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after (in reverse: before) the row with these values.

    Args:
        keys: the order.
        values: the row's values, or parameters for them.
        reverse: whether the rows before are selected.
    """
    alternatives: list[ColumnElement[bool]] = []
    for position, (key, value) in enumerate(zip(keys, values, strict=True)):
        equal = [
            earlier.column == earlier_value
            for earlier, earlier_value in zip(keys[:position], values[:position], strict=True)
        ]
        further = key.column < value if key.descending != reverse else key.column > value
        alternatives.append(and_(*equal, further))
    if len(keys) == 1:
        return alternatives[0]
    # An index cannot serve the alternatives, but it can serve this bound of the first key.
    first, value = keys[0], values[0]
    bound = first.column <= value if first.descending != reverse else first.column >= value
    return and_(bound, or_(*alternatives))


def query_digest(path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return a digest of a list's path and filters, equal for all of its pages and formats."""
    ignored = {"cursor", "limit", "format", "fields", "facets"}
    filters = sorted(pair for pair in parameters if pair[0] not in ignored)
    return hashlib.sha256(repr((path, filters)).encode()).hexdigest()[:16]
