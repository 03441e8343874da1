"""Counts: each facet count is the total of the list at its link, and each cell is right."""

import io
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.query.facets import MAX_FACET_VALUES
from app.routers import COLLECTIONS
from tests.conftest import counting, serving, walk

Item = dict[str, Any]
FILTERS = {
    "recommendations": [
        "",
        "theme=inclusion",
        "theme=!inclusion&strength=must,should",
        "addressee=mali,france",
        "q=women OR security",
    ],
    "claims": [
        "",
        "theme=governance",
        "kind=causal,!factual",
        "about=france&narrower=false",
        "relation=supports",
        "q=-army",
        "id=!crisis-in-mali-root-causes.c1,!crisis-in-mali-root-causes.c2",
    ],
    "articles": ["", "theme=inclusion", "year=2021,2023", "q=dialogue"],
    "actors": ["", "kind=person", "theme=inclusion&theme=security-governance", "q=women OR mali"],
    "themes": ["", "broader=!inclusion", "q=femmes"],
    "places": ["", "kind=city,region", "q=gao"],
}
LONG_TITLE = "Stories of survival and self-sacrifice from Mali’s local jihadist dialogues"
STATS = pytest.StashKey[dict[bytes, str]]()


@pytest.mark.parametrize(
    ("name", "query"), [(name, query) for name, queries in FILTERS.items() for query in queries]
)
def test_each_facet_count_is_the_total_at_its_link(
    client: httpx.Client, name: str, query: str
) -> None:
    names = ",".join(COLLECTIONS[name].dimensions)
    page = client.get(f"/{name}?{query}&facets={names}&limit=1").json()
    assert list(page["facets"]) == list(COLLECTIONS[name].dimensions)
    for facet, values in page["facets"].items():
        counts = [value["count"] for value in values]
        assert counts == sorted(counts, reverse=True)
        assert all(0 < count <= page["meta"]["total"] for count in counts)
        assert len({value["value"] for value in values}) == len(values)
        assert len(values) <= MAX_FACET_VALUES
        for value in values[:1] + values[-1:]:
            followed = client.get(value["link"]).json()
            if value["selected"]:
                asked = dict(parse_qsl(urlsplit(value["link"]).query)).get(facet, "")
                assert value["value"] not in asked.split(",")
                # Removing an alternative finds less, removing the last one finds more.
                assert asked or followed["meta"]["total"] >= page["meta"]["total"]
            else:
                assert followed["meta"]["total"] == value["count"], value
                # Now the value is selected, and its link leads back.
                again = client.get(value["link"].replace("&limit=1", "&limit=2")).json()["facets"][
                    facet
                ]
                selected = next(entry for entry in again if entry["value"] == value["value"])
                assert selected["selected"]
                assert client.get(selected["link"]).json()["meta"]["total"] == page["meta"]["total"]


def test_an_item_with_two_narrower_themes_counts_once(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    inclusion = {
        "inclusion",
        *(
            child["id"]
            for theme in everything["themes"]
            if theme["id"] == "inclusion"
            for child in theme["narrower"]
        ),
    }
    tagged = [
        item
        for item in everything["recommendations"]
        if inclusion & {theme["id"] for theme in item["themes"]}
    ]
    several = [
        item for item in tagged if len(inclusion & {theme["id"] for theme in item["themes"]}) > 1
    ]
    assert several
    facet = client.get("/recommendations?facets=theme").json()["facets"]["theme"]
    assert next(value["count"] for value in facet if value["value"] == "inclusion") == len(tagged)
    alone = client.get("/recommendations?facets=theme&narrower=false").json()["facets"]["theme"]
    own = Counter(theme["id"] for item in everything["recommendations"] for theme in item["themes"])
    assert {value["value"]: value["count"] for value in alone} == own


def test_facets_are_checked(client: httpx.Client) -> None:
    assert client.get("/claims").json()["facets"] == {}
    for facets, message in (
        ("theem", "theme"),
        ("theme,theme", "given twice"),
        ("", "cannot be counted"),
        ("strength", "kind"),
    ):
        answer = client.get("/claims", params={"facets": facets})
        assert answer.status_code == 422
        assert message in answer.text
    assert client.get("/claims?facets=theme&format=csv").status_code == 422


def test_omitted_values_are_counted(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.query.facets.MAX_FACET_VALUES", 1000)
    whole = client.get("/claims?facets=actor,kind").json()
    assert whole["meta"]["facets_omitted"] == {}
    monkeypatch.setattr("app.query.facets.MAX_FACET_VALUES", 10)
    page = client.get("/claims?facets=actor,kind").json()
    assert page["facets"]["actor"] == whole["facets"]["actor"][:10]
    assert page["meta"]["facets_omitted"] == {"actor": len(whole["facets"]["actor"]) - 10}


def test_equally_frequent_articles_are_in_order(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    order = [article["id"] for article in everything["articles"]]
    facet = client.get("/actors?kind=person&facets=article").json()["facets"]["article"]
    counts = [value["count"] for value in facet]
    assert len(set(counts)) < len(counts)
    positions = [(-value["count"], order.index(value["value"])) for value in facet]
    assert positions == sorted(positions)


def test_each_facet_costs_one_statement(
    database_url: str, backend: str, statements: list[str]
) -> None:
    """One statement at the first request on a data version. Counts are cached."""
    with serving(counting(database_url)) as address, httpx.Client(base_url=address) as opened:
        opened.get("/recommendations")
        for expected in (1 + 4, 1):  # without those that read the titles of articles
            statements.clear()
            opened.get("/recommendations?theme=inclusion&facets=theme,addressee,article,strength")
            queries = [text for text in statements if "FROM article" not in text]
            assert len(queries) == expected + (backend == "postgresql"), statements


ROLES = {
    "source": "sources",
    "addressee": "addressees",
    "beneficiary": "beneficiaries",
    "about": "about",
}


def values_of(item: Item, name: str, ancestors: dict[str, dict[str, set[str]]]) -> set[str]:
    """Return the values of a dimension in an item's document."""
    if name in ancestors:
        return {above for ref in item[f"{name}s"] for above in ancestors[name][ref["id"]]}
    if name in ROLES:
        return {ref["id"] for ref in item[ROLES[name]]}
    match name:
        case "actor":
            return {ref["id"] for role in ROLES.values() for ref in item.get(role, ())}
        case "article":
            return {item["article"]["id"]}
        case "publisher":
            return {item["article"]["publisher_id"]}
        case "year":
            return {item["article"]["published"][:4]}
        case "relation":
            return {relation["type"] for relation in item["relations"]}
    return {str(item[name]).lower()}


@pytest.fixture(scope="module")
def ancestors(everything: dict[str, list[Item]]) -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    for kind, above in (("theme", "broader"), ("place", "part_of")):
        parents = {
            entry["id"]: entry[above]["id"] if entry[above] else None
            for entry in everything[f"{kind}s"]
        }
        chains: dict[str, set[str]] = {}
        for slug, at in parents.items():
            chains[slug] = {slug}
            while at is not None:
                chains[slug].add(at)
                at = parents[at]  # noqa: PLW2901 - upwards
        found[kind] = chains
    return found


@given(data=st.data())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_tables_count_the_items_of_lists(
    client: httpx.Client,
    ancestors: dict[str, dict[str, set[str]]],
    request: pytest.FixtureRequest,
    data: st.DataObject,
) -> None:
    """Compare all cells with the documents of the list, for random dimensions and filters."""
    name = data.draw(st.sampled_from(["recommendations", "claims"]))
    by = data.draw(
        st.lists(
            st.sampled_from(list(COLLECTIONS[name].dimensions)), min_size=1, max_size=2, unique=True
        )
    )
    query = data.draw(st.sampled_from(FILTERS[name]).filter(lambda text: "narrower" not in text))
    answer = client.get(f"/{name}/stats?by={','.join(by)}&{query}")
    assert answer.status_code == 200, answer.text
    stats = answer.json()
    items = walk(client, f"/{name}?{query}&limit=100")
    expected: Counter[tuple[str, ...]] = Counter()
    for item in items:
        found = [values_of(item, dimension, ancestors) for dimension in by]
        for first in found[0]:
            expected.update(
                [(first, second) for second in found[1]] if len(by) == 2 else [(first,)]
            )
    cells = {
        tuple(cell["values"][dimension] for dimension in by): cell["count"]
        for cell in stats["data"]
    }
    assert {values: count for values, count in cells.items() if count} == expected
    assert len(cells) == len(stats["data"])
    size = 1
    for dimension, name_ in zip(stats["dimensions"], by, strict=True):
        size *= len(dimension["values"])
        assert dimension["name"] == name_
        values_by_item = [values_of(item, name_, ancestors) for item in items]
        single = Counter(value for values in values_by_item for value in values)
        assert {
            value["value"]: value["count"] for value in dimension["values"] if value["count"]
        } == single
        assert dimension["without"] == sum(not values for values in values_by_item)
    assert len(cells) == size  # zeros included
    assert stats["meta"]["total"] == len(items)
    # Except for the server's address, both databases give the same response.
    text = answer.text.replace(urlsplit(stats["links"]["self"]).netloc, "")
    assert text == request.config.stash.setdefault(STATS, {}).setdefault(
        answer.request.url.raw_path, text
    )
    for cell in data.draw(st.lists(st.sampled_from(stats["data"]), max_size=2)):
        assert client.get(cell["link"]).json()["meta"]["total"] == cell["count"]
    assert client.get(stats["links"]["list"]).json()["meta"]["total"] == len(items)


def test_zeros_are_included(client: httpx.Client) -> None:
    stats = client.get("/recommendations/stats?by=year").json()
    counts = {cell["values"]["year"]: cell["count"] for cell in stats["data"]}
    assert list(counts) == [str(year) for year in range(2013, 2024)]
    assert counts["2016"] == 0
    themes = client.get("/recommendations/stats?by=theme&addressee=france").json()
    assert len(themes["data"]) == 35
    assert any(cell["count"] == 0 for cell in themes["data"])


def test_tables_as_csv(client: httpx.Client) -> None:
    stats = client.get("/recommendations/stats?by=theme,strength").json()
    answer = client.get("/recommendations/stats?by=theme,strength&format=csv")
    frame = pd.read_csv(io.BytesIO(answer.content))
    assert list(frame.columns) == ["theme", "theme_label", "strength", "strength_label", "count"]
    assert list(frame["count"]) == [cell["count"] for cell in stats["data"]]
    assert "Women's participation" in set(frame["theme_label"])
    lines = client.get(
        "/recommendations/stats?by=theme,strength", headers={"Accept": "application/x-ndjson"}
    ).text.splitlines()
    assert len(lines) == len(stats["data"])


def test_invalid_tables_are_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for query in (
        "",
        "by=",
        "by=theem",
        "by=theme,place,kind",
        "by=theme,theme",
        "by=id",
        "by=theme&limit=5",
        "by=theme&format=jsonld",
    ):
        answer = client.get(f"/claims/stats?{query}")
        assert answer.status_code == 422, query
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/claims/stats?by=theem").json()["errors"][0]["did_you_mean"] == ["theme"]
    monkeypatch.setattr("app.query.stats.MAX_CELLS", 100)
    assert "cells" in client.get("/claims/stats?by=theme,kind").json()["detail"]


def test_no_link_has_too_many_repetitions(client: httpx.Client) -> None:
    """Ten repetitions of a parameter are allowed: no link adds another one."""
    repeated = "&".join(["theme=!youth-participation"] * 9 + ["theme=!diplomacy"])
    for value in client.get(f"/claims?{repeated}&facets=theme&limit=1").json()["facets"]["theme"]:
        assert value["link"] is None
    assert client.get(f"/claims/stats?{repeated}&by=theme").json()["data"][0]["link"] is None


def test_no_link_has_too_many_values_or_is_too_long(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    actors = ",".join(f"!{actor['id']}" for actor in everything["actors"][:100])
    for value in client.get(f"/claims?source={actors}&facets=source&limit=1").json()["facets"][
        "source"
    ]:
        assert value["link"] is None
    padded = client.get(
        f"/claims/stats?by=actor,about&article={'%20' * 3000}!crisis-in-mali-root-causes"
    )
    assert padded.status_code == 200
    assert len(padded.content) < 5_000_000
    assert {cell["link"] for cell in padded.json()["data"]} == {None}


@pytest.mark.parametrize(
    ("path", "facet", "value"),
    [
        ("/actors?kind=STATE%20institution&facets=kind", "kind", "state-institution"),
        ("/recommendations?strength=M%C3%9AST&facets=strength", "strength", "must"),
        ("/recommendations?theme=genre&facets=theme", "theme", "women-participation"),
        ("/search?q=mali&facets=type&type=Actor&type=!claim", "type", "actor"),
        (
            f"/claims?facets=article&article={quote(LONG_TITLE)}",
            "article",
            "mali-local-jihadist-dialogues",
        ),
    ],
)
def test_a_value_is_selected_in_any_spelling(
    client: httpx.Client, path: str, facet: str, value: str
) -> None:
    answer = client.get(path)
    (entry,) = [entry for entry in answer.json()["facets"][facet] if entry["value"] == value]
    assert entry["selected"]
    assert client.get(entry["link"]).json()["meta"]["total"] >= answer.json()["meta"]["total"]
