"""The first view is light and soon there. Bytes are asserted; times, which depend on the machine, only with wide margins."""

import time

import pytest
from playwright.sync_api import Browser

MOST_BYTES = 150_000
SOON_SECONDS = 5


@pytest.fixture
def first_view(browser: Browser, site: str) -> dict[str, float]:
    """Open the first view with nothing kept and the processor slowed down to a quarter; measure as the browser counts."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    received = {"bytes": 0.0, "requests": 0.0}

    def finished(event: dict[str, float]) -> None:
        received["bytes"] += event["encodedDataLength"]
        received["requests"] += 1

    session.on("Network.loadingFinished", finished)
    started = time.perf_counter()
    page.goto(site, wait_until="commit")
    page.wait_for_selector(".card .actions a")
    received["seconds"] = time.perf_counter() - started
    page.wait_for_load_state("networkidle")
    context.close()
    return received


def test_the_first_view_is_light(
    first_view: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(
            f" {first_view['bytes']:,.0f} bytes in {first_view['requests']:.0f} requests, {first_view['seconds']:.2f} s ",
            end="",
        )
    assert first_view["bytes"] < MOST_BYTES
    assert first_view["seconds"] < SOON_SECONDS
