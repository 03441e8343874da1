"""Logs: one JSON object per line, with the id of the request it belongs to.

Errors go to stderr; requests go to stdout if BRIEFS_ACCESS_LOG is set. Neither has query texts or
client addresses. The message of an unforeseen error may repeat a client's words: only `debug` logs
it.
"""

import itertools
import json
import logging
import secrets
import time
import traceback
from contextvars import ContextVar
from typing import Any

from app.settings import Settings

MAX_MESSAGE_LENGTH = 2000
MAX_PATH_LENGTH = 200
ACCESS = "app.access"

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the current request, in its task and in the threads that work for it."""

_access = logging.getLogger(ACCESS)


_PREFIX = secrets.token_hex(6)
_numbers = itertools.count()


def new_request_id() -> str:
    """Return an id that no other request has: a random prefix for each process, and a number."""
    return f"{_PREFIX}-{next(_numbers):x}"


def access_log_enabled() -> bool:
    return _access.isEnabledFor(logging.INFO)


def log_access(fields: dict[str, Any], identifier: str) -> None:
    """Write one line of the access log.

    Args:
        fields: method, path, status, bytes, ms and cache.
        identifier: the id of the request.
    """
    request_id.set(identifier)
    fields["path"] = fields["path"][:MAX_PATH_LENGTH]
    _access.info("", extra={"access": fields})


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON, whatever a client put into it.

    Args:
        with_messages: whether to log the messages of exceptions, which may repeat a client's words.
    """

    def __init__(self, *, with_messages: bool) -> None:
        super().__init__()
        self._with_messages = with_messages

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "request_id": request_id.get(),
        }
        access: dict[str, Any] | None = getattr(record, "access", None)
        if access is not None:
            return json.dumps(line | access)
        line |= {
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MAX_MESSAGE_LENGTH],
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = self._traceback(record.exc_info[1])
        return json.dumps(line)

    def _traceback(self, error: BaseException) -> list[str]:
        """Return the chain of errors, first cause first, each with its place in the code."""
        if self._with_messages:
            return traceback.format_exception(error)
        chain: list[str] = []
        cause: BaseException | None = error
        while cause is not None and len(chain) < 10:
            chain.append("".join([*traceback.format_tb(cause.__traceback__), type(cause).__name__]))
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        return chain[::-1]


def log_config(settings: Settings) -> dict[str, Any]:
    """Return the logging configuration for ``logging.config.dictConfig``, as uvicorn takes it."""
    formatter = {"()": JsonFormatter, "with_messages": settings.log_level == "debug"}
    handlers = {
        name: {"class": "logging.StreamHandler", "formatter": "json", "stream": f"ext://sys.{name}"}
        for name in ("stdout", "stderr")
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": handlers,
        "root": {"level": settings.log_level.upper(), "handlers": ["stderr"]},
        "loggers": {
            ACCESS: {
                "level": "INFO" if settings.access_log else "CRITICAL",
                "handlers": ["stdout"],
                "propagate": False,
            },
            # It warns of every request that it cannot read, which any client can cause.
            "uvicorn.error": {"level": "DEBUG" if settings.log_level == "debug" else "ERROR"},
        },
    }
