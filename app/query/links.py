"""Addresses of lists that differ from the one asked for in one value: the links of facets and tables of counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from app.query.filters import parse_filter
from app.query.parameters import MAX_REPETITIONS, MAX_VALUES

MAX_LINK_LENGTH = 4_000_000
"""Links repeat the question: where all of them together would be longer than this, an answer has none."""


@dataclass(frozen=True)
class LinkBuilder:
    """Makes such addresses.

    Args:
        address: of the list, absolute.
        parameters: what is asked for, and kept in each link.
        key_of: what a filter's value means, given the filter's name and the value.
        room: how many further conditions may be asked for.
        links: how many links there will be at most.
    """

    address: str
    parameters: Sequence[tuple[str, str]]
    key_of: Callable[[str, str], Any]
    room: int
    links: int

    @cached_property
    def here(self) -> str:
        """The list with what is asked for."""
        return self._to(self.parameters)

    @cached_property
    def _too_long(self) -> bool:
        return self.links * len(self.here) > MAX_LINK_LENGTH

    def prefix(self, *names: str) -> str | None:
        """Return the address to which ``with_value`` conditions on these filters can be put; None where no more can be asked for."""
        full = any(self._is_full(name) for name in names)
        if full or self._too_long or self.room < len(names):
            return None
        return self.here + ("&" if self.parameters else "?")

    def _is_full(self, name: str) -> bool:
        asked = [text for known, text in self.parameters if known == name]
        values = (
            sum(len(part) for condition in parse_filter(name, asked) for part in condition)
            if asked
            else 0
        )
        return len(asked) >= MAX_REPETITIONS or values >= MAX_VALUES

    def without(self, name: str, key: Any) -> str | None:
        """Return the list without a value that is asked for; None if it is not asked for."""
        kept_parameters: list[tuple[str, str]] = []
        found = False
        for known, text in self.parameters:
            if known != name:
                kept_parameters.append((known, text))
                continue
            condition = parse_filter(name, [text])[0]
            kept = [value for value in condition.any_of if self.key_of(name, value) != key]
            found = found or len(kept) < len(condition.any_of)
            rest = ",".join(
                [*map(quoted, kept), *(f"!{quoted(value)}" for value in condition.none_of)]
            )
            if rest:
                kept_parameters.append((name, rest))
        return self._to(kept_parameters) if found else None

    def _to(self, parameters: Sequence[tuple[str, str]]) -> str:
        text = urlencode(parameters)
        return f"{self.address}?{text}" if text else self.address


def with_value(name: str, value: str) -> str:
    """Return a condition as it stands in an address."""
    return urlencode([(name, quoted(value))])


def quoted(value: str) -> str:
    """Return a value as it stands in a filter: in quotation marks if it holds a comma or begins with `!`."""
    return f'"{value}"' if "," in value or value.startswith("!") else value
