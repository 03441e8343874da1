"""Which form of an answer a client asks for by its Accept header (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from fastapi import Request

from app.http.problems import Problem, invalid_param
from app.responses.tables import MEDIA_TYPES

MAX_CACHED_ACCEPT = 200
"""Characters: browsers say about as much."""


def negotiate_format(request: Request, chosen: str | None, offered: Sequence[str]) -> str:
    """Return the form of the answer that the client asks for.

    Args:
        request: its Accept header decides unless a form is chosen; without one, the first form offered is taken.
        chosen: the parameter `format`.
        offered: names in ``formats.MEDIA_TYPES``, our own favourite first.

    Raises:
        Problem: 406, with what there is, when the header rules out all of them.
    """
    if chosen is not None:
        return chosen
    header = ", ".join(request.headers.getlist("accept"))
    best = (_best if len(header) <= MAX_CACHED_ACCEPT else _best.__wrapped__)(
        header, tuple(offered)
    )
    if best is None:
        there_is = ", ".join(MEDIA_TYPES[name] for name in offered)
        entry = invalid_param(
            "Accept", header, "asks for nothing that there is here.", valid=there_is
        )
        raise Problem("not-acceptable", f"There is {there_is}.", [entry], {"Vary": "Accept"})
    return best


@lru_cache(maxsize=256)
def _best(header: str, offered: tuple[str, ...]) -> str | None:
    """Return the form that a header prefers; None if it rules out all of them."""
    ranges = [_media_range(part) for part in header.split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best = max(
        offered, key=lambda name: _quality(MEDIA_TYPES[name], ranges)
    )  # max takes the first of equals
    return best if _quality(MEDIA_TYPES[best], ranges) > 0 else None


def _media_range(part: str) -> tuple[str, float]:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        match = re.fullmatch(r"q=(0(\.[0-9]{0,3})?|1(\.0{0,3})?)", parameter.replace(" ", ""))
        if match:
            return media_type, float(match[1])
    return media_type, 1.0


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """Return the quality of the most specific range that covers the media type."""
    for pattern in (media_type, media_type.split("/", maxsplit=1)[0] + "/*", "*/*"):
        found = [quality for name, quality in ranges if name == pattern]
        if found:
            return max(found)
    return 0
