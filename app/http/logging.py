"""Logs: one line of JSON for each thing that is told, with the id of the request it belongs to.

Errors go to stderr, requests (if BRIEFS_ACCESS_LOG asks for them) to stdout, so that each can be kept as long as it should be.
What is asked and who asks stands in neither: no query, no address, and unless the level is `debug` no message of an unforeseen
error, since that may repeat a client's words.
"""

import itertools
import json
import logging
import os
import secrets
import sys
import time
import traceback
from contextvars import ContextVar
from typing import Any

from app.settings import Settings

MAX_MESSAGE_LENGTH = 2000
"""Characters of a message at most."""
MAX_PATH_LENGTH = 200
ACCESS = "app.access"

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered, in its task and in the threads that work for it."""

_prefix = ""
_numbers = itertools.count()


def _begin() -> None:
    global _prefix  # noqa: PLW0603 - a process is told apart from its parent once, when it begins
    _prefix = secrets.token_hex(6)


_begin()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin)


def new_id() -> str:
    """Return an id that no other request has."""
    return f"{_prefix}-{next(_numbers):x}"


class JsonLines(logging.Formatter):
    """A record as one line of JSON, whatever a client put into it.

    Args:
        with_messages: whether the messages of exceptions are told, which may repeat a client's words.
    """

    def __init__(self, *, with_messages: bool) -> None:
        super().__init__()
        self._with_messages = with_messages

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields: dict[str, Any] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "request_id": request_id.get(),
        }
        answered: dict[str, Any] | None = getattr(record, "answered", None)
        if answered is not None:
            return json.dumps(fields | answered)
        fields |= {
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MAX_MESSAGE_LENGTH],
        }
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = self._traceback(record.exc_info[1])
        return json.dumps(fields)

    def _traceback(self, error: BaseException) -> list[str]:
        """Return the errors that led to one, the first cause first, each with where it was."""
        if self._with_messages:
            return traceback.format_exception(error)
        chain: list[str] = []
        seen: BaseException | None = error
        while seen is not None and len(chain) < 10:
            chain.append("".join([*traceback.format_tb(seen.__traceback__), type(seen).__name__]))
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        return chain[::-1]


def configure_logging(settings: Settings) -> None:
    """Have this process log as the settings say."""
    formatter = JsonLines(with_messages=settings.log_level == "debug")
    for name, stream in (("", sys.stderr), (ACCESS, sys.stdout)):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logging.getLogger(name).handlers = [handler]
    logging.getLogger().setLevel(settings.log_level.upper())
    access = logging.getLogger(ACCESS)
    access.propagate = False
    access.setLevel(logging.INFO)
    access.disabled = not settings.access_log
