"""Everybody can use it: axe in both colour schemes, the keyboard alone, a phone, a screen reader's landmarks."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VIEWS, Visit, go


def findings(page: Page, node_modules: Path, *rules: str) -> list[str]:
    """Return what axe finds that shuts people out, by some of its rules or all."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate((node_modules / "axe-core/axe.min.js").read_text())
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run({ resultTypes: ['violations'], ...(rules.length ? { runOnly: rules } : {}) })",
        rules,
    )
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"][:3]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_axe_finds_nothing_serious(
    visit: Visit, node_modules: Path, scheme: str, width: int
) -> None:
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    found = {}
    for name, view in VIEWS.items():
        go(page, view or "#/")
        if name == "reader":
            expect(page.locator(".opened")).to_be_visible()
        # Of a scheme only colours depend.
        if lines := findings(page, node_modules, *(["color-contrast"] if scheme == "dark" else [])):
            found[name] = lines
    assert not found, found


def test_axe_sees_what_is_wrong(visit: Visit, node_modules: Path) -> None:
    page = visit()
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert any(line.startswith("button-name") for line in findings(page, node_modules))


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_no_view_scrolls_sideways_on_a_phone(visit: Visit, locale: str) -> None:
    page = visit(
        locale=locale, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )
    for name, view in VIEWS.items():
        go(page, view or "#/")
        wide = page.evaluate(
            """() => [...document.querySelectorAll("body *")]
              .filter((element) => element.getBoundingClientRect().right > 320.5 && !element.closest(".scrolling, .unseen, svg"))
              .map((element) => `${element.tagName}.${element.className}`)""",
        )
        assert not wide, (name, wide)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_a_tap_opens_a_mark_on_a_phone(visit: Visit) -> None:
    page = visit(
        "#/articles/inclusive-security-mali",
        viewport={"width": 320, "height": 640},
        has_touch=True,
        is_mobile=True,
    )
    page.locator('.mark[data-ids="inclusive-security-mali.r4"] a').first.tap()
    expect(page.locator(".opened")).to_be_visible()
    expect(page.locator(".opened blockquote")).to_have_text(
        "It is high time to turn things around."
    )
    page.get_by_role("button", name="Close").tap()
    assert page.evaluate("document.activeElement.textContent") == "R4"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_the_keyboard_alone_leads_from_the_start_to_a_sentence(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert page.url.endswith("/")
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return document.activeElement.matches(':focus-visible') && style.outlineStyle !== 'none';
            }""",
        ), focused(page)
        if focused(page).startswith("Read in context"):
            break
        if focused(page) == "Skip the filters":
            page.keyboard.press("Enter")
    assert focused(page) == "Read in context"
    page.keyboard.press("Enter")
    page.wait_for_selector(".opened")
    assert page.evaluate("document.activeElement.className") == "opened"
    page.keyboard.press("Tab")
    assert focused(page) == "Close"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.open") == page.url.partition("?at=")[2]


def test_a_new_view_takes_the_focus_and_is_announced(visit: Visit) -> None:
    page = visit()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Claims").click()
    expect(page.locator("#heading")).to_contain_text("claims")
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text(page.locator("#heading").inner_text())
    assert page.title().startswith(page.locator("#heading").inner_text())


def test_landmarks_and_headings_are_in_order(visit: Visit) -> None:
    page = visit()
    for name, view in VIEWS.items():
        go(page, view or "#/")
        assert page.get_by_role("main").count() == 1
        assert page.locator("h1").count() == 1, name
        levels = page.locator("main :is(h1, h2, h3, h4)").evaluate_all(
            "all => all.map(h => Number(h.tagName[1]))"
        )
        # Filters stand before the list whose heading comes first on the page where there is one.
        assert all(after - before <= 2 for before, after in pairwise(levels)), (name, levels)


def test_motion_stops_where_it_is_not_wanted(visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    page.route("**/claims?*", lambda _: None)
    page.evaluate("location.hash = '#/claims'")
    bar = page.locator(".skeleton .bar").first
    expect(bar).to_be_visible()
    assert bar.evaluate("element => getComputedStyle(element).animationName") == "none"
