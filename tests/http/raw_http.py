"""Bytes to a server and back, as no client library would send them."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CLOSE = b"Connection: close\r\n"
HOST = b"Host: localhost\r\n"

REFUSED = {
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "two hosts in 1.0": b"GET / HTTP/1.0\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "length and coding": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "two lengths": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    "a length that is none": b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nhello",
    "a length beyond all": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a coding that is none": b"GET / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "a bare line feed in a value": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\nY: b\r\n\r\n",
    "a bare return in a value": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rY: b\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    "a nul": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n",
    "a nul in the address": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no name": b"GET / HTTP/1.1\r\n" + HOST + b": x\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
    "an unknown method": b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a small method": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "garbage": bytes(range(256)),
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 500,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",
    "version 2.0": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    "version 0.9": b"GET /\r\n\r\n",
    "version 9.9": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT evil.example:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no slash": b"GET health HTTP/1.1\r\n" + HOST + b"\r\n",
    "a blank in the address": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "letters outside ASCII": "GET /é HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "a port that is none": b"GET http://localhost:99999999/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a body": b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    "a body to come": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n",
    "a body in pieces": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "a body with OPTIONS": b"OPTIONS / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\nx",
}
"""What no server should take for a request, or what this one does not take, under its name."""


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


def send_raw(server: str, request: bytes) -> Answer:
    """Send one request, or what is none, and return the first answer."""
    return next(iter(answers(sent(server, request))), Answer(0, {}, b""))
