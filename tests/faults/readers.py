"""Clients that ask all the while and look at each answer: is it whole, and of one version?

The corpora that are published meanwhile are copies of the project's own, in which every statement tells the edition.
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
"""Between two questions of a client, so that what is published meanwhile gets its share of the processor."""
TOLD = re.compile(r"\(In edition 1\.([0-9]+)\.\)")
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
"""Asked in turn; half of them in ever new spellings, so that answers from memory and others are both seen."""


def edition_of(number: int, folder: Path) -> Path:
    """Make a copy of the project's own corpus whose every statement tells its edition; return its folder."""
    shutil.copytree(ROOT / "seed/corpus", folder)
    for path in (folder / "annotations").glob("*.yaml"):
        path.write_text(
            path.read_text().replace(
                "    statement: >-\n      ", f"    statement: >-\n      (In edition 1.{number}.) "
            )
        )
    about = folder / "dataset.yaml"
    about.write_text(re.sub('edition: ".*"', f'edition: "1.{number}"', about.read_text()))
    return folder


def editions_in(answer: httpx.Response) -> tuple[set[str], str | None]:
    """Return the editions that an answer tells, and what is wrong with it."""
    if answer.status_code != 200:
        return set(), f"{answer.url}: {answer.status_code} {answer.text[:200]}"
    editions = set(TOLD.findall(answer.text))
    for version in (
        answer.headers.get("x-dataset-version"),
        *re.findall(r'"(?:dataset|version)": ?"([^"]*)"', answer.text),
    ):
        if version is not None:
            editions.add(version.removeprefix("1.").partition("-")[0])
    return editions, None if len(
        editions
    ) == 1 else f"{answer.url}: tells the editions {sorted(editions)}"


@dataclass
class Readers:
    """What the clients saw.

    Args:
        asked: how many answers came.
        wrong: what was wrong with answers, a sentence each.
        tags: the edition of each ETag at each address: one tag never stands for two.
    """

    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    tags: dict[tuple[str, str], str] = field(default_factory=dict)

    def look(self, answer: httpx.Response) -> None:
        self.asked += 1
        editions, wrong = editions_in(answer)
        if wrong:
            self.wrong.append(wrong)
            return
        tag = (str(answer.url), answer.headers.get("etag", ""))
        if self.tags.setdefault(tag, *editions) not in editions:
            self.wrong.append(f"{answer.url}: the tag {tag[1]} stood for another edition before")


@contextmanager
def reading(address: str, clients: int = 3) -> Iterator[Readers]:
    """Ask a server from some clients at once until the block ends."""
    readers, stop = Readers(), threading.Event()

    def ask(number: int) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=address, timeout=30) as client:
            while not stop.is_set():
                path = chance.choice(PATHS).format(chance.choice((20, chance.randint(1, 100))))
                try:
                    readers.look(client.get(path))
                except httpx.HTTPError as error:
                    readers.wrong.append(f"{path}: {error!r}")
                time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        stop.set()
        for thread in threads:
            thread.join()
