"""Regenerate the README's screenshots of the explorer.

Run `python -m tests.browser.screenshots http://localhost:8000` while the server runs.
"""

import sys

from playwright.sync_api import sync_playwright

from tests.browser.conftest import BROWSER, FOLDER, wait_for_view

SCREENSHOTS = {"start": "", "arguments": "#/arguments?theme=dialogue-with-armed-groups"}


def main(address: str) -> None:
    """Take each screenshot from the explorer at an address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for name, view in SCREENSHOTS.items():
            page = browser.new_page(
                viewport={"width": 1200, "height": 670}, locale="en-GB", color_scheme="light"
            )
            page.goto(f"{address}/{view}")
            wait_for_view(page)
            page.screenshot(path=FOLDER / "screenshots" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
