"""The limits of the protocol: malformed, large, slow and too many requests."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from anyio import sleep
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.middleware import QUEUE_FACTOR
from app.main import create_app
from app.settings import Settings
from tests.conftest import counting, serving
from tests.http.raw_http import (
    CLOSE,
    HOST,
    REFUSED,
    Answer,
    answers,
    asked,
    connect,
    read_all,
    sent,
)

PLAIN = b"GET /health HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
"""Nothing here reaches a database."""


@pytest.mark.parametrize("request_text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_well_formed_is_a_problem_and_the_end(server: str, request_text: bytes) -> None:
    """One response, though another request follows: where a malformed one ends is unknown."""
    found = answers(sent(server, request_text + PLAIN))
    assert [(answer.status, answer.problem["type"]) for answer in found] == [
        (400, "/problems/request-refused")
    ]
    assert found[0].headers["access-control-allow-origin"] == "*"
    assert found[0].headers["connection"] == "close"
    assert found[0].headers["x-request-id"]
    assert asked(server, PLAIN).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_who_writes_learns_that_nothing_can_be_written(server: str, method: str) -> None:
    request = (
        f"{method} /claims HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello".encode()
    )
    (answer,) = answers(sent(server, request + PLAIN))
    assert answer.problem["type"] == "/problems/method-not-allowed"
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET /health HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /health HTTP/1.1\r\n"
        + HOST
        + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\n\r\n",
        b"GET /health HTTP/1.0\r\n\r\n",
        b"GET /health HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nConnection: close\r\n\r\n",
        b"\r\n\r\n" + PLAIN,
        b"GET http://evil.example/health HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
        b"GET /health#fragment HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: \r\n" + CLOSE + b"\r\n",
        b"GET /health HTTP/1.1\r\n" + HOST + CLOSE + b"X: \xff\xfe\r\n\r\n",
        b"GET /health HTTP/1.1\r\n" + HOST + CLOSE + b"Expect: 100-continue\r\n\r\n",
    ],
)
def test_what_is_harmless_is_answered(server: str, request_text: bytes) -> None:
    (answer,) = answers(sent(server, request_text))
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("name", ["path", "query", "one header", "many headers", "name"])
def test_heads_are_16_kib_at_most(server: str, name: str) -> None:
    def request(size: int) -> bytes:
        filling = {
            "path": (b"/" + b"x" * size, b""),
            "query": (b"/health?" + b"x" * size, b""),
            "one header": (b"/health", b"X: " + b"x" * size + b"\r\n"),
            "many headers": (b"/health", b"X: 345678\r\n" * (size // 11)),
            "name": (b"/health", b"x" * size + b": y\r\n"),
        }[name]
        return b"GET %b HTTP/1.1\r\n%b%b%b\r\n" % (filling[0], HOST, CLOSE, filling[1])

    assert asked(server, request(16_000)).status in {200, 404, 422}
    for size in (16_500, 100_000):
        answer = asked(server, request(size))
        assert (answer.status, answer.problem["type"]) == (431, "/problems/head-too-large")
        assert answer.headers["connection"] == "close"


def test_a_head_without_end_is_refused_while_it_comes(server: str) -> None:
    with connect(server) as opened:
        opened.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"X: ")
        for _ in range(20):
            opened.sendall(b"x" * 1000)
            time.sleep(0.002)
        (answer,) = answers(read_all(opened))
    assert answer.status == 431


def test_requests_one_after_another_are_answered_in_order(server: str) -> None:
    """Whatever the pieces they come in, and though the last one cannot be read."""
    paths = [f"/themes?limit={number}" for number in range(1, 21)]
    request = b"".join(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n".encode()
        for path in paths
    )
    for piece in (len(request), 1000, 7):
        with connect(server) as opened:
            for start in range(0, len(request), piece):
                opened.sendall(request[start : start + piece])
            opened.sendall(b"nonsense\r\n\r\n")
            found = answers(read_all(opened))
        read = found[: len(paths)]
        assert [len(json.loads(answer.body)["data"]) for answer in read] == list(range(1, 21))
        assert [answer.status for answer in found[len(paths) :]] in ([], [400])


def test_who_has_said_all_may_close_and_read(server: str) -> None:
    with connect(server) as opened:
        opened.sendall(b"GET /recommendations?limit=100 HTTP/1.1\r\n" + HOST + b"\r\n")
        opened.shutdown(socket.SHUT_WR)
        (answer,) = answers(read_all(opened))
    assert len(json.loads(answer.body)["data"]) > 20


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with seconds for what otherwise takes longer; the waiting is not what is tried."""
    monkeypatch.setattr("app.http.protocol.HEAD_SECONDS", 1)
    monkeypatch.setattr("app.http.protocol.LINGER_SECONDS", 0.5)
    monkeypatch.setattr("app.http.protocol.CHECK_SECONDS", 0.1)
    with serving(counting(database_url)) as address:
        yield address


@pytest.mark.parametrize(
    "begun", [b"", b"\r\n", b"G", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: "]
)
def test_who_does_not_end_a_head_is_closed(impatient: str, begun: bytes) -> None:
    """Also who goes on a little at a time, and who has been answered before."""
    with connect(impatient) as silent, connect(impatient) as slow, connect(impatient) as former:
        silent.sendall(begun)
        former.sendall(b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n")
        response = b""
        while not response.endswith(b'{"status":"ok"}'):  # head and body may come one by one
            response += former.recv(65536)
        former.sendall(begun or b"G")
        began = time.monotonic()
        closed = False
        while not closed and time.monotonic() < began + 8:
            try:
                slow.sendall(begun[-1:] or b"\r")
                slow.settimeout(0.2)
                closed = slow.recv(100) == b""
            except TimeoutError:
                pass
            except (ConnectionResetError, BrokenPipeError):
                closed = True
        assert closed
        assert read_all(silent) == b""
        assert read_all(former) == b""


def test_a_connection_that_is_refused_ends_though_the_client_sends_on(impatient: str) -> None:
    with connect(impatient) as opened:
        opened.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert opened.recv(65536).startswith(b"HTTP/1.1 400")
        until, closed = time.monotonic() + 8, False
        while not closed and time.monotonic() < until:
            time.sleep(0.01)
            try:
                opened.sendall(b"x" * 1000)
            except (ConnectionResetError, BrokenPipeError):
                closed = True
        assert closed


# --- overload ---


class Held:
    """The innermost middleware: hold requests until they may go on."""

    go: threading.Event
    held: int

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/recommendations"):
            Held.held += 1
            while not Held.go.is_set():  # noqa: ASYNC110 - it is set from another thread
                await sleep(0.01)
        await self.app(scope, receive, send)


def test_more_than_can_be_answered_is_refused_at_once(database_url: str) -> None:
    """The cache, 304 and `/health` still answer, and half-sent requests take no place."""
    Held.go, Held.held = threading.Event(), 0
    settings = Settings(database_url=database_url, threads=2)
    app = create_app(settings)
    app.user_middleware.append(Middleware(Held))
    most = 2 * (1 + QUEUE_FACTOR)
    with (
        serving(settings, app) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        tag = client.get("/themes").headers["etag"]
        waiting = [connect(address) for _ in range(most)]
        half_sent = [connect(address) for _ in range(50)]
        try:
            for opened in half_sent:
                opened.sendall(b"GET /claims HTTP/1.1\r\n")
            for number, opened in enumerate(waiting):
                opened.sendall(
                    b"GET /recommendations?limit=%d HTTP/1.1\r\n%b%b\r\n"
                    % (number + 1, HOST, CLOSE)
                )
                if number == most - 2:  # one place is left
                    while Held.held < most - 1:
                        time.sleep(0.01)
                    assert client.get("/claims").status_code == 200
            while Held.held < most:
                time.sleep(0.01)
            refused = client.get("/actors")
            assert refused.status_code == 503
            assert refused.headers["content-type"] == "application/problem+json"
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.headers["access-control-allow-origin"] == "*"
            assert client.get("/health").status_code == 200
            assert client.get("/themes").headers["cache-status"] == "briefs; hit"
            assert client.get("/themes", headers={"If-None-Match": tag}).status_code == 304
            Held.go.set()
            found: list[Answer] = [answers(read_all(opened))[0] for opened in waiting]
            assert {answer.status for answer in found} == {200}
            assert client.get("/actors").status_code == 200
        finally:
            Held.go.set()
            for opened in (*waiting, *half_sent):
                opened.close()


def test_clients_that_read_nothing_hold_no_slot(database_url: str) -> None:
    """Eight requests may be in progress or wait; as many clients ask for more than sockets hold."""
    settings = counting(database_url, threads=1)
    with serving(settings) as address, httpx.Client(base_url=address, timeout=30) as client:
        size = len(client.get("/claims?limit=100", headers={"Accept-Encoding": "identity"}).content)
        silent = [connect(address) for _ in range(1 + QUEUE_FACTOR)]
        request = b"GET /claims?limit=100 HTTP/1.1\r\n" + HOST + b"\r\n"
        try:
            for opened in silent:
                opened.sendall(request * (8_000_000 // size))
            deadline = time.monotonic() + 20
            while client.get("/actors?limit=1").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert [client.get(f"/actors?limit={n}").status_code for n in range(1, 11)] == [
                200
            ] * 10
        finally:
            for opened in silent:
                opened.close()
