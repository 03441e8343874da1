"""The service itself: HEAD, OPTIONS, CORS, health, documentation."""

import re

import httpx
import pytest

from app.models import SCHEMA

PATHS = [
    "/",
    "/recommendations?theme=inclusion",
    "/recommendations/year-of-coups-mali.r2",
    "/claims",
    "/articles",
    "/articles/year-of-coups-mali/text",
    "/actors",
    "/themes",
    "/places",
    "/dataset",
    "/health",
    "/ready",
    "/openapi.json",
    "/docs",
    "/problems/not-found",
    "/nope",
]


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    varying = {"date", "x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in varying} == {
        k: v for k, v in got.headers.items() if k not in varying
    }


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/nope"])
def test_options_says_what_is_allowed(client: httpx.Client, path: str) -> None:
    answer = client.options(path)
    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_browsers_of_any_site_may_read(client: httpx.Client) -> None:
    origin = {"Origin": "https://example.org"}
    answer = client.get("/recommendations", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Link" in answer.headers["access-control-expose-headers"]
    preflight = client.options(
        "/recommendations", headers=origin | {"Access-Control-Request-Method": "GET"}
    )
    assert preflight.status_code == 200
    conditional = origin | {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    assert client.options("/recommendations", headers=conditional).status_code == 200
    refused = client.options(
        "/recommendations", headers=origin | {"Access-Control-Request-Method": "POST"}
    )
    assert refused.status_code == 405
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["access-control-allow-origin"] == "*"


def test_no_redirect_for_a_trailing_slash(client: httpx.Client) -> None:
    answer = client.get("/claims/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_index_leads_everywhere(client: httpx.Client) -> None:
    index = client.get("/").json()
    for link in index["links"].values():
        assert client.get(link).status_code == 200, link


def test_dataset(client: httpx.Client, everything: dict[str, list[object]]) -> None:
    dataset = client.get("/dataset").json()
    for name in ("articles", "claims", "recommendations", "actors", "themes", "places"):
        assert dataset["counts"][name] == len(everything[name])
    assert dataset["version"] == f"{dataset['edition']}-{dataset['digest'][:6]}"
    assert dataset["version"] in dataset["citation"]
    assert client.get("/claims").json()["meta"]["dataset"] == dataset["version"]
    assert client.get("/ready").json() == {
        "status": "ready",
        "dataset": dataset["version"],
        "schema_revision": SCHEMA,
    }


def test_documentation_needs_no_other_host(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/"), address
        assert client.get(address).status_code == 200, address
    assert "http" not in client.get("/static/docs.js").text


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/nope"])
def test_who_has_an_answer_already_gets_304(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    assert "public" in answer.headers["cache-control"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(
            path, headers={"If-None-Match": condition, "Origin": "https://example.org"}
        )
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["access-control-allow-origin"] == "*"
        assert "content-type" not in again.headers
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_tags_differ_where_answers_do(client: httpx.Client) -> None:
    paths = [
        "/claims",
        "/claims?limit=1",
        "/claims?sort=-id",
        "/recommendations",
        "/articles/year-of-coups-mali/text",
    ]
    tags = [client.get(path).headers["etag"] for path in paths]
    tags.append(client.get(paths[-1], headers={"Accept": "text/plain"}).headers["etag"])
    assert len(set(tags)) == len(tags)
    assert "etag" not in client.get("/nope").headers


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json, text/html", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
    ],
)
def test_the_root_is_the_explorer_to_browsers_and_the_index_to_everyone_else(
    client: httpx.Client, accept: str, media_type: str
) -> None:
    answer = client.get("/", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert "Accept" in answer.headers["vary"].split(", ")
    assert answer.headers["etag"]
    if media_type == "application/json":
        assert answer.json()["links"]["recommendations"] == "/recommendations"
    else:
        # Every file that the page names is there.
        for path in re.findall(r'(?:href|src)="(/[^"]+)"', answer.text):
            assert client.get(path).status_code == 200, path


def test_the_root_says_what_there_is_to_who_wants_neither(client: httpx.Client) -> None:
    answer = client.get("/", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json()["detail"] == "There is application/json, text/html."
