"""`make browser-test`: the explorer in a real browser, Debian's chromium driven by Playwright.

A visitor (`visit`) is a browser context of its own whose every page is watched: a console error, an exception, a request to another
host or a violation of the content security policy fails the test, whatever else it looks at. A test of an error expects it by name.
Where chromium or Node is missing, the tests fail and say so; they are never skipped.
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

HERE = Path(__file__).parent
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
    "nothing": "#/recommendations?addressee=ecowas&theme=inclusion",
    "missing": "#/nowhere",
}
"""Every view, with something in it."""


@pytest.fixture(scope="session")
def backend() -> str:
    """One database: the explorer knows of none, and other tests see to it that both answer the same."""
    return "sqlite"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where axe and the TypeScript compiler are; `make browser-test` puts them there."""
    folder = HERE / "node_modules"
    assert shutil.which("node"), "Node is needed for the browser tests: apt-get install nodejs npm"
    assert (folder / "axe-core/axe.min.js").exists(), (
        "axe-core is missing: run the tests by `make browser-test`, which installs it"
    )
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(BROWSER).exists(), (
        f"There is no browser at {BROWSER}: apt-get install chromium, or set BROWSER_PATH"
    )
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(database_url: str) -> Iterator[str]:
    """The address of a server with the project's own corpus."""
    with serving(Settings(database_url=database_url)) as address:
        yield f"{address}/"


class Watched:
    """What went wrong in a browser context, besides what was expected to.

    Args:
        context: whose pages are watched.
        host: the only one that may be asked.
    """

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.wrong: list[str] = []
        self.expected: list[str] = []
        self._host = host
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"exception: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Violations of the content security policy are errors on the console too.
        if message.type in {"error", "warning"} and not any(
            part in message.text for part in self.expected
        ):
            self.wrong.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self._host:
            self.wrong.append(f"request to {request.url}")


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Open a view in a browser context of its own: `visit("#/claims", expect=["422"], locale="fr-FR")`."""
    contexts: list[tuple[BrowserContext, Watched]] = []

    def open_view(
        view: str = "", *, expect: tuple[str, ...] = (), at: str | None = None, **options: Any
    ) -> Page:
        address = at or site
        context = browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        )
        watched = Watched(context, urlsplit(address).netloc)
        watched.expected += expect
        contexts.append((context, watched))
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(address + view)
        settled(page)
        return page

    yield open_view
    for context, _ in contexts:
        context.close()
    wrong = [line for _, watched in contexts for line in watched.wrong]
    assert not wrong, wrong


def settled(page: Page) -> None:
    """Wait until the view that was asked for is shown."""
    page.wait_for_selector("main:not([aria-busy]) h1")


def go(page: Page, view: str) -> None:
    """Go to another view of the page as a link would."""
    page.evaluate(
        "view => { document.getElementById('main').setAttribute('aria-busy', 'true'); location.hash = view }",
        view,
    )
    settled(page)
