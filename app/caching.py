"""Validators: a strong ETag on every answer, and 304 for those who have it already (RFC 9110, sections 8.8.3 and 13)."""

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Mapping

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "public, max-age=0, must-revalidate"
"""Anyone may keep an answer, and asks each time whether it still holds: a new data version shows at once, a 304 costs 100 bytes."""

HEAD_ASKED = "briefs.head"
"""In the scope of a HEAD request, which is otherwise answered as a GET: nobody reads the body."""


class AddValidators:
    """Give each complete 200 an ETag, the digest of its bytes; answer 304 where the client names it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def add(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == 200:
                start = message  # held back until the bytes are known
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            head, start = start, None
            if not message.get("more_body", False):
                message = _validated(scope, head, message)
            await send(head)
            await send(message)

        await self.app(scope, receive, add)


def _validated(scope: Scope, head: Message, message: Message) -> Message:
    """Put the validators into the head of a complete answer; return its body, empty if the client has it."""
    tag = f'"{hashlib.sha256(message.get("body", b"")).hexdigest()[:32]}"'
    headers = MutableHeaders(raw=head["headers"])
    headers["ETag"] = tag
    headers.setdefault("Cache-Control", POLICY)
    if not _has(Headers(scope=scope).getlist("if-none-match"), tag):
        return message
    head["status"] = 304
    for name in ("content-length", "content-type"):
        if name in headers:
            del headers[name]
    return {**message, "body": b""}


def _has(conditions: list[str], tag: str) -> bool:
    """Tell whether If-None-Match names a tag; weak comparison, as RFC 9110 wants it here."""
    named = [part.strip().removeprefix("W/") for condition in conditions for part in condition.split(",")]
    return tag in named or "*" in named


def tag_of(*parts: str) -> str:
    """Return the ETag of an answer that is streamed: of all that its bytes are made from, since they are not known before."""
    return f'"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


def held_by(scope: Scope, tag: str) -> bool:
    """Tell whether the client has the answer with this tag already."""
    return _has(Headers(scope=scope).getlist("if-none-match"), tag)


class Streamed(StreamingResponse):
    """An answer whose bytes are made while they are sent; what they are made from is closed whatever happens.

    Args:
        chunks: the bytes.
        close: closes what they come from.
        headers: with an ETag: the digest of bytes cannot be known before.
        media_type: what the bytes are.
    """

    def __init__(self, chunks: Iterator[bytes], close: Callable[[], None], headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(chunks, headers={"Cache-Control": POLICY, **headers}, media_type=media_type)
        self._chunks = chunks
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope.get(HEAD_ASKED) or held_by(scope, self.headers["etag"]):
                status = 200 if scope.get(HEAD_ASKED) else 304
                await send({"type": "http.response.start", "status": status, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": b"", "more_body": True})  # so that the ETag stays as it is
                await send({"type": "http.response.body", "body": b""})
            else:
                await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):  # also when the client has gone
                await run_in_threadpool(self._end)

    def _end(self) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()  # first, since it may be reading still
        self._close()
