"""The cache answers as the application does, never with another query or data version."""

import gzip
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx
import pytest
import zstandard
from anyio import sleep
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.compression import CODINGS, choose_encoding, compress, compress_stream
from app.http.problems import problem_response, unavailable
from app.main import create_app
from app.settings import Settings
from tests.conftest import run_seed, serving

QUESTIONS = (
    *(
        "/",
        "/recommendations",
        "/recommendations?theme=inclusion",
        "/claims?limit=100",
        "/claims?q=women&limit=5",
        "/themes?facets=broader",
    ),
    *(
        "/recommendations?theme=inclusion&format=csv",
        "/claims?format=ndjson",
        "/articles?format=jsonld",
        "/search?q=mali",
    ),
    *(
        "/recommendations/stats?by=theme,strength",
        "/articles/year-of-coups-mali",
        "/articles/year-of-coups-mali/text",
        "/dataset",
    ),
    *(
        "/claims/year-of-coups-mali.c1?format=bibtex",
        "/openapi.json",
        "/llms.txt",
        "/claims?theme=nonsense",
        "/nope",
        "/ready",
        "/docs",
    ),
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "text/csv"},
    {"Accept": "image/png"},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "br, gzip;q=0.5"},
    {"Accept-Encoding": "zstd"},
    {"Origin": "https://example.org"},
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Original-URL": "/claims"},
    {"Cookie": "a=b", "Authorization": "Basic eA=="},
)


@pytest.fixture(scope="module")
def cached(database_url: str) -> Iterator[httpx.Client]:
    with (
        serving(Settings(database_url=database_url)) as address,
        httpx.Client(base_url=address, timeout=30) as opened,
    ):
        yield opened


def bare(headers: dict[str, str]) -> dict[str, str]:
    return {"Accept-Encoding": "identity"} | headers


def what(answer: httpx.Response) -> tuple[Any, ...]:
    """Return what two responses must share: all but time, request id, address and cache status."""
    address = f"{answer.request.url.host}:{answer.request.url.port}"
    body = (
        answer.read().replace(address.encode(), b"HOST")
        if "content-encoding" not in answer.headers
        else b""
    )
    left_out = {"date", "x-request-id", "cache-status", "etag", "content-length", "link"}
    return (
        answer.status_code,
        body,
        {name: value for name, value in answer.headers.items() if name not in left_out},
    )


def test_the_same_answers_as_without(client: httpx.Client, cached: httpx.Client) -> None:
    """Random questions with random headers in random order, most of them several times."""
    chance = random.Random(1)
    hits = 0
    for _ in range(600):
        path, headers = chance.choice(QUESTIONS), bare(chance.choice(HEADERS))
        method = chance.choice(["GET", "GET", "GET", "HEAD"])
        with_cache, without = (
            opened.request(method, path, headers=headers) for opened in (cached, client)
        )
        assert what(with_cache) == what(without), (path, headers)
        hits += with_cache.headers.get("cache-status") == "briefs; hit"
        assert "cache-status" not in without.headers
        if with_cache.status_code == 200:
            condition = {"If-None-Match": with_cache.headers["etag"]}
            again = cached.get(path, headers=headers | condition)
            assert again.status_code == 304
            assert again.headers["etag"] == with_cache.headers["etag"]
            assert again.headers["vary"] == with_cache.headers["vary"]
    assert hits > 200


def test_hits_and_misses_are_told(cached: httpx.Client) -> None:
    path = "/claims?theme=diplomacy&limit=3"
    assert cached.get(path).headers["cache-status"] == "briefs; fwd=miss; stored"
    assert cached.get(path).headers["cache-status"] == "briefs; hit"
    assert cached.head(path).headers["cache-status"] == "briefs; hit"
    assert "cache-status" not in cached.get("/health").headers
    assert "cache-status" not in cached.get("/nope").headers


def test_an_answer_is_made_once_for_a_burst(cached: httpx.Client, statements: list[str]) -> None:
    """Forty clients ask the same new question at once: three statements in all."""
    path = f"{str(cached.base_url).rstrip('/')}/claims?kind=predictive&place=mali&limit=7"
    cached.get("/claims")
    statements.clear()
    answers: list[bytes] = []
    ready = threading.Barrier(40)

    def ask() -> None:
        with httpx.Client() as opened:
            ready.wait()
            answers.append(opened.get(path).content)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40
    assert len(set(answers)) == 1
    questions = [statement for statement in statements if "FROM claim" in statement]
    assert len(questions) == 2, questions


def test_a_new_version_shows(
    new_database_url: Callable[[], str], corpus: Path, backend: str
) -> None:
    """At once on SQLite, within seconds on PostgreSQL; then no response of the former version."""
    url = new_database_url()
    assert run_seed(url).returncode == 0
    dataset = corpus / "dataset.yaml"
    with serving(Settings(database_url=url)) as address, httpx.Client(base_url=address) as opened:
        former = opened.get("/claims").json()["meta"]["dataset"]
        assert opened.get("/claims").headers["cache-status"] in {
            "briefs; hit",
            "briefs; fwd=miss; stored",
        }
        dataset.write_text(dataset.read_text().replace('edition: "2026.2"', 'edition: "2026.3"'))
        assert run_seed(url, "--corpus", str(corpus)).returncode == 0
        deadline = time.monotonic() + (0 if backend == "sqlite" else 5)
        while (
            found := opened.get("/claims").json()["meta"]["dataset"]
        ) == former and time.monotonic() < deadline:
            time.sleep(0.05)
        assert found.startswith("2026.3-")
        assert {
            opened.get(path).json()["meta"]["dataset"]
            for path in ("/claims", "/themes", "/claims?limit=1")
        } == {found}


def test_the_cache_is_bounded(database_url: str) -> None:
    """One megabyte is kept; the oldest answers go, and are made again."""
    with (
        serving(Settings(database_url=database_url, cache_megabytes=1)) as address,
        httpx.Client(base_url=address) as opened,
    ):
        paths = [f"/claims?limit={limit}&sort=-id" for limit in range(1, 101)]
        for path in paths:
            opened.get(path, headers={"Accept-Encoding": "identity"})
        statuses = [
            opened.get(path, headers={"Accept-Encoding": "identity"}).headers["cache-status"]
            for path in (paths[-1], paths[0])
        ]
        assert statuses == ["briefs; hit", "briefs; fwd=miss; stored"]


# --- content coding ---


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("br;q=0.1, gzip", "gzip"),
        ("*", "zstd"),
        ("*;q=0", None),
        ("zstd;q=0, *", "br"),
        ("GZIP;Q=1.0", "gzip"),
        ("gzip;q=2", "gzip"),
        ("\xff, ;;,=", None),
    ],
)
def test_coding(header: str, chosen: str | None) -> None:
    assert choose_encoding(header.encode("latin-1")) == chosen


DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@pytest.mark.parametrize("name", list(CODINGS))
def test_compressed_bytes_come_back(name: str) -> None:
    body = b"women and youth " * 1000
    assert DECODE[name](compress(body, name)) == body
    assert (
        DECODE[name](b"".join(compress_stream(iter([body[:10], body[10:5000], body[5000:]]), name)))
        == body
    )


@pytest.mark.parametrize("name", list(CODINGS))
def test_answers_are_compressed_for_those_who_take_it(
    client: httpx.Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in (1000, 1):  # whole, and streamed
        monkeypatch.setattr("app.responses.responses.STREAM_ABOVE", bound)
        plain = client.get("/claims?format=ndjson", headers={"Accept-Encoding": "identity"})
        with client.stream(
            "GET", "/claims?format=ndjson", headers={"Accept-Encoding": name}
        ) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == name
        assert "Accept-Encoding" in answer.headers["vary"]
        assert "Accept-Encoding" in plain.headers["vary"]
        assert DECODE[name](raw) == plain.content
        assert len(raw) < len(plain.content) / 2
        assert answer.headers["etag"] != plain.headers["etag"]
        held = {"Accept-Encoding": name, "If-None-Match": answer.headers["etag"]}
        assert client.get("/claims?format=ndjson", headers=held).status_code == 304
    small = client.get("/health", headers={"Accept-Encoding": name})
    assert "content-encoding" not in small.headers
    assert (
        "content-encoding"
        not in client.get("/dataset/download", headers={"Accept-Encoding": name}).headers
    )


# --- streams ---


@pytest.mark.parametrize("path", ["/dataset/download", "/dataset/sqlite", "/claims?format=csv"])
def test_streams_answer_304(
    client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """304 to GET and HEAD, without a length; the connection goes on."""
    monkeypatch.setattr("app.responses.responses.STREAM_ABOVE", 1)
    answer = client.get(path)
    if answer.status_code == 404:
        return  # PostgreSQL has no file
    for method in ("GET", "HEAD"):
        held = client.request(method, path, headers={"If-None-Match": answer.headers["etag"]})
        assert held.status_code == 304
        assert "content-length" not in held.headers
        assert client.get("/health").status_code == 200
    assert client.head(path).headers.get("content-length") == answer.headers.get("content-length")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
@pytest.mark.usefixtures("backend")
def test_a_client_that_never_reads_loses_its_place(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the SQLite file, since nothing else of five briefs is longer than what sockets hold."""
    monkeypatch.setattr("app.http.protocol.WRITE_SECONDS", 1)
    address = urlsplit(server)
    idle = []
    for _ in range(8):
        opened = socket.socket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        opened.connect((address.hostname, address.port))
        opened.sendall(b"GET /dataset/sqlite HTTP/1.1\r\nHost: localhost\r\n\r\n")
        idle.append(opened)
    time.sleep(0.5)
    refused = httpx.get(f"{server}/dataset/download")
    assert refused.status_code == 503
    assert re.fullmatch("[0-9]+", refused.headers["retry-after"])
    assert httpx.get(f"{server}/claims?theme=inclusion").status_code == 200
    deadline = time.monotonic() + 15
    while httpx.get(f"{server}/dataset/download").status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for opened in idle:
        opened.close()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_nobody_waits_for_a_stream_that_somebody_else_reads_slowly(cached: httpx.Client) -> None:
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        opened.connect((cached.base_url.host, cached.base_url.port))
        opened.sendall(b"GET /dataset/sqlite HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n")
        assert opened.recv(10)
        headers = {"Host": "localhost", "Accept": "*/*", "Accept-Encoding": "identity"}
        assert cached.get("/dataset/sqlite", headers=headers, timeout=10).status_code == 200


class Failing:
    """The innermost middleware: fail after a while, and count."""

    calls = 0

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/claims":
            await self.app(scope, receive, send)
            return
        Failing.calls += 1
        await sleep(0.5)
        await problem_response(Request(scope), unavailable())(scope, receive, send)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_those_who_wait_share_a_failure(database_url: str) -> None:
    """A failure is not stored: the next request tries again."""
    settings = Settings(database_url=database_url)
    app = create_app(settings)
    app.user_middleware.append(Middleware(Failing))
    Failing.calls = 0
    with serving(settings, app) as address, ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: httpx.get(f"{address}/claims"), range(20)))
        assert {answer.status_code for answer in answers} == {503}
        assert Failing.calls < 20
        calls = Failing.calls
        assert httpx.get(f"{address}/claims").status_code == 503
        assert Failing.calls == calls + 1
