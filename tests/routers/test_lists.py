"""What every list has in common: shape, order, filters, statements."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.orm import InstrumentedAttribute

from app.database.names import fold
from app.routers.search import KINDS
from tests.conftest import counting, run_seed, serving, walk

LISTS = ["articles", "claims", "recommendations", "actors", "themes", "places"]
Item = dict[str, Any]


@pytest.mark.parametrize("name", LISTS)
def test_an_item_is_the_same_in_the_list_and_alone(
    client: httpx.Client, everything: dict[str, list[Item]], name: str
) -> None:
    for item in everything[name][:5] + everything[name][-5:]:
        answer = client.get(item["links"]["self"])
        assert answer.status_code == 200
        assert answer.json() == item


@pytest.mark.parametrize("name", LISTS)
def test_total_is_the_number_of_items(
    client: httpx.Client, everything: dict[str, list[Item]], name: str
) -> None:
    first = client.get(f"/{name}?limit=1").json()
    assert first["meta"]["total"] == len(everything[name])
    assert len({item["id"] for item in everything[name]}) == len(everything[name])


MORE = {
    "?theme=!inclusion": 1,
    "?theme=inclusion&narrower=false": 1,
    "?addressee=ecowas&sort=-published": 1,
    "?theme=inclusion&strength=must": 2,
    "?theme=inclusion,!women-participation&place=sahel&actor=mali&strength=must,should&publisher=usip&published_from=2010": 2,
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *MORE.items(),
        *(
            (query, 1)
            for query in (
                "",
                "?limit=3",
                "?limit=100",
                "?sort=-id&limit=2",
                "?facets=theme,place,addressee,strength,year",
            )
        ),
        *(
            (query, 1)
            for query in ("?theme=inclusion&limit=7", "?strength=must", "?fields=id&explicit=true")
        ),
    ],
)
def test_a_list_costs_one_statement_and_a_new_total_another(
    database_url: str, backend: str, statements: list[str], query: str, expected: int
) -> None:
    """What one filter matches was counted when the data was published."""
    with serving(counting(database_url)) as address, httpx.Client(base_url=address) as opened:
        opened.get("/themes")  # the vocabulary of this version is read once
        for counted in (expected, 1):  # the total of a question is remembered for its other pages
            statements.clear()
            assert opened.get(f"/recommendations{query}").status_code == 200
            # Where no index leads to the page, PostgreSQL is asked for the version besides.
            assert len(statements) == counted + (backend == "postgresql" and query in MORE), (
                statements
            )


@pytest.mark.parametrize("name", LISTS)
def test_every_list_costs_one_statement(
    database_url: str, statements: list[str], name: str
) -> None:
    with serving(counting(database_url)) as address, httpx.Client(base_url=address) as opened:
        opened.get("/dataset")
        statements.clear()
        assert opened.get(f"/{name}?limit=100").status_code == 200
        assert len(statements) == 1, statements


def test_both_databases_give_the_same(
    everything: dict[str, list[Item]], request: pytest.FixtureRequest
) -> None:
    """Same ids in the same order: what SQLite gave in this session is kept and compared with PostgreSQL."""
    kept = request.config.stash.setdefault(KEPT, everything)
    assert everything == kept


KEPT = pytest.StashKey[dict[str, list[Item]]]()


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
def test_sort(client: httpx.Client, request: pytest.FixtureRequest, name: str, sort: str) -> None:
    items = walk(client, f"/{name}?sort={sort}&limit=7")
    ids = [item["id"] for item in items]
    assert ids == request.config.stash.setdefault(SORTED, {}).setdefault(
        (name, sort), ids
    )  # the same on both databases
    assert sorted(ids) == sorted(item["id"] for item in walk(client, f"/{name}?limit=100"))
    key, _, _ = sort.partition(",")
    values = [rank(item, key.removeprefix("-")) for item in items]
    assert values == sorted(values, reverse=key.startswith("-"))


@pytest.mark.parametrize(
    "path",
    [
        "/articles?place=guinea",
        "/claims?theme=inclusion",
        "/recommendations?place=mali",
        "/articles?",
    ],
)
def test_what_is_sorted_by_after_the_id_changes_nothing(client: httpx.Client, path: str) -> None:
    for order in ("id", "-id"):
        found = walk(client, f"{path}&sort={order},-published&limit=7")
        assert found == walk(client, f"{path}&sort={order}&limit=100")
        assert len(found) == client.get(path).json()["meta"]["total"]


def rank(item: Item, key: str) -> Any:
    if key == "strength":
        return ["could", "should", "must"].index(item["strength"])
    if key in {"name", "label", "title"}:
        return fold(item[key])
    return item[key] if key in item else item["article"][key]


SORTED = pytest.StashKey[dict[tuple[str, str], list[str]]]()


def test_names_sort_without_case_and_accents(client: httpx.Client) -> None:
    names = [item["name"] for item in walk(client, "/actors?sort=name&limit=100")]
    assert names.index("Dogon") < names.index("ECOWAS") < names.index("Ellen Lammers")
    places = [item["name"] for item in walk(client, "/places?sort=name")]
    assert places.index("Chad") < places.index("Djenné") < places.index("Douentza")


def test_text_that_decides_an_order_compares_by_code_point(
    new_database_url: Callable[[], str], backend: str
) -> None:
    """On PostgreSQL the database's own collation must not decide: every column that can be sorted by says `C`."""
    if backend == "sqlite":
        return  # SQLite compares bytes unless told otherwise
    url = new_database_url()
    assert run_seed(url).returncode == 0
    engine = create_engine(url)
    sorts = [column for collection in KINDS.values() for column in collection.sorts.values()]
    columns = {column for column in sorts if isinstance(column, InstrumentedAttribute)}
    with engine.connect() as connection:
        for column in columns:
            statement = text(
                "SELECT data_type, collation_name FROM information_schema.columns WHERE table_name = :t AND column_name = :c",
            )
            found = connection.execute(
                statement, {"t": column.class_.__tablename__, "c": column.key}
            ).one()
            assert found.data_type == "integer" or found.collation_name == "C", column
    engine.dispose()


# --- filters against an oracle that reads the documents ---


def ids_of(refs: list[Item] | None) -> set[str]:
    return {ref["id"] for ref in refs or []}


ORACLE: dict[str, Callable[[Item], set[str]]] = {
    "theme": lambda item: ids_of(item["themes"]),
    "place": lambda item: ids_of(item["places"]),
    "article": lambda item: {item["article"]["id"]},
    "source": lambda item: ids_of(item["sources"]),
    "addressee": lambda item: ids_of(item["addressees"]),
    "beneficiary": lambda item: ids_of(item["beneficiaries"]),
    "about": lambda item: ids_of(item["about"]),
    "actor": lambda item: set().union(
        *(ids_of(item.get(role)) for role in ("sources", "about", "addressees", "beneficiaries")),
    ),
    "strength": lambda item: {item["strength"]},
    "action": lambda item: {item["action"]},
    "explicit": lambda item: {str(item["explicit"]).lower()},
    "kind": lambda item: {item["kind"]},
    "relation": lambda item: {relation["type"] for relation in item["relations"]},
    "id": lambda item: {item["id"]},
}
FILTERS = {
    "recommendations": [
        *(
            "theme",
            "place",
            "article",
            "source",
            "addressee",
            "beneficiary",
            "actor",
            "strength",
            "action",
            "explicit",
            "id",
        ),
    ],
    "claims": ["theme", "place", "article", "source", "about", "actor", "kind", "relation", "id"],
}


def narrower(everything: dict[str, list[Item]], parameter: str, value: str) -> set[str]:
    """Return a value with everything narrower, worked out from the published vocabulary."""
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
def test_filters_give_what_they_say(
    client: httpx.Client, everything: dict[str, list[Item]], data: st.DataObject
) -> None:
    """Random filters over the real corpus: the same ids, in the same order, as reading every document gives."""
    name = data.draw(st.sampled_from(list(FILTERS)))
    items = everything[name]
    expected, parameters = items, []
    for parameter in data.draw(st.lists(st.sampled_from(FILTERS[name]), min_size=1, max_size=3)):
        values_of = ORACLE[parameter]
        known = sorted(set().union(*(values_of(item) for item in items)))
        wanted = data.draw(st.lists(st.sampled_from(known), max_size=3))
        unwanted = data.draw(
            st.lists(st.sampled_from(known), min_size=0 if wanted else 1, max_size=2)
        )
        parameters.append((parameter, ",".join(wanted + [f"!{value}" for value in unwanted])))
        any_of = set().union(*(narrower(everything, parameter, value) for value in wanted))
        none_of = set().union(*(narrower(everything, parameter, value) for value in unwanted))
        expected = [
            item
            for item in expected
            if (not any_of or values_of(item) & any_of) and not values_of(item) & none_of
        ]
    answer = client.get(f"/{name}", params=[*parameters, ("limit", "100")])
    assert answer.status_code == 200, answer.text
    assert [item["id"] for item in walk(client, str(answer.url))] == [
        item["id"] for item in expected
    ]
    assert answer.json()["meta"]["total"] == len(expected)


def test_narrower_false_is_that_theme_alone(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    found = walk(client, "/recommendations?theme=inclusion&narrower=false&limit=100")
    assert {item["id"] for item in found} == {
        item["id"]
        for item in everything["recommendations"]
        if "inclusion" in ids_of(item["themes"])
    }
    assert len(found) < client.get("/recommendations?theme=inclusion").json()["meta"]["total"]


def test_counts_of_the_vocabulary_are_the_totals_of_its_lists(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    for entry in everything["themes"] + everything["places"]:
        for kind in ("claims", "recommendations"):
            assert (
                client.get(entry["links"][kind] + "&limit=1").json()["meta"]["total"]
                == entry["counts"][kind]
            ), entry["id"]
        parameter = "theme" if "label" in entry else "place"
        total = client.get(f"/articles?{parameter}={entry['id']}").json()["meta"]["total"]
        assert total == entry["counts"]["articles"], entry["id"]


def test_counts_of_actors_are_the_totals_of_their_lists(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    for actor in everything["actors"]:
        lists = {"claims": "claims", "recommendations": "recommendations", "asked": "addressee"}
        for link, count in lists.items():
            total = client.get(actor["links"][link] + "&limit=1").json()["meta"]["total"]
            assert total == actor["counts"][count], actor["id"]
        assert (
            client.get(f"/articles?actor={actor['id']}").json()["meta"]["total"]
            == actor["counts"]["articles"]
        ), actor["id"]


def test_articles_and_actors_by_theme_and_place(
    client: httpx.Client, everything: dict[str, list[Item]]
) -> None:
    annotated = everything["claims"] + everything["recommendations"]
    for parameter, value in (
        ("theme", "women-participation"),
        ("theme", "diplomacy"),
        ("place", "gao"),
        ("place", "koro"),
    ):
        matching = [
            item
            for item in annotated
            if ORACLE[parameter](item) & narrower(everything, parameter, value)
        ]
        articles = {item["article"]["id"] for item in matching}
        assert {item["id"] for item in walk(client, f"/articles?{parameter}={value}")} == articles
        actors = set().union(*(ORACLE["actor"](item) for item in matching))
        assert {
            item["id"] for item in walk(client, f"/actors?{parameter}={value}&limit=100")
        } == actors
        assert actors.isdisjoint(
            item["id"] for item in walk(client, f"/actors?{parameter}=!{value}&limit=100")
        )


def test_actors_of_an_article(client: httpx.Client, everything: dict[str, list[Item]]) -> None:
    for article in everything["articles"]:
        found = {item["id"] for item in walk(client, f"/actors?article={article['id']}&limit=100")}
        assert found == {
            actor["id"]
            for actor in everything["actors"]
            if article["id"] in ids_of(actor["articles"])
        }
        assert article["publisher_id"] in found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("published_from=2021-10", {"2021-10", "2022-08", "2023-06-22"}),
        (
            "published_from=2021-10-15",
            {"2021-10", "2022-08", "2023-06-22"},
        ),  # the day is not known: it may be the 20th
        ("published_from=2021-11", {"2022-08", "2023-06-22"}),
        ("published_to=2013", {"2013-05-31"}),
        ("published_to=2013-05-30", set()),
        ("published_from=2013-05-31&published_to=2013-05-31", {"2013-05-31"}),
        ("published_from=2022&published_to=2022", {"2022-08"}),
        ("published_from=9999-12", set()),
    ],
)
def test_dates(client: httpx.Client, query: str, expected: set[str]) -> None:
    assert {
        item["published"] for item in client.get(f"/articles?{query}").json()["data"]
    } == expected
    found = walk(client, f"/claims?{query}&limit=100")
    assert {item["article"]["published"] for item in found} == expected


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
        (
            "actor=%22Economic,%20Social%20and%20Environmental%20Council%22",
            "economic-social-environmental-council",
        ),
        ("source=niagale%20bagayoko", "niagale-bagayoko"),
        ("place=ml-7", "gao"),
        ("place=Djenne", "djenne"),
        ("strength=MUST", "must"),
        ("publisher=tnh", "the-new-humanitarian"),
        (
            "article=Crisis%20in%20Mali:%20root%20causes%20and%20long-term%20solutions",
            "crisis-in-mali-root-causes",
        ),
    ],
)
def test_names_lead_to_ids(client: httpx.Client, query: str, applied: str) -> None:
    answer = client.get(f"/recommendations?{query}&narrower=false")
    assert answer.status_code == 200, answer.text
    assert list(answer.json()["meta"]["applied"].values()) == [[applied], ["false"]]


def test_a_value_is_never_a_substring(client: httpx.Client) -> None:
    """`Niger` must not find Nigeria-like names, nor `Mali` Somalia-like ones."""
    answer = client.get("/recommendations?addressee=eco")
    assert answer.status_code == 422
    assert "ecowas" in answer.json()["errors"][0]["did_you_mean"]


def test_a_filter_that_matches_nothing_is_an_answer(client: httpx.Client) -> None:
    answer = client.get("/recommendations?strength=must&strength=could")
    assert answer.status_code == 200
    assert answer.json()["meta"]["total"] == 0
    assert answer.json()["links"] == {"self": str(answer.url), "next": None, "prev": None}


def test_applied_says_what_was_excluded(client: httpx.Client) -> None:
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


def test_the_question_of_the_first_issue(client: httpx.Client) -> None:
    """`theme=inclusion` shows women, youth, local ownership and civil society, from at least three articles."""
    items = walk(client, "/recommendations?theme=inclusion")
    assert len({item["article"]["id"] for item in items}) >= 3
    themes = set().union(*(ids_of(item["themes"]) for item in items))
    assert {
        "women-participation",
        "youth-participation",
        "local-ownership",
        "civil-society-engagement",
    } <= themes
    assert all(item["quote"]["exact"] and item["links"]["self"] for item in items)
