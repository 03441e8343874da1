"""`python -m app`: the server process."""

import sys

import uvicorn
from pydantic import ValidationError

from app.db import Database, NotReadyError
from app.server import server_config
from app.settings import Settings


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
    shown = "localhost" if settings.host in {"0.0.0.0", "127.0.0.1", "::"} else settings.host  # noqa: S104
    print(
        f"Policy briefs, data set {published}.\n"
        f"  Recommendations on inclusion  http://{shown}:{settings.port}/recommendations?theme=inclusion\n"
        f"  Everything there is           http://{shown}:{settings.port}/\n"
        f"  Documentation                 http://{shown}:{settings.port}/docs\n"
        "Stop with Ctrl+C.",
        flush=True,
    )
    uvicorn.Server(server_config(settings)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
