"""What a question costs does not grow with the corpus: the databases' own plans for every statement that questions lead to.

A corpus of some size is published through the loader; questions of every kind are asked over HTTP; each statement that ran is
explained by the database that ran it. Pages that an index leads to may scan and sort nothing; for everything else stands here what
may be gone through, and why.
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


class Asked(NamedTuple):
    """A statement that ran, with its values."""

    text: str
    values: Any


@pytest.fixture(scope="module")
def address(new_database_url: Callable[[], str]) -> str:
    url = new_database_url()
    publish(make_corpus(ARTICLES), Settings(database_url=url))
    return url


@pytest.fixture(scope="module")
def asked_for(address: str) -> Iterator[Callable[[str], list[Asked]]]:
    """Calling it with a path asks it, and its next page, and gives the statements that they led to."""
    found: list[Asked] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        found.append(Asked(statement, values))

    with serving(counting(address)) as server, httpx.Client(base_url=server, timeout=30) as client:
        client.get("/themes")  # what is held in memory of a version is read once
        event.listen(Engine, "before_cursor_execute", note)

        def ask(path: str) -> list[Asked]:
            found.clear()
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            following = answer.json().get("links", {}).get("next")
            if following:
                assert client.get(following).status_code == 200
            return [asked for asked in found if not _of_the_version(asked)]

        yield ask
        event.remove(Engine, "before_cursor_execute", note)


def _of_the_version(asked: Asked) -> bool:
    return asked.text.endswith(("FROM dataset", "FROM alembic_version"))


def plan_of(connection: Connection, asked: Asked) -> list[str]:
    """Return the steps of a statement."""
    if connection.dialect.name == "sqlite":
        return [
            row[3]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.text}", asked.values)
        ]
    lines = (
        row[0].strip(" ->")
        for row in connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {asked.text}", asked.values)
    )
    return [line for line in lines if line != "Seq Scan on dataset"]  # which has one row


@pytest.fixture(scope="module")
def explaining(address: str) -> Iterator[Connection]:
    engine = create_engine(address)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # So small a table is scanned, and sorted, because it is small: what is asked is whether an index could lead.
            for way in ("seqscan", "sort", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET enable_{way} = off")
        yield connection
    engine.dispose()


LED = [
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
"""Pages and items, first and following ones, that an index leads to."""


@pytest.mark.parametrize("path", LED)
def test_an_index_leads_to_it(
    asked_for: Callable[[str], list[Asked]], explaining: Connection, path: str
) -> None:
    statements = asked_for(path)
    assert statements
    few_alike = (
        "title" in path or "name" in path
    )  # such as titles: sorting those that are equal takes no time
    for asked in statements:
        steps = plan_of(explaining, asked)
        for step in steps:
            assert not re.match(r"USE TEMP B-TREE|Sort *$|Seq Scan|Parallel", step), (
                asked.text,
                steps,
            )
            assert few_alike or not step.startswith("Incremental Sort"), (asked.text, steps)
            # Without a filter the items are gone through in the order of an index, and no further than a page.
            in_order = "LIMIT" in asked.text and "WHERE" not in asked.text
            assert in_order or not step.startswith("SCAN"), (asked.text, steps)


@pytest.mark.parametrize("path", ["/claims", "/recommendations?sort=-id", "/claims?theme=theme-1"])
def test_a_further_page_begins_where_it_begins(
    asked_for: Callable[[str], list[Asked]], address: str, backend: str, path: str
) -> None:
    """In every table: PostgreSQL would merge the items from there on with all texts from the first one on."""
    following = asked_for(path)[-1]
    engine = create_engine(address)
    with engine.connect() as connection:
        if backend == "postgresql":
            connection.exec_driver_sql(
                "SET enable_nestloop = off"
            )  # so that it merges, as it does where tables are large
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


COUNTED = {
    # Counting what several values or dates match asks every item of the narrow table, which is all that is read.
    r"/\w+\?theme=theme-1,theme-2": r"(recommendation|claim)( |$)",
    r"/\w+\?theme=!theme-1": r"(recommendation|claim)( |$)",
    r"/\w+\?published_from": r"(recommendation|claim)( |$)",
    r".*place=!place-1": r"(recommendation|claim)( |$)",
    # An order that no index has.
    r".*sort=-?strength|.*sort=-?kind|.*kind=person": r"(recommendation|claim|actor)( |$)",
    # Full text goes through what matches; what does not match, through all items.
    r".*q=": r"\w+_text_fts|claim( |$)|\(subquery-|anon_1$",
    # Counts by article: there are more values than are kept. The titles of a hundred of them are all that there are here.
    r".*facets=article": r"(recommendation|claim|article)( |$)",
    # Counts by dimensions of which neither is a theme.
    r".*stats\?by=(kind|strength),year": r"(recommendation|claim)( |$)",
    r".*relation=": r"claim( |$)",
}
"""Questions that are answered in a thread, and what they may go through from end to end."""

ASKED = [
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


@pytest.mark.parametrize("path", ASKED)
def test_what_is_gone_through_is_known(
    asked_for: Callable[[str], list[Asked]], explaining: Connection, path: str
) -> None:
    allowed = [what for asking, what in COUNTED.items() if re.match(asking, path)]
    for asked in asked_for(path):
        for step in plan_of(explaining, asked):
            scanned = re.match(r"(?:SCAN|Seq Scan on) (.*)", step)
            if scanned:
                assert any(re.match(what, scanned[1]) for what in allowed), (path, asked.text, step)
            assert not re.search(r"(SCAN|Seq Scan on) \w+_text( |$)", step), (
                path,
                asked.text,
                step,
            )  # what is shown is never gone through
