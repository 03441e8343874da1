"""`python -m app`: the server process."""

import ctypes
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from pydantic import ValidationError

from app.database.database import Database
from app.database.snapshot import NotReadyError
from app.http.logging import configure_logging
from app.http.server import BriefsServer, server_config
from app.http.workers import Workers
from app.settings import Settings

SWITCH_SECONDS = 0.0005
M_ARENA_MAX = -8
"""A number of glibc's `mallopt` (malloc.h)."""


def share_memory() -> None:
    """Have all threads take memory from one place, where the C library is glibc.

    It gives each thread a place of its own, and what large answers leave free there is lost to the others: under mixed load
    the process took 320 MB instead of 170.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def stop_by(handler: Callable[[int, FrameType | None], object]) -> None:
    """Have whoever tells the process to stop heard by a handler from now on."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def main() -> int:
    """Serve the published data until told to stop; 1, with a sentence on what is wrong, if it cannot."""
    signals: list[int] = []
    # While it starts; as process 1 it would not be stopped otherwise. An exception might be raised where it is lost.
    stop_by(lambda number, _: signals.append(number))
    share_memory()
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            print(f"BRIEFS_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        return 1
    database = Database(settings)
    try:
        published = database.check()
    except NotReadyError as error:
        print(f"Cannot serve: {error}.", file=sys.stderr)
        return 1
    finally:
        database.close()
    # A read on the event loop lets other threads in at each row; a search that computes would keep it waiting 5 ms each time.
    sys.setswitchinterval(SWITCH_SECONDS)
    configure_logging(settings)
    config = server_config(settings)
    try:
        if settings.workers > 1:
            workers = Workers(config, config.bind_socket(), published, settings.workers)
            stop_by(workers.stop)
            return 0 if signals else workers.run()
        server = BriefsServer(config, published)
        stop_by(server.handle_exit)
        if signals:
            return 0
        server.run()
    except SystemExit:  # uvicorn has said why it cannot listen
        print(
            f"Port {settings.port} cannot be listened on: set BRIEFS_PORT to another one.",
            file=sys.stderr,
        )
        return 1
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
