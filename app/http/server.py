"""The server process: uvicorn with our settings and our own protocol, which stops when it is told to."""

import signal
import socket
from types import FrameType

import uvicorn

from app.http.connection import Connection
from app.main import create_server_app
from app.settings import Settings

STOP_SECONDS = 10
"""For what is under way when the server is told to stop."""


class BriefsServer(uvicorn.Server):
    """A server that says where to click once it listens, and not before; told to stop, it ends well.

    Args:
        config: see ``server_config``.
        published: the data version it serves; None if another process has said so.
    """

    def __init__(self, config: uvicorn.Config, published: str | None) -> None:
        super().__init__(config)
        self.published = published

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as the signal module calls it
        """Stop. uvicorn itself would raise the signal once more at the end, and the process would seem to have failed."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started or self.published is None:
            return
        host = (
            "localhost" if self.config.host in {"0.0.0.0", "127.0.0.1", "::"} else self.config.host
        )
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
        http=Connection,
        ws="none",
        access_log=False,  # ours tells neither query texts nor addresses
        log_config=None,  # logs.py
        server_header=False,
        proxy_headers=False,  # forwarded headers from strangers change nothing in an answer
        timeout_graceful_shutdown=STOP_SECONDS,
    )
