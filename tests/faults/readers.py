"""Clients that check each response while versions are published: complete, and of one version?

The published corpora are copies of the project's own, in which every statement names its edition.
"""

import random
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults.processes import ROOT

PAUSE_SECONDS = 0.01
"""Between two requests of a client, so that the seed gets its share of the processor."""
MARK = re.compile(r"\(In edition 1\.([0-9]+)\.\)")
PATHS = (
    "/claims?limit=100&sort=-id",
    "/claims?limit={}&theme=inclusion&facets=theme",
    "/recommendations?limit={}",
    "/recommendations?format=csv",
    "/claims?format=ndjson&theme=governance",
    "/claims/year-of-coups-mali.c1",
    "/search?q=edition&type=claim&limit={}",
    "/dataset",
)
"""Half of them vary, so that both cached and new responses are checked."""


def write_edition(number: int, folder: Path) -> Path:
    """Copy the project's corpus, mark every statement with the edition; return the folder."""
    shutil.copytree(ROOT / "seed/corpus", folder)
    field_start = "    statement: >-\n      "
    for path in (folder / "annotations").glob("*.yaml"):
        marked = path.read_text().replace(field_start, f"{field_start}(In edition 1.{number}.) ")
        path.write_text(marked)
    about = folder / "dataset.yaml"
    about.write_text(re.sub('edition: ".*"', f'edition: "1.{number}"', about.read_text()))
    return folder


def editions_in(response: httpx.Response) -> tuple[set[str], str | None]:
    """Return the editions that a response names, and what is wrong with it."""
    if response.status_code != 200:
        return set(), f"{response.url}: {response.status_code} {response.text[:200]}"
    editions = set(MARK.findall(response.text))
    versions = [
        response.headers.get("x-dataset-version"),
        *re.findall(r'"(?:dataset|version)": ?"([^"]*)"', response.text),
    ]
    for version in versions:
        if version is not None:
            editions.add(version.removeprefix("1.").partition("-")[0])
    wrong = None if len(editions) == 1 else f"{response.url}: editions {sorted(editions)}"
    return editions, wrong


@dataclass
class Readers:
    """What the clients saw.

    Args:
        checked: the number of responses.
        wrong: what was wrong with responses, one sentence each.
        tags: the edition of each ETag at each address; one ETag never stands for two editions.
    """

    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    tags: dict[tuple[str, str], str] = field(default_factory=dict)

    def check(self, response: httpx.Response) -> None:
        self.checked += 1
        editions, wrong = editions_in(response)
        if wrong:
            self.wrong.append(wrong)
            return
        tag = (str(response.url), response.headers.get("etag", ""))
        if self.tags.setdefault(tag, *editions) not in editions:
            self.wrong.append(f"{response.url}: ETag {tag[1]} belonged to another edition before")


@contextmanager
def reading(address: str, clients: int = 3) -> Iterator[Readers]:
    """Send requests from several clients at once until the block ends."""
    readers, stop = Readers(), threading.Event()

    def request(number: int) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=address, timeout=30) as client:
            while not stop.is_set():
                path = chance.choice(PATHS).format(chance.choice((20, chance.randint(1, 100))))
                try:
                    readers.check(client.get(path))
                except httpx.HTTPError as error:
                    readers.wrong.append(f"{path}: {error!r}")
                time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=request, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        stop.set()
        for thread in threads:
            thread.join()
