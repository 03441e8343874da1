"""Lists: facets, search, order, paging, shareable addresses, API call, CSV and citations."""

import re
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Visit, wait_for_view


def fetch(site: str, path: str) -> Any:
    return httpx.get(f"{site}{path}").json()


def total(site: str, path: str) -> int:
    return int(fetch(site, path)["meta"]["total"])


def test_a_card_shows_statement_actors_quote_and_reasons(visit: Visit, site: str) -> None:
    page = visit()
    first = fetch(site, "recommendations?limit=1")["data"][0]
    card = page.locator(".card").first
    expect(card.locator("h3")).to_have_text(first["statement"])
    expect(card.locator("blockquote")).to_have_text(first["quote"]["exact"])
    for actor in first["addressees"] + first["sources"]:
        expect(card.locator(".roles")).to_contain_text(actor["name"])
    card.locator("summary").click()
    for claim in first["based_on"]:
        expect(card.locator(".reasons")).to_contain_text(claim["statement"])


def test_facets_add_and_remove_filters(visit: Visit, site: str) -> None:
    page = visit("#/recommendations")
    heading = page.locator("#heading")
    page.locator(".facet .choice", has_text="International partners").first.click()
    page.wait_for_url("**addressee=international-partners")
    addressed = total(site, "recommendations?addressee=international-partners")
    expect(heading).to_have_text(f"{addressed} recommendations")
    page.locator(".facet .tree .choice", has_text="Inclusion").click()
    page.wait_for_url("**theme=inclusion*")
    both = total(site, "recommendations?addressee=international-partners&theme=inclusion")
    expect(heading).to_have_text(f"{both} recommendations")
    page.locator(".chip", has_text="International partners").click()
    inclusion = total(site, "recommendations?theme=inclusion")
    expect(heading).to_have_text(f"{inclusion} recommendations")
    page.locator(".choice.active", has_text="Inclusion").click()
    expect(heading).to_have_text(f"{total(site, 'recommendations')} recommendations")


def test_the_count_of_a_facet_is_the_total_of_its_list(visit: Visit) -> None:
    page = visit("#/claims?theme=inclusion")
    for name in ("Said by", "Kind", "About"):
        heading = page.get_by_role("heading", name=name, exact=True)
        choice = page.locator(".facet", has=heading).locator(".choice").first
        count = choice.locator(".count").inner_text()
        choice.click()
        expect(page.locator("#heading")).to_have_text(re.compile(rf"^{count} claims?$"))
        page.go_back()
        page.wait_for_url("**/#/claims?theme=inclusion")
        wait_for_view(page)


def test_the_theme_tree_opens_to_narrower_themes(visit: Visit, site: str) -> None:
    page = visit("#/recommendations")
    branch = page.locator(".tree > li", has_text="Inclusion").first
    narrower = branch.get_by_role("link", name="Women's participation")
    expect(narrower).to_be_hidden()
    branch.locator("summary").first.click()
    narrower.click()
    count = total(site, "recommendations?theme=women-participation")
    expect(page.locator("#heading")).to_have_text(f"{count} recommendations")
    theme = fetch(site, "themes/women-participation")
    expect(page.locator(".definition")).to_contain_text(theme["definition"])


def test_search_marks_its_matches(visit: Visit, site: str) -> None:
    page = visit()
    page.locator("#q").fill("Goita")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#/search?q=Goita")
    count = total(site, "search?q=Goita")
    expect(page.locator("h1")).to_have_text(f"{count} results for “Goita”")
    expect(page.locator(".hit mark").first).to_have_text("Goïta")
    page.goto(site + "#/recommendations?q=women")
    expect(page.locator(".card mark").first).to_have_text(re.compile("wom[ae]n", re.IGNORECASE))


def test_order_and_paging_follow_the_api_and_history_works(visit: Visit, site: str) -> None:
    page = visit("#/recommendations")
    page.locator("#sort").select_option("-strength")
    page.wait_for_url("**sort=-strength")
    strongest = fetch(site, "recommendations?sort=-strength&limit=40")["data"]
    statements = [item["statement"] for item in strongest]
    expect(page.locator(".card h3")).to_have_text(statements[:20])
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".card h3")).to_have_text(statements)
    focused = page.evaluate("document.activeElement.closest('.card')?.dataset.id")
    assert focused == strongest[20]["id"]
    expect(page.locator("#announcer")).to_have_text("20 more")
    page.go_back()
    expect(page.locator("#sort")).to_have_value("id")
    page.go_forward()
    expect(page.locator("#sort")).to_have_value("-strength")


def test_more_search_results_are_appended(visit: Visit, site: str) -> None:
    page = visit("#/search?q=Mali")
    hits = fetch(site, "search?q=Mali&limit=40")["data"]
    titles = [hit["title"] for hit in hits]
    expect(page.locator(".hit h2")).to_have_text(titles[:20])
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".hit h2")).to_have_text(titles)


def test_an_address_reproduces_its_view(visit: Visit) -> None:
    view = "#/claims?theme=inclusion,!women-participation&kind=causal&q=security&sort=-published"
    page = visit(view)
    text = page.locator("main").inner_text()
    assert visit(view).locator("main").inner_text() == text
    theme = page.locator(".chip").first
    expect(theme).to_contain_text("Theme: Inclusion, not Women's participation")


def test_filter_values_that_are_not_ids_have_labels_in_french(visit: Visit) -> None:
    page = visit("#/recommendations?explicit=false&strength=must", locale="fr-FR")
    chips = page.locator(".chip")
    expect(chips.nth(0)).to_contain_text("Explicite : non")
    expect(chips.nth(1)).to_contain_text("Force : impératif")


def test_a_view_gives_its_api_call_csv_and_citations(visit: Visit, site: str) -> None:
    page = visit("#/recommendations?theme=inclusion&strength=must")
    page.locator(".sharing summary", has_text="API call").click()
    call = page.locator(".sharing code").first.inner_text()
    assert call == f"{site}recommendations?theme=inclusion&strength=must"
    csv = page.locator(".sharing a", has_text="CSV").get_attribute("href")
    assert csv is not None
    response = httpx.get(site.rstrip("/") + csv)
    assert response.headers["content-type"].startswith("text/csv")
    assert len(response.text.split("\r\n")) > httpx.get(call).json()["meta"]["total"]
    page.locator(".sharing summary", has_text="Cite").click()
    expect(page.locator(".citation")).to_contain_text(fetch(site, "dataset")["citation"])
    card = page.locator(".card").first
    for name, start in (("BibTeX", "@"), ("RIS", "TY  -"), ("CSL", "[")):
        href = card.get_by_role("link", name=name, exact=True).get_attribute("href")
        assert href is not None
        assert httpx.get(site.rstrip("/") + href).text.lstrip("\ufeff").startswith(start)
