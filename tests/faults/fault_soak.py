"""A long time under mixed load: memory, descriptors and threads stay as they are."""

import random
import statistics
import threading
import time
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.conftest import run_seed
from tests.faults.conftest import Figures
from tests.faults.processes import server_process

SECONDS = 1800
CLIENTS = 6
PUBLICATIONS = 4
GROWTH = 1.1
"""By how much memory may grow from the second quarter to the last; what it takes first is caches filling."""
PATHS = (
    "/recommendations?theme={theme}&limit={limit}",
    "/claims?q={word}&facets=theme,source&limit={limit}",
    "/search?q={word}+{word}",
    "/claims?theme=!{theme}&sort=-published&limit={limit}",
    "/articles/year-of-coups-mali/text",
    "/recommendations/stats?by=theme,addressee",
    "/claims?format=csv",
    "/dataset/download",
    "/actors?q={word}",
    "/recommendations?theme={word}",
    "/nowhere/{word}",
    "/openapi.json",
)


class Taken(NamedTuple):
    """What the process takes of the machine."""

    megabytes: float
    descriptors: int
    threads: int


def test_soak(tmp_path: Path, figures: Figures, part: float) -> None:
    """Mixed questions for half an hour, new versions published meanwhile."""
    url = f"sqlite:///{tmp_path / 'briefs.db'}"
    assert run_seed(url).returncode == 0
    seconds = SECONDS * part
    stop = threading.Event()
    with server_process(url) as server:
        themes = [
            theme["id"] for theme in httpx.get(f"{server.address}/themes?limit=100").json()["data"]
        ]

        def ask(number: int) -> None:
            chance = random.Random(number)
            with httpx.Client(base_url=server.address, timeout=30) as client:
                while not stop.is_set():
                    word = "".join(chance.choices("aeilmnorstu", k=chance.randint(1, 6)))
                    path = chance.choice(PATHS).format(
                        theme=chance.choice(themes), word=word, limit=chance.randint(1, 100)
                    )
                    answer = client.get(
                        path,
                        headers={
                            "Accept-Encoding": chance.choice(["gzip", "br", "zstd", "identity"])
                        },
                    )
                    figures.survived(
                        None
                        if answer.status_code in {200, 404, 422}
                        else f"{path}: {answer.status_code}"
                    )

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        taken: list[Taken] = []
        began = time.monotonic()
        published = 0
        while (passed := time.monotonic() - began) < seconds:
            if passed > seconds * (published + 0.5) / PUBLICATIONS:
                published += 1
                assert run_seed(url).returncode == 0
            taken.append(Taken(server.megabytes(), server.descriptors(), server.threads()))
            time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join()
    quarter = len(taken) // 4
    early, late = taken[quarter : 2 * quarter], taken[-quarter:]
    for name in Taken._fields:
        before, after = (
            statistics.median(getattr(each, name) for each in some) for some in (early, late)
        )
        figures.notes.append(f"{name} {before:.0f} to {after:.0f}")
        figures.survived(
            f"{name} grew from {before:.0f} to {after:.0f}" if after > before * GROWTH + 2 else None
        )
