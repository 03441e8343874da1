"""The cost of a request does not grow with the corpus: the query plans of all statements.

The seed publishes a corpus of 100 articles, requests of every kind go over HTTP, and the database
explains each statement that ran. Pages with an index may scan and sort nothing. For all others
this file lists the tables that they may scan, and why.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import Connection, Engine, create_engine, event

from app.settings import Settings
from seed.publishing.publish import publish
from tests.benchmarks.synthetic import make_corpus
from tests.conftest import counting, serving

ARTICLES = 100


class Statement(NamedTuple):
    """A statement that ran, with its values."""

    text: str
    values: Any


@pytest.fixture(scope="module")
def address(new_database_url: Callable[[], str]) -> str:
    url = new_database_url()
    publish(make_corpus(ARTICLES), Settings(database_url=url))
    return url


@pytest.fixture(scope="module")
def statements_of(address: str) -> Iterator[Callable[[str], list[Statement]]]:
    """Return a function that requests a path and its next page, and returns their statements."""
    found: list[Statement] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        found.append(Statement(statement, values))

    with serving(counting(address)) as server, httpx.Client(base_url=server, timeout=30) as client:
        client.get("/themes")  # reads the vocabulary and counts of the version
        event.listen(Engine, "before_cursor_execute", note)

        def ask(path: str) -> list[Statement]:
            found.clear()
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            following = answer.json().get("links", {}).get("next")
            if following:
                assert client.get(following).status_code == 200
            return [statement for statement in found if not _reads_version(statement)]

        yield ask
        event.remove(Engine, "before_cursor_execute", note)


def _reads_version(statement: Statement) -> bool:
    return statement.text.endswith(("FROM dataset", "FROM alembic_version"))


def plan_of(connection: Connection, statement: Statement) -> list[str]:
    """Return the steps of a statement's plan."""
    if connection.dialect.name == "sqlite":
        return [
            row[3]
            for row in connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement.text}", statement.values
            )
        ]
    lines = (
        row[0].strip(" ->")
        for row in connection.exec_driver_sql(
            f"EXPLAIN (COSTS OFF) {statement.text}", statement.values
        )
    )
    return [line for line in lines if line != "Seq Scan on dataset"]  # it has one row


@pytest.fixture(scope="module")
def explaining(address: str) -> Iterator[Connection]:
    engine = create_engine(address)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # PostgreSQL scans small tables although there is an index. Test if it could use one.
            for way in ("seqscan", "sort", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET enable_{way} = off")
        yield connection
    engine.dispose()


INDEXED = [
    *("/recommendations", "/claims?sort=-id", "/articles?limit=5", "/actors", "/themes", "/places"),
    *(
        f"/recommendations?{name}"
        for name in (
            "theme=theme-1",
            "place=place-1",
            "source=actor-1",
            "addressee=actor-0",
            "actor=actor-3",
        )
    ),
    *(
        f"/recommendations?{name}"
        for name in (
            "strength=must",
            "action=general",
            "explicit=true",
            "year=2020",
            "publisher=actor-1",
        )
    ),
    *(
        f"/claims?{name}"
        for name in (
            "theme=theme-1",
            "place=place-1",
            "source=actor-1",
            "about=actor-0",
            "actor=actor-3",
        )
    ),
    *(f"/claims?{name}" for name in ("kind=causal", "year=2020", "publisher=actor-1")),
    *(
        "/articles?theme=theme-1",
        "/articles?actor=actor-1",
        "/articles?year=2020",
        "/articles?kind=report",
        "/actors?theme=theme-2",
    ),
    *(
        "/recommendations?facets=theme,place,addressee,strength",
        "/recommendations?theme=theme-1&facets=strength,place,addressee",
    ),
    *(
        "/recommendations?theme=theme-1&sort=published",
        "/claims?theme=theme-1&sort=published",
        "/recommendations?sort=published",
    ),
    *(
        "/claims?sort=published",
        "/articles?sort=published",
        "/articles?sort=title",
        "/actors?sort=name",
    ),
    *(
        "/recommendations/article-0000005.r1",
        "/claims/article-0000005.c1",
        "/articles/article-0000005",
        "/articles/article-0000005/text",
    ),
]
"""First and further pages, and items, that an index leads to."""


@pytest.mark.parametrize("path", INDEXED)
def test_an_index_leads_to_the_page(
    statements_of: Callable[[str], list[Statement]], explaining: Connection, path: str
) -> None:
    statements = statements_of(path)
    assert statements
    # Few titles or names are equal, so sorting those takes no time.
    few_equal = "title" in path or "name" in path
    for statement in statements:
        steps = plan_of(explaining, statement)
        for step in steps:
            assert not re.match(r"USE TEMP B-TREE|Sort *$|Seq Scan|Parallel", step), (
                statement.text,
                steps,
            )
            assert few_equal or not step.startswith("Incremental Sort"), (statement.text, steps)
            # Without a filter a page scans the items in the order of an index up to its limit.
            in_order = "LIMIT" in statement.text and "WHERE" not in statement.text
            assert in_order or not step.startswith("SCAN"), (statement.text, steps)


@pytest.mark.parametrize("path", ["/claims", "/recommendations?sort=-id", "/claims?theme=theme-1"])
def test_a_further_page_starts_at_its_cursor(
    statements_of: Callable[[str], list[Statement]], address: str, backend: str, path: str
) -> None:
    """In every table: PostgreSQL must not read all texts before the page."""
    following = statements_of(path)[-1]
    engine = create_engine(address)
    with engine.connect() as connection:
        if backend == "postgresql":
            connection.exec_driver_sql(
                "SET enable_nestloop = off"
            )  # so that it merges, as it does with large tables
            for way in ("seqscan", "sort", "hashjoin"):
                connection.exec_driver_sql(f"SET enable_{way} = off")
        steps = plan_of(connection, following)
    engine.dispose()
    walked = [
        (step, next_)
        for step, next_ in zip(steps, [*steps[1:], ""], strict=True)
        if re.match(r"SCAN|Index.* Scan", step)
    ]
    assert [step for step, next_ in walked if not next_.startswith("Index Cond")] == [], steps


MAY_SCAN = {
    # To count the items of several values or dates, all rows of the narrow table are checked.
    r"/\w+\?theme=theme-1,theme-2": r"(recommendation|claim)( |$)",
    r"/\w+\?theme=!theme-1": r"(recommendation|claim)( |$)",
    r"/\w+\?published_from": r"(recommendation|claim)( |$)",
    r".*place=!place-1": r"(recommendation|claim)( |$)",
    # No index has this order.
    r".*sort=-?strength|.*sort=-?kind|.*kind=person": r"(recommendation|claim|actor)( |$)",
    # Full text reads all matches; excluding words reads all items.
    r".*q=": r"\w+_text_fts|claim( |$)|\(subquery-|anon_1$",
    # Counts by article are not precomputed, and there are no more than the listed titles.
    r".*facets=article": r"(recommendation|claim|article)( |$)",
    # Two dimensions other than themes are not counted together when publishing.
    r".*stats\?by=(kind|strength),year": r"(recommendation|claim)( |$)",
    r".*relation=": r"claim( |$)",
}
"""The tables that other requests may scan, by path."""

SCANNING = [
    *(
        "/recommendations?theme=theme-1,theme-2",
        "/claims?theme=!theme-1",
        "/recommendations?published_from=2020&published_to=2021",
    ),
    *(
        "/recommendations?addressee=actor-0&place=!place-1",
        "/recommendations?theme=theme-1&strength=must",
    ),
    *(
        "/recommendations?addressee=actor-0&strength=must",
        "/claims?theme=theme-1&place=place-1",
        "/claims?theme=theme-1&theme=theme-2",
    ),
    *("/recommendations?sort=-strength", "/claims?sort=kind", "/actors?kind=person&sort=name"),
    *(
        "/claims?q=bedu",
        "/claims?q=bedu&sort=published",
        "/claims?q=-bedu",
        "/recommendations?q=bedu&theme=theme-1",
        "/search?q=bedu",
    ),
    *(
        "/recommendations?facets=article",
        "/claims?relation=supports",
        "/claims?theme=theme-0&kind=causal&facets=theme,place,actor",
    ),
    *(
        "/recommendations?strength=must&place=place-0&facets=theme",
        "/claims?q=bedu&facets=theme,kind",
    ),
    *(
        "/claims/stats?by=theme,kind",
        "/recommendations/stats?by=theme,addressee",
        "/claims/stats?by=kind,year",
    ),
]


@pytest.mark.parametrize("path", SCANNING)
def test_only_listed_tables_are_scanned(
    statements_of: Callable[[str], list[Statement]], explaining: Connection, path: str
) -> None:
    allowed = [tables for pattern, tables in MAY_SCAN.items() if re.match(pattern, path)]
    for statement in statements_of(path):
        for step in plan_of(explaining, statement):
            scanned = re.match(r"(?:SCAN|Seq Scan on) (.*)", step)
            if scanned:
                assert any(re.match(tables, scanned[1]) for tables in allowed), (
                    path,
                    statement.text,
                    step,
                )
            # The table of texts and documents is never scanned.
            assert not re.search(r"(SCAN|Seq Scan on) \w+_text( |$)", step), (path, statement.text)
