"""The load: wrk on its own core requests a list of paths from several connections at once."""

import json
import math
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from tests.benchmarks.databases import BENCH_FOLDER, HERE
from tests.benchmarks.servers import LOAD_CORE, Answer, Server, end_with_parent, pinned

WRK = shutil.which("wrk")
CONNECTIONS = 16
CONNECTIONS_OF = {"textbook": 4}
"""The textbook app holds a session while its endpoint waits for a thread.

With many clients, all would wait for one another.
"""
MAX_ANSWER_SECONDS = 60
BATCHES = 8
"""A slow server is measured until every client has so many answers.

Then the requests that the end cuts off matter little.
"""
MAX_SECONDS = 40.0
SETTLE_LOOKS, SETTLE_SECONDS = 200, 0.1


class BenchmarkError(Exception):
    """The measurement would be meaningless; the message says why."""


class Run(NamedTuple):
    """One run of one side of a scenario."""

    requests: int
    rate: float
    p50: float
    p99: float
    cpu: float
    """Answers per second, latencies in milliseconds, CPU of the server in µs per answer."""


class Walk:
    """A list of paths for one server. Each run continues where the last one ended.

    Args:
        server: gets the requests.
        name: of the file that wrk reads.
        paths: of the requests.
        headers: sent with every request.
        beside: requests of one more client at the same time, not counted.
    """

    def __init__(
        self,
        server: Server,
        name: str,
        paths: Sequence[str],
        headers: Mapping[str, str] | None = None,
        beside: "Walk | None" = None,
    ) -> None:
        self.server = server
        self._paths = paths
        self._headers = headers or {}
        self._beside = beside
        self._connections = CONNECTIONS_OF.get(server.name, CONNECTIONS)
        self._file = BENCH_FOLDER / "paths" / f"{name}.txt"
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text("\n".join(paths) + "\n")
        self._at = 0
        self._taken: list[float] = []

    def path(self, index: int) -> str:
        """Return the n-th path; after the last one comes the first one."""
        return self._paths[index % len(self._paths)]

    def ask(self, index: int) -> Answer:
        """Request one path, and record the time it takes."""
        began = time.monotonic()
        answer = self.server.get(self.path(index), self._headers)
        self._taken.append(time.monotonic() - began)
        return answer

    def run(self, seconds: float, batches: int = BATCHES) -> Run:
        """Send requests for some seconds, longer if the server is slow.

        Args:
            seconds: the minimum.
            batches: the answers that every client should get, within MAX_SECONDS.

        Raises:
            BenchmarkError: an answer was an error, or there was none.
        """
        enough = batches * self._connections * statistics.median(self._taken)
        seconds = math.ceil(max(seconds, min(enough, MAX_SECONDS)))
        with ExitStack() as stack:
            if self._beside is not None:
                self._beside._at = self._at  # new requests there too
                stack.enter_context(self._beside.walking(seconds + 1, 1))
            before = self.server.cpu_seconds()
            wrk = stack.enter_context(self.walking(seconds, self._connections))
            output, _ = wrk.communicate(timeout=seconds + MAX_ANSWER_SECONDS)
            used = self.server.cpu_seconds() - before
        self._settle()
        summary = json.loads(output.splitlines()[-1]) if wrk.returncode == 0 else {"requests": 0}
        if not summary["requests"] or summary["refused"] or summary["failed"]:
            raise BenchmarkError(
                f"{self.server.name} did not answer {self._file.name} correctly:\n{output}"
            )
        requests = summary["requests"]
        self._at += requests
        return Run(
            requests,
            requests / summary["microseconds"] * 1e6,
            summary["p50"] / 1e3,
            summary["p99"] / 1e3,
            used / requests * 1e6,
        )

    @contextmanager
    def walking(self, seconds: float, connections: int) -> Iterator["subprocess.Popen[str]"]:
        """Run wrk for some seconds."""
        command = [
            str(WRK),
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            f"--timeout={MAX_ANSWER_SECONDS}s",
        ]
        for name, value in self._headers.items():
            command += ["-H", f"{name}: {value}"]
        command += [
            "-s",
            str(HERE / "wrk.lua"),
            self.server.address,
            "--",
            str(self._file),
            str(self._at),
        ]
        with (
            pinned(LOAD_CORE),
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - see servers.py
            ) as wrk,
        ):
            try:
                yield wrk
            finally:
                wrk.kill()

    def _settle(self) -> None:
        """Wait until the server is idle, because the next run measures another server."""
        for _ in range(SETTLE_LOOKS):
            before = self.server.cpu_seconds()
            time.sleep(SETTLE_SECONDS)
            if self.server.cpu_seconds() - before < SETTLE_SECONDS / 4:
                return
