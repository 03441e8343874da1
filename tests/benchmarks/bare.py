"""Bare uvicorn: an ASGI app that sends the bytes and headers of one stored response.

It shows the most that a server on this stack can do.
"""

import json
import os
from pathlib import Path
from typing import Any

ANSWER = Path(os.environ["BARE_ANSWER"])
BODY = ANSWER.read_bytes()
HEADERS = [
    (name.encode(), value.encode())
    for name, value in json.loads(ANSWER.with_suffix(".headers.json").read_text())
]
START = {"type": "http.response.start", "status": 200, "headers": HEADERS}
REST = {"type": "http.response.body", "body": BODY}


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Send the response to any request."""
    assert scope["type"] == "http"
    await send(START)
    await send(REST)
