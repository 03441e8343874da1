"""One request and its answer, between the connection and the app (ASGI)."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Scope

from app.http import problems
from app.http.head import head_of
from app.http.logging import ACCESS, MAX_PATH_LENGTH, request_id

if TYPE_CHECKING:
    from app.http.connection import Connection

logger = logging.getLogger(__name__)
access = logging.getLogger(ACCESS)


class Exchange:
    """A request that is to be answered on a connection.

    Args:
        connection: where the answer is written.
        scope: the request, as ASGI has it.
        app: answers it.
        name: the id of the request.
        keeps: whether the connection goes on after it.
    """

    __slots__ = (
        *("app", "gone", "keeps", "scope"),
        *(
            "_begun",
            "_bodiless",
            "_chunked",
            "_complete",
            "_connection",
            "_head",
            "_left",
            "_name",
            "_over",
            "_sent",
            "_start",
        ),
    )

    def __init__(
        self, connection: "Connection", scope: Scope, app: ASGIApp, name: str, *, keeps: bool
    ) -> None:
        self.app = app
        self.scope = scope
        self.keeps = keeps
        self.gone = False
        self._connection = connection
        self._name = name
        self._start: Message | None = None
        self._head = b""
        self._left: int | None = None
        self._bodiless = self._chunked = self._complete = False
        self._over: asyncio.Event | None = None
        self._sent = 0
        self._begun = time.perf_counter() if connection.logs else 0.0

    async def run(self) -> None:
        """Have the app answer. However that ends, the connection is left fit for another request, or closed."""
        request_id.set(self._name)
        try:
            await self.app(self.scope, self.receive, self.send)
        except Exception:
            logger.exception("an answer failed")
            if self._start is None:
                await problems.refused("internal-error", problems.LOGGED)(
                    self.scope, self.receive, self.send
                )
        finally:
            if not self._complete:
                self._connection.abandon()

    def end(self) -> None:
        """Learn that the client has gone."""
        self.gone = True
        if self._over is not None:
            self._over.set()

    async def receive(self) -> Message:
        """Tell that there is no body, then wait until the client has gone or has its answer."""
        if self._over is None:
            self._over = asyncio.Event()
            if self.gone or self._complete:
                self._over.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Write a part of the answer, as soon as the client has taken most of what was written before; nothing if it has gone.

        Raises:
            ValueError: what cannot be sent as HTTP.
        """
        if self._connection.is_full:
            await self._connection.emptied()
        if self.gone:
            return
        if message["type"] == "http.response.start":
            self._write_head(message)
        else:
            self._write(message.get("body", b""), more=message.get("more_body", False))

    def _write_head(self, message: Message) -> None:
        head = head_of(message)
        status = message["status"]
        self._start = message
        self._left = head.length
        self._bodiless = self.scope["method"] == "HEAD" or status in {204, 304}
        self._chunked = (
            head.length is None and not self._bodiless and self.scope["http_version"] == "1.1"
        )
        if not self._chunked and not self._bodiless and head.length is None:
            self.keeps = False  # HTTP/1.0: the end of the connection is the end of the body
        # It goes out with the first of the body: to send is what costs most of a small answer.
        self._head = b"%b%bx-request-id: %b\r\n%b%b\r\n" % (
            head.lines,
            self._connection.date_line(),
            self._name.encode(),
            b"transfer-encoding: chunked\r\n" if self._chunked else b"",
            b"" if self.keeps else b"connection: close\r\n",
        )

    def _write(self, body: bytes, *, more: bool) -> None:
        if self._bodiless:
            body = b""
        self._sent += len(body)
        if self._left is not None and not self._bodiless:
            self._left -= len(body)
            if self._left < 0:
                raise ValueError("the answer is longer than was announced")
            if self._left and not more:
                raise ValueError("the answer is shorter than was announced")
        data = self._head + (self._chunk(body, more=more) if self._chunked else body)
        self._head = b""
        if data:
            self._connection.write(data)
        if more:
            return
        self._complete = True
        if self._over is not None:
            self._over.set()
        if self._connection.logs:
            self._log()
        self._connection.answered()

    @staticmethod
    def _chunk(body: bytes, *, more: bool) -> bytes:
        """Return a part of a body of unknown length as HTTP/1.1 sends it (RFC 9112, section 7.1)."""
        return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (
            b"" if more else b"0\r\n\r\n"
        )

    def _log(self) -> None:
        start = self._start or {"status": 0, "headers": []}
        answered = {
            "method": self.scope["method"],
            "path": self.scope["path"][:MAX_PATH_LENGTH],
            "status": start["status"],
            "bytes": self._sent,
            "ms": round((time.perf_counter() - self._begun) * 1000, 2),
            "cache": next(
                (value.decode() for name, value in start["headers"] if name == b"cache-status"),
                None,
            ),
        }
        access.info("", extra={"answered": answered})
