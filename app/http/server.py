"""The server: uvicorn's options."""

from typing import Any

from app.http.logging import log_config
from app.http.protocol import LimitedHttpProtocol
from app.settings import Settings

STOP_SECONDS = 10
"""For requests in progress when the server is stopped."""

HEALTHCHECK_SECONDS = 30
"""Without an answer for so long, the supervisor replaces a worker."""


def server_options(settings: Settings) -> dict[str, Any]:
    """Return the options of ``uvicorn.Config`` that the API is served with."""
    return {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "timeout_worker_healthcheck": HEALTHCHECK_SECONDS,
        "http": LimitedHttpProtocol,
        "ws": "none",
        "access_log": False,  # RequestContext writes ours, without queries and addresses
        "log_config": log_config(settings),
        "server_header": False,
        "proxy_headers": False,  # forwarded headers from strangers change nothing in a response
        "timeout_graceful_shutdown": STOP_SECONDS,
    }
