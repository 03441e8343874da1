"""Ctrl+C: the command says what it did, and what it says is true."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

import seed.publishing.fill as filling
from seed.__main__ import main, repeat_lost_interrupt
from tests.conftest import ROOT, is_publishing, set_edition
from tests.publishing.test_seed import version_of

INTERRUPTED = "Interrupted.\nNothing was published.\n"

pytestmark = pytest.mark.usefixtures("interruptible")


def test_the_command_ends_with_a_sentence(
    copy_of_published: Callable[[], str], corpus: Path
) -> None:
    url = copy_of_published()
    before = version_of(url)
    environment = {**os.environ, "BRIEFS_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "seed", "--corpus", set_edition(corpus, "2030.2")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while not is_publishing(url) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        _, message = process.communicate()
    assert (process.returncode, message) == (130, INTERRUPTED)
    assert version_of(url) == before
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        assert {path.name for path in folder.iterdir()} == {"briefs.db", ".briefs.db.lock"}


@pytest.mark.parametrize(
    ("flush", "code"), [(1, 130), (2, 0)], ids=["just before the commit", "just after"]
)
def test_the_sentence_is_true_around_the_commit(
    tmp_path: Path,
    flush: int,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The new file is flushed before it is renamed, its folder after."""
    target, flushes, fsync = tmp_path / "briefs.db", [], os.fsync

    def interrupted_fsync(descriptor: int) -> None:
        fsync(descriptor)
        flushes.append(descriptor)
        if len(flushes) == flush:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "fsync", interrupted_fsync)
    monkeypatch.setenv("BRIEFS_DATABASE_URL", f"sqlite:///{target}")
    assert main([]) == code
    assert target.exists() == (code == 0)
    assert capsys.readouterr().err == (INTERRUPTED if code else "")
    assert not list(tmp_path.glob("*.new"))


def test_a_long_statement_ends_at_once(
    tmp_path: Path,
    small_corpus: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Python alone would raise KeyboardInterrupt after the statement."""

    def assess(connection: Connection, *_: object) -> None:
        counting = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        connection.execute(text(counting)).scalar_one()  # never ends by itself

    monkeypatch.setattr(filling, "assess", assess)
    monkeypatch.setenv("BRIEFS_DATABASE_URL", f"sqlite:///{tmp_path / 'briefs.db'}")
    assert main(["--corpus", str(small_corpus)]) == 130
    assert capsys.readouterr().err == INTERRUPTED
    assert not list(tmp_path.glob("*.db"))


class Thing:
    """Something that a weak reference can refer to."""


def raise_in_callback(function: Callable[[object], object]) -> None:
    """Run a function as the callback of a weak reference, then wait."""
    thing = Thing()
    reference = weakref.ref(thing, function)
    del thing
    gc.collect()
    assert reference() is None
    time.sleep(1)


def test_an_interrupt_that_python_loses_is_raised_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python ignores exceptions of such callbacks, as of destructors."""
    monkeypatch.setattr(sys, "unraisablehook", repeat_lost_interrupt)
    with pytest.raises(KeyboardInterrupt):
        raise_in_callback(lambda _: signal.raise_signal(signal.SIGINT))


def test_other_exceptions_that_python_loses_are_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", repeat_lost_interrupt)
    raise_in_callback(lambda _: int("x"))
    assert "ValueError" in capsys.readouterr().err
