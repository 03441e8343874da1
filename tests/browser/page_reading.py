"""Reading: the text of an article with its annotations, single items, actors."""

from typing import Any

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import VIEWS, Visit, navigate

ARTICLE = "inclusive-security-mali"


def fetch(site: str, path: str) -> Any:
    return httpx.get(f"{site}{path}").json()


def test_the_text_is_complete_and_its_quotes_are_marked(visit: Visit, site: str) -> None:
    for article in fetch(site, "articles")["data"]:
        page = visit(f"#/articles/{article['id']}")
        text = fetch(site, f"articles/{article['id']}/text")
        # The numbers before the marks are not part of the text.
        shown = page.evaluate(
            """() => [...document.querySelectorAll(".row > p, .row > h2")].map((paragraph) => {
              const copy = paragraph.cloneNode(true);
              copy.querySelectorAll("a.number").forEach((number) => number.remove());
              return copy.textContent;
            })""",
        )
        assert shown == [paragraph["text"] for paragraph in text["paragraphs"]]
        marked = page.evaluate(
            """() => {
              const texts = {};
              for (const mark of document.querySelectorAll(".mark")) {
                for (const id of mark.dataset.ids.split(" ")) {
                  texts[id] = (texts[id] ?? "") + mark.textContent;
                }
              }
              return texts;
            }""",
        )
        for collection in ("claims", "recommendations"):
            items = fetch(site, f"{collection}?article={article['id']}&limit=100")["data"]
            assert {item["id"]: marked.get(item["id"]) for item in items} == {
                item["id"]: item["quote"]["exact"].replace("\n\n", "") for item in items
            }


def test_overlapping_annotations_show_both_marks(visit: Visit) -> None:
    page = visit(f"#/articles/{ARTICLE}")
    mark = page.locator(f'.mark.claim.recommendation[data-ids~="{ARTICLE}.r5"]').first
    style = mark.locator("a").evaluate(
        """link => {
          const { textDecorationStyle, borderBottomStyle } = getComputedStyle(link);
          return [textDecorationStyle, borderBottomStyle];
        }"""
    )
    assert style == ["solid", "dashed"]
    assert page.locator("a.number.claim").first.inner_text().startswith("C")
    assert page.locator("a.number.recommendation").first.inner_text().startswith("R")


def test_a_mark_opens_its_annotation_and_has_an_address(visit: Visit, site: str) -> None:
    page = visit(f"#/articles/{ARTICLE}")
    page.locator(f'a.number[data-ids="{ARTICLE}.r4"]').click()
    item = fetch(site, f"recommendations/{ARTICLE}.r4")
    panel = page.locator(".annotation-panel")
    expect(panel.locator("h3")).to_have_text(item["statement"])
    link = panel.get_by_role("link", name="This sentence on the publisher’s page")
    expect(link).to_have_attribute("href", item["quote"]["link"])
    assert page.url.endswith(f"?at={ARTICLE}.r4")
    page.reload()
    expect(panel.locator("h3")).to_have_text(item["statement"])
    page.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)


def test_the_marks_of_one_type_can_be_hidden(visit: Visit) -> None:
    page = visit(f"#/articles/{ARTICLE}")
    expect(page.get_by_label("all", exact=True)).to_be_checked()
    page.get_by_label("claims", exact=True).check()
    expect(page.locator("a.number.recommendation").first).to_be_hidden()
    expect(page.locator("a.number.claim").first).to_be_visible()


def test_pointing_at_words_highlights_their_note(visit: Visit) -> None:
    page = visit(f"#/articles/{ARTICLE}")
    page.locator(f'.mark[data-ids="{ARTICLE}.r4"] a').first.hover()
    note = page.locator(f'[data-note="{ARTICLE}.r4"]')
    expect(note).to_have_class("note recommendation highlighted")
    expect(page.locator(".note.highlighted")).to_have_count(1)


def test_an_item_shows_its_reasons_and_relations(visit: Visit, site: str) -> None:
    page = visit(VIEWS["recommendation"])
    item = fetch(site, f"recommendations/{ARTICLE}.r4")
    for reason in item["based_on"]:
        expect(page.locator("main")).to_contain_text(reason["statement"])
    expect(page.locator(".in-context strong")).to_have_text(item["quote"]["exact"])
    page = visit(VIEWS["claim"])
    claim = fetch(site, "claims/mali-local-jihadist-dialogues.c9")
    expect(page.locator(".relation li")).to_have_count(len(claim["relations"]))
    for relation in claim["relations"]:
        section = page.locator(f".relation.{relation['type']}")
        expect(section).to_contain_text(relation["note"])


def test_what_should_ecowas_do(visit: Visit, site: str) -> None:
    """No brief asks anything of ECOWAS. The view says so and links to related lists."""
    page = visit()
    page.get_by_label("What should").fill("CEDEAO")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#/actors/ecowas")
    expect(page.locator("h1")).to_have_text("ECOWAS")
    expect(page.locator("main")).to_contain_text("No brief asks ECOWAS to do anything")
    mentions = httpx.get(f"{site}recommendations", params={"q": '"ECOWAS"'}).json()
    expect(page.locator(".suggestions")).to_contain_text(f"{mentions['meta']['total']} results")


def test_an_actor_is_shown_with_who_asks_it(visit: Visit, site: str) -> None:
    page = visit("#/actors/international-partners")
    asked = fetch(site, "recommendations?addressee=international-partners&facets=source")
    expect(page.locator("#part-asked")).to_have_text(
        f"What International partners is asked to do ({asked['meta']['total']})"
    )
    first = asked["facets"]["source"][0]
    counterparts = page.locator(".counterparts").first
    expect(counterparts).to_contain_text(f"{first['label']} ({first['count']})")


def test_a_pseudonym_is_marked_wherever_it_stands(visit: Visit) -> None:
    page = visit(VIEWS["pseudonym"])
    expect(page.locator(".warning")).to_contain_text("This is not the real name.")
    for view in ("#/actors", "#/claims?source=allaye-bah", "#/voices?theme=mediation"):
        navigate(page, view)
        link = page.get_by_role("link", name="Allaye Bah", exact=True).first
        expect(link.locator("xpath=..")).to_contain_text("pseudonym")
    expect(page.locator("main")).not_to_contain_text("Niagalé Bagayoko pseudonym")
    navigate(page, "#/recommendations")
    labels = page.locator(".facet .label")
    for name, text in (
        ("Allaye Bah", "Allaye Bah pseudonym"),
        ("Niagalé Bagayoko", "Niagalé Bagayoko"),
    ):
        expect(labels.filter(has_text=name).first).to_have_text(text)
    navigate(page, "#/matrix?over=source")
    row = page.locator(".chart text", has_text="Allaye Bah")
    expect(row).to_have_text("Allaye Bah (pseudonym)")


def test_who_speaks_for_women(visit: Visit, site: str) -> None:
    page = visit()
    page.locator("#ask-voices").select_option("women-participation")
    form = page.locator(".question", has=page.locator("#ask-voices"))
    form.get_by_role("button").click()
    page.wait_for_url("**/#/voices?theme=women-participation")
    found = fetch(site, "recommendations?theme=women-participation&facets=source")
    for value in found["facets"]["source"]:
        row = page.locator("tr", has=page.get_by_role("link", name=value["label"], exact=True))
        expect(row.locator("td").first).to_have_text(str(value["count"]))
