"""`python -m tests.browser.screenshots http://localhost:8000`: take the README's pictures of the explorer anew."""

import sys

from playwright.sync_api import sync_playwright

from tests.browser.conftest import BROWSER, HERE, settled

PICTURES = {"start": "", "arguments": "#/arguments?theme=dialogue-with-armed-groups"}


def main(address: str) -> None:
    """Take each picture of the explorer at an address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for name, view in PICTURES.items():
            page = browser.new_page(
                viewport={"width": 1200, "height": 670}, locale="en-GB", color_scheme="light"
            )
            page.goto(f"{address}/{view}")
            settled(page)
            page.screenshot(path=HERE / "screenshots" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
