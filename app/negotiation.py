"""Which form of an answer a client asks for by its Accept header (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Mapping

from fastapi import Request

from app.problems import Problem


def accepted(request: Request, offered: Mapping[str, str]) -> str:
    """Return the name of the form that the client likes best.

    Args:
        request: its Accept header decides; without one, the first form offered is taken.
        offered: from media type to the form's name, our own favourite first.

    Raises:
        Problem: 406, with what there is, when the header rules out all of them.
    """
    header = ", ".join(request.headers.getlist("accept"))
    ranges = [_media_range(part) for part in header.split(",") if part.strip()]
    if not ranges:
        return next(iter(offered.values()))
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))  # max takes the first of equals
    if _quality(best, ranges) == 0:
        raise Problem("not-acceptable", f"There is {' and '.join(offered)}.", headers={"Vary": "Accept"})
    return offered[best]


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
