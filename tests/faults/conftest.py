"""`make trust`: the long faults of SECURITY.md, tried on real server processes, a line of figures for each.

Everything else about a fault, and what is fast, is in `make test`. Each fault here is bounded in count and time, and all traffic
stays on this machine. `--short` tries a tenth, which is what CI has time for.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Figures:
    """What came of trying a fault.

    Args:
        fault: what was tried, in a few words.
        tried: how often.
        lost: what went wrong, a sentence each time.
        notes: other figures worth a word, such as a p99.
    """

    fault: str
    tried: int = 0
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def survived(self, wrong: str | None = None) -> None:
        """Count one trial, and what went wrong in it if anything did."""
        with self._lock:
            self.tried += 1
            if wrong:
                self.lost.append(wrong)

    def __str__(self) -> str:
        line = f"{self.fault}: tried {self.tried:,}, survived {self.tried - len(self.lost):,}, lost {len(self.lost):,}"
        return "; ".join([line, *self.notes])


_all: list[Figures] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="try a tenth of everything")


@pytest.fixture(scope="session")
def part(request: pytest.FixtureRequest) -> float:
    """How much of everything is tried: 1, or a tenth with `--short`."""
    return 0.1 if request.config.getoption("--short") else 1.0


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """Figures of the test, named by the first line of its docstring; anything lost fails it, and so does trying nothing."""
    said = (request.function.__doc__ or request.node.name).splitlines()[0].rstrip(".")
    backend = (
        request.node.callspec.params.get("backend") if hasattr(request.node, "callspec") else None
    )
    found = Figures(f"{said} ({backend})" if backend else said)
    _all.append(found)
    yield found
    assert found.tried, "nothing was tried"
    assert not found.lost, "\n".join(found.lost[:20])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _all:  # in make test there is none
        terminalreporter.section("faults tried")
    for found in _all:
        terminalreporter.write_line(str(found))
