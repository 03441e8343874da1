"""`python -m app`: the server process."""

import ctypes
import signal
import sys
from contextlib import suppress

from pydantic import ValidationError

from app.db import Database
from app.logs import configure
from app.reading import NotReadyError
from app.server import BriefsServer, server_config
from app.settings import Settings
from app.workers import Workers

SWITCH_SECONDS = 0.0005
STOPPING = (signal.SIGTERM, signal.SIGINT)
M_ARENA_MAX = -8
"""A number of glibc's `mallopt` (malloc.h)."""


def share_memory() -> None:
    """Have all threads take memory from one place, where the C library is glibc.

    It gives each thread a place of its own, and what large answers leave free there is lost to the others: under mixed load
    the process took 320 MB instead of 170.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def main() -> int:
    """Serve the published data until told to stop; 1, with a sentence on what is wrong, if it cannot."""
    for number in STOPPING:  # while it starts; as process 1 it would not be stopped otherwise
        signal.signal(number, lambda *_: sys.exit(0))
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
    configure(settings)
    config = server_config(settings)
    server = BriefsServer(config, published)
    try:
        if settings.workers > 1:
            return Workers(config, config.bind_socket(), published, settings.workers).run()
        for number in STOPPING:  # an exception would break off what is being started
            signal.signal(number, server.handle_exit)
        server.run()
    except SystemExit:  # uvicorn has said why it cannot listen
        print(f"Port {settings.port} cannot be listened on: set BRIEFS_PORT to another one.", file=sys.stderr)
        return 1
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
