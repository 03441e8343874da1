"""What all lists have in common: shape, order, filters, SQL statements."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.orm import InstrumentedAttribute

from app.database.names import fold
from app.routers import COLLECTIONS
from tests.conftest import LISTS, Served, counting, serving, walk

Item = dict[str, Any]


@pytest.mark.parametrize("name", LISTS)
def test_an_item_is_the_same_in_the_list_and_alone(
    client: httpx.Client, everything: dict[str, list[Item]], name: str
) -> None:
    for item in everything[name][:5] + everything[name][-5:]:
        response = client.get(item["links"]["self"])
        assert response.status_code == 200
        assert response.json() == item


@pytest.mark.parametrize("name", LISTS)
def test_total_is_the_number_of_items(
    client: httpx.Client, everything: dict[str, list[Item]], name: str
) -> None:
    first = client.get(f"/{name}?limit=1").json()
    assert first["meta"]["total"] == len(everything[name])
    assert len({item["id"] for item in everything[name]}) == len(everything[name])


# --- statements ---


@pytest.fixture(scope="module")
def new_client(database_url: str) -> Iterator[httpx.Client]:
    """A client of a server that has counted no total yet."""
    with serving(counting(database_url)) as address, httpx.Client(base_url=address) as opened:
        opened.get("/themes")  # the vocabulary of a version is read once
        yield opened


STATEMENTS = {
    **dict.fromkeys(("", "?limit=3", "?limit=100", "?sort=-id&limit=2"), 1),
    "?facets=theme,place,addressee,strength,year": 1,
    "?theme=inclusion&limit=7": 1,
    "?strength=must": 1,
    "?fields=id&explicit=true": 1,
    "?theme=!inclusion": 1,
    "?theme=inclusion&narrower=false": 1,
    "?addressee=ecowas&sort=-published": 1,
    "?theme=inclusion&strength=must": 2,
    "?theme=inclusion,!women-participation&place=sahel&actor=mali&strength=must,should"
    "&publisher=usip&published_from=2010": 2,
}
"""The number of statements of the first request: the seed has counted what one filter matches."""


@pytest.mark.parametrize(("query", "expected"), STATEMENTS.items())
def test_a_list_costs_one_statement_and_a_new_total_another(
    new_client: httpx.Client, backend: str, statements: list[str], query: str, expected: int
) -> None:
    """The second request finds the total in the cache."""
    for number in (expected, 1):
        statements.clear()
        assert new_client.get(f"/recommendations{query}").status_code == 200
        # On PostgreSQL each transaction reads the version first.
        assert len(statements) == number + (backend == "postgresql"), statements


@pytest.mark.parametrize("name", LISTS)
def test_every_list_costs_one_statement(
    new_client: httpx.Client, backend: str, statements: list[str], name: str
) -> None:
    assert new_client.get(f"/{name}?limit=100").status_code == 200
    assert len(statements) == 1 + (backend == "postgresql"), statements


# --- order ---


def test_both_databases_give_the_same_items(served: Callable[[str], Served]) -> None:
    """The same items, in the same order."""
    assert served("sqlite").everything == served("postgresql").everything


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("articles", "title"),
        ("articles", "-published"),
        ("actors", "name"),
        ("actors", "kind,-name"),
        ("themes", "label"),
        ("places", "-name"),
        ("claims", "kind,-id"),
        ("recommendations", "-strength,published"),
    ],
)
def test_sort(served: Callable[[str], Served], name: str, sort: str) -> None:
    """The same order on both databases, and the order of the values."""
    items, on_postgresql = (
        walk(served(backend).client, f"/{name}?sort={sort}&limit=7")
        for backend in ("sqlite", "postgresql")
    )
    assert items == on_postgresql
    everything = served("sqlite").everything[name]
    assert sorted(item["id"] for item in items) == sorted(item["id"] for item in everything)
    key, _, _ = sort.partition(",")
    values = [sort_value(item, key.removeprefix("-")) for item in items]
    assert values == sorted(values, reverse=key.startswith("-"))


def sort_value(item: Item, key: str) -> Any:
    """Return what decides the place of an item."""
    if key == "strength":
        return ["could", "should", "must"].index(item["strength"])
    if key in {"name", "label", "title"}:
        return fold(item[key])
    return item[key] if key in item else item["article"][key]


@pytest.mark.parametrize(
    "path",
    [
        "/articles?place=guinea",
        "/claims?theme=inclusion",
        "/recommendations?place=mali",
        "/articles?",
    ],
)
def test_a_sort_key_after_the_id_changes_nothing(client: httpx.Client, path: str) -> None:
    for order in ("id", "-id"):
        items = walk(client, f"{path}&sort={order},-published&limit=7")
        assert items == walk(client, f"{path}&sort={order}&limit=100")
        assert len(items) == client.get(path).json()["meta"]["total"]


def test_names_sort_without_case_and_accents(client: httpx.Client) -> None:
    names = [item["name"] for item in walk(client, "/actors?sort=name&limit=100")]
    assert names.index("Dogon") < names.index("ECOWAS") < names.index("Ellen Lammers")
    places = [item["name"] for item in walk(client, "/places?sort=name")]
    assert places.index("Chad") < places.index("Djenné") < places.index("Douentza")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
def test_sort_columns_compare_by_code_point(database_url: str) -> None:
    """PostgreSQL's own collation does not decide: each text column to sort by has `C`.

    SQLite compares bytes by default.
    """
    sorts = [column for collection in COLLECTIONS.values() for column in collection.sorts.values()]
    columns = {column for column in sorts if isinstance(column, InstrumentedAttribute)}
    assert columns
    collation = text(
        "SELECT data_type, collation_name FROM information_schema.columns"
        " WHERE table_name = :table AND column_name = :column"
    )
    engine = create_engine(database_url)
    with engine.connect() as connection:
        for column in columns:
            names = {"table": column.class_.__tablename__, "column": column.key}
            row = connection.execute(collation, names).one()
            assert row.data_type == "integer" or row.collation_name == "C", column
    engine.dispose()


# --- filters, compared with the documents ---


def ids_of(refs: list[Item] | None) -> set[str]:
    return {ref["id"] for ref in refs or []}


VALUES: dict[str, Callable[[Item], set[str]]] = {
    "theme": lambda item: ids_of(item["themes"]),
    "place": lambda item: ids_of(item["places"]),
    "article": lambda item: {item["article"]["id"]},
    "source": lambda item: ids_of(item["sources"]),
    "addressee": lambda item: ids_of(item["addressees"]),
    "beneficiary": lambda item: ids_of(item["beneficiaries"]),
    "about": lambda item: ids_of(item["about"]),
    "actor": lambda item: set().union(
        *(ids_of(item.get(role)) for role in ("sources", "about", "addressees", "beneficiaries"))
    ),
    "strength": lambda item: {item["strength"]},
    "action": lambda item: {item["action"]},
    "explicit": lambda item: {str(item["explicit"]).lower()},
    "kind": lambda item: {item["kind"]},
    "relation": lambda item: {relation["type"] for relation in item["relations"]},
    "id": lambda item: {item["id"]},
}
"""The values of a filter in a document."""
SHARED_FILTERS = ("theme", "place", "article", "source", "actor", "id")
FILTERS = {
    "recommendations": (
        *SHARED_FILTERS,
        *("addressee", "beneficiary", "strength", "action", "explicit"),
    ),
    "claims": (*SHARED_FILTERS, "about", "kind", "relation"),
}


def narrower(everything: dict[str, list[Item]], parameter: str, value: str) -> set[str]:
    """Return a value and all narrower ones, from the published vocabulary."""
    if parameter not in {"theme", "place"}:
        return {value}
    key = "narrower" if parameter == "theme" else "parts"
    entries = {
        item["id"]: [child["id"] for child in item[key]] for item in everything[f"{parameter}s"]
    }
    return {value}.union(*(narrower(everything, parameter, child) for child in entries[value]))


@given(data=st.data())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_filters_return_the_documents_that_match(
    client: httpx.Client, everything: dict[str, list[Item]], data: st.DataObject
) -> None:
    """Random filters return the same ids, in the same order, as a look at every document."""
    name = data.draw(st.sampled_from(list(FILTERS)))
    items = everything[name]
    expected, parameters = items, []
    for parameter in data.draw(st.lists(st.sampled_from(FILTERS[name]), min_size=1, max_size=3)):
        values_of = VALUES[parameter]
        known = st.sampled_from(sorted(set().union(*(values_of(item) for item in items))))
        wanted = data.draw(st.lists(known, max_size=3))
        unwanted = data.draw(st.lists(known, min_size=0 if wanted else 1, max_size=2))
        parameters.append((parameter, ",".join(wanted + [f"!{value}" for value in unwanted])))
        any_of = set().union(*(narrower(everything, parameter, value) for value in wanted))
        none_of = set().union(*(narrower(everything, parameter, value) for value in unwanted))
        expected = [
            item
            for item in expected
            if (not any_of or values_of(item) & any_of) and not values_of(item) & none_of
        ]
    response = client.get(f"/{name}", params=[*parameters, ("limit", "100")])
    assert response.status_code == 200, response.text
    ids = [item["id"] for item in walk(client, str(response.url))]
    assert ids == [item["id"] for item in expected]
    assert response.json()["meta"]["total"] == len(expected)


def test_narrower_false_is_that_theme_alone(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    found = walk(client, "/recommendations?theme=inclusion&narrower=false&limit=100")
    assert {item["id"] for item in found} == {
        item["id"]
        for item in everything["recommendations"]
        if "inclusion" in ids_of(item["themes"])
    }
    assert len(found) < total_of(client, "/recommendations?theme=inclusion")


def total_of(client: httpx.Client, path: str) -> int:
    total: int = client.get(path).json()["meta"]["total"]
    return total


def test_counts_of_the_vocabulary_are_the_totals_of_its_lists(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    for entry in everything["themes"] + everything["places"]:
        id_, links, counts = entry["id"], entry["links"], entry["counts"]
        for kind in ("claims", "recommendations"):
            assert total_of(client, f"{links[kind]}&limit=1") == counts[kind], id_
        parameter = "theme" if "label" in entry else "place"
        assert total_of(client, f"/articles?{parameter}={id_}") == counts["articles"], id_


def test_counts_of_actors_are_the_totals_of_their_lists(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    lists = {"claims": "claims", "recommendations": "recommendations", "asked": "addressee"}
    for actor in everything["actors"]:
        id_, links, counts = actor["id"], actor["links"], actor["counts"]
        for link, count in lists.items():
            assert total_of(client, f"{links[link]}&limit=1") == counts[count], id_
        assert total_of(client, f"/articles?actor={id_}") == counts["articles"], id_


def test_articles_and_actors_by_theme_and_place(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    annotated = everything["claims"] + everything["recommendations"]
    for query in ("theme=women-participation", "theme=diplomacy", "place=gao", "place=koro"):
        parameter, _, value = query.partition("=")
        values = narrower(everything, parameter, value)
        matching = [item for item in annotated if VALUES[parameter](item) & values]
        articles = {item["article"]["id"] for item in matching}
        assert ids_of(walk(client, f"/articles?{query}")) == articles
        actors = set().union(*(VALUES["actor"](item) for item in matching))
        assert ids_of(walk(client, f"/actors?{query}&limit=100")) == actors
        others = ids_of(walk(client, f"/actors?{parameter}=!{value}&limit=100"))
        assert actors.isdisjoint(others)


def test_actors_of_an_article(client: httpx.Client, everything: dict[str, list[Item]]) -> None:
    for article in everything["articles"]:
        actors = ids_of(walk(client, f"/actors?article={article['id']}&limit=100"))
        assert actors == {
            actor["id"]
            for actor in everything["actors"]
            if article["id"] in ids_of(actor["articles"])
        }
        assert article["publisher_id"] in actors


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("published_from=2021-10", {"2021-10", "2022-08", "2022-08-03", "2023-06-22"}),
        # The day of the first is unknown and may be the 20th.
        ("published_from=2021-10-15", {"2021-10", "2022-08", "2022-08-03", "2023-06-22"}),
        ("published_from=2021-11", {"2022-08", "2022-08-03", "2023-06-22"}),
        ("published_to=2013", {"2013-05-31"}),
        ("published_to=2013-05-30", set()),
        ("published_from=2013-05-31&published_to=2013-05-31", {"2013-05-31"}),
        ("published_from=2022&published_to=2022", {"2022-08", "2022-08-03"}),
        ("published_from=9999-12", set()),
    ],
)
def test_dates(client: httpx.Client, query: str, expected: set[str]) -> None:
    articles = client.get(f"/articles?{query}").json()["data"]
    assert {article["published"] for article in articles} == expected
    claims = walk(client, f"/claims?{query}&limit=100")
    assert {claim["article"]["published"] for claim in claims} == expected


COUNCIL = "Economic,%20Social%20and%20Environmental%20Council"
ROOT_CAUSES = "Crisis%20in%20Mali:%20root%20causes%20and%20long-term%20solutions"


@pytest.mark.parametrize(
    ("query", "applied"),
    [
        ("theme=Inclusion", "inclusion"),
        ("theme=PARTICIPATION%20DES%20FEMMES", "women-participation"),
        ("theme=women%E2%80%99s%20participation", "women-participation"),
        ("theme=laicite", "religion-in-public-life"),
        ("theme=%22women,%20peace%20and%20security%22", "women-participation"),
        ("addressee=ecowas", "ecowas"),
        ("addressee=CEDEAO", "ecowas"),
        ("addressee=economic%20community%20of%20west%20african%20states", "ecowas"),
        (f"actor=%22{COUNCIL}%22", "economic-social-environmental-council"),
        ("source=niagale%20bagayoko", "niagale-bagayoko"),
        ("place=ml-7", "gao"),
        ("place=Djenne", "djenne"),
        ("strength=MUST", "must"),
        ("publisher=tnh", "the-new-humanitarian"),
        (f"article={ROOT_CAUSES}", "crisis-in-mali-root-causes"),
    ],
)
def test_names_lead_to_ids(client: httpx.Client, query: str, applied: str) -> None:
    response = client.get(f"/recommendations?{query}&narrower=false")
    assert response.status_code == 200, response.text
    assert list(response.json()["meta"]["applied"].values()) == [[applied], ["false"]]


def test_a_value_is_never_a_substring(client: httpx.Client) -> None:
    """`Niger` must not match Nigeria, nor `Mali` Somalia."""
    response = client.get("/recommendations?addressee=eco")
    assert response.status_code == 422
    assert "ecowas" in response.json()["errors"][0]["did_you_mean"]


def test_a_filter_that_matches_nothing_gives_an_empty_list(client: httpx.Client) -> None:
    response = client.get("/recommendations?strength=must&strength=could")
    assert response.status_code == 200
    assert response.json()["meta"]["total"] == 0
    assert response.json()["links"] == {"self": str(response.url), "next": None, "prev": None}


def test_applied_shows_excluded_values(client: httpx.Client) -> None:
    applied = client.get("/recommendations?theme=inclusion,!women-participation").json()["meta"][
        "applied"
    ]["theme"]
    assert applied[0] == "inclusion"
    assert {
        "women-participation",
        "youth-participation",
        "local-ownership",
        "!women-participation",
    } <= set(applied)


def test_recommendations_on_inclusion(client: httpx.Client) -> None:
    """Women, local ownership and civil society, from at least three articles."""
    items = walk(client, "/recommendations?theme=inclusion")
    assert len({item["article"]["id"] for item in items}) >= 3
    themes = set().union(*(ids_of(item["themes"]) for item in items))
    assert {
        "women-participation",
        "local-ownership",
        "civil-society-engagement",
    } <= themes
    assert all(item["quote"]["exact"] and item["links"]["self"] for item in items)
