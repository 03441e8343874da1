"""Several processes on one port: each with its own threads and cache; one that dies is replaced."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from app.http.server import STOP_SECONDS, BriefsServer

logger = logging.getLogger(__name__)

SHORTEST_LIFE = 1.0
"""Seconds: a worker that dies sooner is not replaced at once, so that one that cannot live takes no processor."""


class Workers:
    """The parent of the processes that answer. They are forked, so that what was loaded is shared and a start takes no time.

    Args:
        config: see ``server_config``; nothing of it may hold a connection or a thread yet.
        listening: the bound socket that all of them accept from.
        published: the data version, which the first one says.
        number: how many.
    """

    def __init__(
        self, config: uvicorn.Config, listening: socket.socket, published: str, number: int
    ) -> None:
        self._config = config
        self._listening = listening
        self._published: str | None = published
        self._number = number
        self._began: dict[int, float] = {}
        self._stopping = False
        # Only the parent holds the writing end: when it ends, however that happens, its children read that.
        self._parent_lives, self._holding = os.pipe()

    def run(self) -> int:
        """Keep the workers alive until told to stop; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        signal.signal(signal.SIGALRM, self._kill)
        failed = False
        for _ in range(self._number):
            self._fork()
        while self._began:
            pid, status = os.wait()
            lived = time.monotonic() - self._began.pop(pid)
            if self._stopping:
                continue
            if os.waitstatus_to_exitcode(status) == STARTUP_FAILURE:
                failed = True
                self.stop(signal.SIGTERM, None)
                continue
            logger.warning("worker %d ended, another one takes its place", pid)
            if lived < SHORTEST_LIFE:
                time.sleep(SHORTEST_LIFE)
            self._fork()
        return 1 if failed else 0

    def _fork(self) -> None:
        if self._stopping:
            return
        said, self._published = self._published, None
        pid = os.fork()
        if pid == 0:
            self._serve(said)
        self._began[pid] = time.monotonic()
        if self._stopping:  # told so meanwhile
            os.kill(pid, signal.SIGTERM)

    def _serve(self, published: str | None) -> None:
        """Be a worker, and never return."""
        code = 1
        try:
            os.close(self._holding)
            # A terminal's Ctrl+C is for the parent, who hands it on.
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            server = _Worker(self._config, published, self._parent_lives)
            server.run([self._listening])
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        finally:
            sys.stdout.flush()
            os._exit(code)

    def stop(self, _: int, __: FrameType | None) -> None:
        """Have all workers finish what is under way, and start none; as the signal module calls it."""
        self._stopping = True
        signal.alarm(STOP_SECONDS + 2)
        for pid in list(self._began):
            os.kill(pid, signal.SIGTERM)

    def _kill(self, _: int, __: FrameType | None) -> None:
        for pid in list(self._began):
            os.kill(pid, signal.SIGKILL)


class _Worker(BriefsServer):
    """A server that also stops when its parent has ended."""

    def __init__(self, config: uvicorn.Config, published: str | None, parent_lives: int) -> None:
        super().__init__(config, published)
        self._parent_lives = parent_lives

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._parent_lives, self._orphaned)

    def _orphaned(self) -> None:
        asyncio.get_running_loop().remove_reader(self._parent_lives)
        self.should_exit = True
