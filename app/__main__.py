"""`python -m app`: the server process."""

import sys

from pydantic import ValidationError

from app.db import Database, NotReadyError
from app.logs import configure
from app.server import BriefsServer, server_config
from app.settings import Settings
from app.workers import Workers

SWITCH_SECONDS = 0.0005


def main() -> int:
    """Serve the published data until told to stop; 1, with a sentence on what is wrong, if it cannot."""
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
        server.run()
    except SystemExit:  # uvicorn has said why it cannot listen
        print(f"Port {settings.port} cannot be listened on: set BRIEFS_PORT to another one.", file=sys.stderr)
        return 1
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
