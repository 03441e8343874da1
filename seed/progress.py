"""How far the work is and how long it still takes, for whoever waits for it."""

import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 30
REDRAWN = 0.1
"""Seconds between two drawings of the bar on a terminal."""

SAID = 30.0
"""Seconds between two lines where there is no terminal, so that a log shows that the work goes on; short work says nothing."""

SETTLED = 3.0
"""Seconds of work before which the time left is a guess."""


class Meter:
    """Shows the progress of one piece of work after another: a bar on a terminal, now and then a line elsewhere.

    Args:
        stream: where it shows.
        clock: gives the time in seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream = stream
        self.redraws = stream.isatty()
        self.clock = clock
        self.doing = ""
        self.began = self.shown = 0.0
        self.drawn = False

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Show how far the work is.

        Args:
            doing: what is being done.
            done: how many are done.
            total: how many there are.
        """
        now = self.clock()
        if doing != self.doing:
            self.close()
            self.doing, self.began, self.shown = doing, now, now
        if self.redraws:
            if not self.drawn or done >= total or now - self.shown >= REDRAWN:
                self._draw(done, total, now)
        elif done < total and now - self.shown >= SAID:
            self.shown = now
            print(
                f"{doing} {done}/{total}{self._left(done, total, now)}",
                file=self.stream,
                flush=True,
            )

    def close(self) -> None:
        """End the line of a bar, so that what is said next begins one of its own."""
        if self.drawn:
            print(file=self.stream, flush=True)
        self.drawn = False

    def _draw(self, done: int, total: int, now: float) -> None:
        self.shown, self.drawn = now, True
        filled = WIDTH * done // total if total else WIDTH
        bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}]"
        # The line is wiped to its end, since the one before may have been longer.
        print(
            f"\r{self.doing:<10} {bar} {done}/{total}{self._left(done, total, now)}\033[K",
            end="",
            file=self.stream,
            flush=True,
        )

    def _left(self, done: int, total: int, now: float) -> str:
        taken = now - self.began
        if not 0 < done < total or taken < SETTLED:
            return ""
        return f", {in_words(taken * (total - done) / done)} left"


def in_words(seconds: float) -> str:
    """Return a time as it is said: ``40 s``, ``3 min`` or ``2 h 5 min``; rounded up, so that it is never said to be over."""
    whole = max(1, -int(-seconds // 1))
    if whole < 60:
        return f"{whole} s"
    minutes = -(-whole // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
