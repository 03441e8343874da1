"""The results: as tables for a terminal, as Markdown, as JSON; and which promises they keep."""

import json
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.databases import OWN, PYTHON
from tests.benchmarks.load import Run
from tests.benchmarks.scenarios import DEEP_PAGE

COMPETITORS = {
    "bare": "bare uvicorn",
    "datasette": "Datasette",
    "textbook": "textbook FastAPI + SQLModel",
    "postgresql": "this API, PostgreSQL",
}
OURS = {"briefs": "this API", "cached": "this API"}
WHOLE = "Datasette giving whole items, as this API does"
MIDDLE, LARGE = "200k", "2m"


@dataclass(frozen=True)
class SizeResults:
    """The measurements at one size: by scenario and side, and by server."""

    annotations: int
    scenarios: Mapping[str, Mapping[str, Run]]
    start: Mapping[str, float]
    megabytes: Mapping[str, float]


@dataclass(frozen=True)
class Results:
    """All measurements, and the machine."""

    machine: Mapping[str, str]
    rounds: int
    seconds: float
    sizes: Mapping[str, SizeResults]


def median(runs: Sequence[Run]) -> Run:
    """Return the median of every figure."""
    return Run(
        requests=sum(run.requests for run in runs),
        rate=statistics.median(run.rate for run in runs),
        p50=statistics.median(run.p50 for run in runs),
        p99=statistics.median(run.p99 for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
    )


def machine() -> dict[str, str]:
    """Return the date, the processor and the versions that the figures depend on."""
    processors = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    program = "import importlib.metadata as m; print(m.version('datasette'))"
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processors[0] if processors else platform.processor(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("uvicorn", "FastAPI", "SQLModel")},
        "Datasette": subprocess.run(
            [str(PYTHON), "-c", program], capture_output=True, text=True, check=True
        ).stdout.strip(),
    }


# --- tables ---

HEADINGS = (
    "scenario",
    "server",
    "answers/s",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "this API is",
    "by CPU",
)


def side_name(side: str) -> str:
    """Return the name of a side in a table."""
    server, comma, how = side.partition(",")
    return {**COMPETITORS, **OURS}[server] + comma + how


def _rows(measured: SizeResults) -> list[tuple[str, ...]]:
    """Return the rows of a table.

    The last columns say how many times as many answers this API gives: by the rate, and by the CPU
    time of an answer, which varies less when the machine has other work.
    """
    rows: list[tuple[str, ...]] = []
    for scenario, sides in measured.scenarios.items():
        own = next(sides[side] for side in OURS if side in sides)
        for side, run in sides.items():
            ratios = (
                ("", "")
                if side in OURS
                else (f"{own.rate / run.rate:.3g} ×", f"{run.cpu / own.cpu:.3g} ×")
            )
            rows.append(
                (
                    scenario,
                    side_name(side),
                    f"{run.rate:,.0f}" if run.rate >= 10 else f"{run.rate:.2f}",
                    *_latencies(run),
                    *ratios,
                )
            )
    return rows


def _latencies(run: Run) -> tuple[str, str, str]:
    return f"{run.p50:.2f}", f"{run.p99:.2f}", f"{run.cpu:,.0f}"


def _processes(measured: SizeResults) -> list[tuple[str, ...]]:
    """Return the start time and the memory of each server."""
    names = {"briefs": "this API, no cache", "cached": "this API", **COMPETITORS}
    return [
        (
            names[name],
            f"{measured.start[name]:.2f}" if name in measured.start else "",
            f"{megabytes:.0f}",
        )
        for name, megabytes in measured.megabytes.items()
    ]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool) -> str:
    if markdown:
        lines = [
            headings,
            ["---", *("---:" if heading != "server" else "---" for heading in headings[1:])],
            *rows,
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in lines)
    widths = [max(len(row[at]) for row in [headings, *rows]) for at in range(len(headings))]
    texts = {heading for heading in headings if heading in {"scenario", "server"}}

    def line(row: Sequence[str]) -> str:
        cells = zip(headings, row, widths, strict=True)
        return "  ".join(
            cell.ljust(width) if heading in texts else cell.rjust(width)
            for heading, cell, width in cells
        ).rstrip()

    return "\n".join([line(headings), *map(line, rows)])


def _tables(results: Results, *, markdown: bool) -> str:
    machine = ", ".join(
        f"{name} {value}" if name[0].isupper() or name == "uvicorn" else value
        for name, value in results.machine.items()
    )
    rounds = f"medians of {results.rounds} rounds of {results.seconds:g} s"
    parts = [f"{machine}; {rounds}, one core for the server, one for the clients."]
    for size, measured in results.sizes.items():
        title = f"{measured.annotations:,} annotations" + (
            " (the five briefs)" if size == OWN else ""
        )
        parts += [
            f"### {title}" if markdown else title.upper(),
            _table(HEADINGS, _rows(measured), markdown=markdown),
            _table(("server", "start s", "RSS MB"), _processes(measured), markdown=markdown),
        ]
    return "\n\n".join(parts)


def as_markdown(results: Results) -> str:
    """Return the tables and promises in Markdown."""
    return (
        f"{_tables(results, markdown=True)}\n\n"
        + "\n".join(f"- {line}" for line in promises(results))
        + "\n"
    )


def as_text(results: Results) -> str:
    """Return the tables and promises for a terminal."""
    return f"\n{_tables(results, markdown=False)}\n\n" + "\n".join(promises(results))


def as_json(results: Results) -> str:
    """Return all results, for programs."""
    sizes = {
        size: {
            **asdict(measured),
            "scenarios": {
                scenario: {side: run._asdict() for side, run in sides.items()}
                for scenario, sides in measured.scenarios.items()
            },
        }
        for size, measured in results.sizes.items()
    }
    return json.dumps(
        {**asdict(results), "sizes": sizes, "promises": promises(results)},
        indent=1,
        ensure_ascii=False,
    )


# --- promises ---


@dataclass(frozen=True)
class Promise:
    """A promised figure: a maximum, or a minimum if `at_least`."""

    text: str
    size: str
    figure: Callable[[Results], float]
    bound: float
    at_least: bool = False

    def outcome(self, results: Results) -> str:
        """Return whether the promise is kept."""
        where = "" if self.size in self.text else f" at {self.size}"
        try:
            figure = self.figure(results)
        except KeyError:
            return f"not measured: {self.text}{where}"
        reached = figure >= self.bound if self.at_least else figure <= self.bound
        return f"{'reached' if reached else 'NOT REACHED'}: {self.text}{where} ({figure:.3g})"


def _run(results: Results, size: str, scenario: str, side: str) -> Run:
    return results.sizes[size].scenarios[scenario][side]


def _rates(
    size: str,
    scenario: str,
    side: str = "briefs",
    than: str = "datasette",
    than_of: str | None = None,
) -> Callable[[Results], float]:
    """Return the ratio of the rates of two sides, in one scenario or in two."""
    return lambda results: (
        _run(results, size, scenario, side).rate
        / _run(results, size, than_of or scenario, than).rate
    )


def _p99(size: str, scenario: str) -> Callable[[Results], float]:
    return lambda results: _run(results, size, scenario, "briefs").p99


def _at_every_size(size: str) -> list[Promise]:
    whole, tagged = "theme list, repeated", "theme list, not modified"
    return [
        Promise(
            "repeated answers: ≥ 0.8 × bare uvicorn",
            size,
            _rates(size, whole, "cached", "bare"),
            0.8,
            at_least=True,
        ),
        Promise(
            "304: ≥ 1 × the whole answer",
            size,
            _rates(size, tagged, "cached", "cached", than_of=whole),
            1,
            at_least=True,
        ),
        Promise(
            "start to first answer: ≤ 1.5 s",
            size,
            lambda results: results.sizes[size].start["briefs"],
            1.5,
        ),
        Promise("item: ≥ 4 × Datasette", size, _rates(size, "item"), 4, at_least=True),
        Promise(
            f"item: ≥ 4 × {WHOLE}",
            size,
            _rates(size, "item", than="datasette, whole items"),
            4,
            at_least=True,
        ),
        Promise(
            "PostgreSQL: first asks within 2 × of SQLite",
            size,
            _rates(size, "theme list", than="postgresql"),
            2,
        ),
    ]


def _at_large_sizes(size: str) -> list[Promise]:
    deep = f"claims, page {DEEP_PAGE}"

    def depth(results: Results) -> float:
        return (
            _run(results, size, deep, "briefs").cpu
            / _run(results, size, "claims, page 1", "briefs").cpu
        )

    def patience(results: Results) -> float:
        return (
            _run(results, size, "theme list", "briefs").p99
            / _run(results, size, "theme list", "datasette").p99
        )

    return [
        Promise("theme list: ≥ 5 × Datasette", size, _rates(size, "theme list"), 5, at_least=True),
        Promise(
            f"theme list: ≥ 5 × {WHOLE}",
            size,
            _rates(size, "theme list", than="datasette, whole items"),
            5,
            at_least=True,
        ),
        Promise(
            "theme list: ≥ 5 × Datasette's table page",
            size,
            _rates(size, "theme list", than="datasette, table page"),
            5,
            at_least=True,
        ),
        Promise(
            "theme list: ≥ 100 × the textbook app",
            size,
            _rates(size, "theme list", than="textbook"),
            100,
            at_least=True,
        ),
        Promise("theme list: p99 ≤ 0.2 × Datasette's", size, patience, 0.2),
        Promise("page 5,000: CPU ≤ 1.25 × page 1", size, depth, 1.25),
        Promise("broadest word: p99 ≤ 500 ms", size, _p99(size, "full text, broadest word"), 500),
        Promise(
            "theme list beside the broadest word: p99 < 20 ms",
            size,
            _p99(size, "theme list beside the broadest word"),
            20,
        ),
    ]


def _megabytes(size: str) -> Callable[[Results], float]:
    return lambda results: max(results.sizes[size].megabytes[name] for name in OURS)


def _growth(results: Results) -> float:
    return (
        _run(results, LARGE, "theme list", "briefs").cpu
        / _run(results, MIDDLE, "theme list", "briefs").cpu
    )


def promises(results: Results) -> list[str]:
    """Return for every promised figure whether it was reached."""
    search = "full text, selective"
    promised = [
        *(promise for size in results.sizes for promise in _at_every_size(size)),
        *(promise for size in (MIDDLE, LARGE) for promise in _at_large_sizes(size)),
        Promise(f"theme list: CPU at {LARGE} ≤ 1.3 × that at {MIDDLE}", LARGE, _growth, 1.3),
        *(
            Promise(f"{scenario} with a total: p99 ≤ 60 ms", LARGE, _p99(LARGE, scenario), 60)
            for scenario in ("theme and strength", "theme and place", "theme and addressee")
        ),
        Promise(
            "facets by theme: ≥ 600 × Datasette",
            LARGE,
            _rates(LARGE, "facets by theme"),
            600,
            at_least=True,
        ),
        *(
            Promise(f"{scenario}: p99 ≤ 150 ms", LARGE, _p99(LARGE, scenario), 150)
            for scenario in (
                "facets by theme, strength",
                "facets by theme, place",
                "facets by theme, addressee",
            )
        ),
        Promise("full text: ≥ 2.5 × Datasette", MIDDLE, _rates(MIDDLE, search), 2.5, at_least=True),
        Promise("full text: ≥ 1.2 × Datasette", LARGE, _rates(LARGE, search), 1.2, at_least=True),
        Promise("RSS: ≤ 120 MB", OWN, _megabytes(OWN), 120),
        Promise("RSS: ≤ 300 MB", LARGE, _megabytes(LARGE), 300),
    ]
    return [promise.outcome(results) for promise in promised]
