"""Publishing under fire: killed at any moment, twice at once, again and again, always with clients that read."""

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
from tests.faults.readers import edition_of, editions_in, reading

PROMISED_SECONDS = 5
"""Within which everything answers from a version that was published."""

WATCH_SECONDS = 0.2
KILLS = {"sqlite": 200, "postgresql": 100}
"""A file is put in place by our own code; on PostgreSQL it is a transaction that a kill must not split."""


def file_of(url: str) -> Path | None:
    """Return the SQLite file of an address; None for PostgreSQL."""
    address = make_url(url)
    return Path(address.database or "") if address.drivername == "sqlite" else None


def live_edition(client: httpx.Client) -> int:
    """Return the edition that every claim and recommendation tells."""
    items = walk(client, "/claims?limit=100") + walk(client, "/recommendations?limit=100")
    editions = {
        item["statement"].partition(".) ")[0].removeprefix("(In edition 1.") for item in items
    }
    assert len(editions) == 1, f"mixed: {editions}"
    return int(editions.pop())


def faults_of(url: str, edition: int | None = None) -> list[str]:
    """Return what does not hold of a published database, and what lies beside its file that should not.

    Args:
        url: of the database.
        edition: which one should be published, if that is known.
    """
    file = file_of(url)
    wrong = [finding.what for finding in verify(file or url) if not finding.holds]
    engine = create_engine(url)
    with engine.connect() as connection:
        version: str = connection.execute(text("SELECT version FROM dataset")).scalar_one()
    engine.dispose()
    if edition is not None and not version.startswith(f"1.{edition}-"):
        wrong.append(f"{version} is published, not edition {edition}")
    if file is not None:
        wrong += [
            f"{path.name} was left"
            for path in file.parent.iterdir()
            if path.name not in {file.name, f".{file.name}.lock"}
        ]
    return wrong


def test_kill(
    new_database_url: Callable[[], str], backend: str, tmp_path: Path, figures: Figures, part: float
) -> None:
    """`kill -9` at random moments of a seed."""
    url, chance = new_database_url(), random.Random(9)
    corpora = [edition_of(number, tmp_path / str(number)) for number in (0, 1)]
    assert run_seed(url, "--corpus", str(corpora[0])).returncode == 0
    live, published, stopped = 0, 0, 0
    with (
        server_process(url, watch_seconds=str(WATCH_SECONDS)) as server,
        reading(server.address) as readers,
        httpx.Client(base_url=server.address) as client,
    ):
        began = time.monotonic()
        assert (
            run_seed(url, "--corpus", str(corpora[1])).returncode == 0
        )  # how long one takes beside the readers
        duration, live = time.monotonic() - began, 1
        trials = int(KILLS[backend] * part)
        for trial in range(trials):
            known = len(readers.wrong)
            seed = start_seed(url, "--corpus", str(corpora[1 - live]))
            time.sleep(chance.uniform(0, duration * 1.05))
            seed.kill()
            ended = seed.wait() == 0
            stopped += not ended
            # What was published is seen at once in a file, and at the next look on PostgreSQL.
            time.sleep(0 if file_of(url) else 2 * WATCH_SECONDS)
            found, wrong = live_edition(client), readers.wrong[known:]
            published += found != live
            if ended and found == live:
                wrong.append("a seed that ended well published nothing")
            live = found
            if (
                trial % 20 == 19 or trial == trials - 1
            ):  # whatever killed seeds left does not block the next, and goes with it
                result = run_seed(url, "--corpus", str(corpora[1 - live]))
                live = 1 - live
                wrong += [result.stderr] if result.returncode else faults_of(url)
            figures.survived("; ".join(wrong[:3]) or None)
    figures.notes.append(
        f"{stopped} killed of which {published - (trial + 1 - stopped)} had published"
    )
    figures.notes.append(
        f"{readers.asked:,} answers read, {len(readers.wrong)} wrong; a seed took {duration:.1f} s"
    )


@pytest.mark.usefixtures("interruptible")
def test_interrupt(
    new_database_url: Callable[[], str], tmp_path: Path, figures: Figures, part: float
) -> None:
    """Ctrl+C at random moments of a seed that has begun to publish."""
    url, chance, live, stopped = new_database_url(), random.Random(130), 0, 0
    corpora = [edition_of(number, tmp_path / str(number)) for number in (0, 1)]
    began = time.monotonic()
    assert run_seed(url, "--corpus", str(corpora[0])).returncode == 0
    duration = time.monotonic() - began
    for _ in range(max(4, int(40 * part))):
        command = [sys.executable, "-m", "seed", "--corpus", str(corpora[1 - live])]
        with subprocess.Popen(
            command, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as seed:
            assert seed.stdout is not None
            seed.stdout.readline()  # the corpus is read
            time.sleep(chance.uniform(0, duration * 0.7))
            seed.send_signal(signal.SIGINT)
            said = seed.communicate()[1]
        stopped += seed.returncode == 130
        live = live if seed.returncode == 130 else 1 - live
        told_so = said == (
            "Interrupted.\nNothing was published.\n" if seed.returncode == 130 else ""
        )
        wrong = (
            []
            if told_so and seed.returncode in {0, 130}
            else [f"it ended with {seed.returncode}: {said}"]
        )
        figures.survived("; ".join([*wrong, *faults_of(url, live)]) or None)
    figures.notes.append(f"{stopped} stopped, the others were done before")


def test_two_at_once(
    new_database_url: Callable[[], str], tmp_path: Path, figures: Figures, part: float
) -> None:
    """A seed started while another one publishes."""
    url = new_database_url()
    write_corpus(make_corpus(600), tmp_path / "large")
    own = edition_of(0, tmp_path / "own")
    for _ in range(max(1, int(5 * part))):
        command = [sys.executable, "-m", "seed", "--corpus", str(tmp_path / "large")]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment(url), stderr=subprocess.PIPE, text=True
        ) as first:
            began = time.monotonic()
            wait_until("it publishes", partial(is_publishing, url), 60)
            second = run_seed(url, "--corpus", str(own))
            overlapped = first.poll() is None
            said = first.communicate()[1]
        wrong = []
        if not overlapped:
            wrong.append(
                f"the first had ended after {time.monotonic() - began:.1f} s: nothing was tried"
            )
        if (
            second.returncode != 1
            or "another seed is publishing" not in second.stderr
            or "Traceback" in second.stderr
        ):
            wrong.append(f"the second ended with {second.returncode}: {second.stderr}")
        if first.returncode:
            wrong.append(f"the first failed: {said}")
        figures.survived("; ".join([*wrong, *faults_of(url)]) or None)


@pytest.mark.parametrize("settings", [{}], ids=["as by default"])
def test_publish_under_load(
    new_database_url: Callable[[], str],
    tmp_path: Path,
    settings: dict[str, str],
    figures: Figures,
    part: float,
) -> None:
    """Versions published one after another under load."""
    url = new_database_url()
    assert run_seed(url, "--corpus", str(edition_of(0, tmp_path / "0"))).returncode == 0
    paths = (
        "/claims?limit=20",
        "/recommendations?theme=inclusion&limit=100",
        "/claims/year-of-coups-mali.c1",
        "/dataset",
    )
    slowest = 0.0
    with server_process(url, **settings) as server, reading(server.address, clients=4) as readers:
        for number in range(1, max(3, int(20 * part)) + 1):
            known = len(readers.wrong)
            corpus = edition_of(number, tmp_path / str(number))
            result = run_seed(url, "--corpus", str(corpus))
            began = time.monotonic()
            wrong = [result.stderr] if result.returncode else []
            late = True
            while late and time.monotonic() < began + PROMISED_SECONDS:
                # On connections of their own, so that every worker may be met; what was answered from memory before is asked too.
                late = any(
                    editions_in(httpx.get(server.address + path))[0] != {str(number)}
                    for path in paths
                    for _ in range(5)
                )
            slowest = max(slowest, time.monotonic() - began)
            if late:
                wrong.append(f"edition {number} is not everywhere after {PROMISED_SECONDS} s")
            wrong += readers.wrong[known:]
            figures.survived("; ".join(wrong[:3]) or None)
    figures.notes.append(
        f"{readers.asked:,} answers read, {len(readers.wrong)} wrong; everywhere after {slowest:.1f} s at most"
    )
