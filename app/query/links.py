"""Absolute links: the server's own address, pages of a list, and lists with one value changed."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from fastapi import Request

from app.query.filters import parse_filter
from app.query.parameters import MAX_REPETITIONS, MAX_VALUES
from app.schemas import PageLinks
from app.settings import Settings

MAX_LINK_LENGTH = 4_000_000
"""Characters of all links in a response together. If they would have more, it has none."""
LOCAL_NETWORKS = [
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",  # loopback
        "::1/128",
        "10.0.0.0/8",  # private use, RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",  # private use, RFC 4193
    )
]


def base_url(request: Request) -> str:
    """Return scheme and host for absolute links.

    ``BRIEFS_PUBLIC_URL`` decides. Without it the Host header is used only if it names this
    machine or a private address, which nobody can use to lead readers elsewhere. Otherwise the
    links have the server's own port on localhost.
    """
    settings: Settings = request.app.state.settings
    if settings.public_url:
        return settings.public_url
    headers = request.scope["headers"]
    host = next((value for name, value in headers if name == b"host"), b"").decode("latin-1")
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


def page_links(request: Request, next_cursor: str | None, prev_cursor: str | None) -> PageLinks:
    """Return the links of a page to itself and its neighbours, with all other parameters."""
    address = base_url(request) + request.scope["path"]
    parameters = request.query_params.multi_items()
    others = urlencode([pair for pair in parameters if pair[0] != "cursor"])
    own = next((quote_plus(value) for name, value in parameters if name == "cursor"), None)

    def link(cursor: str | None) -> str:
        # Our own cursors need no escaping.
        query = [*([others] if others else []), *([f"cursor={cursor}"] if cursor else [])]
        return f"{address}?{'&'.join(query)}" if query else address

    return PageLinks(
        self=link(own),
        next=link(next_cursor) if next_cursor else None,
        prev=link(prev_cursor) if prev_cursor else None,
    )


@dataclass(frozen=True)
class LinkBuilder:
    """Builds links to a list with one filter value added or removed.

    Args:
        address: the absolute address of the list.
        parameters: the query parameters that every link repeats.
        to_key: returns what a value of a filter means, given the filter's name and the value.
        free_conditions: how many conditions may be added.
        max_links: how many links the response has at most.
    """

    address: str
    parameters: Sequence[tuple[str, str]]
    to_key: Callable[[str, str], Any]
    free_conditions: int
    max_links: int

    @cached_property
    def list_link(self) -> str:
        """The list as it is."""
        return self._link(self.parameters)

    @cached_property
    def _is_too_long(self) -> bool:
        return self.max_links * len(self.list_link) > MAX_LINK_LENGTH

    def prefix(self, *names: str) -> str | None:
        """Return the link to which ``with_value`` can be appended, once for each filter.

        Returns:
            None if a filter takes no more values, or the links would be too long.
        """
        is_full = self.free_conditions < len(names) or any(map(self._is_full, names))
        if is_full or self._is_too_long:
            return None
        return self.list_link + ("&" if self.parameters else "?")

    def _is_full(self, filter_name: str) -> bool:
        occurrences = [text for name, text in self.parameters if name == filter_name]
        parsed = parse_filter(filter_name, occurrences)
        values = sum(len(any_of) + len(none_of) for any_of, none_of in parsed)
        return len(occurrences) >= MAX_REPETITIONS or values >= MAX_VALUES

    def without_value(self, filter_name: str, key: Any) -> str | None:
        """Return the list without a value of a filter, or None if the filter does not have it."""
        parameters: list[tuple[str, str]] = []
        is_found = False
        for name, text in self.parameters:
            if name != filter_name:
                parameters.append((name, text))
                continue
            (values,) = parse_filter(name, [text])
            others = [value for value in values.any_of if self.to_key(name, value) != key]
            is_found = is_found or len(others) < len(values.any_of)
            rest = [*map(_quote, others), *(f"!{_quote(value)}" for value in values.none_of)]
            if rest:
                parameters.append((name, ",".join(rest)))
        return self._link(parameters) if is_found else None

    def _link(self, parameters: Sequence[tuple[str, str]]) -> str:
        query = urlencode(parameters)
        return f"{self.address}?{query}" if query else self.address


def with_value(filter_name: str, value: str) -> str:
    """Return a filter on one value as a URL's query has it."""
    return urlencode([(filter_name, _quote(value))])


def _quote(value: str) -> str:
    """Return a value in the filter grammar: quoted if it has a comma or starts with `!`."""
    return f'"{value}"' if "," in value or value.startswith("!") else value
