"""Reading: read-only, one version an answer, new versions noticed, clear words when there is nothing to read."""

import asyncio
import os
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
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.database.database import Database
from app.database.snapshot import CountCache, NotReadyError
from app.models import SCHEMA
from app.settings import Settings
from tests.conftest import ROOT, counting, run_seed, serving


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
def test_nothing_can_be_written_through_the_apis_connections(
    database_url: str, backend: str, statement: str
) -> None:
    database = Database(Settings(database_url=database_url))
    with database.read() as reading, pytest.raises((DBAPIError, sqlite3.Error)):
        reading.connection.execute(text(statement))
    if backend == "sqlite":
        with database.read() as reading:
            reading.connection.execute(
                text("PRAGMA query_only=OFF")
            )  # the file itself is opened read-only besides
            with pytest.raises(DBAPIError):
                reading.connection.execute(text("DELETE FROM claim"))
    database.close()


def raised(corpus: Path, edition: str) -> Path:
    path = corpus / "dataset.yaml"
    path.write_text(re.sub(r'edition: ".*"', f'edition: "{edition}"', path.read_text()))
    return corpus


def test_a_newly_published_version_is_served_without_a_restart(
    new_database_url: Callable[[], str], corpus: Path
) -> None:
    """Under load: no request fails, and no answer mixes two versions."""
    url = new_database_url()
    assert run_seed(url, "--corpus", str(raised(corpus, "1.0"))).returncode == 0
    stop = threading.Event()
    seen: list[tuple[int, str, str]] = []

    def ask(address: str) -> None:
        with httpx.Client(base_url=address, timeout=30) as opened:
            while not stop.is_set():
                answer = opened.get("/claims?limit=3&theme=inclusion")
                body = answer.json()
                seen.append(
                    (
                        answer.status_code,
                        body["meta"]["dataset"],
                        body["data"][0]["coding"]["coder"],
                    )
                )

    with serving(Settings(database_url=url)) as address:
        threads = [threading.Thread(target=ask, args=(address,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in (1, 2, 3):
            for path in (corpus / "annotations").glob("*.yaml"):
                path.write_text(
                    re.sub(r"coder: [^,]*,", f"coder: coder {number},", path.read_text())
                )
            assert run_seed(url, "--corpus", str(raised(corpus, f"1.{number}"))).returncode == 0
        final = httpx.get(f"{address}/claims?theme=inclusion").json()
        stop.set()
        for thread in threads:
            thread.join()
    assert final["meta"]["dataset"].startswith("1.3-")
    assert final["data"][0]["coding"]["coder"] == "coder 3"
    assert {status for status, _, _ in seen} == {200}
    expected = {"1.0": "policy-briefs team", "1.1": "coder 1", "1.2": "coder 2", "1.3": "coder 3"}
    assert {(version.split("-")[0], coder) for _, version, coder in seen} <= set(expected.items())
    assert len({version for _, version, _ in seen}) >= 2


def test_a_deleted_file_is_503_until_it_is_back(tmp_path: Path) -> None:
    target = tmp_path / "briefs.db"
    url = f"sqlite:///{target}"
    assert run_seed(url).returncode == 0
    with serving(Settings(database_url=url)) as address:
        assert httpx.get(f"{address}/claims").status_code == 200
        target.rename(tmp_path / "elsewhere.db")
        for path in ("/claims", "/ready", "/"):
            answer = httpx.get(f"{address}{path}", headers={"Origin": "https://example.org"})
            assert answer.status_code == 503, path
            assert answer.headers["retry-after"]
            assert answer.headers["access-control-allow-origin"] == "*"
            assert str(tmp_path) not in answer.text
        assert httpx.get(f"{address}/health").status_code == 200
        assert httpx.get(f"{address}/openapi.json").status_code == 200
        (tmp_path / "elsewhere.db").rename(target)
        assert httpx.get(f"{address}/claims").status_code == 200
        assert httpx.get(f"{address}/ready").status_code == 200


def test_a_replaced_file_that_cannot_be_read_is_503(tmp_path: Path) -> None:
    target = tmp_path / "briefs.db"
    url = f"sqlite:///{target}"
    assert run_seed(url).returncode == 0
    good = target.read_bytes()
    with serving(Settings(database_url=url)) as address:
        assert httpx.get(f"{address}/claims").status_code == 200
        for bad in (b"", b"garbage" * 1000, good[:4096] + b"\0" * 4096 + good[8192:20000]):
            new = tmp_path / "new.db"
            new.write_bytes(bad)
            new.replace(target)
            for path in ("/claims", "/themes/inclusion", "/ready"):
                assert httpx.get(f"{address}{path}").status_code == 503, (bad[:10], path)
        assert run_seed(url).returncode == 0
        assert httpx.get(f"{address}/claims").status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no database file"),
        (b"", "the database cannot be read"),
        (b"not a database, and long enough to have a header " * 20, "the database cannot be read"),
    ],
)
def test_the_server_says_why_it_cannot_start(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    target = tmp_path / "briefs.db"
    if content is not None:
        target.write_bytes(content)
    result = start(f"sqlite:///{target}")
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_another_schema_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "briefs.db"
    assert run_seed(f"sqlite:///{target}").returncode == 0
    with sqlite3.connect(target) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = start(f"sqlite:///{target}")
    assert result.returncode == 1
    assert f"has schema 9999, this code expects {SCHEMA}" in result.stderr


def start(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "BRIEFS_DATABASE_URL": url, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-m", "app"],
        env=settings,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRIEFS_PORT", "eighty"),
        ("BRIEFS_PUBLIC_URL", "briefs.example.org"),
        ("BRIEFS_THREADS", "0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    result = start(f"sqlite:///{tmp_path / 'briefs.db'}", **{name: value})
    assert result.returncode == 1
    assert result.stderr.startswith(f"{name}: ")


def test_more_clients_than_threads_are_all_answered(server: str) -> None:
    """Connections are held only by threads at work: with more clients than threads, nobody waits for somebody who waits."""

    def ask(number: int) -> int:
        with httpx.Client(base_url=server, timeout=30) as opened:
            path = f"/claims?limit=5&sort=-id&id=!year-of-coups-mali.c{number % 9 + 1}"
            return sum(opened.get(path).status_code for _ in range(3))

    with ThreadPoolExecutor(80) as pool:
        assert set(pool.map(ask, range(80))) == {600}


def test_a_port_in_use_is_explained(database_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = start(database_url, BRIEFS_PORT=port)
    assert result.returncode == 1
    assert f"Port {port} cannot be listened on: set BRIEFS_PORT" in result.stderr
    assert "http://" not in result.stdout  # nothing to click


def test_an_empty_database_is_not_ready(new_database_url: Callable[[], str]) -> None:
    database = Database(Settings(database_url=new_database_url()))
    with pytest.raises(NotReadyError):
        database.check()
    database.close()


def test_a_role_that_may_only_select_is_enough(postgresql: Callable[[], str]) -> None:
    url = postgresql()
    assert run_seed(url).returncode == 0
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


def test_a_file_in_a_read_only_folder_can_be_served(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces, ? and #"
    folder.mkdir()
    assert run_seed(f"sqlite:///{tmp_path / 'briefs.db'}").returncode == 0
    shutil.copy(tmp_path / "briefs.db", folder / "briefs.db")
    (folder / "briefs.db").chmod(0o444)
    folder.chmod(0o555)
    database = Database(
        Settings(
            database_url=f"sqlite:///{str(folder / 'briefs.db').replace('?', '%3F').replace('#', '%23')}"
        )
    )
    try:
        database.check()
    finally:
        database.close()
        folder.chmod(0o755)


def test_what_was_counted_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.snapshot.MAX_CACHED_COUNTS", 300)
    memory, asked = CountCache(), []

    def find(what: int, size: int) -> Any:
        asked.append(what)
        return dict.fromkeys(range(size), what) if size else what

    for number in range(60):
        assert memory.get_or_compute(number, partial(find, number, 0)) == number
    assert memory.get_or_compute(0, partial(find, 0, 0)) == 0
    assert len(asked) == 60  # the second time nothing is asked
    for _ in range(2):
        assert len(memory.get_or_compute("large", partial(find, -1, 50))) == 50
    for _ in range(2):
        memory.get_or_compute("rendered", partial(find, -1, 0), lambda _: 50)
    assert asked.count(-1) == 4  # too large to be kept
    for number in range(60, 200):
        memory.get_or_compute(number, partial(find, number, 0))
    memory.get_or_compute(0, partial(find, 0, 0))
    assert asked.count(0) == 2  # forgotten with the rest when the memory was full


def test_a_statement_that_takes_too_long_is_broken_off(
    database_url: str, backend: str, request: pytest.FixtureRequest
) -> None:
    """SQLite by a limit that any real work exceeds, PostgreSQL by a lock that somebody else holds."""
    seconds = 0.3 if backend == "postgresql" else 1e-7
    with ExitStack() as opened:
        address = opened.enter_context(serving(counting(database_url, statement_seconds=seconds)))
        assert httpx.get(f"{address}/claims?limit=1").status_code == 200
        if backend == "postgresql":
            locking = opened.enter_context(create_engine(database_url).connect())
            request.addfinalizer(locking.engine.dispose)
            locking.execute(text("LOCK TABLE claim IN ACCESS EXCLUSIVE MODE"))
        answer = httpx.get(f"{address}/claims/stats?by=theme,about&q=-nobody")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "takes too long" in answer.json()["detail"]
        assert httpx.get(f"{address}/themes").status_code == 200


def test_a_large_answer_may_take_longer_than_a_statement(database_url: str) -> None:
    """It is streamed, and its client may be slow."""
    with (
        serving(counting(database_url, statement_seconds=0.3)) as address,
        httpx.Client() as client,
    ):
        with client.stream("GET", f"{address}/dataset/download") as answer:
            pieces = answer.iter_raw(4096)
            received = len(next(pieces))
            time.sleep(0.6)
            received += sum(map(len, pieces))
        assert answer.status_code == 200
        assert received > 100_000


def test_the_same_version_published_again_on_postgresql_is_another_publication(
    postgresql: Callable[[], str],
) -> None:
    """What was answered between two publications of one version, from another one, must not be kept."""
    url = postgresql()
    database = Database(Settings(database_url=url))

    async def seen() -> object:
        await database.look()
        return database.published()

    assert run_seed(url).returncode == 0
    first, again = asyncio.run(seen()), asyncio.run(seen())
    assert first is not None
    assert first == again
    assert run_seed(url).returncode == 0
    assert asyncio.run(seen()) != first
    database.close()
