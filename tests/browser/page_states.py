"""What is shown when there is nothing to show: empty, wrong, slow, offline; and the other language."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route, expect

from app.settings import Settings
from tests.browser.conftest import VIEWS, Visit, go, settled
from tests.conftest import run_seed, serving


def test_nothing_found_names_what_is_nearest(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?addressee=ecowas&theme=inclusion")
    expect(page.locator(".nothing .lead")).to_have_text("Nothing recommends that.")
    count = httpx.get(f"{site}recommendations?theme=inclusion").json()["meta"]["total"]
    nearest = page.locator(".nothing li")
    expect(nearest).to_have_text([f"without Addressed to: ECOWAS {count} results"])
    nearest.get_by_role("link").click()
    expect(page.locator("#heading")).to_have_text(f"{count} recommendations")


def test_a_question_in_words_leads_to_the_word_that_says_most(visit: Visit, site: str) -> None:
    page = visit("#/search?q=what%20should%20ECOWAS%20do%20first%20of%20all")
    expect(page.get_by_role("link", name="What ECOWAS is asked to do")).to_have_attribute(
        "href", "#/actors/ecowas"
    )
    expect(page.locator(".nothing .lead")).to_have_text("Nothing holds all these words.")
    count = httpx.get(f"{site}search?q=ECOWAS").json()["meta"]["total"]
    expect(page.locator(".nothing li", has_text="with “ECOWAS”")).to_have_text(
        f"with “ECOWAS” alone {count} results"
    )
    page = visit("#/search?q=what%20should%20ECOWAS%20do")  # which one long article does hold
    expect(page.locator(".nothing li", has_text="with “ECOWAS”")).to_have_text(
        f"with “ECOWAS” alone {count} results"
    )


def test_a_problem_is_told_in_its_own_words_with_what_was_meant(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?theme=inclsion&strength=must", expect=("422",))
    problem = httpx.get(f"{site}recommendations?theme=inclsion&strength=must").json()
    expect(page.get_by_role("alert")).to_contain_text(problem["detail"])
    page.get_by_role("alert").get_by_role("link", name="inclusion", exact=True).click()
    page.wait_for_url("**/#/recommendations?theme=inclusion&strength=must")
    expect(page.locator(".card").first).to_be_visible()


@pytest.mark.parametrize(
    "view", ["#/recommendations/nothing.r1", "#/articles/nothing", "#/actors/nothing"]
)
def test_what_there_is_not_is_told(visit: Visit, view: str) -> None:
    page = visit(view, expect=("404",))
    expect(page.locator("h1")).to_have_text("There is no such page")
    page.get_by_role("link", name="Back to the start").click()
    expect(page.locator(".card").first).to_be_visible()


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
def test_a_question_typed_into_the_search_is_offered_as_one_that_has_an_answer(
    visit: Visit, question: str, answer: str
) -> None:
    page = visit()
    page.locator("#q").fill(question)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=answer, exact=True).click()
    expect(page.locator("h1")).to_have_text(answer)


def keep(waiting: list[Route]) -> Callable[[Route], None]:
    """Return what holds answers back, in a list; Playwright wants to see its signature."""

    def hold(route: Route) -> None:
        waiting.append(route)

    return hold


def test_a_slow_answer_shows_that_it_comes(visit: Visit) -> None:
    page = visit()
    waiting: list[Route] = []
    page.route("**/claims?*", keep(waiting))
    page.get_by_role("link", name="Claims").first.click()
    expect(page.locator(".skeleton")).to_be_visible()
    for route in waiting:
        route.continue_()
    expect(page.locator(".card.claims").first).to_be_visible()


def test_only_the_view_asked_for_last_is_shown(visit: Visit) -> None:
    page = visit()
    waiting: list[Route] = []
    page.route("**/claims?*", keep(waiting))
    page.evaluate("location.hash = '#/claims'")
    expect(page.locator(".skeleton")).to_be_visible()
    page.evaluate("location.hash = '#/articles'")
    expect(page.locator("h1")).to_have_text("5 briefs")
    for route in waiting:
        route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("h1")).to_have_text("5 briefs")


def test_offline_is_told_and_ends(visit: Visit) -> None:
    page = visit(expect=("ERR_INTERNET_DISCONNECTED",))
    page.context.set_offline(True)
    page.evaluate("location.hash = '#/claims'")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".card.claims").first).to_be_visible()


def test_a_view_not_yet_loaded_says_so_offline_and_loads_later(visit: Visit) -> None:
    page = visit(expect=("ERR_INTERNET_DISCONNECTED",))
    page.context.set_offline(True)
    page.evaluate("location.hash = '#/matrix'")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".figure.matrix")).to_be_visible()


def test_the_interface_speaks_french_and_the_corpus_its_own_language(
    visit: Visit, site: str
) -> None:
    page = visit("#/recommendations?theme=women-participation", locale="fr-FR")
    assert page.locator("html").get_attribute("lang") == "fr"
    theme = httpx.get(f"{site}themes/women-participation").json()
    count = httpx.get(f"{site}recommendations?theme=women-participation").json()["meta"]["total"]
    expect(page.locator("#heading")).to_have_text(f"{count} recommandations")
    expect(page.locator(".chip")).to_contain_text(f"Thème : {theme['label_fr']}")
    expect(page.locator(".definition")).to_contain_text(theme["definition_fr"])
    first = httpx.get(f"{site}recommendations?theme=women-participation").json()["data"][0]
    expect(page.locator(".card h3").first).to_have_text(first["statement"])
    assert page.locator(".card h3").first.get_attribute("lang") == "en"
    page.get_by_role("button", name="English").click()
    expect(page.locator("#heading")).to_have_text(f"{count} recommendations")
    page.reload()
    settled(page)
    expect(page.locator("#heading")).to_have_text(f"{count} recommendations")  # the choice is kept


def test_no_view_has_a_word_that_was_not_put_into_words(visit: Visit) -> None:
    """A key that has no words would be shown as it is: `actor.asked.none`."""
    for locale in ("en-GB", "fr-FR"):
        page = visit(locale=locale)
        for name, view in VIEWS.items():
            go(page, view or "#/")
            shown = page.evaluate(
                """() => [...document.querySelectorAll("body *")].flatMap((element) => [
                  ...[...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()),
                  ...["title", "aria-label", "placeholder"].map((attribute) => element.getAttribute(attribute) ?? ""),
                ])""",
            )
            strings = page.evaluate(
                "async () => Object.keys((await import('/static/strings-en.js')).en)"
            )
            assert not [text for text in shown if text in strings and "." in text], (name, locale)
            assert not [
                text
                for text in shown
                if "undefined" in text or "[object" in text or "{" in text or "()" in text
            ], (
                name,
                locale,
            )


def test_a_corpus_without_most_things_has_every_view(
    visit: Visit, small_corpus: Path, new_database_url: Callable[[], str]
) -> None:
    """One brief without date, places, authors, address and recommendations."""
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
    ]
    views += [
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
            go(page, view)
            expect(page.locator(".failure")).to_have_count(0)
            shown = page.locator("body").inner_text()
            assert not [
                word for word in ("undefined", "NaN", "null", "Infinity") if word in shown
            ], view
        go(page, "#/articles")
        expect(page.locator("main")).to_contain_text("date unknown")
        expect(page.locator("main")).to_contain_text("The publisher’s address is not confirmed.")
        page.goto("about:blank")  # before the server goes
