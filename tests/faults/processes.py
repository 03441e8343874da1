"""Server and seed processes as an operator runs them, and the resources that they use."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
STOP_SECONDS = 15


@dataclass(frozen=True)
class ServerProcess:
    """A running `python -m app`.

    Args:
        process: the process.
        address: `http://127.0.0.1:PORT`.
        output: the lines that it has written so far, to stdout or stderr.
    """

    process: subprocess.Popen[str]
    address: str
    output: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def megabytes(self) -> float:
        """Return the resident memory of the process, without its children."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1000

    def descriptors(self) -> int:
        """Return the number of open files and sockets."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def stop(self) -> int:
        """Send SIGTERM, as a service manager does; return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def environment(database_url: str, **settings: str) -> Mapping[str, str]:
    """Return the environment of a process that uses a database.

    Args:
        database_url: of the database.
        settings: other settings, named like their variable without `BRIEFS_`.
    """
    return {
        **os.environ,
        "BRIEFS_DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **{f"BRIEFS_{name.upper()}": value for name, value in settings.items()},
    }


@contextmanager
def server_process(database_url: str, **settings: str) -> Iterator[ServerProcess]:
    """Run `python -m app` on a free port; enter when it listens, and end it on exit.

    Raises:
        AssertionError: it did not start.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "app"],
        env=environment(database_url, **{"port": "0", **settings}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output: list[str] = []
    listening = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line.rstrip("\n"))
            if line.startswith("Stop with"):
                listening.set()
        listening.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert listening.wait(START_SECONDS), f"silent for {START_SECONDS} seconds: {output}"
        lines = [line for line in output if line.lstrip().startswith("Recommendations")]
        assert lines, f"the server did not start: {output}"
        address = lines[0].split()[-1].removesuffix("/recommendations")
        address = address.replace("localhost", "127.0.0.1")
        if settings.get("access_log") != "true":  # where the tests count the requests
            httpx.get(f"{address}/health", timeout=START_SECONDS)  # workers start slowly
        yield ServerProcess(process, address, output)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def start_seed(database_url: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start `python -m seed` and do not wait for it."""
    command: Sequence[str] = [sys.executable, "-m", "seed", *arguments]
    return subprocess.Popen(
        command, env=environment(database_url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_until(what: str, holds: Callable[[], bool], seconds: float) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it does not hold in time; the message names it.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} seconds: {what}"
        time.sleep(0.02)
