"""Several processes on one port, and the end of all of them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.faults.processes import ServerProcess, environment, server_process, wait_until

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


def workers(server: ServerProcess) -> set[int]:
    """Return the worker processes of a server, without multiprocessing's resource tracker."""
    listed = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "-f", "spawn_main"],
        capture_output=True,
        text=True,
        check=False,
    )
    return set(map(int, listed.stdout.split()))


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").is_dir() or b") Z " not in Path(f"/proc/{process}/stat").read_bytes()


def prefixes(server: ServerProcess) -> set[str]:
    """Return the prefixes of the request ids of 60 connections: one for each process."""
    return {
        httpx.get(f"{server.address}/health").headers["x-request-id"].rpartition("-")[0]
        for _ in range(60)
    }


def test_workers_share_a_port_and_are_replaced(database_url: str) -> None:
    with server_process(database_url, workers="3") as server:
        wait_until("there are three", lambda: len(workers(server)) == 3, 20)
        wait_until("several answer", lambda: len(prefixes(server)) >= 2, 20)
        (victim, *others) = workers(server)
        os.kill(victim, signal.SIGKILL)
        wait_until("another one is there", lambda: len(workers(server) - {victim}) == 3, 20)
        assert set(others) < workers(server)
        assert httpx.get(f"{server.address}/claims").status_code == 200
        former = workers(server)
        assert server.stop() == 0
        assert not any(map(lives, former))
        assert sum(line.startswith("Policy briefs, data set") for line in server.output) == 1


def test_no_worker_is_left_when_the_parent_is_killed(database_url: str) -> None:
    with server_process(database_url, workers="2") as server:
        wait_until("there are two", lambda: len(workers(server)) == 2, 20)
        left = workers(server)
        wait_until("both answer", lambda: len(prefixes(server)) == 2, 20)
        server.process.kill()
        wait_until("none is left", lambda: not any(map(lives, left)), 10)


@pytest.mark.parametrize("number", ["1", "2"])
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_exits_with_0(
    database_url: str, number: str, asked: signal.Signals
) -> None:
    with server_process(database_url, workers=number) as server:
        assert httpx.get(f"{server.address}/claims").status_code == 200
        server.process.send_signal(asked)
        assert server.process.wait(15) == 0


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_port_in_use_is_reported(database_url: str, number: str) -> None:
    with server_process(database_url) as server:
        port = str(server.port)
        with (
            pytest.raises(AssertionError, match="Cannot listen on port"),
            server_process(database_url, port=port, workers=number),
        ):
            pass


def test_workers_that_cannot_start_end_the_server_with_1(database_url: str, tmp_path: Path) -> None:
    """The fault is in the workers alone: the lifespan of the application fails there."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "def fail(_):\n"
        "    raise RuntimeError('no start')\n"
        "if '--multiprocessing-fork' in sys.argv:\n"
        "    sys.setswitchinterval = fail\n"
    )
    settings = environment(database_url, port="0", workers="2")
    command = [sys.executable, "-m", "app"]
    result = subprocess.run(
        command,
        env={**settings, "PYTHONPATH": f"{tmp_path}{os.pathsep}{settings['PYTHONPATH']}"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
