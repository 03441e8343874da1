"""States without data: empty, error, slow, offline. Also the other language and a small corpus."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

from app.settings import Settings
from tests.browser.conftest import VIEWS, Visit, navigate, wait_for_view
from tests.conftest import run_seed, serving


def fetch(site: str, path: str) -> Any:
    return httpx.get(f"{site}{path}").json()


def test_an_empty_list_suggests_similar_queries(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?addressee=ecowas&theme=inclusion")
    expect(page.locator(".empty-state .lead")).to_have_text("No recommendation matches.")
    count = fetch(site, "recommendations?theme=inclusion")["meta"]["total"]
    suggestions = page.locator(".empty-state li")
    expect(suggestions).to_have_text([f"without Addressed to: ECOWAS {count} results"])
    suggestions.get_by_role("link").click()
    expect(page.locator("#heading")).to_have_text(f"{count} recommendations")


def test_a_search_with_few_results_suggests_single_words(visit: Visit, site: str) -> None:
    count = fetch(site, "search?q=ECOWAS")["meta"]["total"]
    page = visit("#/search?q=what%20should%20ECOWAS%20do%20first%20of%20all")
    question = page.get_by_role("link", name="What ECOWAS is asked to do")
    expect(question).to_have_attribute("href", "#/actors/ecowas")
    lead = page.locator(".empty-state .lead")
    expect(lead).to_have_text("No text contains all these words.")
    suggestion = page.locator(".empty-state li", has_text="only “ECOWAS”")
    expect(suggestion).to_have_text(f"only “ECOWAS” {count} results")
    page = visit("#/search?q=what%20should%20ECOWAS%20do")  # one long article contains all words
    suggestion = page.locator(".empty-state li", has_text="only “ECOWAS”")
    expect(suggestion).to_have_text(f"only “ECOWAS” {count} results")


def test_an_error_shows_the_problem_and_the_suggestion_of_the_api(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?theme=inclsion&strength=must", expect=("422",))
    problem = fetch(site, "recommendations?theme=inclsion&strength=must")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(problem["detail"])
    alert.get_by_role("link", name="inclusion", exact=True).click()
    page.wait_for_url("**/#/recommendations?theme=inclusion&strength=must")
    expect(page.locator(".card").first).to_be_visible()


@pytest.mark.parametrize(
    "view", ["#/recommendations/nothing.r1", "#/articles/nothing", "#/actors/nothing"]
)
def test_an_unknown_item_is_not_found(visit: Visit, view: str) -> None:
    page = visit(view, expect=("404",))
    expect(page.locator("h1")).to_have_text("Page not found")
    page.get_by_role("link", name="Back to the start page").click()
    expect(page.locator(".card").first).to_be_visible()


@pytest.mark.parametrize("view", ["#/nowhere", "#/nowhere/else", "#/map/mali"])
def test_an_unknown_view_is_not_found(visit: Visit, view: str) -> None:
    page = visit(view)
    expect(page.locator("h1")).to_have_text("Page not found")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "do the briefs agree on talking to jihadists?",
            "Do the briefs agree on Dialogue with armed groups?",
        ),
        ("who speaks for women?", "Who speaks on Women's participation"),
    ],
)
def test_a_question_in_the_search_leads_to_its_view(
    visit: Visit, question: str, answer: str
) -> None:
    page = visit()
    page.locator("#q").fill(question)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=answer, exact=True).click()
    expect(page.locator("h1")).to_have_text(answer)


def hold_in(waiting: list[Route]) -> Callable[[Route], None]:
    """Return a handler that holds requests back; Playwright inspects its signature."""

    def hold(route: Route) -> None:
        waiting.append(route)

    return hold


def test_a_slow_response_shows_a_loading_state(visit: Visit) -> None:
    page = visit()
    waiting: list[Route] = []
    page.route("**/claims?*", hold_in(waiting))
    page.get_by_role("link", name="Claims").first.click()
    expect(page.locator(".skeleton")).to_be_visible()
    for route in waiting:
        route.continue_()
    expect(page.locator(".card.claims").first).to_be_visible()


def test_only_the_latest_view_is_shown(visit: Visit) -> None:
    page = visit()
    waiting: list[Route] = []
    page.route("**/claims?*", hold_in(waiting))
    page.evaluate("location.hash = '#/claims'")
    expect(page.locator(".skeleton")).to_be_visible()
    page.evaluate("location.hash = '#/articles'")
    expect(page.locator("h1")).to_have_text("5 briefs")
    for route in waiting:
        route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("h1")).to_have_text("5 briefs")


@pytest.mark.parametrize(
    ("view", "content"),
    [
        ("#/claims", ".card.claims"),
        ("#/matrix", ".figure.matrix"),  # its module is not loaded yet
    ],
)
def test_a_view_can_be_retried_after_being_offline(visit: Visit, view: str, content: str) -> None:
    page = visit(expect=("ERR_INTERNET_DISCONNECTED",))
    page.context.set_offline(True)
    page.evaluate("view => { location.hash = view }", view)
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(content).first).to_be_visible()


def test_the_interface_is_in_french_but_the_corpus_stays_english(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?theme=women-participation", locale="fr-FR")
    assert page.locator("html").get_attribute("lang") == "fr"
    theme = fetch(site, "themes/women-participation")
    found = fetch(site, "recommendations?theme=women-participation")
    count = found["meta"]["total"]
    heading = page.locator("#heading")
    expect(heading).to_have_text(f"{count} recommandations")
    expect(page.locator(".chip")).to_contain_text(f"Thème : {theme['label_fr']}")
    expect(page.locator(".definition")).to_contain_text(theme["definition_fr"])
    statement = page.locator(".card h3").first
    expect(statement).to_have_text(found["data"][0]["statement"])
    assert statement.get_attribute("lang") == "en"
    page.get_by_role("button", name="English").click()
    expect(heading).to_have_text(f"{count} recommendations")
    page.reload()
    wait_for_view(page)
    expect(heading).to_have_text(f"{count} recommendations")  # the choice is stored


def test_the_footer_describes_the_data_set_in_its_own_words(visit: Visit, site: str) -> None:
    dataset = fetch(site, "dataset")
    for locale in ("en-GB", "fr-FR"):
        footer = visit(locale=locale).locator("#colophon")
        expect(footer).to_contain_text(dataset["version"])
        expect(footer.locator("[lang=en]")).to_have_text(dataset["description"].strip())


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_every_text_is_translated_and_complete(visit: Visit, locale: str) -> None:
    """A key without a text would be shown itself: `actor.asked.none`."""
    page = visit(locale=locale)
    keys = page.evaluate("async () => Object.keys((await import('/static/strings-en.js')).en)")
    for name, view in VIEWS.items():
        navigate(page, view)
        texts = page.evaluate(
            """() => [...document.querySelectorAll("body *")].flatMap((node) => {
              const texts = [...node.childNodes].filter((child) => child.nodeType === 3);
              const attributes = ["title", "aria-label", "placeholder"];
              return [
                ...texts.map((text) => text.data.trim()),
                ...attributes.map((attribute) => node.getAttribute(attribute) ?? ""),
              ];
            })""",
        )
        assert not [text for text in texts if text in keys and "." in text], name
        mistakes = ("undefined", "[object", "{", "()")
        assert not [text for text in texts if any(part in text for part in mistakes)], name


def test_a_small_corpus_has_every_view(
    visit: Visit, small_corpus: Path, new_database_url: Callable[[], str]
) -> None:
    """Its one brief has no date, places, authors, address and recommendations."""
    url = new_database_url()
    assert run_seed(url, "--corpus", str(small_corpus)).returncode == 0
    views = [
        "#/",
        "#/recommendations",
        "#/claims",
        "#/claims/a-brief.c1",
        "#/search?q=rain",
        "#/articles",
        "#/articles/a-brief?at=a-brief.c1",
        "#/actors",
        "#/actors/somebody",
        "#/voices?theme=rivers",
        "#/matrix",
        "#/matrix?of=claims",
        "#/arguments",
        "#/timeline",
        "#/map",
    ]
    with serving(Settings(database_url=url)) as address:
        page = visit(at=f"{address}/")
        for view in views:
            navigate(page, view)
            expect(page.locator(".error-state")).to_have_count(0)
            text = page.locator("body").inner_text()
            mistakes = ("undefined", "NaN", "null", "Infinity")
            assert not [mistake for mistake in mistakes if mistake in text], view
        navigate(page, "#/articles")
        main = page.locator("main")
        expect(main).to_contain_text("date unknown")
        expect(main).to_contain_text("The address of the publisher’s page is not confirmed.")
        page.goto("about:blank")  # before the server stops
