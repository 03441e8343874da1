"""Malformed, slow and excessive HTTP: other clients are served, and memory does not grow."""

import random
import re
import socket
import statistics
import threading
import time
from contextlib import ExitStack, suppress

import httpx
import pytest

from tests.faults.conftest import Figures
from tests.faults.processes import ServerProcess, server_process
from tests.http.raw_http import REFUSED, answers, connect, read_all

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")

HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
FILLER_LINE = b"X-Filling: " + b"x" * 989 + b"\r\n"
MEGABYTE = b"x" * 1_000_000
LARGE_REQUESTS: dict[str, tuple[bytes, bytes]] = {
    "headers": (HEAD, FILLER_LINE * 1000),
    "one header": (HEAD + b"X: ", MEGABYTE),
    "an address": (b"GET /", MEGABYTE),
    "many short headers": (HEAD, b"X:\r\n" * 250_000),
    "a body": (HEAD + b"Content-Length: 20000000\r\n\r\n", MEGABYTE),
    "a chunked body": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"f4240\r\n" + MEGABYTE + b"\r\n",
    ),
    "requests": (b"", (HEAD + b"\r\n") * 20_000),
}
"""How each begins, and what is sent 20 times after that."""
STATUS_LINE = re.compile(rb"^HTTP/1\.1 ([0-9]{3}) ", re.MULTILINE)


def p99(server: ServerProcess, number: int = 1500) -> float:
    """Measure requests with different filters, one after another; return the p99 in milliseconds.

    It is the lowest p99 of three runs: other work of the machine does not count.
    """
    times: list[list[float]] = [[], [], []]
    with httpx.Client(base_url=server.address) as client:
        for turn in range(number):
            began = time.perf_counter()
            response = client.get(f"/recommendations?theme=inclusion&limit={turn % 100 + 1}")
            times[turn * 3 // number].append((time.perf_counter() - began) * 1000)
            assert response.status_code == 200
    return min(sorted(third)[int(len(third) * 0.99)] for third in times)


def test_half_sent(database_url: str, figures: Figures, part: float) -> None:
    """500 half-sent requests at once, again and again."""
    with server_process(database_url) as server, ExitStack() as opened:
        p99(server, 500)
        alone, memory = p99(server), server.megabytes()
        waiting = [opened.enter_context(connect(server.address)) for _ in range(500)]
        for number, connection in enumerate(waiting):
            connection.sendall((HEAD + b"X: ")[: 1 + number % 40])
        beside = p99(server)
        time.sleep(12)
        for connection in waiting:
            connection.settimeout(2)
            try:
                rest = read_all(connection)
            except TimeoutError:
                figures.count("a half-sent request is still open after 12 seconds")
            else:
                figures.check(rest == b"", f"answered {rest[:40]!r}")
        alone = max(alone, p99(server))  # other work of the machine may come and go
        figures.check(
            beside < 2 * alone + 2, f"p99 {beside:.1f} ms beside them, {alone:.1f} ms alone"
        )
        for _ in range(int(5 * part)):
            with ExitStack() as more:
                for connection in [more.enter_context(connect(server.address)) for _ in range(500)]:
                    connection.sendall(HEAD + b"X: " + b"x" * 10_000)
                figures.check(p99(server, 300) < 1000, "other clients wait for a second")
        grown = server.megabytes() - memory
        figures.check(grown < 40, f"memory grew by {grown:.0f} MB")
        figures.notes.append(f"p99 {alone:.1f} ms alone, {beside:.1f} ms beside 500 of them")
        figures.notes.append(f"memory +{grown:.0f} MB")


def test_large_heads(database_url: str, figures: Figures, part: float) -> None:
    """20 MB of headers, of addresses and of bodies."""
    with server_process(database_url) as server:
        p99(server, 500)
        memory, largest = server.megabytes(), 0.0
        for _ in range(max(1, int(5 * part))):
            for name, (start, filler) in LARGE_REQUESTS.items():
                with connect(server.address) as opened:
                    with suppress(ConnectionResetError, BrokenPipeError):
                        opened.sendall(start)
                        for _ in range(20):
                            opened.sendall(filler)
                    largest = max(largest, server.megabytes() - memory)
                    statuses = set(STATUS_LINE.findall(read_all(opened)))
                expected = {b"200"} if name == "requests" else {b"400", b"431"}
                figures.check(statuses <= expected, f"{name}: {statuses}")
                alive = httpx.get(f"{server.address}/health").status_code == 200
                figures.check(alive, f"dead after {name}")
        figures.check(largest < 40, f"memory grew by {largest:.0f} MB")
        figures.notes.append(f"memory +{largest:.0f} MB at most")


def test_slow_readers(database_url: str, figures: Figures, part: float) -> None:
    """Clients that request the whole data set and do not read it."""
    with server_process(database_url) as server:
        p99(server, 500)
        alone, memory = p99(server), server.megabytes()
        download = f"{server.address}/dataset/download"
        for _ in range(max(1, int(2 * part))):
            with ExitStack() as opened:
                for _ in range(200):
                    client = opened.enter_context(socket.socket())
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                    client.connect(("127.0.0.1", server.port))
                    client.sendall(b"GET /dataset/sqlite HTTP/1.1\r\nHost: localhost\r\n\r\n")
                time.sleep(1)
                busy = httpx.get(download)
                refused = busy.status_code == 503 and "retry-after" in busy.headers
                figures.check(refused, f"not bounded: {busy.status_code}")
                beside = p99(server)
                began = time.monotonic()
                while httpx.get(download).status_code == 503 and time.monotonic() < began + 60:
                    time.sleep(0.5)
                waited = time.monotonic() - began
                figures.check(waited < 45, "a download is refused for 45 seconds")
            alone = max(alone, p99(server))
            figures.check(
                beside < 2 * alone + 2, f"p99 {beside:.1f} ms beside them, {alone:.1f} ms alone"
            )
        grown = server.megabytes() - memory
        figures.check(grown < 60, f"memory grew by {grown:.0f} MB")
        figures.notes.append(f"p99 {alone:.1f} ms alone, {beside:.1f} ms beside 200 of them")
        figures.notes.append(f"downloads again after {waited:.0f} s, memory +{grown:.0f} MB")


def mutated(chance: random.Random) -> bytes:
    """Return a request in which some bytes are changed, removed or repeated."""
    requests = [*REFUSED.values(), HEAD + b"\r\n"]
    requests.append(HEAD + b"Accept: */*\r\nIf-None-Match: *\r\n\r\n")
    request = bytearray(chance.choice(requests))
    odd = [b"\0", b"\n", b"\r", b" ", b":", b"Host: x\r\n", b"Content-Length: 1\r\n", b"\xff" * 9]
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(request) + 1)
        replacements = [
            bytes([chance.randrange(256)]),
            b"\r\n",
            b"",
            bytes(request[place : place + 20]) * 2,
            chance.choice(odd),
        ]
        request[place : place + chance.randint(0, 3)] = chance.choice(replacements)
    return bytes(request)


def test_mutated_requests(database_url: str, figures: Figures, part: float) -> None:
    """Mutated requests: answered with 2xx or a problem, or closed; the next request succeeds."""
    chance = random.Random(8)
    with server_process(database_url) as server, httpx.Client(base_url=server.address) as client:
        for turn in range(int(10_000 * part)):
            request = mutated(chance)
            with (
                connect(server.address, 5) as opened,
                suppress(ConnectionResetError, BrokenPipeError),
            ):
                opened.sendall(request)
                opened.shutdown(socket.SHUT_WR)
                wrong = [
                    answer.status
                    for answer in answers(read_all(opened))
                    if answer.status not in {200, 204, 304}
                    and not (400 <= answer.status < 500 and answer.problem)
                ]
                figures.check(not wrong, f"{wrong} for {request!r}")
            if turn % 100 == 0:
                status = client.get("/themes?limit=1").status_code
                figures.check(status == 200, f"the next request: {status}")
        errors = [line for line in server.output if "{" in line]
        figures.check(not errors, f"it logged errors: {errors[:2]}")


def test_overload(database_url: str, figures: Figures, part: float) -> None:
    """More requests than can be answered: 200, or 503 with Retry-After; light requests succeed."""
    cached, clients = "/themes?limit=1", 60
    words = ("women", "security", "mali", "peace", "state", "people")
    with server_process(database_url, threads="2", cache_megabytes="1") as server:
        statuses: list[int] = []
        refusals: list[float] = []
        beside: list[float] = []
        ready, stop = threading.Barrier(clients + 1), threading.Event()

        def request(number: int) -> None:
            chance = random.Random(number)
            with httpx.Client(base_url=server.address, timeout=60) as client:
                client.get("/health")  # all are connected before the first one searches
                ready.wait()
                while not stop.is_set():
                    query = "+OR+".join(chance.choices(words, k=2))
                    query = f"{query}+-{chance.randrange(10**6)}x"
                    began = time.perf_counter()
                    response = client.get(f"/search?q={query}&limit=100")
                    refused = response.status_code == 503
                    if refused:
                        refusals.append(time.perf_counter() - began)
                        time.sleep(0.1)  # a client that does not wait at all measures itself
                    complete = not refused or "retry-after" in response.headers
                    statuses.append(response.status_code if complete else -1)

        threads = [threading.Thread(target=request, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        with httpx.Client(base_url=server.address, timeout=60) as client:
            assert client.get(cached).status_code == 200
            ready.wait()
            end = time.monotonic() + max(5, 20 * part)
            while time.monotonic() < end:
                for path in ("/health", "/ready", cached):
                    began = time.perf_counter()
                    status = client.get(path).status_code
                    beside.append(time.perf_counter() - began)
                    figures.check(status == 200, f"{path}: {status}")
                time.sleep(0.05)
            stop.set()
            for thread in threads:
                thread.join()
            status = client.get("/search?q=women+-afterwards").status_code
            figures.check(status == 200, f"{status} after the overload")
        for status in statuses:
            figures.check(status in {200, 503}, f"status {status}")
        answered, refused = statuses.count(200), statuses.count(503)
        figures.check(bool(answered and refused), "no client was refused, or every one")
        # A wide margin: the clients share the processor.
        slowest = statistics.median(refusals or [0])
        figures.check(slowest < 1, f"a refusal took {slowest:.1f} s")
        figures.notes.append(f"{answered:,} answered")
        figures.notes.append(f"{refused:,} refused after {slowest * 1000:.0f} ms (median)")
        figures.notes.append(
            f"light requests took {statistics.median(beside) * 1000:.0f} ms (median)"
        )
