"""uvicorn's HTTP/1.1 protocol with the limits that it lacks.

uvicorn reads heads of any size, and waits for ever for half-sent requests and for clients that read
nothing (uvicorn issue 157). This class ends such connections. A request that cannot be read is
refused in the shape of every other error.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.http import problems
from app.http.logging import log_access, new_request_id
from app.http.security import headers_for

MAX_HEAD_BYTES = 16 * 1024
"""Request line and headers together."""
HEAD_SECONDS = 10
"""From the first byte of a head to its last, and from the connection to its first byte."""
WRITE_SECONDS = 30
"""Without the client reading anything of a response."""
LINGER_SECONDS = 2
"""For reading on after a refusal: closing at once could reset it before the client has read it."""
CHECK_SECONDS = 1
MAX_PIPELINED = 100
"""Requests of a connection that wait for earlier ones. uvicorn queues all that it has read."""

NOT_HTTP = "The request is not well-formed HTTP/1.1; percent-encode characters outside ASCII."
NO_BODY = "A request must have no body: the API never writes."
ONE_HOST = "A request must have exactly one Host header."
VERSIONS = "The API speaks HTTP/1.1 and 1.0."
TOO_LARGE = f"Request line and headers together may have {MAX_HEAD_BYTES // 1024} KiB."


class LimitedHttpProtocol(HttpToolsProtocol):
    """One client's connection, with limits on the size and duration of what it sends and reads."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._in_head = False
        self._head_bytes = 0
        self._refused = False
        self._head_deadline: float | None = self.loop.time() + HEAD_SECONDS
        self._linger_deadline: float | None = None
        self._unsent = 0
        self._last_read = self.loop.time()
        self._check_timer = self.loop.call_later(CHECK_SECONDS, self._check_deadlines)

    def connection_lost(self, exc: Exception | None) -> None:
        self._check_timer.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn closes in any case
        """Keep the connection open (True) for a client that has sent all and still reads."""
        if not self._is_answering():
            return False
        self.cycle.keep_alive = False
        return True

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _check_deadlines(self) -> None:
        """Close the connection where the client keeps it waiting."""
        now = self.loop.time()
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._last_read = now
        self._unsent = unsent
        lingers_too_long = self._linger_deadline is not None and now >= self._linger_deadline
        if lingers_too_long or now - self._last_read >= WRITE_SECONDS:
            self.transport.abort()
        elif self._head_deadline is not None and now >= self._head_deadline:
            self.transport.close()
        self._check_timer = self.loop.call_later(CHECK_SECONDS, self._check_deadlines)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_head:
            self._head_bytes = 0
        elif self._head_bytes > MAX_HEAD_BYTES:
            self._refuse("head-too-large", TOO_LARGE)
        if self._head_deadline is None and (self._in_head or not self._is_answering()):
            self._head_deadline = self.loop.time() + HEAD_SECONDS

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._head_deadline = None
        if self._refused:  # the parser goes on to the end of its data
            return
        version, names = self.parser.get_http_version(), [name for name, _ in self.headers]
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        has_body = b"transfer-encoding" in names or any(
            name == b"content-length" and value.strip(b"0") for name, value in self.headers
        )
        if size > MAX_HEAD_BYTES:
            self._refuse("head-too-large", TOO_LARGE)
        elif version not in {"1.1", "1.0"}:
            self._refuse("request-refused", VERSIONS)
        elif names.count(b"host") != 1 and (version == "1.1" or b"host" in names):
            self._refuse("request-refused", ONE_HOST)
        elif has_body and self.parser.get_method() in {b"GET", b"HEAD", b"OPTIONS"}:
            self._refuse("request-refused", NO_BODY)
        elif len(self.pipeline) >= MAX_PIPELINED:
            self._refuse("request-refused", "Too many requests wait on this connection.")
        elif has_body:
            self._refuse("method-not-allowed", problems.READ_ONLY, {"Allow": problems.ALLOWED})
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Ignore the body of a refused request."""

    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words; ours stand in NOT_HTTP
        self._refuse("request-refused", NOT_HTTP)

    def _refuse(self, slug: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Send a problem and end the connection; earlier requests are answered, then it closes."""
        if self._refused:
            return
        self._refused = True
        self._head_deadline = None
        if self._is_answering():
            self.cycle.keep_alive = False
            return
        request_id = new_request_id()
        response = problems.refusal(slug, detail, headers)
        self.transport.write(_serialize(response, request_id))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._linger_deadline = self.loop.time() + LINGER_SECONDS
        method, url = self.scope.get("method", "") if self.scope else "", getattr(self, "url", b"")
        log_access(
            {
                "method": method,
                "path": url.partition(b"?")[0].decode("ascii", "replace"),
                "status": response.status_code,
                "bytes": len(response.body),
                "ms": 0.0,
                "cache": None,
            },
            request_id,
        )


def _serialize(response: Response, request_id: str) -> bytes:
    """Return a complete response as HTTP/1.1 sends it."""
    headers = [
        *response.raw_headers,
        *headers_for(response.raw_headers),
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    status = HTTPStatus(response.status_code)
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    head = b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, status.phrase.encode(), lines)
    return head + bytes(response.body)
