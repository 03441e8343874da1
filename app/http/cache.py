"""The response cache, with ETags, 304, content coding and HEAD.

A repeated request costs one dictionary lookup. The cache is bounded in bytes, its key is everything
a response depends on, and it is emptied when another data version is published. While a response is
computed, other requests for it wait. Each process has its own cache.
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

CACHE_CONTROL = "public, max-age=0, must-revalidate"
"""Any cache may store a response and revalidates it each time: a new version shows at once."""
IS_HEAD = "briefs.is_head"
"""In the scope of a HEAD request, which the application sees as a GET: the body is not sent."""
MAX_STORED_BYTES = 2_000_000
MAX_KEY_LENGTH = 4000
UNCACHED_PATHS = ("/health", "/ready", "/static/", "/docs")
HIT = (b"cache-status", b"briefs; hit")
MISS = (b"cache-status", b"briefs; fwd=miss; stored")
EMPTY_BODY: Message = {"type": "http.response.body", "body": b""}


class RequestHeaders(NamedTuple):
    """The request headers in the cache key, and `If-None-Match`."""

    accept: bytes
    encoding: str | None
    host: bytes
    if_none_match: bytes

    @classmethod
    def of(cls, scope: Scope) -> "RequestHeaders":
        accept, accept_encoding, host, if_none_match = b"", b"", b"", b""
        for name, value in scope["headers"]:
            # Several lines of one header mean the same as one line with commas.
            match name:
                case b"accept":
                    accept = accept + b", " + value if accept else value
                case b"accept-encoding":
                    accept_encoding = accept_encoding + b", " + value if accept_encoding else value
                case b"host":
                    host = value
                case b"if-none-match":
                    if_none_match = if_none_match + b", " + value if if_none_match else value
        encoding = choose_encoding(accept_encoding) if accept_encoding else None
        return cls(accept, encoding, host, if_none_match)

    def match(self, etag: bytes) -> bool:
        """Return whether `If-None-Match` names an ETag, by weak comparison (RFC 9110, 13.1.2)."""
        if not self.if_none_match or self.if_none_match == etag:
            return bool(self.if_none_match)
        names = [part.strip().removeprefix(b"W/") for part in self.if_none_match.split(b",")]
        return etag in names or b"*" in names


class CachedResponse(NamedTuple):
    """A complete response, ready to be sent, and its 304."""

    etag: bytes
    start: Message
    not_modified: Message
    body: Message
    size: int

    def with_status(self, status: tuple[bytes, bytes]) -> "CachedResponse":
        """Return the same response with a `Cache-Status` header."""
        start, not_modified = (
            {**message, "headers": [*message["headers"], status]}
            for message in (self.start, self.not_modified)
        )
        return self._replace(start=start, not_modified=not_modified)

    async def send(self, scope: Scope, send: Send, headers: RequestHeaders) -> None:
        matches = bool(self.etag) and headers.match(self.etag)
        await send(self.not_modified if matches else self.start)
        await send(EMPTY_BODY if matches or scope["method"] == "HEAD" else self.body)


class Flight:
    """A response in progress. Requests that ask for the same one wait for it."""

    def __init__(self) -> None:
        self.done = Event()
        self.response: CachedResponse | None = None


class CacheMiddleware:
    """Answer from the cache where possible; add ETag, content coding and 304 to all responses.

    Args:
        app: the application.
        version: returns the key of the published version, or None; then nothing is stored.
        max_bytes: the size of the cache; 0 for no cache.
    """

    def __init__(
        self, app: ASGIApp, version: Callable[[], Hashable | None], max_bytes: int
    ) -> None:
        self.app = app
        self._version = version
        self._max_bytes = max_bytes
        self._stored: OrderedDict[Hashable, CachedResponse] = OrderedDict()
        self._stored_version: Hashable | None = None
        self._size = 0
        self._in_progress: dict[Hashable, Flight] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        headers = RequestHeaders.of(scope)
        key = self._key(scope, headers)
        if key is None:
            await self._respond(scope, receive, send, headers, None, Flight())
            return
        response = self._stored.get(key)
        if response is None and key in self._in_progress:
            flight = self._in_progress[key]
            await flight.done.wait()
            response = self._stored.get(key) or flight.response
        if response is not None:
            if key in self._stored:
                self._stored.move_to_end(key)
            await response.send(scope, send, headers)
            return
        flight = self._in_progress.setdefault(key, Flight())
        try:
            await self._respond(scope, receive, send, headers, key, flight)
        finally:
            self._release(key, flight)

    def _release(self, key: Hashable, flight: Flight) -> None:
        """Wake requests that wait for this response."""
        if self._in_progress.get(key) is flight:
            del self._in_progress[key]
        flight.done.set()

    def _key(self, scope: Scope, headers: RequestHeaders) -> Hashable | None:
        """Return everything that a response depends on; None if it is not to be stored."""
        if not self._max_bytes or scope["path"].startswith(UNCACHED_PATHS):
            return None
        query: bytes = scope["query_string"]
        if len(query) + len(headers.accept) + len(headers.host) > MAX_KEY_LENGTH:
            return None
        version = self._version()
        if version != self._stored_version:
            self._stored.clear()
            self._size = 0
            self._stored_version = version
        if version is None:
            return None
        path: bytes = scope["raw_path"]
        return (version, path, query, headers.accept, headers.encoding, headers.host)

    def _store(self, key: Hashable, response: CachedResponse, version: Hashable | None) -> None:
        current = version is not None and version == self._version()
        if not current or response.size > MAX_STORED_BYTES or key in self._stored:
            return
        self._stored[key] = response
        self._size += response.size
        while self._size > self._max_bytes:
            _, dropped = self._stored.popitem(last=False)
            self._size -= dropped.size

    async def _respond(  # noqa: PLR0913, PLR0917 - ASGI's three, and what is known of the request
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: RequestHeaders,
        key: Hashable | None,
        flight: Flight,
    ) -> None:
        """Call the application, and send its response when it has returned; a stream at once.

        So no slot of the application is held while a client reads.
        """
        version = self._stored_version
        start: Message | None = None
        complete: tuple[Message, bytes] | None = None

        async def hold(message: Message) -> None:
            nonlocal start, complete
            if message["type"] == "http.response.start":
                start = message
            elif start is None:  # the rest of a stream
                await send(message)
            elif message.get("more_body", False):
                self._release(key, flight)  # a stream lasts as long as its client
                head, start = start, None
                await send(head)
                await send(message)
            else:
                complete = (start, message.get("body", b""))

        is_head = scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET", IS_HEAD: is_head}, receive, hold)
        if complete is None:
            return
        response = await _complete(*complete, headers.encoding)
        if key is not None:
            if response.etag:
                self._store(key, response.with_status(HIT), version)
                response = response.with_status(MISS)
            flight.response = response  # a failure too: those who wait need not fail again
            self._release(key, flight)
        await response.send(scope, send, headers)


async def _complete(start: Message, body: bytes, encoding: str | None) -> CachedResponse:
    """Return a response with everything that follows from its bytes: ETag, coding, length.

    An error stays as it is, and has no ETag.
    """
    if start["status"] != 200:
        return CachedResponse(b"", start, start, {"type": "http.response.body", "body": body}, 0)
    headers = dict(start["headers"])
    content_type = headers.pop(b"content-type", b"")
    compressible = is_compressible(content_type.decode("latin-1"))
    if len(body) < MIN_COMPRESSED_BYTES or not compressible:
        encoding = None
    etag = hashlib.sha256(body).hexdigest()[:32]
    of_body = [(b"content-type", content_type)] if content_type else []
    if encoding is not None:
        body = await run_in_threadpool(compress, body, encoding)
        etag = f"{etag}-{encoding}"
        of_body.append((b"content-encoding", encoding.encode()))
    if compressible:
        vary = headers.get(b"vary")
        headers[b"vary"] = b", ".join(part for part in (vary, b"Accept-Encoding") if part)
    headers[b"etag"] = f'"{etag}"'.encode()
    headers.setdefault(b"cache-control", CACHE_CONTROL.encode())
    headers.pop(b"content-length", None)
    of_body.append((b"content-length", str(len(body)).encode()))
    common = list(headers.items())
    return CachedResponse(
        headers[b"etag"],
        {**start, "headers": [*of_body, *common]},
        {**start, "status": 304, "headers": common},
        {"type": "http.response.body", "body": body},
        len(body) + 2000,
    )


def etag_of(*parts: str) -> str:
    """Return the ETag of a streamed response: of everything its bytes are made from."""
    return f'"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"'


class ClosingStream(StreamingResponse):
    """A streamed response that closes what its bytes come from, however it ends.

    Args:
        chunks: the bytes.
        close: closes their source.
        headers: with an ETag, since a digest of the bytes is not known before they are sent.
        media_type: of the bytes.
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
        headers = RequestHeaders.of(scope)
        try:
            if is_compressible(str(self.media_type)):
                self.headers.add_vary_header("Accept-Encoding")
                if headers.encoding:
                    self.headers["Content-Encoding"] = headers.encoding
                    self.headers["ETag"] = f'{self.headers["ETag"][:-1]}-{headers.encoding}"'
                    self._chunks = compress_stream(self._chunks, headers.encoding)
                    self.body_iterator = iterate_in_threadpool(self._chunks)
            matches = headers.match(self.headers["ETag"].encode())
            if scope.get(IS_HEAD) or matches:
                of_body = {b"content-length", b"content-type", b"content-encoding"}
                dropped = of_body if matches else set()
                kept = [pair for pair in self.raw_headers if pair[0] not in dropped]
                status = 304 if matches else 200
                await send({"type": "http.response.start", "status": status, "headers": kept})
                await send({**EMPTY_BODY, "more_body": True})  # a stream: its ETag stays as it is
                await send(EMPTY_BODY)
            else:
                await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):  # also when the client has gone
                await run_in_threadpool(self._end)

    def _end(self) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()  # first: it may still be reading from the source
        self._close()
