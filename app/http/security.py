"""Security headers: what every response tells a browser."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATA_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'"
)
COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
DATA = (
    *COMMON,
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"content-security-policy", DATA_POLICY),
)
PAGE = (
    *COMMON,
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", PAGE_POLICY),
)

Header = tuple[bytes, bytes]


def headers_for(headers: Iterable[Header]) -> tuple[Header, ...]:
    """Return the security headers for a response with these headers: of a page or of data."""
    page = any(
        name == b"content-type" and value.startswith(b"text/html") for name, value in headers
    )
    return PAGE if page else DATA


class SecurityHeaders:
    """Add the security headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A browser puts the headers of a 304 in the place of those it stored with the page,
                # and a 304 has no content type to tell which those are.
                added = COMMON if message["status"] == 304 else headers_for(message["headers"])
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
