"""Bytes to a server and back, as no client library would send them."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """An answer, or none where the connection was closed without one (`status` 0)."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        found: dict[str, Any] = json.loads(self.body)
        return found


def connect(server: str, timeout: float = 20) -> socket.socket:
    """Open a connection to the server at an address."""
    parts = urlsplit(server)
    return socket.create_connection((parts.hostname, parts.port), timeout=timeout)


def sent(server: str, request: bytes) -> bytes:
    """Send bytes, and return all that comes back until the server closes."""
    with connect(server) as opened:
        # It need not read what it refuses; the answer may be there all the same.
        with suppress(ConnectionResetError, BrokenPipeError):
            opened.sendall(request)
        return read_all(opened)


def read_all(opened: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    received = bytearray()
    with suppress(ConnectionResetError):
        while chunk := opened.recv(65536):
            received += chunk
    return bytes(received)


def answers(received: bytes) -> list[Answer]:
    """Return the answers in a stream of bytes, each with its announced length."""
    found = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", "0"))
        found.append(Answer(int(status.split()[1]), headers, received[:length]))
        received = received[length:]
    return found


def asked(server: str, request: bytes) -> Answer:
    """Send one request, or what is none, and return the first answer."""
    return next(iter(answers(sent(server, request))), Answer(0, {}, b""))
