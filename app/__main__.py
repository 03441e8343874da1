"""`python -m app`: serve the published data."""

import os
import signal
import sys
from types import FrameType


def _exit(_: int, __: FrameType | None) -> None:
    """End with exit code 0 at once; nothing is in progress before and after uvicorn serves.

    An exception could be raised in a destructor, where Python drops it.
    """
    sys.stdout.flush()
    os._exit(0)


# Before the imports, which take half a second. uvicorn raises the signal again when it has stopped.
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, _exit)

import uvicorn
from pydantic import ValidationError
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.database.database import Database
from app.database.snapshot import NotReadyError
from app.http.server import server_options
from app.settings import Settings


def main() -> int:
    """Serve until SIGTERM or SIGINT; return 1, with the reason on stderr, if that fails."""
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            print(f"BRIEFS_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        return 1
    database = Database(settings)
    try:
        version = database.check()
    except NotReadyError as error:
        print(f"Cannot serve: {error}.", file=sys.stderr)
        return 1
    finally:
        database.close()
    config = uvicorn.Config("app.main:create_app", factory=True, **server_options(settings))
    try:
        listening = config.bind_socket()
    except SystemExit:
        print(
            f"Cannot listen on port {settings.port}: set BRIEFS_PORT to another one.",
            file=sys.stderr,
        )
        return 1
    listening.listen(config.backlog)
    host = "localhost" if settings.host in {"0.0.0.0", "127.0.0.1", "::"} else settings.host  # noqa: S104
    address = f"http://{host}:{listening.getsockname()[1]}"
    print(
        f"Policy briefs, data set {version}.\n"
        f"  The explorer         {address}/\n"
        f"  Recommendations      {address}/recommendations\n"
        f"  Documentation        {address}/docs\n"
        "Stop with Ctrl+C.",
        flush=True,
    )
    if settings.workers > 1:
        supervisor = Multiprocess(config, [listening])
        supervisor.run()
        return int(any(each.exitcode == STARTUP_FAILURE for each in supervisor.processes))
    server = uvicorn.Server(config)
    server.run([listening])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
