"""ASGI middleware around the application: request ids, access log, CORS, overload."""

import re
import time
from functools import cached_property
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http import problems
from app.http.logging import access_log_enabled, log_access, new_request_id, request_id

HEALTH_PATHS = frozenset({"/health", "/ready"})
"""Never refused: a busy server must not look like a broken one."""
QUEUE_FACTOR = 7
"""Requests that may wait for each one in progress."""
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
NO_HEADERS = Headers()


class RequestContext:
    """Give each request an id, the client's own where it sent one, and write the access log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        identifier = given.decode() if REQUEST_ID.fullmatch(given) else new_request_id()
        request_id.set(identifier)
        id_header = (b"x-request-id", identifier.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], id_header]}
            await send(message)

        if access_log_enabled():
            await self._logged(scope, receive, send_with_id)
        else:
            await self.app(scope, receive, send_with_id)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, sent = time.perf_counter(), 0
        start: Message = {"status": 0, "headers": []}

        async def count(message: Message) -> None:
            nonlocal start, sent
            if message["type"] == "http.response.start":
                start = message
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, count)
        finally:
            cache = next((v.decode() for k, v in start["headers"] if k == b"cache-status"), None)
            fields: dict[str, Any] = {
                "method": scope["method"],
                "path": scope["path"],
                "status": start["status"],
                "bytes": sent,
                "ms": round((time.perf_counter() - began) * 1000, 2),
                "cache": cache,
            }
            log_access(fields, request_id.get())


class PublicCors(CORSMiddleware):
    """CORS for reading from anywhere.

    Starlette adds the headers only where a request has an `Origin`. Here every response has them:
    it does not depend on the `Origin`, and a stored one is right for every client. A preflight for
    anything but reading is refused in the shape of every other error.
    """

    @cached_property
    def _public_headers(self) -> list[tuple[bytes, bytes]]:
        return [(k.lower().encode(), v.encode()) for k, v in self.simple_headers.items()]

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:  # noqa: ARG002 - see above
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *self._public_headers]
        await send(message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "OPTIONS":
            await self.simple_response(scope, receive, send, request_headers=NO_HEADERS)
        else:
            await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        return problems.refusal(
            "method-not-allowed", problems.READ_ONLY, {"Allow": problems.ALLOWED}
        )


class ConcurrencyLimit:
    """Refuse requests above a number in progress or waiting at once, instead of letting them wait.

    Args:
        app: the application.
        concurrency: how many requests are in progress at once.
    """

    def __init__(self, app: ASGIApp, concurrency: int) -> None:
        self.app = app
        self._limit = concurrency * (1 + QUEUE_FACTOR)
        self._accepted = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH_PATHS:
            await self.app(scope, receive, send)
            return
        if self._accepted >= self._limit:
            problem = problems.unavailable("The server is overloaded.", after=1)
            await problems.problem_response(Request(scope), problem)(scope, receive, send)
            return
        self._accepted += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._accepted -= 1
