"""Publishing that is killed, interrupted, run twice at once or repeated, while clients read."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from seed.publishing.verify import verify
from tests.benchmarks.synthetic import make_corpus, write_corpus
from tests.conftest import is_publishing, run_seed, walk
from tests.faults.conftest import Figures
from tests.faults.processes import ROOT, environment, server_process, start_seed, wait_until
from tests.faults.readers import editions_in, reading, write_edition

PROMISED_SECONDS = 5
"""After a publication, all responses come from the new version within this time."""

WATCH_SECONDS = 0.2
KILLS = {"sqlite": 200, "postgresql": 100}
"""Our own code replaces the SQLite file; on PostgreSQL a transaction does it."""

PATHS = (
    "/claims?limit=20",
    "/recommendations?theme=inclusion&limit=100",
    "/claims/year-of-coups-mali.c1",
    "/dataset",
)


def sqlite_file(url: str) -> Path | None:
    """Return the SQLite file of a database URL; None for PostgreSQL."""
    address = make_url(url)
    return Path(address.database or "") if address.drivername == "sqlite" else None


def live_edition(client: httpx.Client) -> int:
    """Return the edition that every claim and recommendation names."""
    items = walk(client, "/claims?limit=100") + walk(client, "/recommendations?limit=100")
    marks = [item["statement"].partition(".) ")[0] for item in items]
    editions = {mark.removeprefix("(In edition 1.") for mark in marks}
    assert len(editions) == 1, f"mixed: {editions}"
    return int(editions.pop())


def problems_of(url: str, edition: int | None = None) -> list[str]:
    """Return what is wrong with a published database, and files that should not be beside it.

    Args:
        url: of the database.
        edition: the edition that should be published, if it is known.
    """
    file = sqlite_file(url)
    wrong = [finding.what for finding in verify(file or url) if not finding.holds]
    engine = create_engine(url)
    with engine.connect() as connection:
        version: str = connection.execute(text("SELECT version FROM dataset")).scalar_one()
    engine.dispose()
    if edition is not None and not version.startswith(f"1.{edition}-"):
        wrong.append(f"{version} is published, not edition {edition}")
    if file is not None:
        expected = {file.name, f".{file.name}.lock"}
        wrong += [
            f"{path.name} was left" for path in file.parent.iterdir() if path.name not in expected
        ]
    return wrong


def test_kill(
    new_database_url: Callable[[], str], backend: str, tmp_path: Path, figures: Figures, part: float
) -> None:
    """`kill -9` at random moments of a seed."""
    url, chance = new_database_url(), random.Random(9)
    corpora = [str(write_edition(number, tmp_path / str(number))) for number in (0, 1)]
    assert run_seed(url, "--corpus", corpora[0]).returncode == 0
    published, killed = 0, 0
    with (
        server_process(url, watch_seconds=str(WATCH_SECONDS)) as server,
        reading(server.address) as readers,
        httpx.Client(base_url=server.address) as client,
    ):
        began = time.monotonic()
        assert run_seed(url, "--corpus", corpora[1]).returncode == 0
        duration, live = time.monotonic() - began, 1  # with the readers at work
        trials = int(KILLS[backend] * part)
        for trial in range(trials):
            known = len(readers.wrong)
            seed = start_seed(url, "--corpus", corpora[1 - live])
            time.sleep(chance.uniform(0, duration * 1.05))
            seed.kill()
            completed = seed.wait() == 0
            killed += not completed
            # A new file is seen at once, a new version on PostgreSQL at the next look.
            time.sleep(0 if sqlite_file(url) else 2 * WATCH_SECONDS)
            now, wrong = live_edition(client), readers.wrong[known:]
            published += now != live
            if completed and now == live:
                wrong.append("a seed that ended with 0 published nothing")
            live = now
            if trial % 20 == 19 or trial == trials - 1:
                # What killed seeds left does not block the next seed, which removes it.
                result = run_seed(url, "--corpus", corpora[1 - live])
                live = 1 - live
                wrong += [result.stderr] if result.returncode else problems_of(url)
            figures.count("; ".join(wrong[:3]) or None)
    figures.notes.append(f"{killed} killed of which {published - (trials - killed)} had published")
    figures.notes.append(f"{readers.checked:,} responses read, {len(readers.wrong)} wrong")
    figures.notes.append(f"a seed took {duration:.1f} s")


@pytest.mark.usefixtures("interruptible")
def test_interrupt(
    new_database_url: Callable[[], str], tmp_path: Path, figures: Figures, part: float
) -> None:
    """Ctrl+C at random moments of a seed that has begun to publish."""
    url, chance, live, interrupted = new_database_url(), random.Random(130), 0, 0
    corpora = [str(write_edition(number, tmp_path / str(number))) for number in (0, 1)]
    began = time.monotonic()
    assert run_seed(url, "--corpus", corpora[0]).returncode == 0
    duration = time.monotonic() - began
    for _ in range(max(4, int(40 * part))):
        command = [sys.executable, "-m", "seed", "--corpus", corpora[1 - live]]
        with subprocess.Popen(
            command, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as seed:
            assert seed.stdout is not None
            seed.stdout.readline()  # the corpus has been read
            time.sleep(chance.uniform(0, duration * 0.7))
            seed.send_signal(signal.SIGINT)
            errors = seed.communicate()[1]
        stopped = seed.returncode == 130
        interrupted += stopped
        live = live if stopped else 1 - live
        expected = "Interrupted.\nNothing was published.\n" if stopped else ""
        wrong = problems_of(url, live)
        if errors != expected or seed.returncode not in {0, 130}:
            wrong.append(f"it ended with {seed.returncode}: {errors}")
        figures.count("; ".join(wrong) or None)
    figures.notes.append(f"{interrupted} interrupted, the others had already published")


def test_two_at_once(
    new_database_url: Callable[[], str], tmp_path: Path, figures: Figures, part: float
) -> None:
    """A seed started while another one publishes."""
    url = new_database_url()
    write_corpus(make_corpus(600), tmp_path / "large")
    own = str(write_edition(0, tmp_path / "own"))
    for _ in range(max(1, int(5 * part))):
        command = [sys.executable, "-m", "seed", "--corpus", str(tmp_path / "large")]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment(url), stderr=subprocess.PIPE, text=True
        ) as first:
            wait_until("it publishes", partial(is_publishing, url), 60)
            second = run_seed(url, "--corpus", own)
            overlapped = first.poll() is None
            errors = first.communicate()[1]
        wrong = problems_of(url)
        if not overlapped:
            wrong.append("the first had already ended: nothing was tried")
        refused = second.returncode == 1 and "another seed is publishing" in second.stderr
        if not refused or "Traceback" in second.stderr:
            wrong.append(f"the second ended with {second.returncode}: {second.stderr}")
        if first.returncode:
            wrong.append(f"the first failed: {errors}")
        figures.count("; ".join(wrong) or None)


def test_publish_under_load(
    new_database_url: Callable[[], str], tmp_path: Path, figures: Figures, part: float
) -> None:
    """Versions published one after another under load."""
    url = new_database_url()
    assert run_seed(url, "--corpus", str(write_edition(0, tmp_path / "0"))).returncode == 0
    slowest = 0.0
    with server_process(url) as server, reading(server.address, clients=4) as readers:

        def is_everywhere(edition: int) -> bool:
            # Each request has its own connection, so that it may reach any worker.
            return all(
                editions_in(httpx.get(server.address + path))[0] == {str(edition)}
                for path in PATHS
                for _ in range(5)
            )

        for number in range(1, max(3, int(20 * part)) + 1):
            known = len(readers.wrong)
            corpus = write_edition(number, tmp_path / str(number))
            result = run_seed(url, "--corpus", str(corpus))
            began = time.monotonic()
            wrong = [result.stderr] if result.returncode else []
            while not (current := is_everywhere(number)):
                if time.monotonic() > began + PROMISED_SECONDS:
                    break
            slowest = max(slowest, time.monotonic() - began)
            if not current:
                wrong.append(f"edition {number} is not everywhere after {PROMISED_SECONDS} s")
            wrong += readers.wrong[known:]
            figures.count("; ".join(wrong[:3]) or None)
    figures.notes.append(f"{readers.checked:,} responses read, {len(readers.wrong)} wrong")
    figures.notes.append(f"everywhere after {slowest:.1f} s at most")
