"""A long time under mixed load: memory, descriptors and threads do not grow."""

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
MAX_GROWTH = 1.1
"""Allowed ratio between the last quarter and the second one; in the first quarter caches fill."""
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
ENCODINGS = ["gzip", "br", "zstd", "identity"]


class Usage(NamedTuple):
    """The resources that the process uses."""

    megabytes: float
    descriptors: int
    threads: int


def test_soak(tmp_path: Path, figures: Figures, part: float) -> None:
    """Mixed requests for half an hour, with new versions published meanwhile."""
    url = f"sqlite:///{tmp_path / 'briefs.db'}"
    assert run_seed(url).returncode == 0
    seconds = SECONDS * part
    stop = threading.Event()
    with server_process(url) as server:
        listed = httpx.get(f"{server.address}/themes?limit=100").json()["data"]
        themes = [theme["id"] for theme in listed]

        def request(number: int) -> None:
            chance = random.Random(number)
            with httpx.Client(base_url=server.address, timeout=30) as client:
                while not stop.is_set():
                    path = chance.choice(PATHS).format(
                        theme=chance.choice(themes),
                        word="".join(chance.choices("aeilmnorstu", k=chance.randint(1, 6))),
                        limit=chance.randint(1, 100),
                    )
                    headers = {"Accept-Encoding": chance.choice(ENCODINGS)}
                    status = client.get(path, headers=headers).status_code
                    figures.check(status in {200, 404, 422}, f"{path}: {status}")

        threads = [threading.Thread(target=request, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        usage: list[Usage] = []
        began = time.monotonic()
        published = 0
        while (passed := time.monotonic() - began) < seconds:
            if passed > seconds * (published + 0.5) / PUBLICATIONS:
                published += 1
                assert run_seed(url).returncode == 0
            usage.append(Usage(server.megabytes(), server.descriptors(), server.threads()))
            time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join()
    quarter = len(usage) // 4
    early, late = usage[quarter : 2 * quarter], usage[-quarter:]
    for name in Usage._fields:
        before, after = (
            statistics.median(getattr(each, name) for each in some) for some in (early, late)
        )
        figures.notes.append(f"{name} {before:.0f} to {after:.0f}")
        figures.check(
            after <= before * MAX_GROWTH + 2, f"{name} grew from {before:.0f} to {after:.0f}"
        )
