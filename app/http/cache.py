"""Delivery, in front of everything: the response cache, ETags and 304, content coding, HEAD.

An answer that was given before costs a look into one map. The map is bounded in bytes, keyed by everything an answer depends
on, and emptied when another data version is published; while one answer is being made, everybody else who asks for it waits for it.
Each process has a map of its own.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from typing import NamedTuple

from anyio import CancelScope, Event
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.compression import (
    MIN_COMPRESSED_BYTES,
    choose_encoding,
    compress,
    compress_stream,
    is_compressible,
)
from app.http.head import with_head

CACHE_CONTROL = "public, max-age=0, must-revalidate"
"""Anyone may keep an answer, and asks each time whether it still holds: a new data version shows at once, a 304 costs 100 bytes."""

IS_HEAD = "briefs.head"
"""In the scope of a HEAD request, which is otherwise answered as a GET: nobody reads the body."""

MAX_CACHED_BYTES = 2_000_000
MAX_KEY_LENGTH = 4000
UNCACHED_PATHS = ("/health", "/ready", "/static/", "/docs")
HIT = (b"cache-status", b"briefs; hit")
MISS = (b"cache-status", b"briefs; fwd=miss; stored")


class RequestHeaders(NamedTuple):
    """What of a request's head decides over its answer, beside the address."""

    accept: bytes
    coding: str | None
    host: bytes
    held: bytes

    @classmethod
    def of(cls, scope: Scope) -> "RequestHeaders":
        accept, accept_encoding, host, held = [b"", b"", b"", b""]
        for name, value in scope["headers"]:
            # Several lines of one header are the same as one with commas.
            match name:
                case b"accept":
                    accept = accept + b", " + value if accept else value
                case b"accept-encoding":
                    accept_encoding = accept_encoding + b", " + value if accept_encoding else value
                case b"host":
                    host = value
                case b"if-none-match":
                    held = held + b", " + value if held else value
        return cls(
            accept, choose_encoding(accept_encoding) if accept_encoding else None, host, held
        )


class CachedResponse(NamedTuple):
    """A complete answer, ready to be sent."""

    tag: bytes
    head: Message
    not_modified: Message
    body: Message
    size: int

    def with_status(self, status: tuple[bytes, bytes]) -> "CachedResponse":
        """Return the same answer with the header that tells how the cache fared."""
        head, not_modified = (
            with_head({**message, "headers": [*message["headers"], status]})
            for message in (self.head, self.not_modified)
        )
        return self._replace(head=head, not_modified=not_modified)


class CacheMiddleware:
    """Answer from the cache where that can be, and put ETag, coding and 304 to what the app answers.

    Args:
        app: what answers.
        version: gives what changes when another data version is published; None, so that nothing is stored, where there is none.
        most_bytes: what the cache holds at most; 0 for no cache.
    """

    def __init__(
        self, app: ASGIApp, version: Callable[[], Hashable | None], most_bytes: int
    ) -> None:
        self.app = app
        self._version = version
        self._most_bytes = most_bytes
        self._stored: OrderedDict[Hashable, CachedResponse] = OrderedDict()
        self._stored_version: Hashable | None = None
        self._size = 0
        self._under_way: dict[Hashable, Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        asked = RequestHeaders.of(scope)
        key = self._key(scope, asked)
        if key is None:
            await self._answer(scope, receive, send, asked, None, Event())
            return
        found = self._stored.get(key)
        if found is None and key in self._under_way:
            await self._under_way[key].wait()
            found = self._stored.get(key)
        if found is not None:
            self._stored.move_to_end(key)
            await _send(scope, send, asked, found)
            return
        made = self._under_way.setdefault(key, Event())
        try:
            await self._answer(scope, receive, send, asked, key, made)
        finally:
            self._release(key, made)

    def _release(self, key: Hashable, made: Event) -> None:
        """Have nobody wait for an answer any longer."""
        if self._under_way.get(key) is made:
            del self._under_way[key]
        made.set()

    def _key(self, scope: Scope, asked: RequestHeaders) -> Hashable | None:
        """Return what an answer depends on; None if it is not to be stored."""
        if not self._most_bytes or scope["path"].startswith(UNCACHED_PATHS):
            return None
        query: bytes = scope["query_string"]
        if len(query) + len(asked.accept) + len(asked.host) > MAX_KEY_LENGTH:
            return None
        version = self._version()
        if version != self._stored_version:
            self._stored.clear()
            self._size = 0
            self._stored_version = version
        if version is None:
            return None
        path: bytes = scope["raw_path"]
        return (version, path, query, asked.accept, asked.coding, asked.host)

    def _store(self, key: Hashable, answer: CachedResponse, version: Hashable | None) -> None:
        if (
            version is None
            or version != self._version()
            or answer.size > MAX_CACHED_BYTES
            or key in self._stored
        ):
            return
        self._stored[key] = answer
        self._size += answer.size
        while self._size > self._most_bytes:
            _, dropped = self._stored.popitem(last=False)
            self._size -= dropped.size

    async def _answer(  # noqa: PLR0913, PLR0917 - ASGI's three, and what is known of the question
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        asked: RequestHeaders,
        key: Hashable | None,
        made: Event,
    ) -> None:
        """Have the app answer; hold back what it says until it is known to be complete."""
        version = self._stored_version
        start: Message | None = None

        async def deliver(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is None:  # the rest of a stream
                await send(message)
                return
            head, start = start, None
            if head["status"] != 200 or message.get("more_body", False):
                self._release(
                    key, made
                )  # it is not stored; a stream's end may be as far as its client is slow
                await send(head)
                await send(
                    {**message, "body": b""}
                    if head["status"] != 200 and scope["method"] == "HEAD"
                    else message
                )
                return
            body = message.get("body", b"")
            media_type = next(
                (value for name, value in head["headers"] if name == b"content-type"), b""
            ).decode("latin-1")
            if asked.coding and len(body) >= MIN_COMPRESSED_BYTES and is_compressible(media_type):
                answer = await run_in_threadpool(_complete, head, body, asked.coding)
            else:
                answer = _complete(head, body, None)
            if key is not None:
                self._store(key, answer.with_status(HIT), version)
                answer = answer.with_status(MISS)
            await _send(scope, send, asked, answer)

        await self.app(
            {**scope, "method": "GET", IS_HEAD: scope["method"] == "HEAD"}, receive, deliver
        )


def _complete(head: Message, body: bytes, coded: str | None) -> CachedResponse:
    """Return an answer with everything that is worked out from its bytes."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    if coded is not None:
        body = compress(body, coded)
        tag = f"{tag}-{coded}"
    said = dict(head["headers"])
    about = [(b"content-type", said.pop(b"content-type"))] if b"content-type" in said else []
    if about and is_compressible(about[0][1].decode("latin-1")):
        said[b"vary"] = b", ".join(part for part in (said.get(b"vary"), b"Accept-Encoding") if part)
    if coded is not None:
        about.append((b"content-encoding", coded.encode()))
    said[b"etag"] = f'"{tag}"'.encode()
    said.setdefault(b"cache-control", CACHE_CONTROL.encode())
    about.append((b"content-length", str(len(body)).encode()))
    said.pop(b"content-length", None)
    kept = list(said.items())
    return CachedResponse(
        said[b"etag"],
        {**head, "headers": [*about, *kept]},
        {**head, "status": 304, "headers": kept},
        {"type": "http.response.body", "body": body},
        len(body) + 2000,
    )


EMPTY: Message = {"type": "http.response.body", "body": b""}


async def _send(scope: Scope, send: Send, asked: RequestHeaders, answer: CachedResponse) -> None:
    held = bool(asked.held) and _has(asked.held, answer.tag)
    await send(answer.not_modified if held else answer.head)
    await send(EMPTY if held or scope["method"] == "HEAD" else answer.body)


def _has(condition: bytes, tag: bytes) -> bool:
    """Tell whether If-None-Match names a tag; weak comparison, as RFC 9110 wants it here."""
    if condition == tag:
        return True
    named = [part.strip().removeprefix(b"W/") for part in condition.split(b",")]
    return tag in named or b"*" in named


def etag_of(*parts: str) -> str:
    """Return the ETag of an answer that is streamed: of all that its bytes are made from, since they are not known before."""
    return f'"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


class FileOrRowsResponse(StreamingResponse):
    """An answer whose bytes are made while they are sent; what they are made from is closed whatever happens.

    Args:
        chunks: the bytes.
        close: closes what they come from.
        headers: with an ETag: the digest of bytes cannot be known before.
        media_type: what the bytes are.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        close: Callable[[], None],
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        super().__init__(
            chunks, headers={"Cache-Control": CACHE_CONTROL, **headers}, media_type=media_type
        )
        self._chunks = chunks
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = RequestHeaders.of(scope)
        try:
            if is_compressible(str(self.media_type)):
                self.headers.add_vary_header("Accept-Encoding")
                if asked.coding:
                    self.headers["Content-Encoding"] = asked.coding
                    self.headers["ETag"] = f'{self.headers["ETag"][:-1]}-{asked.coding}"'
                    self._chunks = compress_stream(self._chunks, asked.coding)
                    self.body_iterator = iterate_in_threadpool(self._chunks)
            held = bool(asked.held) and _has(asked.held, self.headers["ETag"].encode())
            if scope.get(IS_HEAD) or held:
                dropped = (
                    {b"content-length", b"content-type", b"content-encoding"} if held else set()
                )
                headers = [pair for pair in self.raw_headers if pair[0] not in dropped]
                await send(
                    {
                        "type": "http.response.start",
                        "status": 304 if held else 200,
                        "headers": headers,
                    }
                )
                await send({**EMPTY, "more_body": True})  # as a stream, whose ETag stays as it is
                await send(EMPTY)
            else:
                await super().__call__(
                    scope, receive, send
                )  # until the client goes, or is cut off since it reads nothing
        finally:
            with CancelScope(shield=True):  # also when the client has gone
                await run_in_threadpool(self._end)

    def _end(self) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()  # first, since it may be reading still
        self._close()
