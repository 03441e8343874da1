"""Pages: the order of a list, the keyset cursor, absolute links."""

import base64
import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

from fastapi import Request
from sqlalchemy import ColumnElement, and_, or_

from app.http.problems import Problem, invalid_param, nearest
from app.query.search.names import is_storable
from app.schemas import PageLinks
from app.settings import Settings

MAX_KEY = 2**31 - 1
LOCAL_NETWORKS = [
    ipaddress.ip_network(network)
    # loopback, and what RFC 1918 and RFC 4193 keep for private use
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
]

Column = ColumnElement[Any] | Any


class OrderKey(NamedTuple):
    """One key of an order: a column of the listed table (never null), and its direction."""

    column: Column
    descending: bool

    def sorted(self, *, reverse: bool = False) -> ColumnElement[Any]:
        """Return the key as SQL sorts by it."""
        ordered: ColumnElement[Any] = (
            self.column.desc() if self.descending != reverse else self.column.asc()
        )
        return ordered


def parse_sort(sort: str, keys: Mapping[str, Column], also: Sequence[str] = ()) -> list[OrderKey]:
    """Return the order that `sort` asks for, ended by the primary key so that it is total.

    Args:
        sort: documented keys, several with commas, `-` before those that descend.
        keys: the documented keys; `id` is the primary key.
        also: what else would be valid, for the error.

    Raises:
        Problem: an unknown or repeated key.
    """
    chosen: dict[str, OrderKey] = {}
    for part in sort.split(","):
        name = part.strip().removeprefix("-")
        if name not in keys or name in chosen:
            message = "is given twice." if name in chosen else f"no such key '{name[:64]}'."
            guesses = [] if name in chosen else nearest(name[:64], {key: key for key in keys})
            raise Problem(
                "invalid-value",
                f"sort: {message}",
                [invalid_param("sort", sort, message, guesses, ", ".join([*keys, *also]))],
            )
        chosen[name] = OrderKey(keys[name], part.strip().startswith("-"))
    chosen.setdefault("id", OrderKey(keys["id"], descending=False))
    return list(chosen.values())[
        : list(chosen).index("id") + 1
    ]  # no two ids are the same: what follows has nothing to decide


@dataclass(frozen=True)
class Cursor:
    """A place in a list: just after, or just before, the row with these order values."""

    version: str
    query: str
    direction: Literal["next", "prev"]
    values: Sequence[str | int]

    def encode(self) -> str:
        """Return the opaque form, URL-safe."""
        payload = json.dumps(
            [self.version, self.query, self.direction, *self.values], ensure_ascii=False
        ).encode()
        return base64.urlsafe_b64encode(_checksum(payload) + payload).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, version: str, query: str, types: Sequence[type]) -> "Cursor":
        """Return the cursor that a client sent back.

        Args:
            text: the opaque form.
            version: the data version the answer is made from.
            query: the digest of the query the cursor came with.
            types: the types of the order's values, the primary key last.

        Raises:
            Problem: damaged, or of another query or data version.
        """
        message = "is damaged: start again at the first page."
        try:
            if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
                raise ValueError
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            if raw[:8] != _checksum(raw[8:]):
                raise ValueError
            found_version, found_query, direction, *values = json.loads(raw[8:])
            if [type(value) for value in values] != list(types) or not all(map(_storable, values)):
                raise ValueError
            if direction not in {"next", "prev"}:
                raise ValueError
            if found_query != query:
                message = "belongs to another query: start again at the first page."
                raise ValueError
            if found_version != version:
                message = "belongs to an earlier data set: start again at the first page."
                raise ValueError
        except (ValueError, TypeError, IndexError, RecursionError) as error:
            raise Problem(
                "invalid-cursor", f"cursor: {message}", [invalid_param("cursor", text, message)]
            ) from error
        return cls(version, query, direction, values)


def _storable(value: str | int) -> bool:
    """Tell whether a database column can be compared with a value: PostgreSQL refuses huge numbers too."""
    if isinstance(value, int):
        return 0 <= value <= MAX_KEY
    return is_storable(value)


def _checksum(payload: bytes) -> bytes:
    # Not a secret: it tells damage and invention from what the API itself gave out. A cursor never widens a filter.
    return hashlib.blake2b(payload, digest_size=8, person=b"briefs-cursor").digest()


def after(keys: Sequence[OrderKey], values: Sequence[Any], *, reverse: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after (in reverse: before) the row with these values, or with these parameters."""
    alternatives = []
    for position, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [
            earlier.column == known
            for earlier, known in zip(keys[:position], values[:position], strict=True)
        ]
        further = key.column < value if key.descending != reverse else key.column > value
        alternatives.append(and_(*same, further))
    if len(keys) == 1:
        return alternatives[0]
    # Alternatives lead no index; the bound of the first key does.
    first, value = keys[0], values[0]
    return and_(
        first.column <= value if first.descending != reverse else first.column >= value,
        or_(*alternatives),
    )


def base_url(request: Request) -> str:
    """Return scheme and host for absolute links.

    ``BRIEFS_PUBLIC_URL`` decides. Without it a Host header counts only if it names this machine or a private address, which
    nobody can use to send readers elsewhere; anything else gives the address the server was told to listen on.
    """
    settings: Settings = request.app.state.settings
    if settings.public_url:
        return settings.public_url
    host = next((value for name, value in request.scope["headers"] if name == b"host"), b"").decode(
        "latin-1"
    )
    return f"http://{host}" if _is_local(host) else f"http://localhost:{settings.port}"


@lru_cache(maxsize=256)
def _is_local(host: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,64}", host):
        return False
    try:
        parts = urlsplit(f"//{host}")
        if parts.port == 0 or host.endswith(":"):
            return False
        if parts.hostname == "localhost":
            return True
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return False
    return any(
        address in network for network in LOCAL_NETWORKS if network.version == address.version
    )


def query_digest(path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return a digest of what a list asks: the same for every page and every form of it."""
    asked = sorted(
        pair
        for pair in parameters
        if pair[0] not in {"cursor", "limit", "format", "fields", "facets"}
    )
    return hashlib.sha256(repr((path, asked)).encode()).hexdigest()[:16]


def page_links(request: Request, forward: str | None, back: str | None) -> PageLinks:
    """Return the absolute addresses of a page and of those before and after it; all keep every parameter.

    Args:
        request: what was asked.
        forward: the cursor to the next page.
        back: the cursor to the page before.
    """
    address = base_url(request) + request.scope["path"]
    asked = request.query_params.multi_items()
    kept = urlencode([pair for pair in asked if pair[0] != "cursor"])
    here = next((quote_plus(value) for name, value in asked if name == "cursor"), None)

    def link(cursor: str | None) -> str:  # our own cursors are safe in an address as they are
        return f"{address}{'?' if kept or cursor else ''}{kept}{'&' if kept and cursor else ''}{f'cursor={cursor}' if cursor else ''}"

    return PageLinks(
        self=link(here), next=link(forward) if forward else None, prev=link(back) if back else None
    )
