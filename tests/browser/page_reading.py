"""Reading: an article's text with its marks, an item, an actor."""

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import VIEWS, Visit, go


def test_the_text_is_the_articles_own_with_each_quote_marked(visit: Visit, site: str) -> None:
    for article in httpx.get(f"{site}articles").json()["data"]:
        page = visit(f"#/articles/{article['id']}")
        text = httpx.get(f"{site}articles/{article['id']}/text").json()
        # The numbers before the marks are no words of the article.
        shown = page.evaluate(
            """() => [...document.querySelectorAll(".row > p, .row > h2")].map((element) => {
              const copy = element.cloneNode(true);
              copy.querySelectorAll("a.number").forEach((number) => number.remove());
              return copy.textContent;
            })""",
        )
        assert shown == [paragraph["text"] for paragraph in text["paragraphs"]]
        marked = page.evaluate(
            """() => {
              const found = {};
              for (const mark of document.querySelectorAll(".mark")) {
                for (const id of mark.dataset.ids.split(" ")) found[id] = (found[id] ?? "") + mark.textContent;
              }
              return found;
            }""",
        )
        for list_ in ("claims", "recommendations"):
            items = httpx.get(f"{site}{list_}?article={article['id']}&limit=100").json()["data"]
            assert {item["id"]: marked.get(item["id"]) for item in items} == {
                item["id"]: item["quote"]["exact"].replace("\n\n", "") for item in items
            }


def test_overlapping_marks_show_both_kinds(visit: Visit) -> None:
    page = visit("#/articles/inclusive-security-mali")
    both = page.locator('.mark.claim.recommendation[data-ids~="inclusive-security-mali.r5"]').first
    style = both.locator("a").evaluate(
        "element => { const s = getComputedStyle(element); return [s.textDecorationStyle, s.borderBottomStyle] }"
    )
    assert style == ["solid", "dashed"]
    assert page.locator("a.number.claim").first.inner_text().startswith("C")
    assert page.locator("a.number.recommendation").first.inner_text().startswith("R")


def test_a_mark_opens_its_details_and_keeps_its_address(visit: Visit, site: str) -> None:
    page = visit("#/articles/inclusive-security-mali")
    page.locator('a.number[data-ids="inclusive-security-mali.r4"]').click()
    item = httpx.get(f"{site}recommendations/inclusive-security-mali.r4").json()
    opened = page.locator(".opened")
    expect(opened.locator("h3")).to_have_text(item["statement"])
    expect(opened.get_by_role("link", name="At the publisher")).to_have_attribute(
        "href", item["quote"]["link"]
    )
    assert page.url.endswith("?at=inclusive-security-mali.r4")
    page.reload()
    expect(page.locator(".opened h3")).to_have_text(item["statement"])
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".opened")).to_have_count(0)
    page.get_by_label("claims", exact=True).check()
    expect(page.locator("a.number.recommendation").first).to_be_hidden()
    expect(page.locator("a.number.claim").first).to_be_visible()


def test_pointing_at_words_lights_up_their_note(visit: Visit) -> None:
    page = visit("#/articles/inclusive-security-mali")
    page.locator('.mark[data-ids="inclusive-security-mali.r4"] a').first.hover()
    expect(page.locator('[data-note="inclusive-security-mali.r4"]')).to_have_class(
        "note recommendation lit"
    )
    expect(page.locator(".note.lit")).to_have_count(1)


def test_an_item_shows_its_grounds_and_what_others_say_of_it(visit: Visit, site: str) -> None:
    page = visit(VIEWS["recommendation"])
    item = httpx.get(f"{site}recommendations/inclusive-security-mali.r4").json()
    for ground in item["based_on"]:
        expect(page.locator("main")).to_contain_text(ground["statement"])
    expect(page.locator(".in-context strong")).to_have_text(item["quote"]["exact"])
    page = visit(VIEWS["claim"])
    claim = httpx.get(f"{site}claims/mali-local-jihadist-dialogues.c9").json()
    expect(page.locator(".relation li")).to_have_count(len(claim["relations"]))
    for relation in claim["relations"]:
        expect(page.locator(f".relation.{relation['type']}")).to_contain_text(relation["note"])


def test_what_should_ecowas_do(visit: Visit, site: str) -> None:
    """Asked in the words of an analyst; the briefs ask nothing of ECOWAS, and the answer says so and what is nearest."""
    page = visit()
    page.get_by_label("What should").fill("CEDEAO")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#/actors/ecowas")
    expect(page.locator("h1")).to_have_text("ECOWAS")
    expect(page.locator("main")).to_contain_text("No brief asks ECOWAS to do anything")
    words = httpx.get(f"{site}recommendations", params={"q": '"ECOWAS"'}).json()["meta"]["total"]
    expect(page.locator(".nearest")).to_contain_text(f"{words} results")


def test_who_is_asked_what_and_by_whom(visit: Visit, site: str) -> None:
    page = visit("#/actors/international-partners")
    asked = httpx.get(
        f"{site}recommendations?addressee=international-partners&facets=source"
    ).json()
    expect(page.locator("#part-asked")).to_have_text(
        f"What International partners is asked to do ({asked['meta']['total']})"
    )
    first = asked["facets"]["source"][0]
    expect(page.locator(".by").first).to_contain_text(f"{first['label']} ({first['count']})")


def test_a_pseudonym_is_marked_wherever_it_stands(visit: Visit) -> None:
    page = visit(VIEWS["pseudonym"])
    expect(page.locator(".warning")).to_contain_text("The name is not the real one")
    for view in ("#/actors", "#/claims?source=allaye-bah", "#/voices?theme=mediation"):
        go(page, view)
        named = page.get_by_role("link", name="Allaye Bah", exact=True).first
        expect(named.locator("xpath=..")).to_contain_text("pseudonym")
    expect(page.locator("main")).not_to_contain_text("Niagalé Bagayoko pseudonym")
    go(page, "#/recommendations")
    expect(page.locator(".facet .label", has_text="Allaye Bah").first).to_have_text(
        "Allaye Bah pseudonym"
    )
    expect(page.locator(".facet .label", has_text="Niagalé Bagayoko").first).to_have_text(
        "Niagalé Bagayoko"
    )
    go(page, "#/matrix?over=source")
    expect(page.locator(".chart text", has_text="Allaye Bah")).to_have_text(
        "Allaye Bah (pseudonym)"
    )


def test_who_speaks_for_women(visit: Visit, site: str) -> None:
    page = visit()
    page.locator("#ask-voices").select_option("women-participation")
    page.locator(".question", has=page.locator("#ask-voices")).get_by_role("button").click()
    page.wait_for_url("**/#/voices?theme=women-participation")
    facets = httpx.get(f"{site}recommendations?theme=women-participation&facets=source").json()[
        "facets"
    ]["source"]
    for value in facets:
        row = page.locator("tr", has=page.get_by_role("link", name=value["label"], exact=True))
        expect(row.locator("td").first).to_have_text(str(value["count"]))
