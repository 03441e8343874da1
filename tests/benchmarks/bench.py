"""`make bench`: this API, bare uvicorn, Datasette and the textbook app on the same data, in turn, each alone on one core.

Everything runs on this machine and over loopback. Each server answers some questions first, which are compared: servers that do
not say the same are not measured. Then all sides of all works are measured in turn, several rounds; what is reported are medians.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks import report, servers
from tests.benchmarks.answers import check
from tests.benchmarks.databases import KEPT, Databases, prepare, prepare_environment, publisher_of
from tests.benchmarks.load import WRK, BenchmarkError, Run, Walk
from tests.benchmarks.scenarios import (
    Facts,
    Work,
    deep_positions,
    facts_of,
    first_asks,
    not_modified,
    repeated,
    theme_list,
)
from tests.benchmarks.servers import Server

WARM_UP_SECONDS, WARM_UP_BATCHES = 1, 2
STRIDE = 100
"""The longest page, by which deep pages are walked to."""

Starting = Callable[[], AbstractContextManager[Server]]


def cursors_to(server: Server, positions: Sequence[int]) -> list[str]:
    """Walk through the claims as a client does and return the cursors behind so many of them each."""
    cursors: list[str] = []
    cursor, at = "", 0
    for position in positions:
        while at < position:
            limit = min(STRIDE, position - at)
            answer = server.get(
                f"/claims?fields=id&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            )
            following = json.loads(answer.body)["links"]["next"]
            cursor = parse_qs(urlsplit(following).query)["cursor"][0]
            at += limit
        cursors.append(cursor)
    return cursors


def starting(databases: Databases, facts: Facts, *, postgresql: bool) -> dict[str, Starting]:
    """Return how each server is started; bare uvicorn needs an answer first."""
    address = f"sqlite:///{databases.briefs}"
    first = {side: paths[0] for side, paths in theme_list(facts).items()}
    found: dict[str, Starting] = {
        "briefs": lambda: servers.briefs("briefs", address, first["briefs"], cache=False),
        "cached": lambda: servers.briefs("cached", address, first["briefs"], cache=True),
        "datasette": lambda: servers.datasette(databases, first["datasette"]),
        "textbook": lambda: servers.textbook(databases, first["textbook"]),
    }
    if postgresql:
        found["postgresql"] = lambda: servers.postgresql(databases, first["briefs"])
    return found


def walks_of(size: str, work: Work, running: Mapping[str, Server]) -> dict[str, Walk]:
    """Return what walks each side's paths."""
    found = {}
    for side, paths in work.sides.items():
        server = running[side.partition(",")[0]]
        name = f"{size}-{work.name}-{side}".replace(" ", "-").replace(",", "")
        beside = Walk(server, f"{name}-beside", work.beside[side]) if side in work.beside else None
        found[side] = Walk(server, name, paths, work.headers.get(side), beside)
    return found


def measure(size: str, rounds: int, seconds: float, *, postgresql: bool) -> report.OfSize:
    """Measure everything at one size.

    Raises:
        BenchmarkError: servers differ, or one gave an error.
    """
    databases = prepare(size)
    facts = facts_of(databases.peers)
    starts = starting(databases, facts, postgresql=postgresql)
    seconds_to_start: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, start in starts.items():
            if name not in {
                "cached",
                "postgresql",
            }:  # the same process, and a database server's start besides
                with start() as server:
                    seconds_to_start[name].append(server.seconds_to_start)
    with ExitStack() as stack:
        running = {name: stack.enter_context(start()) for name, start in starts.items()}
        whole, *others = repeated(facts)
        answer = running["cached"].get(whole.sides["cached"][0])
        running["bare"] = stack.enter_context(servers.bare(answer))
        tag = next(value for name, value in answer.headers if name.lower() == "etag")
        works = [
            whole,
            *others,
            not_modified(facts, tag),
            *first_asks(facts, cursors_to(running["briefs"], deep_positions(facts))),
        ]
        if postgresql:
            works = [work.also("postgresql", like="briefs") for work in works]
        walks = {work.name: walks_of(size, work, running) for work in works}
        for work in works:
            check(work, walks[work.name])
        runs = _rounds(size, walks, rounds, seconds)
        return report.OfSize(
            annotations=facts.annotations,
            works={
                name: {side: report.median(found) for side, found in sides.items()}
                for name, sides in runs.items()
            },
            start={name: statistics.median(found) for name, found in seconds_to_start.items()},
            megabytes={name: server.megabytes() for name, server in running.items()},
        )


def _rounds(
    size: str, walks: Mapping[str, Mapping[str, Walk]], rounds: int, seconds: float
) -> dict[str, dict[str, list[Run]]]:
    """Measure all sides in turn, in every round beginning with another; what went before a first round is warming up."""
    runs: dict[str, dict[str, list[Run]]] = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        for name, sides in walks.items():
            print(f"{size}: round {number + 1} of {rounds}, {name}", flush=True)
            first = number % len(sides)
            for side in [*sides][first:] + [*sides][:first]:
                if number == 0:
                    sides[side].run(WARM_UP_SECONDS, WARM_UP_BATCHES)
                runs[name][side].append(sides[side].run(seconds))
    return runs


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--sizes",
        nargs="+",
        default=["five", "200k"],
        help="five, or a number of synthetic annotations: 200k, 2m",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured")
    parser.add_argument("--seconds", type=float, default=3, help="how long each time")
    parser.add_argument("--postgresql", action="store_true", help="also this API on PostgreSQL")
    options = parser.parse_args()
    for size in options.sizes:
        try:
            publisher_of(size)
        except ValueError as error:
            parser.error(str(error))
    return options


def main() -> int:
    """Measure, print and keep the results; 1 with a sentence if that cannot be."""
    options = arguments()
    if WRK is None:
        print(
            "The load generator wrk is missing: install it with `apt-get install wrk`.",
            file=sys.stderr,
        )
        return 1
    if servers.SERVER_CORE == servers.LOAD_CORE:
        print("Two cores are needed: one for the server, one for the load.", file=sys.stderr)
        return 1
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(1)
    )  # so that everything that was started is ended
    prepare_environment()
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    found: dict[str, report.OfSize] = {}
    results = report.Results(report.machine(), options.rounds, options.seconds, found)
    for size in options.sizes:
        try:
            found[size] = measure(
                size, options.rounds, options.seconds, postgresql=options.postgresql
            )
        except (BenchmarkError, RuntimeError, subprocess.SubprocessError) as error:
            print(f"\n{error}\nMeasuring {size} was given up.", file=sys.stderr)
            return 1
        # After each size, since a large one may take long and fail.
        (KEPT / "results.json").write_text(report.as_json(results))
        (KEPT / "results.md").write_text(report.as_markdown(results))
    print(report.as_text(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
