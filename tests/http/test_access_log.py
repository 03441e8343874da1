"""Logs: a line of JSON each, with the request's id, and nothing of what was asked or by whom."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.faults.processes import ServerProcess, environment, server_process
from tests.http.raw_http import send_raw

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")

KEYS = {"time", "request_id", "method", "path", "status", "bytes", "ms", "cache"}


def lines(server: ServerProcess, number: int) -> list[dict[str, Any]]:
    """Return the lines of JSON that a server wrote, once there are so many."""
    end = time.monotonic() + 5
    while True:
        found = [json.loads(line) for line in server.output if line.startswith("{")]
        if len(found) >= number:
            return found
        assert time.monotonic() < end, server.output
        time.sleep(0.01)


def test_each_request_is_logged_once(database_url: str) -> None:
    asked_for = [
        ("GET", "/claims?theme=inclusion&q=secret", 200, "briefs; fwd=miss; stored"),
        ("GET", "/claims?theme=inclusion&q=secret", 200, "briefs; hit"),
        ("HEAD", "/claims?theme=inclusion&q=secret", 200, "briefs; hit"),
        ("GET", "/claims?theme=secret", 422, None),
        ("GET", "/actors/ecowas", 200, "briefs; fwd=miss; stored"),
        ("POST", "/claims", 405, None),
        ("GET", "/health", 200, None),
    ]
    with (
        server_process(database_url, access_log="true") as server,
        httpx.Client(base_url=server.address) as client,
    ):
        answers = [client.request(method, path) for method, path, _, _ in asked_for]
        logged = lines(server, len(asked_for))
        assert len(logged) == len(asked_for)
        for (method, path, status, cache), answer, line in zip(
            asked_for, answers, logged, strict=True
        ):
            assert set(line) == KEYS
            assert (line["method"], line["path"], line["status"]) == (
                method,
                path.partition("?")[0],
                status,
            )
            assert (line["cache"], line["request_id"]) == (cache, answer.headers["x-request-id"])
            assert line["bytes"] == (
                0 if method == "HEAD" else int(answer.headers["content-length"])
            )
            assert 0 < line["ms"] < 60_000
            assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert "secret" not in "\n".join(server.output)
        assert "127.0.0.1" not in "\n".join(server.output)


def test_what_a_client_writes_stays_in_its_line(database_url: str) -> None:
    with server_process(database_url, access_log="true") as server:
        httpx.get(f"{server.address}/%0a%7B%22status%22:200%7D%1b[31m%00%ED%A0%80" + "x" * 5000)
        send_raw(server.address, b"GET / HTTP/1.1\r\n\r\n")
        send_raw(server.address, b"nonsense\r\n\r\n")
        logged = lines(server, 3)
        assert [line["status"] for line in logged] == [404, 400, 400]
        assert len(logged[0]["path"]) <= 200
        assert all(
            line.isascii() and line.isprintable() for line in server.output if line.startswith("{")
        )


def test_no_access_log_by_default(database_url: str) -> None:
    with server_process(database_url) as server:
        for path in ("/claims", "/claims?theme=secret", "/nope"):
            httpx.get(f"{server.address}{path}")
        send_raw(server.address, b"nonsense\r\n\r\n")
        assert [line for line in server.output if line.startswith("{")] == []


def test_an_error_is_told_with_its_request(tmp_path: Path, database_url: str) -> None:
    """The file goes while it is served; what reading it said is told, and whose request it was."""
    copy = tmp_path / "briefs.db"
    copy.write_bytes(Path(database_url.removeprefix("sqlite:///")).read_bytes())
    with server_process(f"sqlite:///{copy}") as server:
        copy.rename(tmp_path / "gone.db")
        answer = httpx.get(f"{server.address}/search?q=secret", headers={"X-Request-ID": "whose-1"})
        assert answer.status_code == 503
        (line,) = lines(server, 1)
        assert (line["level"], line["request_id"]) == ("error", "whose-1")
        assert "secret" not in json.dumps(line)


FAULTY = """
import sys
from starlette.routing import Route
from app import main
import app.__main__ as command

def fail(request):
    try:
        int(request.query_params["q"])
    except ValueError as error:
        raise LookupError(request.query_params["q"]) from error

create_app = main.create_app
def with_a_fault():
    api = create_app()
    api.router.routes.insert(0, Route("/{path}", fail))
    return api
main.create_app = with_a_fault
sys.exit(command.main())
"""


@contextmanager
def faulty(database_url: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a server with one route more, which fails and repeats what it was asked."""
    command = [sys.executable, "-c", FAULTY]
    given = environment(database_url, port="0", **settings)
    with subprocess.Popen(
        command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(5)]
        listed = next(line for line in said if line.lstrip().startswith("Recommendations"))
        try:
            yield listed.split()[-1].removesuffix("/recommendations"), process
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize(("level", "shows"), [("warning", False), ("debug", True)])
def test_an_unforeseen_error_tells_where_it_was_and_not_what_was_asked(
    database_url: str, level: str, *, shows: bool
) -> None:
    with faulty(database_url, log_level=level) as (address, process):
        answer = httpx.get(f"{address}/fail%0Aure?q=secret")
        assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
        assert "secret" not in answer.json()["detail"]
        assert process.stderr is not None
        found: dict[str, Any] = {}
        while found.get("level") != "error":
            found = json.loads(process.stderr.readline())
    assert found["request_id"] == answer.headers["x-request-id"]
    logged = json.dumps(found["error"])
    assert "LookupError" in logged
    assert "ValueError" in logged
    assert "in fail" in logged
    assert ("secret" in json.dumps(found)) == shows
