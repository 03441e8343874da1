"""Size and time of the first view. Times depend on the machine, so their limit is generous."""

import time

import pytest
from playwright.sync_api import Browser

MAX_BYTES = 150_000
MAX_SECONDS = 5


@pytest.fixture
def first_view(browser: Browser, site: str) -> dict[str, float]:
    """Load the first view with an empty cache and a CPU slowed down four times."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    measured = {"bytes": 0.0, "requests": 0.0}

    def on_finished(event: dict[str, float]) -> None:
        measured["bytes"] += event["encodedDataLength"]
        measured["requests"] += 1

    session.on("Network.loadingFinished", on_finished)
    start = time.perf_counter()
    page.goto(site, wait_until="commit")
    page.wait_for_selector(".card .actions a")
    measured["seconds"] = time.perf_counter() - start
    page.wait_for_load_state("networkidle")
    context.close()
    return measured


def test_the_first_view_is_small_and_fast(
    first_view: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    size, requests, seconds = (first_view[name] for name in ("bytes", "requests", "seconds"))
    with capsys.disabled():
        print(f" {size:,.0f} bytes in {requests:.0f} requests, {seconds:.2f} s ", end="")
    assert size < MAX_BYTES
    assert seconds < MAX_SECONDS
