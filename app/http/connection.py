"""One client's connection: HTTP/1.1 in, within limits, and answers out.

The parser is httptools: llhttp, which Node.js has, is several times as fast as one in Python, and strict: bare line feeds,
folded lines, a blank before a colon, two lengths, a length beside a coding are errors. It has no limits of its own and cannot be
told to stop, so limits are ours, and what follows a refused request is thrown away. uvicorn's own protocol class holds half-sent
requests for ever and reads heads of any size and bodies nobody asked for; of uvicorn there remain process, signals and lifespan.
"""

import asyncio
import logging
import re
from collections import deque
from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp, Scope
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.http import problems
from app.http.exchange import Exchange
from app.http.logging import ACCESS, new_id

logger = logging.getLogger(__name__)

MOST_HEAD = 16 * 1024
"""Bytes of request line and headers together."""
HEAD_SECONDS = 10
"""From the first byte of a head to its last; and from the beginning of a connection to its first byte."""
UNREAD_SECONDS = 30
"""While a client takes nothing of an answer that waits for it."""
LINGER_SECONDS = 2
"""While a client still sends what is not read: closing at once would reset the connection before it has read why."""
LOOK_SECONDS = 1
MOST_PIPELINED = 100
"""Requests of one client that wait for those before them; after so many the connection ends, and the client asks again."""

GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
NOT_HTTP = "The request is not well-formed HTTP/1.1; letters outside ASCII must be percent-encoded in an address."
NO_BODY = "A request has no body here: the API never writes."
NO_HOST = "A request names its Host once."
NO_VERSION = "The API speaks HTTP/1.1 and 1.0."
TOO_LARGE = f"Request line and headers together may have {MOST_HEAD // 1024} KiB."


class Connection(asyncio.Protocol):
    """A client's connection, as uvicorn makes one for each.

    Args:
        config: holds the app and how long a connection may idle.
        server_state: uvicorn's, with the header `Date`.
        app_state: what the lifespan gave to all requests.
        _loop: the event loop; uvicorn gives it by this name.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._app: ASGIApp = config.loaded_app
        self._idle_seconds = config.timeout_keep_alive
        self._server = server_state
        self._state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self.logs = logging.getLogger(ACCESS).isEnabledFor(logging.INFO)
        self.is_full = False
        self._emptied = asyncio.Event()
        self._parser = httptools.HttpRequestParser(self)
        self._exchange: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._reads = True
        self._ended = False
        self._lingers = False
        # Of the head that is being read.
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._in_head = False
        self._earlier = 0
        self._chunk = 0
        self._heads = 0
        # What is looked at once a second.
        self._deadline = self._loop.time() + HEAD_SECONDS
        self._unsent = 0
        self._taken = self._loop.time()

    # --- the transport's part ---

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # asyncio types it too widely
        self._transport = transport
        self.write = transport.write
        self._server.connections.add(self)  # type: ignore[arg-type] # it names its own protocols; `shutdown` is all it asks
        self._address = transport.get_extra_info("sockname")
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was
        self._server.connections.discard(self)
        self._timer.cancel()
        self._ended = True
        self._waiting.clear()
        self.resume_writing()
        if self._exchange is not None:
            self._exchange.end()

    def eof_received(self) -> bool:
        # A client may close its side once it has asked, and read the answer all the same.
        self._ended = True
        return self._exchange is not None

    def pause_writing(self) -> None:
        self.is_full = True
        self._emptied.clear()

    def resume_writing(self) -> None:
        self.is_full = False
        self._taken = self._loop.time()
        self._emptied.set()

    async def emptied(self) -> None:
        """Wait until the client has taken most of what was written, or has gone."""
        await self._emptied.wait()

    def _look(self) -> None:
        """Close a connection whose client keeps it waiting."""
        now = self._loop.time()
        unsent = self._transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._taken = now
        self._unsent = unsent
        if now - self._taken >= UNREAD_SECONDS or (self._lingers and now >= self._deadline):
            self._transport.abort()
        elif self._exchange is None and now >= self._deadline:
            self._transport.close()
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    # --- reading ---

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        heads, self._chunk = self._heads, len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # the request that asked for it is answered as any other, and the last one
        except httptools.HttpParserError as error:
            if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(
                error.__context__, httptools.HttpParserError
            ):
                logger.exception("a request could not be read")
            self._refuse("request-refused", NOT_HTTP)
        if not self._in_head or self._ended:
            return
        if heads == self._heads:  # all of it belongs to the head that is not complete
            if not self._earlier:
                self._deadline = self._loop.time() + HEAD_SECONDS
            self._earlier += len(data)
            if self._earlier > MOST_HEAD:
                self._refuse("head-too-large", TOO_LARGE)
        else:
            self._deadline = self._loop.time() + HEAD_SECONDS

    def on_message_begin(self) -> None:
        self._in_head = True
        self._url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        size = self._earlier + self._chunk
        self._heads += 1
        self._earlier = 0
        self._in_head = False
        if self._ended:
            return
        parser, headers = self._parser, self._headers
        version = parser.get_http_version()
        scope = self._scope(parser.get_method().decode("ascii"), version)
        if (
            size > MOST_HEAD
            and len(self._url) + sum(len(name) + len(value) + 4 for name, value in headers)
            > MOST_HEAD
        ):
            self._refuse("head-too-large", TOO_LARGE, scope)
            return
        if version not in {"1.1", "1.0"}:
            self._refuse("request-refused", NO_VERSION, scope)
            return
        names = [name for name, _ in headers]
        if names.count(b"host") != 1 and (version == "1.1" or b"host" in names):
            self._refuse("request-refused", NO_HOST, scope)
            return
        address = httptools.parse_url(self._url)
        path = address.path or b"/"  # of `http://host`, which is a whole address too
        text = path.decode("ascii")
        scope["path"] = unquote(text) if "%" in text else text
        scope["raw_path"] = path
        scope["query_string"] = address.query or b""
        body = b"transfer-encoding" in names or (
            b"content-length" in names and dict(headers)[b"content-length"].strip(b"0")
        )
        if body and scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            self._refuse("request-refused", NO_BODY, scope)
            return
        keeps = (
            version == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not body
        )
        too_many = len(self._waiting) >= MOST_PIPELINED
        keeps = keeps and not too_many
        given = dict(headers)[b"x-request-id"] if b"x-request-id" in names else b""
        name = given.decode() if given and GIVEN_ID.fullmatch(given) else new_id()
        self._ended = not keeps
        self._lingers = bool(body) or too_many
        self._take(Exchange(self, scope, self._app, name, keeps=keeps))

    def _scope(self, method: str, version: str) -> Scope:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version,
            "server": self._address[:2] if isinstance(self._address, tuple) else None,
            "client": None,  # who asks is of no use to any answer, and cannot get into a log
            "scheme": "http",
            "method": method,
            "root_path": "",
            "path": "",
            "raw_path": b"",
            "query_string": b"",
            "headers": self._headers,
            "state": self._state.copy(),
        }

    def _refuse(self, slug: str, detail: str, scope: Scope | None = None) -> None:
        """Answer, when its turn comes, that a request cannot be read; it is the last one."""
        if self._ended:
            return
        self._ended = self._lingers = True
        self._take(
            Exchange(
                self,
                scope or self._scope("", "1.1"),
                problems.refused(slug, detail),
                new_id(),
                keeps=False,
            )
        )

    # --- answering ---

    def _take(self, exchange: Exchange) -> None:
        if self._exchange is None:
            self._begin(exchange)
        else:
            self._waiting.append(exchange)
            if self._reads:
                self._transport.pause_reading()
                self._reads = False

    def _begin(self, exchange: Exchange) -> None:
        self._exchange = exchange
        task = self._loop.create_task(exchange.run())
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)

    def answered(self) -> None:
        """Go over to the next request, or wait for one, or end."""
        answered, self._exchange = self._exchange, None
        self._server.total_requests += 1
        if answered is not None and not answered.keeps:
            self._end()
        elif self._waiting:
            self._begin(self._waiting.popleft())
        elif self._ended:
            self._end()
        else:
            self._read_on()
            self._deadline = self._loop.time() + (
                HEAD_SECONDS if self._in_head else self._idle_seconds
            )

    def _end(self) -> None:
        self._ended = True
        self._waiting.clear()
        if self._lingers and not self._transport.is_closing():
            self._read_on()
            self._transport.write_eof()
            self._deadline = self._loop.time() + LINGER_SECONDS
        else:
            self._transport.close()

    def _read_on(self) -> None:
        if not self._reads:
            self._transport.resume_reading()
            self._reads = True

    def abandon(self) -> None:
        """End where an answer cannot be completed; that it is not shows by that."""
        self._exchange = None
        self._ended = True
        self._transport.close()

    def date_line(self) -> bytes:
        """Return the header `Date`, which the server makes anew each second."""
        return b"".join([b"%b: %b\r\n" % pair for pair in self._server.default_headers])

    def shutdown(self) -> None:
        """Finish what is under way and take nothing more: the server stops."""
        self._ended = True
        if self._exchange is None:
            self._transport.close()
        else:
            self._exchange.keeps = False
