"""Fixtures of the browser tests: Debian's chromium, driven by Playwright.

Each test opens pages with `visit`, in a browser context of its own. All contexts are monitored: a
console error, an exception, a request to another host or a violation of the content security policy
fails the test. A test that provokes an error names it in `expect`. Without chromium or Node the
tests fail with an explanation. They are never skipped.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from app.settings import Settings
from tests.conftest import serving

FOLDER = Path(__file__).parent
BROWSER = os.environ.get("BROWSER_PATH", "/usr/bin/chromium")

VIEWS = {
    "start": "",
    "recommendations": "#/recommendations?theme=inclusion&q=women",
    "claims": "#/claims?theme=dialogue-with-armed-groups",
    "recommendation": "#/recommendations/inclusive-security-mali.r4",
    "claim": "#/claims/mali-local-jihadist-dialogues.c9",
    "search": "#/search?q=ECOWAS",
    "briefs": "#/articles",
    "reader": "#/articles/inclusive-security-mali?at=inclusive-security-mali.r5",
    "actors": "#/actors",
    "actor": "#/actors/ecowas",
    "pseudonym": "#/actors/allaye-bah",
    "voices": "#/voices?theme=women-participation",
    "matrix": "#/matrix",
    "arguments": "#/arguments?theme=dialogue-with-armed-groups",
    "timeline": "#/timeline",
    "map": "#/map",
    "empty": "#/recommendations?addressee=ecowas&theme=inclusion",
    "not found": "#/nowhere",
}
"""The address of each view, with data for it."""


@pytest.fixture(scope="session")
def backend() -> str:
    """Use SQLite only: other tests check that both databases give the same responses."""
    return "sqlite"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Return the folder of axe, TypeScript and Prettier, which `make browser-test` installs."""
    folder = FOLDER / "node_modules"
    assert shutil.which("node"), "Node is needed for the browser tests: apt-get install nodejs npm"
    missing = [
        name for name in ("axe-core", "typescript", "prettier") if not (folder / name).exists()
    ]
    assert not missing, f"{missing} missing: `make browser-test` installs what the tests need"
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(BROWSER).exists(), (
        f"There is no browser at {BROWSER}: apt-get install chromium, or set BROWSER_PATH"
    )
    # Chromium refuses its sandbox to root, which containers often run as.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(database_url: str) -> Iterator[str]:
    """Serve the project's own corpus; return the address."""
    with serving(Settings(database_url=database_url)) as address:
        yield f"{address}/"


class Monitor:
    """Collect the problems of a browser context.

    Args:
        context: the context to monitor.
        host: the only host that its pages may use.
        expected: parts of console messages that the test provokes.
    """

    def __init__(self, context: BrowserContext, host: str, expected: tuple[str, ...]) -> None:
        self.problems: list[str] = []
        self._host = host
        self._expected = expected
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Violations of the content security policy are console errors, too.
        expected = any(part in message.text for part in self._expected)
        if message.type in {"error", "warning"} and not expected:
            self.problems.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self._host:
            self.problems.append(f"request to {request.url}")


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Return a function that opens a view in a new browser context.

    Its options are those of Playwright's `new_context`, for example
    `visit("#/claims", expect=("422",), locale="fr-FR")`.
    """
    contexts: list[BrowserContext] = []
    monitors: list[Monitor] = []

    def open_view(
        view: str = "", *, expect: tuple[str, ...] = (), at: str = site, **options: Any
    ) -> Page:
        defaults: dict[str, Any] = {
            "locale": "en-GB",
            "viewport": {"width": 1280, "height": 900},
        }
        context = browser.new_context(**{**defaults, **options})
        contexts.append(context)
        monitors.append(Monitor(context, urlsplit(at).netloc, expect))
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(at + view)
        wait_for_view(page)
        return page

    yield open_view
    for context in contexts:
        context.close()
    problems = [problem for monitor in monitors for problem in monitor.problems]
    assert not problems, problems


def wait_for_view(page: Page) -> None:
    """Wait until the current view is rendered."""
    page.wait_for_selector("main:not([aria-busy]) h1")


def navigate(page: Page, view: str) -> None:
    """Go to another view as a link does, and wait for it."""
    page.evaluate(
        """view => {
          document.getElementById("main").setAttribute("aria-busy", "true");
          location.hash = view;
        }""",
        view or "#/",
    )
    wait_for_view(page)
