"""What whoever waits for the seed sees: a bar with the time left on a terminal, a line now and then in a log."""

import io
import os
import pty
import subprocess
import sys

import pytest
from seed.progress import Meter, in_words

from tests.conftest import ROOT


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def work(
    stream: io.StringIO, seconds: int, total: int = 2_000_000, doing: str = "publishing"
) -> list[str]:
    """Have a meter show work of so many seconds, told of it every quarter; return what it wrote, line by line as drawn."""
    clock = Clock()
    meter = Meter(stream, clock)
    for quarters in range(seconds * 4 + 1):
        clock.now = 1000 + quarters / 4
        meter(doing, total * quarters // (seconds * 4), total)
    meter.close()
    return stream.getvalue().replace("\r", "\n").replace("\033[K", "").strip("\n").split("\n")


def test_a_bar_with_the_time_left() -> None:
    shown = work(Terminal(), 200)
    assert shown[0] == "publishing [..............................] 0/2000000"
    assert "publishing [###############...............] 1000000/2000000, 2 min left" in shown
    assert "publishing [###########################...] 1800000/2000000, 20 s left" in shown
    assert shown[-1] == "publishing [##############################] 2000000/2000000"


def test_no_time_left_is_guessed_at_the_beginning() -> None:
    assert not any("left" in line for line in work(Terminal(), 2))


def test_each_work_has_a_line_of_its_own_and_its_end_is_shown_once() -> None:
    stream = Terminal()
    meter = Meter(stream, Clock())
    for doing, done in (
        ("checking", 0),
        ("checking", 5),
        ("publishing", 0),
        ("publishing", 5),
        ("publishing", 5),
    ):
        meter(doing, done, 5)
    meter.close()
    meter.close()
    assert stream.getvalue().count("\n") == 2
    assert stream.getvalue().endswith("5/5\033[K\n")


def test_a_bar_is_not_redrawn_faster_than_one_can_see() -> None:
    stream, clock = Terminal(), Clock()
    meter = Meter(stream, clock)
    for done in range(100_000):
        clock.now += 0.00001
        meter("checking", done, 100_000)
    assert stream.getvalue().count("\r") <= 11


def test_nothing_to_do() -> None:
    assert work(Terminal(), 1, total=0)[-1] == "publishing [##############################] 0/0"


def test_a_log_gets_a_line_every_half_minute() -> None:
    shown = work(io.StringIO(), 100)
    assert shown == [
        "publishing 600000/2000000, 2 min left",
        "publishing 1200000/2000000, 40 s left",
        "publishing 1800000/2000000, 10 s left",
    ]


def test_a_log_gets_nothing_of_short_work() -> None:
    assert work(io.StringIO(), 29) == [""]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (39.1, "40 s"),
        (60, "1 min"),
        (61, "2 min"),
        (3599, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_the_command_draws_on_a_terminal_and_says_nothing_else_to_a_log() -> None:
    command = [sys.executable, "-m", "seed", "--check"]
    log = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "checking" not in log.stderr
    ours, theirs = pty.openpty()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    drawn = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    articles = len(list((ROOT / "seed/corpus/annotations").glob("*.yaml")))
    assert f"checking   [{'#' * 30}] {articles}/{articles}" in drawn
