"""Seeing: every picture has exact values, a table, and files to take away."""

import csv
import io
import re
from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VIEWS, Visit

PICTURES = ("matrix", "arguments", "timeline", "map")


def downloaded(page: Page, button: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return download.value.path().read_text(encoding="utf-8-sig")


def test_every_cell_of_the_matrix_is_a_count_of_the_api(visit: Visit, site: str) -> None:
    page = visit("#/matrix?themes=all")
    stats = httpx.get(f"{site}recommendations/stats?by=theme,addressee").json()
    themes, actors = (dimension["values"] for dimension in stats["dimensions"])
    rows = list(csv.reader(io.StringIO(downloaded(page, "Download table"))))
    assert rows[0][2:] == [theme["label"] for theme in themes]
    counts = {
        (cell["values"]["theme"], cell["values"]["addressee"]): cell["count"]
        for cell in stats["data"]
    }
    for row in rows[1:]:
        actor = next(value for value in actors if value["label"] == row[0].removeprefix("'"))
        assert [int(number) for number in row[1:]] == [
            actor["count"],
            *(counts[theme["value"], actor["value"]] for theme in themes),
        ]
    assert len(rows) - 1 == len(actors)
    empty = page.locator(".cell.empty").count()
    assert empty == sum(count == 0 for count in counts.values())


def test_a_cell_leads_to_its_list(visit: Visit) -> None:
    page = visit("#/matrix")
    point = page.locator(".point[href]", has=page.locator(".cell:not(.sum):not(.empty)")).first
    said = point.get_attribute("aria-label") or ""
    point.hover()
    expect(page.locator(".readout")).to_have_text(said)
    point.click()
    expect(page.locator("#heading")).to_have_text(
        re.compile(rf"^{said.rsplit(': ', 1)[1]} recommendations?$")
    )


@pytest.mark.parametrize("over", ["article", "source", "strength"])
def test_the_matrix_counts_by_other_things_too(visit: Visit, over: str) -> None:
    page = visit("#/matrix")
    page.locator("#matrix-over").select_option(over)
    page.wait_for_url(f"**over={over}")
    expect(page.locator(".point").first).to_be_visible()


def test_links_of_the_argument_map_are_those_of_the_api(visit: Visit, site: str) -> None:
    page = visit(VIEWS["arguments"])
    claims = httpx.get(f"{site}claims?theme=dialogue-with-armed-groups&limit=100").json()["data"]
    between = {"supports": set(), "qualifies": set(), "contradicts": set()}
    for claim in claims:
        for relation in claim["relations"]:
            kind = {"supported-by": "supports", "qualified-by": "qualifies"}.get(
                relation["type"], relation["type"]
            )
            if relation["claim"]["id"].split(".")[0] != claim["article"]["id"]:
                between[kind].add(frozenset({claim["id"], relation["claim"]["id"]}))
    for kind, pairs in between.items():
        expect(page.locator(f".verdict .{kind} b")).to_have_text(str(len(pairs)))
    expect(page.locator("details[open] .pair.qualifies")).to_have_count(len(between["qualifies"]))


def test_statements_of_the_argument_map_stand_apart_and_in_the_same_place_each_time(
    visit: Visit,
) -> None:
    where = """() => [...document.querySelectorAll(".figure .node")].map((node) => {
      const box = node.getBBox();
      return [box.x + box.width / 2, box.y + box.height / 2];
    })"""
    page = visit("#/arguments?links=all")
    first = page.evaluate(where)
    assert 150 < len(first) <= 200  # of more that are linked, the ones with most links
    distances = [
        ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5
        for at, a in enumerate(first)
        for b in first[:at]
    ]
    assert min(distances) > 24  # as wide as a statement's mark
    assert visit("#/arguments?links=all").evaluate(where) == first


def test_the_timeline_is_the_briefs_dates(visit: Visit, site: str) -> None:
    page = visit(VIEWS["timeline"])
    rows = list(csv.reader(io.StringIO(downloaded(page, "Download table"))))[1:]
    for theme, when, count in rows:
        query = {"theme": theme, "published_from": when, "published_to": when}
        assert httpx.get(f"{site}recommendations", params=query).json()["meta"]["total"] == int(
            count
        )
    assert {row[1][:4] for row in rows} == {"2013", "2021", "2022", "2023"}
    point = page.locator('.point[aria-label^="Inclusion, August 2022"]')
    said = (point.get_attribute("aria-label") or "").rsplit(": ", 1)[1]
    point.click()
    expect(page.locator("#heading")).to_have_text(said)


def test_the_map_puts_north_up_and_counts_as_the_api(visit: Visit, site: str) -> None:
    page = visit("#/map?within=everywhere")
    where = {
        name: page.locator(".point", has_text=name)
        .locator("circle")
        .first.evaluate("c => [c.cx.baseVal.value, c.cy.baseVal.value]")
        for name in ("Mali", "Sudan", "Niger", "Gao")
    }
    assert where["Mali"][0] < where["Niger"][0] < where["Sudan"][0]
    assert where["Mali"][1] < where["Gao"][1]
    rows = list(csv.reader(io.StringIO(downloaded(page, "Download table"))))[1:]
    for name, everything, direct in rows:
        for narrower, count in (("true", everything), ("false", direct)):
            found = httpx.get(
                f"{site}recommendations", params={"place": name, "narrower": narrower}
            ).json()["meta"]["total"]
            assert found == int(count), name


@pytest.mark.parametrize("picture", PICTURES)
def test_arrow_keys_read_out_exact_values(visit: Visit, picture: str) -> None:
    page = visit(VIEWS[picture])
    page.locator('.chart .point[tabindex="0"]').focus()
    first = page.locator(".readout").inner_text()
    heard = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        heard.add(page.locator(".readout").inner_text())
    assert len(heard) > 1
    assert page.locator('.chart .point[tabindex="0"]').count() == 1


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_can_be_taken_away_as_svg(visit: Visit, picture: str) -> None:
    page = visit(VIEWS[picture])
    root = ET.fromstring(downloaded(page, "Download SVG"))
    shapes = [element for element in root.iter() if element.tag.endswith(("rect", "circle"))]
    assert len(shapes) > 5
    assert all(
        element.get("fill", "").startswith(("rgb", "none"))
        or element.get("fill", "").startswith("#")
        for element in shapes
    )
    # Its links work from wherever it is opened.
    assert all(
        (value or "").startswith("http")
        for element in root.iter()
        if (value := element.get("href")) is not None
    )


@pytest.mark.parametrize("picture", PICTURES)
def test_the_same_numbers_stand_in_a_table(visit: Visit, picture: str) -> None:
    page = visit(VIEWS[picture])
    rows = list(csv.reader(io.StringIO(downloaded(page, "Download table"))))
    page.locator(".as-table summary").click()
    shown = page.locator(".as-table tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert shown == [[cell.removeprefix("'") for cell in row] for row in rows]
