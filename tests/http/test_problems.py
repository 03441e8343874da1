"""Errors have one shape and CORS headers, suggest what was meant, and reveal nothing inside."""

import json
import socket
from typing import Any

import httpx
import pytest
from fastapi import Request
from sqlalchemy import text

from app.database.database import get_database
from app.http.problems import TYPES
from app.main import create_app
from app.settings import Settings
from tests.conftest import serving

FIELDS = {"type", "title", "status", "detail", "instance", "errors"}


def check(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) == FIELDS
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{slug}"
    assert problem["title"] == TYPES[slug].title
    return problem


@pytest.mark.parametrize(
    ("path", "parameter", "meant"),
    [
        ("/recommendations?theme=inclsion", "theme", "inclusion"),
        ("/recommendations?addressee=ecowass", "addressee", "ecowas"),
        ("/recommendations?strength=shuold", "strength", "should"),
        ("/claims?kind=casual", "kind", "causal"),
        ("/claims?relation=suports", "relation", "supports"),
        ("/claims?place=Bandiagarra", "place", "bandiagara"),
        ("/claims?article=year-of-coups", "article", "year-of-coups-mali"),
        ("/articles?publisher=usipp", "publisher", "usip"),
        ("/articles?kind=analisis", "kind", "analysis"),
        ("/actors?kind=persons", "kind", "person"),
        ("/recommendations?id=year-of-coups-mali.r99", "id", "year-of-coups-mali.r9"),
        ("/themes?id=inclusio", "id", "inclusion"),
        ("/recommendations?sort=strenght", "sort", "strength"),
        ("/recommendations?thme=inclusion", "thme", "theme"),
        ("/recommendations?Theme=inclusion", "Theme", "theme"),
        ("/themes/inclsion", "id", "inclusion"),
        ("/actors/ecowass", "id", "ecowas"),
        ("/articles/year-of-coup-mali", "id", "year-of-coups-mali"),
        ("/themes/niclusion", "id", "inclusion"),
        ("/actors/cedeao", "id", "ecowas"),
        ("/claims?id=inlcusive-security-mali.c3", "id", "inclusive-security-mali.c3"),
    ],
)
def test_unknown_things_say_what_was_meant(
    client: httpx.Client, path: str, parameter: str, meant: str
) -> None:
    answer = client.get(path, headers={"Origin": "https://example.org"})
    assert answer.status_code == (404 if "?" not in path else 422)
    error = answer.json()["errors"][0]
    assert error["parameter"] == parameter
    assert meant in error["did_you_mean"]
    assert error["valid"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_contracts_own_example(client: httpx.Client) -> None:
    problem = check(client.get("/recommendations?theme=inclsion"), 422, "unknown-value")
    assert problem["instance"] == "/recommendations?theme=inclsion"
    assert problem["detail"] == "theme: no such theme 'inclsion'. Did you mean 'inclusion'?"
    error = problem["errors"][0]
    assert (error["value"], error["did_you_mean"], error["valid"]) == (
        "inclsion",
        ["inclusion"],
        "/themes",
    )


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("recommendations?strength=muss", "must"),
        ("claims?relation=support", "supports"),
        ("actors?kind=persons", "person"),
    ],
)
def test_suggestions_are_words_to_type(client: httpx.Client, query: str, meant: str) -> None:
    assert f"Did you mean '{meant}'" in client.get(f"/{query}").json()["detail"]


def test_every_unknown_value_is_named(client: httpx.Client) -> None:
    answer = client.get(
        "/recommendations?theme=inclsion,xyz&addressee=nobody-at-all&strength=maybe"
    )
    errors = check(answer, 422, "unknown-value")["errors"]
    assert [error["value"] for error in errors] == ["inclsion", "xyz", "nobody-at-all", "maybe"]


def test_a_publisher_is_not_any_actor(client: httpx.Client) -> None:
    check(client.get("/articles?publisher=ecowas"), 422, "unknown-value")


@pytest.mark.parametrize(
    "path",
    [
        "/recommendations",
        "/themes/inclusion",
        "/dataset",
        "/health",
        "/articles/year-of-coups-mali/text",
    ],
)
def test_unknown_parameters_everywhere(client: httpx.Client, path: str) -> None:
    check(client.get(f"{path}?colour=red"), 422, "unknown-parameter")


@pytest.mark.parametrize("name", ["limit", "sort", "cursor", "narrower", "published_from"])
def test_what_is_taken_once_may_be_given_once(client: httpx.Client, name: str) -> None:
    value = {"limit": "5", "sort": "id", "narrower": "true", "published_from": "2020"}.get(
        name, "x"
    )
    answer = client.get("/recommendations", params=[(name, value), (name, value)])
    assert "only once" in check(answer, 422, "invalid-value")["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "theme=",
        "theme=a,,b",
        "narrower=no",
        "published_from=yesterday",
        "sort=",
        "sort=id,id",
        "limit=0",
        "theme=" + "x" * 65,
    ],
)
def test_invalid_values(client: httpx.Client, query: str) -> None:
    problem = check(client.get(f"/recommendations?{query}"), 422, "invalid-value")
    assert problem["errors"][0]["parameter"] == query.split("=", maxsplit=1)[0]
    assert problem["errors"][0]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/claims/",
        "/recommendations/x/y",
        "/problems/nope",
        "/articles/%00",
        "/claims/%ED%A0%80",
    ],
)
def test_there_is_nothing_here(client: httpx.Client, path: str) -> None:
    check(client.get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/recommendations",
        "/claims/year-of-coups-mali.c1",
        "/dataset",
        "/openapi.json",
        "/docs",
    ],
)
def test_the_api_never_writes(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path, headers={"Origin": "https://example.org"})
    check(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_value_that_the_database_refuses_is_the_clients(database_url: str, backend: str) -> None:
    """No parameter leads there, so a route of the test does. SQLite refuses no value."""
    settings = Settings(database_url=database_url)
    app = create_app(settings)

    @app.get("/fault")
    def fault(request: Request) -> None:
        with get_database(request).read() as snapshot:
            snapshot.connection.execute(text("SELECT CAST('no number' AS integer)"))

    with serving(settings, app) as address:
        answer = httpx.get(f"{address}/fault")
    if backend == "postgresql":
        check(answer, 422, "invalid-value")
        assert "no number" not in answer.text
    else:
        assert answer.status_code == 200


def test_an_unforeseen_error_says_nothing_of_the_inside(database_url: str) -> None:
    """A fault is put into the app from outside: a route that fails."""
    settings = Settings(database_url=database_url)
    app = create_app(settings)

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError("secret in /var/lib/secret.db")

    with serving(settings, app) as address:
        answer = httpx.get(f"{address}/fault", headers={"Origin": "https://example.org"})
    check(answer, 500, "internal-error")
    assert "secret" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", list(TYPES))
def test_the_type_of_a_problem_can_be_looked_up(client: httpx.Client, name: str) -> None:
    found = client.get(f"/problems/{name}").json()
    assert found == {
        "type": f"/problems/{name}",
        "title": TYPES[name].title,
        "status": TYPES[name].status,
        "meaning": TYPES[name].meaning,
    }


HOSTILE = [
    *("\0", "\x07", "%ED%A0%80", "'; DROP TABLE claim; --", "1e400", "NaN", "*", '"', "🙂" * 60),
    *("x" * 20_000, "a," * 5_000, "e" + "\u0301" * 5_000),
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "parameter",
    ["theme", "id", "article", "actor", "published_from", "limit", "cursor", "sort", "strength"],
)
def test_hostile_values_are_answered(client: httpx.Client, parameter: str, value: str) -> None:
    answer = client.get("/recommendations", params={parameter: value})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 5_000
    raw = client.get(f"/recommendations?{parameter}=%ED%A0%80%FF")
    assert raw.status_code == 422


@pytest.mark.parametrize(
    "request_text",
    [
        b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET /?" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_in_the_same_shape(
    client: httpx.Client, request_text: bytes
) -> None:
    with socket.create_connection(
        (client.base_url.host, client.base_url.port or 80), timeout=5
    ) as opened:
        opened.sendall(request_text)
        answer = b""
        while chunk := opened.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert b"application/problem+json" in head
    assert set(json.loads(body)) == FIELDS


def test_too_many_conditions_at_once_are_refused(client: httpx.Client) -> None:
    values = ["mali", "!mali", "mali,niger", "!niger", "niger", "!mali,!niger", "burkina-faso"]
    query = "&".join(
        f"{name}={value}" for name in ("source", "about", "actor", "place") for value in values
    )
    check(client.get(f"/claims?{query}"), 422, "invalid-value")


def test_the_same_condition_twice_is_one(client: httpx.Client) -> None:
    once, twice = (
        client.get("/claims?theme=inclusion").json(),
        client.get("/claims?theme=inclusion&theme=inclusion").json(),
    )
    assert twice["data"] == once["data"]
    assert twice["meta"]["applied"] == once["meta"]["applied"]


def test_as_many_repetitions_as_a_head_has_room_for_are_refused(client: httpx.Client) -> None:
    check(
        client.get("/recommendations?" + "&".join(["theme=inclusion"] * 1_000)),
        422,
        "invalid-value",
    )
    check(
        client.get("/recommendations?" + "&".join(["theme=inclusion"] * 2_000)),
        431,
        "head-too-large",
    )
