"""Reading is read-only, sees one version at a time and finds new ones; faults are explained."""

import asyncio
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.database.counts import CountCache
from app.database.database import Database
from app.database.snapshot import NotReadyError
from app.settings import Settings
from tests.conftest import PostgreSQL, counting, publish, serving, set_edition
from tests.faults.processes import environment


def start(database_url: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app`, which must end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "app"],
        env=environment(database_url, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM claim",
        "UPDATE dataset SET version = 'x'",
        "CREATE TABLE x (y INTEGER)",
        "INSERT INTO theme_name VALUES ('x', 'x', 1)",
        "PRAGMA query_only=OFF; DELETE FROM claim",
        "ATTACH DATABASE ':memory:' AS x",
    ],
)
def test_the_connections_of_the_api_cannot_write(
    database_url: str, backend: str, statement: str
) -> None:
    database = Database(Settings(database_url=database_url))
    with database.read() as reading, pytest.raises((DBAPIError, sqlite3.Error)):
        reading.connection.execute(text(statement))
    if backend == "sqlite":
        with database.read() as reading:
            # The file itself is also opened read-only.
            reading.connection.execute(text("PRAGMA query_only=OFF"))
            with pytest.raises(DBAPIError):
                reading.connection.execute(text("DELETE FROM claim"))
    database.close()


def set_coder(corpus: Path, coder: str) -> None:
    """Change who has coded all annotations of a corpus."""
    for path in (corpus / "annotations").glob("*.yaml"):
        path.write_text(re.sub(r"coder: [^,]*,", f"coder: {coder},", path.read_text()))


def test_a_new_version_is_served_without_a_restart(
    copy_of_published: Callable[[], str], corpus: Path
) -> None:
    """Under load no request fails, and no response mixes two versions."""
    url = copy_of_published()
    stop = threading.Event()
    responses: list[tuple[int, str, str]] = []

    def request(address: str) -> None:
        with httpx.Client(base_url=address, timeout=30) as opened:
            while not stop.is_set():
                response = opened.get("/claims?limit=3&theme=inclusion")
                page = response.json()
                edition = page["meta"]["dataset"].split("-")[0]
                coder = page["data"][0]["coding"]["coder"]
                responses.append((response.status_code, edition, coder))
                time.sleep(0.01)  # the seed needs the processor too

    with serving(Settings(database_url=url)) as address:
        threads = [threading.Thread(target=request, args=(address,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in (1, 2):
            set_coder(corpus, f"coder {number}")
            publish(url, "--corpus", set_edition(corpus, f"9999.{number}"))
        last = httpx.get(f"{address}/claims?theme=inclusion").json()
        stop.set()
        for thread in threads:
            thread.join()
    assert last["meta"]["dataset"].startswith("9999.2-")
    assert last["data"][0]["coding"]["coder"] == "coder 2"
    assert {status for status, _, _ in responses} == {200}
    versions = {(edition, coder) for _, edition, coder in responses}
    first = responses[0][1:]
    assert versions <= {first, ("9999.1", "coder 1"), ("9999.2", "coder 2")}
    assert len(versions) >= 2


@pytest.mark.parametrize(
    ("name", "value"), [("port", "eighty"), ("public_url", "briefs.example.org"), ("threads", "0")]
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    result = start(f"sqlite:///{tmp_path / 'briefs.db'}", **{name: value})
    assert result.returncode == 1
    assert result.stderr.startswith(f"BRIEFS_{name.upper()}: ")


def test_more_clients_than_threads_are_all_answered(server: str) -> None:
    """Only a working thread holds a connection, so no thread waits for one that waits itself."""

    def request(number: int) -> int:
        with httpx.Client(base_url=server, timeout=30) as opened:
            path = f"/claims?limit=5&sort=-id&id=!year-of-coups-mali.c{number % 9 + 1}"
            return sum(opened.get(path).status_code for _ in range(3))

    with ThreadPoolExecutor(80) as pool:
        assert set(pool.map(request, range(80))) == {600}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
def test_a_port_in_use_is_explained(database_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = start(database_url, port=port)
    assert result.returncode == 1
    assert f"Cannot listen on port {port}: set BRIEFS_PORT" in result.stderr
    assert "http://" not in result.stdout  # no link to click


def test_an_empty_database_is_not_ready(new_database_url: Callable[[], str]) -> None:
    database = Database(Settings(database_url=new_database_url()))
    with closing(database), pytest.raises(NotReadyError):
        database.check()


def test_a_role_that_may_only_select_is_enough(postgresql: PostgreSQL) -> None:
    url = postgresql.copy_of_published()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    with serving(Settings(database_url=url.replace("postgres@", "reader@"))) as address:
        assert httpx.get(f"{address}/recommendations?theme=inclusion").status_code == 200
        assert httpx.get(f"{address}/ready").status_code == 200
    with engine.begin() as connection:
        connection.execute(text("DROP OWNED BY reader"))
        connection.execute(text("DROP ROLE reader"))
    engine.dispose()


def test_a_file_in_a_read_only_folder_can_be_served(tmp_path: Path, published_file: Path) -> None:
    folder = tmp_path / "a folder with spaces, ? and #"
    folder.mkdir()
    file = Path(shutil.copy(published_file, folder))
    file.chmod(0o444)
    folder.chmod(0o555)
    escaped = str(file).replace("?", "%3F").replace("#", "%23")
    database = Database(Settings(database_url=f"sqlite:///{escaped}"))
    try:
        database.check()
    finally:
        database.close()
        folder.chmod(0o755)


def test_cached_counts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.counts.MAX_CACHED_COUNTS", 300)
    counts, computed = CountCache(), []

    def compute(what: int, size: int) -> Any:
        computed.append(what)
        return dict.fromkeys(range(size), what) if size else what

    for number in range(60):
        assert counts.get_or_compute(number, partial(compute, number, 0)) == number
    assert counts.get_or_compute(0, partial(compute, 0, 0)) == 0
    assert len(computed) == 60  # the last call found it
    for _ in range(2):
        assert len(counts.get_or_compute("large", partial(compute, -1, 50))) == 50
    for _ in range(2):
        counts.get_or_compute("rendered", partial(compute, -1, 0), lambda _: 50)
    assert computed.count(-1) == 4  # too large to cache
    for number in range(60, 200):
        counts.get_or_compute(number, partial(compute, number, 0))
    counts.get_or_compute(0, partial(compute, 0, 0))
    assert computed.count(0) == 2  # the cache was full and has been emptied


def test_a_statement_that_takes_too_long_is_cancelled(
    database_url: str, backend: str, request: pytest.FixtureRequest
) -> None:
    """On SQLite by a limit that any statement exceeds, on PostgreSQL by another client's lock."""
    seconds = 0.3 if backend == "postgresql" else 1e-7
    with ExitStack() as opened:
        address = opened.enter_context(serving(counting(database_url, statement_seconds=seconds)))
        assert httpx.get(f"{address}/claims?limit=1").status_code == 200
        if backend == "postgresql":
            locking = opened.enter_context(create_engine(database_url).connect())
            request.addfinalizer(locking.engine.dispose)
            locking.execute(text("LOCK TABLE claim IN ACCESS EXCLUSIVE MODE"))
        response = httpx.get(f"{address}/claims/stats?by=theme,about&q=-nobody")
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["retry-after"] == "5"
        assert response.headers["access-control-allow-origin"] == "*"
        assert "takes too long" in response.json()["detail"]
        assert httpx.get(f"{address}/themes").status_code == 200


def test_a_large_response_may_take_longer_than_a_statement(database_url: str) -> None:
    """It is streamed, and its client may be slow."""
    with (
        serving(counting(database_url, statement_seconds=0.3)) as address,
        httpx.Client() as client,
    ):
        with client.stream("GET", f"{address}/dataset/download") as response:
            chunks = response.iter_raw(4096)
            received = len(next(chunks))
            time.sleep(0.6)
            received += sum(map(len, chunks))
        assert response.status_code == 200
        assert received > 100_000


def test_publishing_a_version_again_is_a_new_publication(postgresql: PostgreSQL) -> None:
    """A response from another version in between must not stay in the cache."""
    url = postgresql.copy_of_published()
    database = Database(Settings(database_url=url))

    async def publication() -> object:
        await database.refresh_version()
        return database.version_key()

    first, again = asyncio.run(publication()), asyncio.run(publication())
    assert first is not None
    assert first == again
    publish(url)
    assert asyncio.run(publication()) != first
    database.close()
