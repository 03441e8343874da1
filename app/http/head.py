"""The head of an answer as bytes: status line, header lines, and what every answer tells browsers."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from starlette.types import Message

READY = "briefs.head_lines"
"""In a message that starts an answer: its head, made before by ``with_head``."""

DATA_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = (
    b"x-content-type-options: nosniff\r\n"
    b"x-frame-options: DENY\r\n"
    b"referrer-policy: no-referrer\r\n"
    b"permissions-policy: camera=(), geolocation=(), microphone=()\r\n"
)
DATA = (
    ALWAYS
    + b"cross-origin-resource-policy: cross-origin\r\ncontent-security-policy: "
    + DATA_POLICY
    + b"\r\n"
)
PAGE = (
    ALWAYS
    + b"cross-origin-resource-policy: same-origin\r\ncontent-security-policy: "
    + PAGE_POLICY
    + b"\r\n"
)

ILLEGAL_NAME = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
ILLEGAL_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
STATUS_LINES: Mapping[int, bytes] = {
    status: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


class Head(NamedTuple):
    """A head without what belongs to one request alone: its id, the date, the end of the connection.

    Args:
        lines: status line and header lines.
        length: of the body, where it is announced.
    """

    lines: bytes
    length: int | None


def head_of(message: Message) -> Head:
    """Return the head of the answer that a message starts.

    Raises:
        ValueError: a header that would break the head apart.
    """
    ready: Head | None = message.get(READY)
    if ready is not None:
        return ready
    # A browser puts a 304's headers in place of those it kept with a page, and no type tells here whether it was one.
    always = ALWAYS if message["status"] == HTTPStatus.NOT_MODIFIED else DATA
    lines, length = [STATUS_LINES[message["status"]]], None
    for name, value in message["headers"]:
        if ILLEGAL_NAME.search(name) or ILLEGAL_VALUE.search(value):
            raise ValueError("a header that cannot be sent")
        if name == b"content-length":
            length = int(value)
        elif name == b"content-type" and value.startswith(b"text/html"):
            always = PAGE
        lines.append(b"%b: %b\r\n" % (name, value))
    return Head(b"".join([*lines, always]), length)


def with_head(message: Message) -> Message:
    """Return the message that starts an answer with its head beside it, for an answer that is given many times."""
    return {**message, READY: head_of(message)}
