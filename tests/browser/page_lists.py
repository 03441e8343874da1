"""Browsing: facets, search, order, paging, addresses to share, and what can be taken away."""

import re

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Visit, settled


def total(site: str, path: str) -> int:
    return int(httpx.get(f"{site}{path}").json()["meta"]["total"])


def test_the_first_view_says_what_to_whom_by_whom_and_in_which_words(
    visit: Visit, site: str
) -> None:
    page = visit()
    first = httpx.get(f"{site}recommendations?limit=1").json()["data"][0]
    card = page.locator(".card").first
    expect(card.locator("h3")).to_have_text(first["statement"])
    expect(card.locator("blockquote")).to_have_text(first["quote"]["exact"])
    for actor in first["addressees"] + first["sources"]:
        expect(card.locator(".roles")).to_contain_text(actor["name"])
    card.locator("summary").click()
    for claim in first["based_on"]:
        expect(card.locator(".grounds")).to_contain_text(claim["statement"])


def test_facets_narrow_down_and_let_go_again(visit: Visit, site: str) -> None:
    page = visit("#/recommendations")
    page.locator(".facet .choice", has_text="International partners").first.click()
    page.wait_for_url("**addressee=international-partners")
    expect(page.locator("#heading")).to_have_text(
        f"{total(site, 'recommendations?addressee=international-partners')} recommendations"
    )
    page.locator(".facet .tree .choice", has_text="Inclusion").click()
    page.wait_for_url("**theme=inclusion*")
    both = total(site, "recommendations?addressee=international-partners&theme=inclusion")
    expect(page.locator("#heading")).to_have_text(f"{both} recommendations")
    page.locator(".chip", has_text="International partners").click()
    expect(page.locator("#heading")).to_have_text(
        f"{total(site, 'recommendations?theme=inclusion')} recommendations"
    )
    page.locator(".choice.chosen", has_text="Inclusion").click()
    expect(page.locator("#heading")).to_have_text(
        f"{total(site, 'recommendations')} recommendations"
    )


def test_each_count_of_a_facet_is_the_total_behind_it(visit: Visit) -> None:
    page = visit("#/claims?theme=inclusion")
    for name in ("Who says so", "Kind", "About"):
        choice = (
            page.locator(".facet", has=page.get_by_role("heading", name=name, exact=True))
            .locator(".choice")
            .first
        )
        count = choice.locator(".count").inner_text()
        choice.click()
        expect(page.locator("#heading")).to_have_text(re.compile(rf"^{count} claims?$"))
        page.go_back()
        page.wait_for_url("**/#/claims?theme=inclusion")
        settled(page)


def test_the_theme_tree_opens_to_what_is_narrower(visit: Visit, site: str) -> None:
    page = visit("#/recommendations")
    branch = page.locator(".tree > li", has_text="Inclusion").first
    expect(branch.get_by_role("link", name="Women's participation")).to_be_hidden()
    branch.locator("summary").first.click()
    branch.get_by_role("link", name="Women's participation").click()
    expect(page.locator("#heading")).to_have_text(
        f"{total(site, 'recommendations?theme=women-participation')} recommendations"
    )
    expect(page.locator(".definition")).to_contain_text("What women do")


def test_search_marks_where_it_found(visit: Visit, site: str) -> None:
    page = visit()
    page.locator("#q").fill("Goita")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#/search?q=Goita")
    expect(page.locator("h1")).to_have_text(f"{total(site, 'search?q=Goita')} results for “Goita”")
    expect(page.locator(".hit mark").first).to_have_text("Goïta")
    page.goto(site + "#/recommendations?q=women")
    expect(page.locator(".card mark").first).to_have_text(re.compile("wom[ae]n", re.IGNORECASE))


def test_order_paging_and_back(visit: Visit, site: str) -> None:
    page = visit("#/recommendations")
    page.locator("#sort").select_option("-strength")
    page.wait_for_url("**sort=-strength")
    strongest = httpx.get(f"{site}recommendations?sort=-strength&limit=40").json()["data"]
    expect(page.locator(".card h3")).to_have_text([item["statement"] for item in strongest[:20]])
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".card h3")).to_have_text([item["statement"] for item in strongest])
    assert (
        page.evaluate("document.activeElement.closest('.card')?.dataset.id") == strongest[20]["id"]
    )
    page.go_back()
    expect(page.locator("#sort")).to_have_value("id")
    page.go_forward()
    expect(page.locator("#sort")).to_have_value("-strength")


def test_an_address_alone_gives_the_same_view(visit: Visit) -> None:
    view = "#/claims?theme=inclusion,!women-participation&kind=causal&q=security&sort=-published"
    shown = visit(view).locator("main").inner_text()
    assert visit(view).locator("main").inner_text() == shown
    assert "Not" not in shown
    assert "not Women's participation" in shown


def test_a_view_can_be_taken_away(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?theme=inclusion&strength=must")
    page.locator(".sharing summary", has_text="As API call").click()
    call = page.locator(".sharing code").first.inner_text()
    assert call == f"{site}recommendations?theme=inclusion&strength=must"
    csv = page.locator(".sharing a", has_text="CSV").get_attribute("href")
    assert csv is not None
    answer = httpx.get(site.rstrip("/") + csv)
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.split("\r\n")) > httpx.get(call).json()["meta"]["total"]
    page.locator(".sharing summary", has_text="Cite").click()
    expect(page.locator(".citation")).to_contain_text("Data set, version")
    for name, begins in (("BibTeX", "@"), ("RIS", "TY  -"), ("CSL", "[")):
        href = (
            page.locator(".card")
            .first.get_by_role("link", name=name, exact=True)
            .get_attribute("href")
        )
        assert href is not None
        assert httpx.get(site.rstrip("/") + href).text.lstrip("\ufeff").startswith(begins)
