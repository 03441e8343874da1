"""Overload: only so many requests are at work or wait for work; more are refused at once, not after a long wait."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http import problems

HEALTH_PATHS = frozenset({"/health", "/ready"})
"""Who looks after the server asks for these: a busy one must not seem to be a broken one."""
QUEUE_FACTOR = 7
"""Requests that wait for each that is worked on."""


class ConcurrencyLimit:
    """Let through only so many requests at once; answers from the cache and looks at the server are not among them.

    Args:
        app: answers.
        at_once: how many requests are worked on at once.
    """

    def __init__(self, app: ASGIApp, at_once: int) -> None:
        self.app = app
        self._most = at_once * (1 + QUEUE_FACTOR)
        self._taken = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH_PATHS:
            await self.app(scope, receive, send)
            return
        if self._taken >= self._most:
            problem = problems.unavailable(
                "More is asked at the moment than can be answered.", after=1
            )
            await problems.problem_response(Request(scope), problem)(scope, receive, send)
            return
        self._taken += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._taken -= 1
