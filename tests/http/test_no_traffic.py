"""The server process talks to nobody but its clients and its database."""

import subprocess
import sys

import httpx
import pytest

from tests.conftest import ROOT
from tests.faults.processes import environment

WATCHED = """
import runpy, sys

def tell(event, arguments):
    if event in {
        *("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"),
        *("subprocess.Popen", "os.exec"),
    }:
        where = arguments[-1] if event == "socket.connect" else arguments[:2]
        print("WENT OUT:", event, where, flush=True)

sys.addaudithook(tell)
if sys.argv[1:] == ["show"]:
    import socket
    socket.create_connection(("127.0.0.1", int(sys.stdin.readline())))
else:
    runpy.run_module("app", run_name="__main__", alter_sys=True)
"""
PATHS = (
    "/",
    "/docs",
    "/openapi.json",
    "/dataset/download",
    "/llms.txt",
    "/search?q=mali",
    "/claims?format=csv",
    "/recommendations?theme=inclusion&facets=theme",
    "/articles/year-of-coups-mali/text",
    "/nowhere",
    "/static/explorer.js",
)


def start(database_url: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WATCHED, *arguments]
    watched = environment(database_url, port="0")
    return subprocess.Popen(
        command, cwd=ROOT, env=watched, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("html", [False, True])
def test_the_server_opens_no_connection(database_url: str, html: bool) -> None:  # noqa: FBT001 - a parameter
    """Python audits its own connections; libpq connects only to the address it was given."""
    with start(database_url) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Stop with"):
                break
        address = (
            next(line for line in lines if "Recommendations" in line)
            .split()[-1]
            .removesuffix("/recommendations")
        )
        for path in PATHS:
            httpx.get(f"{address}{path}", headers={"Accept": "text/html"} if html else {})
        process.terminate()
        lines += process.stdout.readlines()
    assert process.returncode == 0
    assert [line for line in lines if line.startswith("WENT OUT")] == []


def test_a_connection_would_be_told(server: str) -> None:
    with start("sqlite:///none.db", "show") as process:
        said, _ = process.communicate(server.rpartition(":")[2] + "\n")
    assert "WENT OUT: socket.connect ('127.0.0.1'" in said
