"""The server process: uvicorn with our settings, and its own refusals in the shape of every other error."""

import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app import problems
from app.main import create_server_app
from app.schemas import Problem
from app.settings import Settings


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 parser. What it cannot parse never reaches the app, so it answers for itself."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are not repeated
        kind = problems.TYPES["request-refused"]
        problem = Problem(
            type="/problems/request-refused",
            title=kind.title,
            status=kind.status,
            detail="The request is not well-formed HTTP/1.1; letters outside ASCII must be percent-encoded in an address.",
            instance="",
            errors=[],
        )
        body = problem.model_dump_json().encode()
        head = [
            "HTTP/1.1 400 Bad Request",
            f"content-type: {problems.MEDIA_TYPE}",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            "access-control-allow-origin: *",
            "connection: close",
        ]
        self.transport.write("\r\n".join([*head, "", ""]).encode() + body)
        self.transport.close()


class AnnouncingServer(uvicorn.Server):
    """A server that says where to click once it listens, and not before.

    Args:
        config: see ``server_config``.
        published: the data version it serves.
    """

    def __init__(self, config: uvicorn.Config, published: str) -> None:
        super().__init__(config)
        self.published = published

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        host = "localhost" if self.config.host in {"0.0.0.0", "127.0.0.1", "::"} else self.config.host  # noqa: S104
        address = f"http://{host}:{self.servers[0].sockets[0].getsockname()[1]}"  # port 0 asks for any that is free
        print(  # noqa: T201 - for whoever started it
            f"Policy briefs, data set {self.published}.\n"
            f"  The explorer         {address}/\n"
            f"  Recommendations      {address}/recommendations\n"
            f"  Documentation        {address}/docs\n"
            "Stop with Ctrl+C.",
            flush=True,
        )


def server_config(settings: Settings) -> uvicorn.Config:
    """Return the configuration that the API is served with, in production as in the tests."""
    return uvicorn.Config(
        create_server_app(settings),
        host=settings.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        access_log=False,  # it would log query texts and addresses
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # forwarded headers from strangers change nothing in an answer
    )
