"""`make bench`: compare this API, bare uvicorn, Datasette and a textbook app on the same data.

Everything runs on this machine, over loopback, each server on one core. First the responses of all
servers are compared: servers with different content are not measured. Then every side of every
scenario is measured in turn, for several rounds. The report has medians.
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
from tests.benchmarks.databases import (
    BENCH_FOLDER,
    Databases,
    prepare,
    prepare_environment,
    publisher_of,
)
from tests.benchmarks.load import WRK, BenchmarkError, Run, Walk
from tests.benchmarks.scenarios import (
    Facts,
    Scenario,
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
"""The longest page; the walk to deep pages uses it."""

ServerStart = Callable[[], AbstractContextManager[Server]]


def cursors_to(server: Server, positions: Sequence[int]) -> list[str]:
    """Walk through the claims as a client does; return the cursors at these positions."""
    cursors: list[str] = []
    cursor, at = "", 0
    for position in positions:
        while at < position:
            limit = min(STRIDE, position - at)
            path = f"/claims?fields=id&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            following = json.loads(server.get(path).body)["links"]["next"]
            cursor = parse_qs(urlsplit(following).query)["cursor"][0]
            at += limit
        cursors.append(cursor)
    return cursors


def server_starts(
    databases: Databases, facts: Facts, *, postgresql: bool
) -> dict[str, ServerStart]:
    """Return how to start each server, except bare uvicorn, which needs a response first."""
    address = f"sqlite:///{databases.briefs}"
    first = {side: paths[0] for side, paths in theme_list(facts).items()}
    starts: dict[str, ServerStart] = {
        "briefs": lambda: servers.briefs("briefs", address, first["briefs"], cache=False),
        "cached": lambda: servers.briefs("cached", address, first["briefs"], cache=True),
        "datasette": lambda: servers.datasette(databases, first["datasette"]),
        "textbook": lambda: servers.textbook(databases, first["textbook"]),
    }
    if postgresql:
        starts["postgresql"] = lambda: servers.postgresql(databases, first["briefs"])
    return starts


def walks_of(size: str, scenario: Scenario, running: Mapping[str, Server]) -> dict[str, Walk]:
    """Return a walk for each side."""
    walks = {}
    for side, paths in scenario.sides.items():
        server = running[side.partition(",")[0]]
        name = f"{size}-{scenario.name}-{side}".replace(" ", "-").replace(",", "")
        beside = scenario.beside.get(side)
        other = Walk(server, f"{name}-beside", beside) if beside else None
        walks[side] = Walk(server, name, paths, scenario.headers.get(side), other)
    return walks


def measure(size: str, rounds: int, seconds: float, *, postgresql: bool) -> report.SizeResults:
    """Measure every scenario at one size.

    Raises:
        BenchmarkError: servers differ, or one of them answered with an error.
    """
    databases = prepare(size)
    facts = facts_of(databases.competitors)
    starts = server_starts(databases, facts, postgresql=postgresql)
    seconds_to_start: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, start in starts.items():
            # "cached" is the same process as "briefs"; "postgresql" also starts a database server.
            if name not in {"cached", "postgresql"}:
                with start() as server:
                    seconds_to_start[name].append(server.seconds_to_start)
    with ExitStack() as stack:
        running = {name: stack.enter_context(start()) for name, start in starts.items()}
        cached = repeated(facts)
        answer = running["cached"].get(cached.sides["cached"][0])
        running["bare"] = stack.enter_context(servers.bare(answer))
        tag = next(value for name, value in answer.headers if name.lower() == "etag")
        scenarios = [
            cached,
            not_modified(facts, tag),
            *first_asks(facts, cursors_to(running["briefs"], deep_positions(facts))),
        ]
        if postgresql:
            scenarios = [scenario.with_side("postgresql", like="briefs") for scenario in scenarios]
        walks = {scenario.name: walks_of(size, scenario, running) for scenario in scenarios}
        for scenario in scenarios:
            check(scenario, walks[scenario.name])
        runs = _rounds(size, walks, rounds, seconds)
        return report.SizeResults(
            annotations=facts.annotations,
            scenarios={
                name: {side: report.median(of_side) for side, of_side in sides.items()}
                for name, sides in runs.items()
            },
            start={name: statistics.median(times) for name, times in seconds_to_start.items()},
            megabytes={name: server.megabytes() for name, server in running.items()},
        )


def _rounds(
    size: str, walks: Mapping[str, Mapping[str, Walk]], rounds: int, seconds: float
) -> dict[str, dict[str, list[Run]]]:
    """Measure all sides in turn; each round begins with another one, the first one warms up."""
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
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--sizes",
        nargs="+",
        default=["five", "200k"],
        help="five, or a number of synthetic annotations: 200k, 2m",
    )
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each side")
    parser.add_argument("--seconds", type=float, default=3, help="length of a measurement")
    parser.add_argument(
        "--postgresql", action="store_true", help="also measure this API on PostgreSQL"
    )
    options = parser.parse_args()
    for size in options.sizes:
        try:
            publisher_of(size)
        except ValueError as error:
            parser.error(str(error))
    return options


def main() -> int:
    """Measure, print and store the results; return 1 with an explanation if that is impossible."""
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
    # An exception ends all processes that were started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    prepare_environment()
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    sizes: dict[str, report.SizeResults] = {}
    results = report.Results(report.machine(), options.rounds, options.seconds, sizes)
    for size in options.sizes:
        try:
            sizes[size] = measure(
                size, options.rounds, options.seconds, postgresql=options.postgresql
            )
        except (BenchmarkError, RuntimeError, subprocess.SubprocessError) as error:
            print(f"\n{error}\nNo results for {size}.", file=sys.stderr)
            return 1
        # After each size, because a large one takes long and may fail.
        (BENCH_FOLDER / "results.json").write_text(report.as_json(results))
        (BENCH_FOLDER / "results.md").write_text(report.as_markdown(results))
    print(report.as_text(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
