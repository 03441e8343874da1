"""Charts: exact values, a table with the same numbers, and files to download."""

import csv
import io
import re
from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VIEWS, Visit

CHARTS = ("matrix", "arguments", "timeline", "map")
NODE_WIDTH = 24


def download(page: Page, button: str) -> str:
    with page.expect_download() as event:
        page.get_by_role("button", name=button).click()
    return event.value.path().read_text(encoding="utf-8-sig")


def download_table(page: Page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(download(page, "Download table"))))


def test_cells_of_the_matrix_are_counts_of_the_api(visit: Visit, site: str) -> None:
    page = visit("#/matrix?themes=all")
    stats = httpx.get(f"{site}recommendations/stats?by=theme,addressee").json()
    themes, actors = (dimension["values"] for dimension in stats["dimensions"])
    header, *rows = download_table(page)
    assert header[2:] == [theme["label"] for theme in themes]
    counts = {
        (cell["values"]["theme"], cell["values"]["addressee"]): cell["count"]
        for cell in stats["data"]
    }
    for row in rows:
        actor = next(value for value in actors if value["label"] == row[0].removeprefix("'"))
        expected = [counts[theme["value"], actor["value"]] for theme in themes]
        assert [int(number) for number in row[1:]] == [actor["count"], *expected]
    assert len(rows) == len(actors)
    empty_cells = page.locator(".cell.empty").count()
    assert empty_cells == sum(count == 0 for count in counts.values())


def test_a_cell_of_the_matrix_opens_its_list(visit: Visit) -> None:
    page = visit("#/matrix")
    cell = page.locator(".point[href]", has=page.locator(".cell:not(.total):not(.empty)")).first
    label = cell.get_attribute("aria-label") or ""
    cell.hover()
    expect(page.locator(".readout")).to_have_text(label)
    cell.click()
    count = label.rsplit(": ", 1)[1]
    expect(page.locator("#heading")).to_have_text(re.compile(rf"^{count} recommendations?$"))


@pytest.mark.parametrize("over", ["article", "source", "strength"])
def test_the_matrix_can_have_other_rows(visit: Visit, over: str) -> None:
    page = visit("#/matrix")
    page.locator("#matrix-over").select_option(over)
    page.wait_for_url(f"**over={over}")
    expect(page.locator(".point").first).to_be_visible()


def test_links_of_the_argument_map_are_relations_of_the_api(visit: Visit, site: str) -> None:
    page = visit(VIEWS["arguments"])
    claims = httpx.get(f"{site}claims?theme=dialogue-with-armed-groups&limit=100").json()["data"]
    active = {"supported-by": "supports", "qualified-by": "qualifies"}
    pairs: dict[str, set[frozenset[str]]] = {
        "supports": set(),
        "qualifies": set(),
        "contradicts": set(),
    }
    for claim in claims:
        for relation in claim["relations"]:
            other = relation["claim"]["id"]
            if other.split(".")[0] != claim["article"]["id"]:
                relation_type = active.get(relation["type"], relation["type"])
                pairs[relation_type].add(frozenset({claim["id"], other}))
    for relation_type, linked in pairs.items():
        count = page.locator(f".verdict .{relation_type} b")
        expect(count).to_have_text(str(len(linked)))
    sentences = page.locator("details[open] .pair.qualifies")
    expect(sentences).to_have_count(len(pairs["qualifies"]))


def test_the_argument_map_has_no_overlaps_and_never_changes(visit: Visit) -> None:
    view = "#/arguments?links=all"
    find_centres = """() => [...document.querySelectorAll(".figure .node")].map((node) => {
      const box = node.getBBox();
      return [box.x + box.width / 2, box.y + box.height / 2];
    })"""
    centres = visit(view).evaluate(find_centres)
    assert 150 < len(centres) <= 200  # only the nodes with most links are shown
    distances = [
        ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5
        for index, (ax, ay) in enumerate(centres)
        for bx, by in centres[:index]
    ]
    assert min(distances) > NODE_WIDTH
    assert visit(view).evaluate(find_centres) == centres


def test_the_timeline_has_the_dates_of_the_briefs(visit: Visit, site: str) -> None:
    page = visit(VIEWS["timeline"])
    _, *rows = download_table(page)
    for theme, date, count in rows:
        query = {"theme": theme, "limit": 100}
        items = httpx.get(f"{site}recommendations", params=query).json()["data"]
        assert [item["article"]["published"] for item in items].count(date) == int(count)
    articles = httpx.get(f"{site}articles?limit=100").json()["data"]
    years = {article["published"][:4] for article in articles if article["published"]}
    assert {date[:4] for _, date, _ in rows} == years
    disc = page.locator('.point[aria-label^="Inclusion, "]').first
    count = (disc.get_attribute("aria-label") or "").rsplit(": ", 1)[1]
    disc.click()
    expect(page.locator("#heading")).to_have_text(count)


def test_the_map_has_north_at_the_top_and_counts_of_the_api(visit: Visit, site: str) -> None:
    page = visit("#/map?within=everywhere")
    positions = {
        name: page.locator(".point", has_text=name)
        .locator("circle")
        .first.evaluate("circle => [circle.cx.baseVal.value, circle.cy.baseVal.value]")
        for name in ("Mali", "Burkina Faso", "Niger", "Gao")
    }
    assert positions["Mali"][0] < positions["Burkina Faso"][0] < positions["Niger"][0]
    assert positions["Mali"][1] < positions["Gao"][1]
    _, *rows = download_table(page)
    for name, everything, direct in rows:
        for narrower, count in (("true", everything), ("false", direct)):
            query = {"place": name, "narrower": narrower}
            found = httpx.get(f"{site}recommendations", params=query).json()["meta"]["total"]
            assert found == int(count), name


@pytest.mark.parametrize("chart", CHARTS)
def test_arrow_keys_read_exact_values(visit: Visit, chart: str) -> None:
    page = visit(VIEWS[chart])
    readout = page.locator(".readout")
    tab_stop = page.locator('.chart .point[tabindex="0"]')
    tab_stop.focus()
    texts = {readout.inner_text()}
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        texts.add(readout.inner_text())
    assert len(texts) > 1
    assert tab_stop.count() == 1


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_can_be_downloaded_as_svg(visit: Visit, chart: str) -> None:
    page = visit(VIEWS[chart])
    root = ET.fromstring(download(page, "Download SVG"))
    shapes = [node for node in root.iter() if node.tag.endswith(("rect", "circle"))]
    assert len(shapes) > 5
    assert all(shape.get("fill", "").startswith(("rgb", "none", "#")) for shape in shapes)
    # Links must also work outside the page.
    links = [href for node in root.iter() if (href := node.get("href")) is not None]
    assert links
    assert all(href.startswith("http") for href in links)


@pytest.mark.parametrize("chart", CHARTS)
def test_the_table_on_the_page_equals_the_downloaded_one(visit: Visit, chart: str) -> None:
    page = visit(VIEWS[chart])
    rows = download_table(page)
    page.locator(".as-table summary").click()
    shown = page.locator(".as-table tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert shown == [[cell.removeprefix("'") for cell in row] for row in rows]
