"""HTTP as nobody should speak it: others are not kept waiting, and memory stays flat."""

import random
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


def percentile(server: ServerProcess, number: int = 1500) -> float:
    """Return the 99th percentile, in milliseconds, of questions under filters that differ, asked one after another.

    It is the least of three: what the machine did meanwhile for somebody else does not count.
    """
    found: list[list[float]] = [[], [], []]
    with httpx.Client(base_url=server.address) as client:
        for turn in range(number):
            began = time.perf_counter()
            answer = client.get(f"/recommendations?theme=inclusion&limit={turn % 100 + 1}")
            found[turn * 3 // number].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200
    return min(sorted(third)[int(len(third) * 0.99)] for third in found)


def test_half_sent(database_url: str, figures: Figures, part: float) -> None:
    """500 half-sent requests at once, again and again."""
    with server_process(database_url) as server, ExitStack() as opened:
        percentile(server, 500)
        usual, memory = percentile(server), server.megabytes()
        held = [opened.enter_context(connect(server.address)) for _ in range(500)]
        for number, one in enumerate(held):
            one.sendall((HEAD + b"X: ")[: 1 + number % 40])
        beside = percentile(server)
        time.sleep(12)
        for one in held:
            one.settimeout(2)
            closed = None
            try:
                closed = read_all(one)
            except TimeoutError:
                figures.survived("a half-sent request is still held after 12 seconds")
            else:
                figures.survived(None if closed == b"" else f"answered {closed[:40]!r}")
        usual = max(
            usual, percentile(server)
        )  # the machine may have had other work at first, or now
        figures.survived(
            None
            if beside < 2 * usual + 2
            else f"p99 {beside:.1f} ms beside them, {usual:.1f} ms usually"
        )
        for _ in range(int(5 * part)):
            with ExitStack() as more:
                for one in [more.enter_context(connect(server.address)) for _ in range(500)]:
                    one.sendall(HEAD + b"X: " + b"x" * 10_000)
                figures.survived(None if percentile(server, 300) < 1000 else "others wait a second")
        grown = server.megabytes() - memory
        figures.survived(None if grown < 40 else f"memory grew by {grown:.0f} MB")
        figures.notes.append(
            f"p99 {usual:.1f} ms usually, {beside:.1f} ms beside 500 of them, memory +{grown:.0f} MB"
        )


def test_large_heads(database_url: str, figures: Figures, part: float) -> None:
    """20 MB of headers, of addresses and of bodies."""
    line = b"X-Filling: " + b"x" * 989 + b"\r\n"
    begun: dict[str, tuple[bytes, bytes]] = {
        "headers": (HEAD, line * 1000),
        "one header": (HEAD + b"X: ", b"x" * 1_000_000),
        "an address": (b"GET /", b"x" * 1_000_000),
        "many short headers": (HEAD, b"X:\r\n" * 250_000),
        "a body": (HEAD + b"Content-Length: 20000000\r\n\r\n", b"x" * 1_000_000),
        "a body in pieces": (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
            b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n",
        ),
        "requests": (b"", (HEAD + b"\r\n") * 20_000),
    }
    with server_process(database_url) as server:
        percentile(server, 500)
        memory, largest = server.megabytes(), 0.0
        for _ in range(max(1, int(5 * part))):
            for name, (first, filling) in begun.items():
                with connect(server.address) as opened:
                    with suppress(ConnectionResetError, BrokenPipeError):
                        opened.sendall(first)
                        for _ in range(20):
                            opened.sendall(filling)
                    largest = max(largest, server.megabytes() - memory)
                    found = answers(read_all(opened))
                statuses = {answer.status for answer in found}
                figures.survived(
                    None
                    if statuses <= ({200} if name == "requests" else {400, 431})
                    else f"{name}: {statuses}"
                )
                figures.survived(
                    None
                    if httpx.get(f"{server.address}/health").status_code == 200
                    else f"dead after {name}"
                )
        figures.survived(None if largest < 40 else f"memory grew by {largest:.0f} MB")
        figures.notes.append(f"memory +{largest:.0f} MB at most")


def test_slow_readers(database_url: str, figures: Figures, part: float) -> None:
    """Clients that ask for all of the data and read nothing of it."""
    with server_process(database_url) as server:
        percentile(server, 500)
        usual, memory = percentile(server), server.megabytes()
        for _ in range(max(1, int(2 * part))):
            with ExitStack() as opened:
                for _ in range(200):
                    one = opened.enter_context(socket.socket())
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                    one.connect(("127.0.0.1", server.port))
                    one.sendall(b"GET /dataset/sqlite HTTP/1.1\r\nHost: localhost\r\n\r\n")
                time.sleep(1)
                busy = httpx.get(f"{server.address}/dataset/download")
                figures.survived(
                    None
                    if busy.status_code == 503 and busy.headers["retry-after"]
                    else f"not bounded: {busy.status_code}"
                )
                beside = percentile(server)
                began = time.monotonic()
                while (
                    httpx.get(f"{server.address}/dataset/download").status_code == 503
                    and time.monotonic() < began + 60
                ):
                    time.sleep(0.5)
                waited = time.monotonic() - began
                figures.survived(None if waited < 45 else "their places are never free again")
            usual = max(usual, percentile(server))
            figures.survived(
                None
                if beside < 2 * usual + 2
                else f"p99 {beside:.1f} ms beside them, {usual:.1f} ms usually"
            )
        grown = server.megabytes() - memory
        figures.survived(None if grown < 60 else f"memory grew by {grown:.0f} MB")
        figures.notes.append(
            f"p99 {usual:.1f} ms usually, {beside:.1f} ms beside 200, places free after {waited:.0f} s, memory +{grown:.0f} MB"
        )


def spoilt(chance: random.Random) -> bytes:
    """Return a request with some of its bytes changed, left out or repeated."""
    pieces = [*REFUSED.values(), HEAD + b"\r\n", HEAD + b"Accept: */*\r\nIf-None-Match: *\r\n\r\n"]
    request = bytearray(chance.choice(pieces))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(request) + 1)
        odd = [
            b"\0",
            b"\n",
            b"\r",
            b" ",
            b":",
            b"Host: x\r\n",
            b"Content-Length: 1\r\n",
            b"\xff" * 9,
        ]
        changes = [
            bytes([chance.randrange(256)]),
            b"\r\n",
            b"",
            bytes(request[place : place + 20]) * 2,
            chance.choice(odd),
        ]
        request[place : place + chance.randint(0, 3)] = chance.choice(changes)
    return bytes(request)


def test_torture(database_url: str, figures: Figures, part: float) -> None:
    """Spoilt requests: each is answered 2xx or by a problem, or its connection closed; the next request fares well."""
    chance = random.Random(8)
    with server_process(database_url) as server, httpx.Client(base_url=server.address) as client:
        for turn in range(int(10_000 * part)):
            request = spoilt(chance)
            with (
                connect(server.address, 5) as opened,
                suppress(ConnectionResetError, BrokenPipeError),
            ):
                opened.sendall(request)
                opened.shutdown(socket.SHUT_WR)
                found = answers(read_all(opened))
                wrong = [
                    a.status
                    for a in found
                    if a.status not in {200, 204, 304} and not (400 <= a.status < 500 and a.problem)
                ]
                figures.survived(f"{wrong} for {request!r}" if wrong else None)
            if turn % 100 == 0:
                figures.survived(
                    None
                    if client.get("/themes?limit=1").status_code == 200
                    else "the next request failed"
                )
        figures.survived(
            None
            if not any("{" in line for line in server.said)
            else f"it complained: {server.said[5:7]}"
        )


def test_overload(database_url: str, figures: Figures, part: float) -> None:
    """More questions at once than can be answered: 200 or 503 with Retry-After, and what needs no work is answered."""
    cached, number = "/themes?limit=1", 60
    with server_process(database_url, threads="2", cache_megabytes="1") as server:
        statuses: list[int] = []
        refusals: list[float] = []
        beside: list[float] = []
        ready, stop = threading.Barrier(number + 1), threading.Event()

        def ask(number: int) -> None:
            chance = random.Random(number)
            with httpx.Client(base_url=server.address, timeout=60) as client:
                client.get("/health")  # all are connected before any asks
                ready.wait()
                while not stop.is_set():
                    first, second = chance.choices(
                        ("women", "security", "mali", "peace", "state", "people"), k=2
                    )
                    began = time.perf_counter()
                    answer = client.get(
                        f"/search?q={first}+OR+{second}+-{chance.randrange(10**6)}x&limit=100"
                    )
                    if answer.status_code == 503:
                        refusals.append(time.perf_counter() - began)
                        time.sleep(0.1)  # a client that does not wait at all would measure itself
                    right = answer.status_code == 200 or (
                        answer.status_code == 503 and "retry-after" in answer.headers
                    )
                    statuses.append(answer.status_code if right else -1)

        threads = [threading.Thread(target=ask, args=(each,)) for each in range(number)]
        for thread in threads:
            thread.start()
        with httpx.Client(base_url=server.address, timeout=60) as client:
            figures.survived(
                None if client.get(cached).status_code == 200 else "not answered before"
            )
            ready.wait()
            end = time.monotonic() + max(5, 20 * part)
            while time.monotonic() < end:
                for path in ("/health", "/ready", cached):
                    began = time.perf_counter()
                    status = client.get(path).status_code
                    beside.append(time.perf_counter() - began)
                    figures.survived(None if status == 200 else f"{path}: {status}")
                time.sleep(0.05)
            stop.set()
            for thread in threads:
                thread.join()
            again = client.get("/search?q=women+-afterwards").status_code
            figures.survived(None if again == 200 else f"{again} when all was over")
        for status in statuses:
            figures.survived(None if status in {200, 503} else f"status {status}")
        figures.survived(
            None
            if statuses.count(503) and statuses.count(200)
            else "nobody was refused, or everybody"
        )
        # Wide margins: the clients share the processor.
        slowest = statistics.median(refusals or [0])
        figures.survived(None if slowest < 1 else f"a refusal took {slowest:.1f} s")
        figures.notes.append(
            f"{statuses.count(200):,} answered, {statuses.count(503):,} refused after {slowest * 1000:.0f} ms (median); "
            f"beside them /health, /ready and a cached answer after {statistics.median(beside) * 1000:.0f} ms (median)"
        )
