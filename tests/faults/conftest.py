"""`make faults`: the long fault tests of SECURITY.md, on real server processes.

Each test prints one line of figures. Quick fault tests are part of `make test`. Every test here
has a bounded number of trials and a bounded time, and all traffic stays on this machine. `--short`
runs a tenth of the trials, which fits into CI.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Figures:
    """The results of one fault test.

    Args:
        fault: what was tried, in a few words.
        tried: the number of trials.
        failures: one sentence for each trial that failed.
        notes: other figures to report, such as a p99.
    """

    fault: str
    tried: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, failure: str | None = None) -> None:
        """Count one trial, and its failure if there was one."""
        with self._lock:
            self.tried += 1
            if failure:
                self.failures.append(failure)

    def check(self, passed: bool, failure: str) -> None:  # noqa: FBT001 - reads like assert
        """Count one trial that has passed or failed."""
        self.count(None if passed else failure)

    def __str__(self) -> str:
        failed = len(self.failures)
        passed = self.tried - failed
        line = f"{self.fault}: tried {self.tried:,}, passed {passed:,}, failed {failed:,}"
        return "; ".join([line, *self.notes])


_results: list[Figures] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="run a tenth of the trials")


@pytest.fixture(scope="session")
def part(request: pytest.FixtureRequest) -> float:
    """The share of the trials to run: 1, or a tenth with `--short`."""
    return 0.1 if request.config.getoption("--short") else 1.0


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """The figures of the test, named after its docstring.

    The test fails if a trial failed, or if there was none.
    """
    fault = (request.function.__doc__ or request.node.name).splitlines()[0].rstrip(".")
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    backend = parameters.get("backend")
    figures = Figures(f"{fault} ({backend})" if backend else fault)
    _results.append(figures)
    yield figures
    assert figures.tried, "nothing was tried"
    assert not figures.failures, "\n".join(figures.failures[:20])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _results:  # `make test` has none
        terminalreporter.section("faults")
    for figures in _results:
        terminalreporter.write_line(str(figures))
