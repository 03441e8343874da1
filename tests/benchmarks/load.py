"""The load: wrk on its own core, walking a list of paths with so many clients at once, and what it and the server's process say."""

import json
import math
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from tests.benchmarks.databases import HERE, KEPT
from tests.benchmarks.servers import LOAD_CORE, Answer, Server, end_with_parent, pinned

WRK = shutil.which("wrk")
CONNECTIONS = 16
CONNECTIONS_OF = {"textbook": 4}
"""A session of the textbook's is held while its endpoint waits for a thread: with many clients all wait for one another."""
LONGEST_ANSWER_SECONDS = 60
BATCHES = 8
"""A slow server is measured until every client has had so many answers, so that those cut off at the end weigh little."""
LONGEST_SECONDS = 40.0
SETTLE_LOOKS, SETTLE_SECONDS = 200, 0.1


class BenchmarkError(Exception):
    """Nothing that was measured would be worth anything; the message says why."""


class Run(NamedTuple):
    """One run of one side of a work."""

    requests: int
    rate: float
    p50: float
    p99: float
    cpu: float
    """Rate in answers a second, latencies in milliseconds, the server's CPU in microseconds for each answer."""


class Walk:
    """A list of paths for one server, walked on from where the last run ended: what was asked once is not asked soon again.

    Args:
        server: who is asked.
        name: of the file that wrk reads.
        paths: what is asked.
        headers: sent with every request.
        beside: what one more client asks for all the while, its answers uncounted.
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
        self._file = KEPT / "paths" / f"{name}.txt"
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text("\n".join(paths) + "\n")
        self._at = 0
        self._taken: list[float] = []

    def path(self, index: int) -> str:
        """Return the n-th path, beginning again behind the last."""
        return self._paths[index % len(self._paths)]

    def ask(self, index: int) -> Answer:
        """Ask for one path alone, and note how long that takes."""
        began = time.monotonic()
        answer = self.server.get(self.path(index), self._headers)
        self._taken.append(time.monotonic() - began)
        return answer

    def run(self, seconds: float, batches: int = BATCHES) -> Run:
        """Ask for about so many seconds, longer where a server is slow.

        Args:
            seconds: how long at least.
            batches: how many answers every client should get, if that takes no more than LONGEST_SECONDS.

        Raises:
            BenchmarkError: an answer was an error, or none came.
        """
        enough = batches * self._connections * statistics.median(self._taken)
        seconds = math.ceil(max(seconds, min(enough, LONGEST_SECONDS)))
        with ExitStack() as stack:
            if self._beside is not None:
                self._beside._at = self._at  # new questions there too
                stack.enter_context(self._beside.walking(seconds + 1, 1))
            before = self.server.cpu_seconds()
            wrk = stack.enter_context(self.walking(seconds, self._connections))
            output, _ = wrk.communicate(timeout=seconds + LONGEST_ANSWER_SECONDS)
            used = self.server.cpu_seconds() - before
        self._settle()
        found = json.loads(output.splitlines()[-1]) if wrk.returncode == 0 else {"requests": 0}
        if not found["requests"] or found["refused"] or found["failed"]:
            raise BenchmarkError(
                f"{self.server.name} did not answer {self._file.name} as it should:\n{output}"
            )
        requests = found["requests"]
        self._at += requests
        return Run(
            requests,
            requests / found["microseconds"] * 1e6,
            found["p50"] / 1e3,
            found["p99"] / 1e3,
            used / requests * 1e6,
        )

    @contextmanager
    def walking(self, seconds: float, connections: int) -> Iterator["subprocess.Popen[str]"]:
        """Have wrk ask for so many seconds."""
        command = [
            str(WRK),
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            f"--timeout={LONGEST_ANSWER_SECONDS}s",
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
        """Wait until the server has done what it was still at when the clients left, since the next run is another server's."""
        for _ in range(SETTLE_LOOKS):
            before = self.server.cpu_seconds()
            time.sleep(SETTLE_SECONDS)
            if self.server.cpu_seconds() - before < SETTLE_SECONDS / 4:
                return
