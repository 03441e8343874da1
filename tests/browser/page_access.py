"""Accessibility: axe in both colour schemes, keyboard only, small screens, landmarks."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VIEWS, Visit, navigate


def axe_violations(page: Page, node_modules: Path, *rules: str) -> list[str]:
    """Return the serious violations that axe finds, by some of its rules or all."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate((node_modules / "axe-core/axe.min.js").read_text())
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    result: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_axe_finds_no_serious_violation(
    visit: Visit, node_modules: Path, scheme: str, width: int
) -> None:
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    # The colour scheme changes nothing but colours.
    rules = ["color-contrast"] if scheme == "dark" else []
    violations = {}
    for name, view in VIEWS.items():
        navigate(page, view)
        if name == "reader":
            expect(page.locator(".annotation-panel")).to_be_visible()
        if lines := axe_violations(page, node_modules, *rules):
            violations[name] = lines
    assert not violations, violations


def test_axe_finds_a_button_without_a_name(visit: Visit, node_modules: Path) -> None:
    page = visit()
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    violations = axe_violations(page, node_modules)
    assert any(line.startswith("button-name") for line in violations)


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_no_view_is_wider_than_a_phone(visit: Visit, locale: str) -> None:
    page = visit(
        locale=locale, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )
    for name, view in VIEWS.items():
        navigate(page, view)
        too_wide = page.evaluate(
            """() => [...document.querySelectorAll("body *")]
              .filter((node) => node.getBoundingClientRect().right > 320.5)
              .filter((node) => !node.closest(".scrolling, .visually-hidden, svg"))
              .map((node) => `${node.tagName}.${node.className}`)""",
        )
        assert not too_wide, (name, too_wide)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_a_tap_opens_an_annotation_on_a_phone(visit: Visit) -> None:
    page = visit(
        "#/articles/inclusive-security-mali",
        viewport={"width": 320, "height": 640},
        has_touch=True,
        is_mobile=True,
    )
    page.locator('.mark[data-ids="inclusive-security-mali.r4"] a').first.tap()
    panel = page.locator(".annotation-panel")
    expect(panel).to_be_visible()
    expect(panel.locator("blockquote")).to_have_text("It is high time to turn things around.")
    page.get_by_role("button", name="Close").tap()
    assert page.evaluate("document.activeElement.textContent") == "R4"


def focused_text(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_keyboard_users_can_go_from_the_start_to_a_sentence(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert focused_text(page) == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert page.url.endswith("/")
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            """() => {
              const { activeElement } = document;
              const { outlineStyle } = getComputedStyle(activeElement);
              return activeElement.matches(":focus-visible") && outlineStyle !== "none";
            }""",
        ), focused_text(page)
        if focused_text(page).startswith("Read in context"):
            break
        if focused_text(page) == "Skip the filters":
            page.keyboard.press("Enter")
    assert focused_text(page) == "Read in context"
    page.keyboard.press("Enter")
    page.wait_for_selector(".annotation-panel")
    assert page.evaluate("document.activeElement.className") == "annotation-panel"
    page.keyboard.press("Tab")
    assert focused_text(page) == "Close"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.open") == page.url.partition("?at=")[2]


def test_a_new_view_is_focused_and_announced(visit: Visit) -> None:
    page = visit()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Claims").click()
    heading = page.locator("#heading")
    expect(heading).to_contain_text("claims")
    expect(page.locator("#main")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text(heading.inner_text())
    assert page.title().startswith(heading.inner_text())


def test_landmarks_and_headings_are_in_order(visit: Visit) -> None:
    page = visit()
    for name, view in VIEWS.items():
        navigate(page, view)
        assert page.get_by_role("main").count() == 1
        assert page.locator("h1").count() == 1, name
        levels = page.locator("main :is(h1, h2, h3, h4)").evaluate_all(
            "headings => headings.map(heading => Number(heading.tagName[1]))"
        )
        # The headings of the filters come before the heading of the list.
        assert all(after - before <= 2 for before, after in pairwise(levels)), (name, levels)


def test_reduced_motion_stops_the_animation(visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    page.route("**/claims?*", lambda _: None)
    page.evaluate("location.hash = '#/claims'")
    bar = page.locator(".skeleton .bar").first
    expect(bar).to_be_visible()
    assert bar.evaluate("bar => getComputedStyle(bar).animationName") == "none"
