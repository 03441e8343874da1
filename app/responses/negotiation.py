"""The format that a client prefers, by its `Accept` header (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from fastapi import Request

from app.http.problems import Problem, invalid_param
from app.responses.formats import MEDIA_TYPES, Format

AnyFormat = TypeVar("AnyFormat", bound=Format)

QUALITY = re.compile(r"(?:^|;)\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")
MAX_CACHED_ACCEPT = 200
"""Characters. A browser sends about as many."""


def negotiate_format(request: Request, name: str | None, offered: Sequence[AnyFormat]) -> AnyFormat:
    """Return the format of the response.

    Args:
        request: its `Accept` decides if there is no name.
        name: the parameter `format`.
        offered: the default first.

    Raises:
        Problem: 406 with the supported formats, if the header excludes all of them.
    """
    media_type = preferred_type(request, name, tuple(each.name for each in offered))
    return next(each for each in offered if each.media_type == media_type)


def preferred_type(request: Request, name: str | None, offered: tuple[str, ...]) -> str:
    """Return the media type of the response, given the names of the offered formats.

    Raises:
        Problem: 406, see ``negotiate_format``.
    """
    if name is not None:
        return MEDIA_TYPES[name]
    header = ", ".join(request.headers.getlist("accept"))
    cached = _best if len(header) <= MAX_CACHED_ACCEPT else _best.__wrapped__
    best = cached(header, tuple(MEDIA_TYPES[each] for each in offered))
    if best is None:
        available = ", ".join(MEDIA_TYPES[each] for each in offered)
        entry = invalid_param("Accept", header, "accepts no format of this call.", valid=available)
        raise Problem(
            "not-acceptable",
            f"The formats of this call are {available}.",
            [entry],
            {"Vary": "Accept"},
        )
    return best


@lru_cache(maxsize=256)
def _best(header: str, offered: tuple[str, ...]) -> str | None:
    """Return the media type that a header prefers, or None if it excludes all."""
    ranges = [_media_range(part) for part in header.split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))  # the first of equals
    return best if _quality(best, ranges) > 0 else None


def _media_range(part: str) -> tuple[str, float]:
    """Return a media range with its quality, 1 by default."""
    media_type, _, parameters = part.lower().partition(";")
    quality = QUALITY.search(parameters)
    return media_type.strip(), float(quality[1]) if quality else 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the quality of the most specific range that covers a media type."""
    for pattern in (media_type, media_type.split("/", maxsplit=1)[0] + "/*", "*/*"):
        qualities = [quality for name, quality in ranges if name == pattern]
        if qualities:
            return max(qualities)
    return 0
